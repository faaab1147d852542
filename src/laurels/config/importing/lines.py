"""The lines of a file that is imported: CSV or JSONL, also zipped, in bounded memory. No line is lost unsaid."""

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO

from msgspec import Struct

from laurels.kernel.input.csv_reader import BrokenRecord, CsvReader, LineSplitter, Record, announced_delimiter
from laurels.kernel.input.names import UnknownNames
from laurels.kernel.input.problems import shortened
from laurels.web.protocol.errors import Refusal
from laurels.web.requests.decoding import BODY_LIMIT_BYTES, BYTE_ORDER_MARK, decode_body
from laurels.web.requests.forms import Form

READ_BYTES = 64 * 1024
LOOKED_AT = 20
# Separators that people's files have, with the names by which --delimiter knows those that are hard to type.
DELIMITERS = {",": "','", ";": "';'", "\t": "tab", "|": "'|'"}
NO_UTF8 = "The file's header is not UTF-8: save the file as UTF-8 and import it again."

_object_form = Form(dict[str, Any], values_are_free=True)


class ImportStoppedError(Exception):
    """The import could not go on, in a sentence."""


class Line(Struct, frozen=True):
    """A line of the file, or several that hold one CSV record: numbers as an editor shows them, the cells, what these
    hash to, the line itself, and how far the file had been read."""

    number: int
    last_number: int
    cells: dict[str, Any]
    digest: str
    content: bytes
    read_bytes: int


class Rejected(Struct, frozen=True):
    """`content` is the line itself; of one that is too long, the beginning."""

    number: int
    sentence: str
    content: bytes = b""


@contextmanager
def opened(path: Path) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """The (unzipped) content, and the file itself, whose position tells how far we are. Raises ImportStoppedError."""
    try:
        with path.open("rb") as raw:
            if path.suffix == ".gz":
                with gzip.GzipFile(fileobj=raw) as content:
                    yield content, raw  # type: ignore[misc]
            else:
                yield raw, raw
    except (gzip.BadGzipFile, zlib.error) as error:
        raise ImportStoppedError(f"{path} is not the gzip file that its name promises: {error}.") from error
    except EOFError:
        raise ImportStoppedError(
            f"{path} ends in the middle, as a broken download does; what came before may be imported. Get the whole "
            "file and run the same command again: no line counts twice."
        ) from None


def unzipped_name(path: Path) -> str:
    """By which lines without a key are known: a file and its .gz are the same."""
    return path.name.removesuffix(".gz")


def is_json(path: Path, format_name: str | None) -> bool:
    """Raises ImportStoppedError when neither the option nor the file's ending tells the format."""
    name = format_name or unzipped_name(path).rpartition(".")[2].lower()
    if name in ("jsonl", "ndjson"):
        return True
    if name == "csv":
        return False
    raise ImportStoppedError(f"The format of {path} is not known: name it with --format csv or --format jsonl.")


def read_csv(content: BinaryIO, raw: BinaryIO, delimiter: str, needed: Mapping[str, str]) -> Iterator[Line | Rejected]:
    """Cells are texts, empty ones left out. `needed` are columns, each with a hint for a file that does not have it.
    Raises ImportStoppedError."""
    records = _records(content, delimiter)
    names = _header(_first_after_announcement(records, delimiter), delimiter, needed)
    after_broken = False
    for record in records:
        if isinstance(record, BrokenRecord):
            after_broken = True
            yield Rejected(record.first_line, f"{record.problem}.", record.content)
            continue
        # It may be the rest of a cell whose quotes do not add up.
        is_rest = after_broken and len(record.cells) != len(names)
        problem = (
            "The line follows one that cannot be read, and has other columns." if is_rest else _problem(record, names)
        )
        after_broken = is_rest
        if problem is not None:
            yield Rejected(record.first_line, problem, record.content)
            continue
        cells: dict[str, str | None] = {name: None for name in names if name}
        cells.update({name: cell for name, cell in zip(names, record.cells, strict=False) if name})
        yield Line(
            record.first_line,
            record.last_line,
            {name: cell for name, cell in cells.items() if cell},
            digest(json.dumps(cells)),
            record.content,
            raw.tell(),
        )


def _records(content: BinaryIO, delimiter: str) -> Iterator[Record | BrokenRecord]:
    reader = CsvReader(delimiter, limit_bytes=BODY_LIMIT_BYTES)
    while piece := content.read(READ_BYTES):
        yield from reader.feed(piece)
    yield from reader.finish()


