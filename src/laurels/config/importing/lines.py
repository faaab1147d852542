"""Reads the lines of an import file, CSV or JSONL, also compressed with gzip, in bounded memory. Every line is imported
or reported as rejected."""

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
SAMPLE_LINES = 20
# Common delimiters, with names for the characters that are hard to type.
DELIMITERS = {",": "','", ";": "';'", "\t": "tab", "|": "'|'"}
NO_UTF8 = "The file's header is not UTF-8. Save the file as UTF-8 and import it again."

_object_form = Form(dict[str, Any], values_are_free=True)


class ImportStoppedError(Exception):
    """The reason why the import cannot continue, as a sentence."""


class ImportLine(Struct, frozen=True):
    """A line of the file, or several lines that hold one CSV record. `number` and `last_number` are line numbers as an
    editor shows them. `digest` is the hash of the cells. `read_bytes` is the position in the file."""

    number: int
    last_number: int
    cells: dict[str, Any]
    digest: str
    content: bytes
    read_bytes: int


class RejectedLine(Struct, frozen=True):
    """A line that cannot be imported. `content` is the line itself, or the beginning of a line that is too long."""

    number: int
    sentence: str
    content: bytes = b""


@contextmanager
def opened(path: Path) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """The uncompressed content, and the file itself, whose position shows the progress. Raises ImportStoppedError."""
    try:
        with path.open("rb") as raw:
            if path.suffix == ".gz":
                with gzip.GzipFile(fileobj=raw) as content:
                    yield content, raw  # type: ignore[misc]
            else:
                yield raw, raw
    except (gzip.BadGzipFile, zlib.error) as error:
        raise ImportStoppedError(f"{path} is not a valid gzip file: {error}.") from error
    except EOFError:
        raise ImportStoppedError(
            f"{path} is incomplete, like a broken download; the lines before its end may have been imported. Get the "
            "whole file and run the same command again: no line counts twice."
        ) from None


def unzipped_name(path: Path) -> str:
    """The name of the file in the idempotency keys of lines without a key. A file and its .gz have the same name."""
    return path.name.removesuffix(".gz")


def is_json(path: Path, format_name: str | None) -> bool:
    """Whether the format is JSONL. Raises ImportStoppedError if neither the option nor the extension names a format."""
    name = format_name or unzipped_name(path).rpartition(".")[2].lower()
    if name in ("jsonl", "ndjson"):
        return True
    if name == "csv":
        return False
    raise ImportStoppedError(f"The format of {path} is unknown: add --format csv or --format jsonl.")


def read_csv(
    content: BinaryIO, raw: BinaryIO, delimiter: str, needed: Mapping[str, str]
) -> Iterator[ImportLine | RejectedLine]:
    """The lines of a CSV. Cells are strings; empty cells are left out. `needed` are the required columns, each with a
    hint for files without it. Raises ImportStoppedError."""
    records = _records(content, delimiter)
    names = _header(_first_after_announcement(records, delimiter), delimiter, needed)
    after_broken = False
    for record in records:
        if isinstance(record, BrokenRecord):
            after_broken = True
            yield RejectedLine(record.first_line, f"{record.problem}.", record.content)
            continue
        # It may be the rest of a cell with unbalanced quotes.
        is_rest = after_broken and len(record.cells) != len(names)
        problem = (
            "The line follows a broken line and has another number of columns." if is_rest else _problem(record, names)
        )
        after_broken = is_rest
        if problem is not None:
            yield RejectedLine(record.first_line, problem, record.content)
            continue
        cells: dict[str, str | None] = {name: None for name in names if name}
        cells.update({name: cell for name, cell in zip(names, record.cells, strict=False) if name})
        yield ImportLine(
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
        raise ImportStoppedError(f"The first line of the file names {named} as its delimiter: add --delimiter {named}.")
    return next(records, None)


def _header(record: Record | BrokenRecord | None, delimiter: str, needed: Mapping[str, str]) -> list[str]:
    """The names of the columns; names at the end may be empty. Raises ImportStoppedError."""
    if record is None:
        raise ImportStoppedError("The file is empty: its first line must name the columns.")
    if b"\0" in record.content:
        raise ImportStoppedError(NO_UTF8)
    if isinstance(record, BrokenRecord):
        raise ImportStoppedError(
            NO_UTF8 if record.problem.endswith("UTF-8") else f"The file's header cannot be read: {record.problem}."
        )
    names = record.cells
    for column, name in enumerate(names):
        if name and name in names[:column]:
            raise ImportStoppedError(
                f"The file's header has the name {shortened(name)!r} twice, in columns {names.index(name) + 1} and "
                f"{column + 1}: give each column its own name."
            )
    missing = next((column for column in needed if column not in names), None)
    if missing is not None:
        hint = _other_delimiter(names, delimiter) or needed[missing]
        raise ImportStoppedError(
            f"The file has no column {missing!r}; its columns are {shortened(', '.join(names), 1_000)}.{hint}"
        )
    return names


def _other_delimiter(names: Sequence[str], delimiter: str) -> str:
    """A hint for a header that has one column only because its names are separated by another character."""
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
        return "The line contains the NUL character."
    for column, (name, cell) in enumerate(zip(names, record.cells, strict=False), start=1):
        if cell and not name:
            return f"The line has a cell in column {column}, which has no name in the header."
    return None


def read_jsonl(content: BinaryIO, raw: BinaryIO) -> Iterator[ImportLine | RejectedLine]:
    """The lines of a JSONL file."""
    splitter = LineSplitter(BODY_LIMIT_BYTES)
    number = 0
    is_whole = False
    while not is_whole:
        piece = content.read(READ_BYTES)
        is_whole = not piece
        for line in splitter.finish() if is_whole else splitter.feed(piece):
            number += 1
            text = line.content.removeprefix(BYTE_ORDER_MARK) if number == 1 else line.content
            text = text.rstrip(b"\r\n")
            if line.is_too_long:
                yield RejectedLine(number, f"The line is longer than {BODY_LIMIT_BYTES} bytes.", text)
            elif text.strip():
                yield _json_line(number, text, raw.tell())


def with_columns(
    lines: Iterator[ImportLine | RejectedLine], needed: Mapping[str, str]
) -> Iterator[ImportLine | RejectedLine]:
    """The same lines, after a check of the columns in the first few lines, as JSONL has no header. A misspelt column
    would otherwise be empty in every line. Raises ImportStoppedError."""
    first = list(islice(lines, SAMPLE_LINES))
    names = list(dict.fromkeys(name for line in first if isinstance(line, ImportLine) for name in line.cells))
    missing = next((column for column in needed if column not in names), None)
    if names and missing is not None:
        raise ImportStoppedError(
            f"None of the first {len(first)} lines has {missing!r}; their fields are "
            f"{shortened(', '.join(names), 1_000)}.{needed[missing]}"
        )
    return chain(first, lines)


def _json_line(number: int, text: bytes, read_bytes: int) -> ImportLine | RejectedLine:
    try:
        cells = decode_body(_object_form, text, UnknownNames())
    except Refusal as refusal:
        return RejectedLine(number, refusal.detail.replace("The request body", "The line"), text)
    return ImportLine(number, number, cells, digest(text.decode().strip()), text, read_bytes)


def digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=12).hexdigest()
