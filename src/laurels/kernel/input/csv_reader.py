"""A reader of CSV by RFC 4180 (https://www.rfc-editor.org/rfc/rfc4180), piece by piece, in bounded memory, that loses
no line.

A stray quote includes the following text in its cell, up to the next quote or the end of the file. So where quotes do
not match, the line with the first quote is returned as broken, and reading continues with the next line. Where two
stray quotes match by chance, the lines between them become one cell. Such a cell cannot be distinguished from intended
text, so if a cell has both a line break and a delimiter, all lines of its record are returned as broken.

Quotes in a cell that does not begin with one are text, as in `24" screen`.
"""

import re
from collections import deque
from collections.abc import Iterator

from msgspec import Struct

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ANNOUNCEMENT = re.compile(rb'"?sep=([^"\r\n])"?[,;]*', re.IGNORECASE)
_SHORTENED_NUMBER = re.compile(r"[0-9]([.,][0-9]+)?E\+[0-9]{1,3}")


class PhysicalLine(Struct, frozen=True):
    """A line with its line end; only the beginning of a line that is too long."""

    content: bytes
    is_too_long: bool = False


class Record(Struct, frozen=True):
    """A record. Lines are counted from 1, including empty ones. `content` excludes the last line end; `is_quoted`
    refers to the first cell."""

    first_line: int
    last_line: int
    content: bytes
    cells: list[str]
    is_quoted: bool = False


class BrokenRecord(Struct, frozen=True):
    """Lines that cannot be read as a record. `problem` is a sentence without its full stop."""

    first_line: int
    last_line: int
    content: bytes
    problem: str


def announced_delimiter(record: Record | BrokenRecord) -> str | None:
    """The delimiter in a first line such as `sep=;`, which spreadsheets write and read, and which is not data."""
    match = _ANNOUNCEMENT.fullmatch(record.content.removeprefix(_BYTE_ORDER_MARK))
    return None if match is None else match[1].decode(errors="replace")


def is_shortened_number(cell: str) -> bool:
    """Whether the cell is a number such as 1.23E+15, as spreadsheets shorten long numbers: different numbers become the
    same."""
    return _SHORTENED_NUMBER.fullmatch(cell) is not None


class LineSplitter:
    """Splits pieces of a file into lines, which end with LF, CR LF or CR."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._rest = bytearray()
        self._beginning: bytes | None = None
        """The beginning of a line that is too long and has not ended yet."""

    def feed(self, piece: bytes) -> list[PhysicalLine]:
        """The lines completed by this piece."""
        if self._beginning is not None and not self._rest:
            # The rest of a line that is too long is dropped.
            piece = piece[_first_end(piece) :]
        # A CR at the end may be half of CR LF.
        may_have_end = self._rest.endswith(b"\r") or b"\n" in piece or b"\r" in piece
        self._rest += piece
        lines: list[PhysicalLine] = []
        if may_have_end:
            *complete, last = bytes(self._rest).splitlines(keepends=True)
            if last.endswith(b"\n"):
                complete.append(last)
                last = b""
            self._rest = bytearray(last)
            lines = [self._line(line) for line in complete]
        if len(self._rest) > self._limit_bytes and self._beginning is None:
            self._beginning = bytes(self._rest[: self._limit_bytes])
            self._rest.clear()
        return lines

    def finish(self) -> list[PhysicalLine]:
        """The last line, if it has no line end."""
        rest = bytes(self._rest)
        self._rest.clear()
        if rest or self._beginning is not None:
            return [self._line(rest)]
        return []

    def _line(self, line: bytes) -> PhysicalLine:
        if self._beginning is not None:
            beginning, self._beginning = self._beginning, None
            return PhysicalLine(beginning, is_too_long=True)
        if len(line) > self._limit_bytes:
            return PhysicalLine(line[: self._limit_bytes], is_too_long=True)
        return PhysicalLine(line)


def _first_end(piece: bytes) -> int:
    """The position of the first line end; the piece's length if there is none."""
    positions = [position for end in (b"\n", b"\r") if (position := piece.find(end)) >= 0]
    return min(positions, default=len(piece))