def _first_after_announcement(records: Iterator[Record | BrokenRecord], delimiter: str) -> Record | BrokenRecord | None:
    """Raises ImportStoppedError if the file announces another delimiter."""
    first = next(records, None)
    announced = None if first is None else announced_delimiter(first)
    if announced is None:
        return first
    if announced != delimiter:
        named = DELIMITERS.get(announced, repr(announced))
        raise ImportStoppedError(f"The file's first line says that its delimiter is {named}: add --delimiter {named}.")
    return next(records, None)


def _header(record: Record | BrokenRecord | None, delimiter: str, needed: Mapping[str, str]) -> list[str]:
    """The columns' names; those at the end may be empty. Raises ImportStoppedError."""
    if record is None:
        raise ImportStoppedError("The file is empty: its first line must name the columns.")
    if b"\0" in record.content:
        raise ImportStoppedError(NO_UTF8)
    if isinstance(record, BrokenRecord):
        raise ImportStoppedError(
            NO_UTF8 if record.problem.endswith("UTF-8") else f"The file's header cannot be read: {record.problem}."
        )
    names = record.cells
    for place, name in enumerate(names):
        if name and name in names[:place]:
            raise ImportStoppedError(
                f"The file's header names {shortened(name)!r} twice, in columns {names.index(name) + 1} and "
                f"{place + 1}: give each column a name of its own."
            )
    missing = next((column for column in needed if column not in names), None)
    if missing is not None:
        hint = _other_delimiter(names, delimiter) or needed[missing]
        raise ImportStoppedError(
            f"The file has no column {missing!r}; it has {shortened(', '.join(names), 1_000)}.{hint}"
        )
    return names


def _other_delimiter(names: Sequence[str], delimiter: str) -> str:
    """A hint for a header that is one column only because another character separates its names."""
    if len(names) > 1:
        return ""
    counts = {other: names[0].count(other) for other in DELIMITERS if other != delimiter}
    likely = max(counts, key=lambda other: counts[other])
    if not counts[likely]:
        return ""
    return f" Its names seem to be separated by {DELIMITERS[likely]}: add --delimiter {DELIMITERS[likely]}."


def _problem(record: Record, names: Sequence[str]) -> str | None:
    if len(record.cells) > len(names):
        return "The line has more cells than the header."
    if b"\0" in record.content:
        return "The line holds the NUL character."
    for place, (name, cell) in enumerate(zip(names, record.cells, strict=False), start=1):
        if cell and not name:
            return f"The line has a cell in column {place}, which has no name in the header."
    return None


def read_jsonl(content: BinaryIO, raw: BinaryIO) -> Iterator[Line | Rejected]:
    splitter = LineSplitter(BODY_LIMIT_BYTES)
    number = 0
    is_whole = False
    while not is_whole:
        piece = content.read(READ_BYTES)
        is_whole = not piece
        for line in splitter.finish() if is_whole else splitter.feed(piece):
            number += 1
            text = line.content.removeprefix(BYTE_ORDER_MARK) if number == 1 else line.content
            found = text.rstrip(b"\r\n")
            if line.is_too_long:
                yield Rejected(number, f"The line has more than {BODY_LIMIT_BYTES} bytes.", found)
            elif found.strip():
                yield _json_line(number, found, raw.tell())


def with_columns(lines: Iterator[Line | Rejected], needed: Mapping[str, str]) -> Iterator[Line | Rejected]:
    """The same lines. JSON has no header: the first few lines tell whether a column is there at all, as one that is
    misspelt would be empty in every line. Raises ImportStoppedError."""
    first = list(islice(lines, LOOKED_AT))
    names = list(dict.fromkeys(name for line in first if isinstance(line, Line) for name in line.cells))
    missing = next((column for column in needed if column not in names), None)
    if names and missing is not None:
        raise ImportStoppedError(
            f"None of the first {len(first)} lines has {missing!r}; they have {shortened(', '.join(names), 1_000)}."
            f"{needed[missing]}"
        )
    return chain(first, lines)


def _json_line(number: int, text: bytes, read_bytes: int) -> Line | Rejected:
    try:
        cells = decode_body(_object_form, text, UnknownNames())
    except Refusal as refusal:
        return Rejected(number, refusal.detail.replace("The request body", "The line"), text)
    return Line(number, number, cells, digest(text.decode().strip()), text, read_bytes)


def digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=12).hexdigest()
