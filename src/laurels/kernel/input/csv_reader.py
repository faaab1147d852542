"""CSV by RFC 4180 (https://www.rfc-editor.org/rfc/rfc4180), piece by piece, in bounded memory, without losing a line.

A stray quote takes what follows it into its cell: up to the next quote, or to the end of the file. So where quotes do
not add up, the line in which they begin is given as broken and reading goes on with the line after it. Where two strays
add up by chance, the lines between them become a cell. Nothing tells such a cell from text that is meant so, and lines
may be short or long: a cell that holds both a line break and a delimiter makes all its record's lines broken.

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
    """With its end. Of one that is longer than allowed, the beginning."""

    content: bytes
    is_too_long: bool = False


class Record(Struct, frozen=True):
    """Lines are counted from 1, empty ones included. `content` is without the end of the last line; `is_quoted` tells
    of the first cell."""

    first_line: int
    last_line: int
    content: bytes
    cells: list[str]
    is_quoted: bool = False


class BrokenRecord(Struct, frozen=True):
    """What cannot be read as one record. `problem` is a sentence without its end."""

    first_line: int
    last_line: int
    content: bytes
    problem: str


def announced_delimiter(record: Record | BrokenRecord) -> str | None:
    """The one that a first line such as sep=; names, which spreadsheets write and read, and which is no data."""
    match = _ANNOUNCEMENT.fullmatch(record.content.removeprefix(_BYTE_ORDER_MARK))
    return None if match is None else match[1].decode(errors="replace")


def is_shortened_number(cell: str) -> bool:
    """As 1.23E+15, which spreadsheets write for a long one, and in which many are the same."""
    return _SHORTENED_NUMBER.fullmatch(cell) is not None


class LineSplitter:
    """Divides what comes in pieces into lines, which end with LF, CR LF or CR."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._rest = bytearray()
        self._beginning: bytes | None = None
        """Of a line that is too long, whose end has not come."""

    def feed(self, piece: bytes) -> list[PhysicalLine]:
        """The lines that are complete now."""
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
        """The last line, if it has no end."""
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
    """Where a line's end begins; the piece's length if there is none."""
    places = [place for end in (b"\n", b"\r") if (place := piece.find(end)) >= 0]
    return min(places, default=len(piece))


class CsvReader:
    """Records from pieces of a file. Neither a line nor a record is longer than `limit_bytes`, and no more is held."""

    def __init__(self, delimiter: str = ",", *, limit_bytes: int) -> None:
        self._delimiter = delimiter
        self._limit_bytes = limit_bytes
        self._splitter = LineSplitter(limit_bytes)
        self._next_line = 1
        self._begin()

    def _begin(self) -> None:
        """A new record."""
        self._lines: list[PhysicalLine] = []
        self._held_bytes = 0
        self._cells: list[str] = []
        self._is_quoted = False
        self._is_utf8 = True
        self._open_cell: list[str] | None = None
        """The pieces of a quoted cell that has not been closed."""

    def feed(self, piece: bytes) -> Iterator[Record | BrokenRecord]:
        for line in self._splitter.feed(piece):
            yield from self._read(deque((line,)))

    def finish(self) -> Iterator[Record | BrokenRecord]:
        """The rest, at the end of the file."""
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
        """Reads a line of the record."""
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
        """Adds the line's cells to the record's, the last of which may stay open. False when anything but the
        delimiter follows a quoted cell."""
        line = text.rstrip("\r\n")
        delimiter = self._delimiter
        if self._open_cell is None and '"' not in line:
            self._cells = line.split(delimiter)
            return True
        place = 0
        while True:
            if self._open_cell is not None:
                closing = line.find('"', place)
                while closing >= 0 and line.startswith('"', closing + 1):
                    closing = line.find('"', closing + 2)
                if closing < 0:
                    self._open_cell.append(text[place:])
                    return True
                self._open_cell.append(line[place:closing])
                self._cells.append("".join(self._open_cell).replace('""', '"'))
                self._open_cell = None
                place = closing + 1
                if place == len(line):
                    return True
                if line[place] != delimiter:
                    return False
                place += 1
            elif line.startswith('"', place):
                self._is_quoted = self._is_quoted or not self._cells
                self._open_cell = []
                place += 1
            else:
                end = line.find(delimiter, place)
                self._cells.append(line[place:] if end < 0 else line[place:end])
                if end < 0:
                    return True
                place = end + 1

    def _whole(self) -> Iterator[Record | BrokenRecord]:
        """The record, whose last line has come."""
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
        """The first line of the record; the others are to be read again."""
        broken = BrokenRecord(self._next_line, self._next_line, self._lines[0].content.rstrip(b"\r\n"), problem)
        self._next_line += 1
        self._begin()
        return broken