class CsvReader:
    """Reads records from pieces of a file. Lines and records are limited to `limit_bytes`, and so is memory."""

    def __init__(self, delimiter: str = ",", *, limit_bytes: int) -> None:
        self._delimiter = delimiter
        self._limit_bytes = limit_bytes
        self._splitter = LineSplitter(limit_bytes)
        self._next_line = 1
        self._begin()

    def _begin(self) -> None:
        """Begins a new record."""
        self._lines: list[PhysicalLine] = []
        self._held_bytes = 0
        self._cells: list[str] = []
        self._is_quoted = False
        self._is_utf8 = True
        self._open_cell: list[str] | None = None
        """The pieces of a quoted cell that is still open."""

    def feed(self, piece: bytes) -> Iterator[Record | BrokenRecord]:
        for line in self._splitter.feed(piece):
            yield from self._read(deque((line,)))

    def finish(self) -> Iterator[Record | BrokenRecord]:
        """Returns the remaining records at the end of the file."""
        for line in self._splitter.finish():
            yield from self._read(deque((line,)))
        while self._lines:
            following = deque(self._lines[1:])
            yield self._broken_line(f"A quote opens in column {self._column} and is never closed")
            yield from self._read(following)

    @property
    def _column(self) -> int:
        return len(self._cells) + 1

    def _read(self, lines: deque[PhysicalLine]) -> Iterator[Record | BrokenRecord]:
        while lines:
            line = lines.popleft()
            if not self._lines and not line.is_too_long and not line.content.strip(b"\r\n"):
                self._next_line += 1
                continue
            self._lines.append(line)
            self._held_bytes += len(line.content)
            problem = self._problem_with(line)
            if problem is not None:
                lines.extendleft(reversed(self._lines[1:]))
                yield self._broken_line(problem)
            elif self._open_cell is None:
                yield from self._whole()

    def _problem_with(self, line: PhysicalLine) -> str | None:
        """Adds a line to the record; returns the problem with it, if any."""
        if len(self._lines) == 1 and line.is_too_long:
            return f"The line is longer than {self._limit_bytes} bytes"
        if line.is_too_long or self._held_bytes > self._limit_bytes:
            return f"A quote opens in column {self._column} and is not closed within {self._limit_bytes} bytes"
        if not self._cells_of(self._text(line.content)):
            return (
                f"More text follows the quoted cell in column {len(self._cells)}; inside a quoted cell a quote is "
                'written as ""'
            )
        return None

    def _text(self, content: bytes) -> str:
        if self._next_line == 1 and len(self._lines) == 1:
            content = content.removeprefix(_BYTE_ORDER_MARK)
        try:
            return content.decode()
        except UnicodeDecodeError:
            self._is_utf8 = False
            return content.decode(errors="surrogateescape")

    def _cells_of(self, text: str) -> bool:
        """Adds the line's cells to the record; the last one may stay open. Returns False if a quoted cell is followed
        by anything except the delimiter."""
        line = text.rstrip("\r\n")
        delimiter = self._delimiter
        if self._open_cell is None and '"' not in line:
            self._cells = line.split(delimiter)
            return True
        start = 0
        while True:
            if self._open_cell is not None:
                closing = line.find('"', start)
                while closing >= 0 and line.startswith('"', closing + 1):
                    closing = line.find('"', closing + 2)
                if closing < 0:
                    self._open_cell.append(text[start:])
                    return True
                self._open_cell.append(line[start:closing])
                self._cells.append("".join(self._open_cell).replace('""', '"'))
                self._open_cell = None
                start = closing + 1
                if start == len(line):
                    return True
                if line[start] != delimiter:
                    return False
                start += 1
            elif line.startswith('"', start):
                self._is_quoted = self._is_quoted or not self._cells
                self._open_cell = []
                start += 1
            else:
                end = line.find(delimiter, start)
                self._cells.append(line[start:] if end < 0 else line[start:end])
                if end < 0:
                    return True
                start = end + 1

    def _whole(self) -> Iterator[Record | BrokenRecord]:
        """Returns the record, which is complete."""
        lines, cells, is_quoted, is_utf8 = self._lines, self._cells, self._is_quoted, self._is_utf8
        first, last = self._next_line, self._next_line + len(lines) - 1
        may_hold_lines = last > first and any(self._may_hold_lines(cell) for cell in cells)
        self._next_line = last + 1
        self._begin()
        content = b"".join(line.content for line in lines).rstrip(b"\r\n")
        if may_hold_lines:
            problem = (
                f"A quoted cell reaches from line {first} to line {last} and contains the delimiter, like whole lines "
                "between two stray quotes; remove the quotes, or the line breaks inside them"
            )
            for number, line in enumerate(lines, start=first):
                if content := line.content.rstrip(b"\r\n"):
                    yield BrokenRecord(number, number, content, problem)
        elif not is_utf8:
            yield BrokenRecord(first, last, content, "The line is not UTF-8")
        else:
            yield Record(first, last, content, cells, is_quoted)

    def _may_hold_lines(self, cell: str) -> bool:
        return self._delimiter in cell and ("\n" in cell or "\r" in cell)

    def _broken_line(self, problem: str) -> BrokenRecord:
        """The first line of the record as broken; the caller reads the other lines again."""
        broken = BrokenRecord(self._next_line, self._next_line, self._lines[0].content.rstrip(b"\r\n"), problem)
        self._next_line += 1
        self._begin()
        return broken
