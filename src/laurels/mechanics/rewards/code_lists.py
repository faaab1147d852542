"""Reading uploaded lists of codes: JSON or CSV, checked as a whole before any code is added."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Annotated

from msgspec import Meta, Struct

from laurels.kernel.input.csv_reader import BrokenRecord, CsvReader, Record, announced_delimiter, is_shortened_number
from laurels.kernel.input.problems import shortened
from laurels.web.endpoint import AnyRequest
from laurels.web.protocol.errors import Refusal, invalid
from laurels.web.requests.decoding import decode_body
from laurels.web.requests.forms import Form

CODES_LIMIT = 1_000_000
LONGEST_CODE = 255
LONGEST_LINE_BYTES = 65_536
EXAMPLES = 100
_HEADERS = frozenset({"code", "codes"})
# Parts of other names for the column of codes.
_WORDS = ("code", "coupon", "voucher", "gutschein")
# The separators of files that are not separated by commas.
_OTHER_SEPARATORS = {";": "semicolon", "\t": "tab"}


class _Listed(Struct):
    codes: Annotated[list[str], Meta(min_length=1, max_length=CODES_LIMIT)]


_form = Form(_Listed)


async def read(request: AnyRequest) -> list[str]:
    """The codes in order, including repeated ones. Raises Refusal 422."""
    assert request.chunks is not None  # noqa: S101
    kind = request.headers.get(b"content-type", b"application/json").split(b";")[0].strip().lower()
    if kind == b"text/csv":
        listed = await _read_csv(request.chunks)
        codes = await request.services.decoding.run(listed.whole)
    else:
        sent = b"".join([chunk async for chunk in request.chunks])
        codes = (await request.services.decoding.run(decode_body, _form, sent, request.names)).codes
    await request.services.decoding.run(_check, codes)
    return codes


def _check(codes: Sequence[str]) -> None:
    """Raises Refusal 422 for an invalid code."""
    for index, code in enumerate(codes):
        if not 1 <= len(code) <= LONGEST_CODE or not code.isprintable() or code != code.strip():
            raise invalid(
                f"codes[{index}]",
                f"must have 1 to {LONGEST_CODE} printable characters and no space at either end; nothing was added",
            )


class _Codes:
    """Collects the codes of a CSV file. Its methods raise Refusal 422."""

    def __init__(self) -> None:
        self._codes: list[str] = []
        self._is_begun = False
        self._suspect: Record | None = None
        """The first line, if it may be a heading."""

    def add(self, records: Iterable[Record | BrokenRecord]) -> None:
        for record in records:
            if self._is_begun or not self._begins_with(record):
                # Spreadsheets may end files with rows of empty cells.
                self._codes += filter(None, (_code(record),))
        if len(self._codes) > CODES_LIMIT:
            raise invalid("codes", f"must have at most {CODES_LIMIT} items")

    def _begins_with(self, record: Record | BrokenRecord) -> bool:
        """Whether the record, which has no code before it, is not a code itself."""
        announced = announced_delimiter(record)
        if announced is not None and announced != ",":
            raise _unreadable(record, "The file declares another delimiter: separate columns with commas")
        if isinstance(record, BrokenRecord):
            return False
        names = [cell.strip().lower() for cell in record.cells]
        if announced is not None or not any(names):
            return True
        self._is_begun = True
        if names[0] in _HEADERS:
            return True
        if names[0] and not _has_digit(names[0]):
            if not _HEADERS.isdisjoint(names):
                raise _unreadable(record, "The codes are not in the first column")
            self._suspect = record
        return False

    def whole(self) -> list[str]:
        if not self._codes:
            raise invalid("codes", "must not be empty")
        if self._suspect is not None and self._is_unlike_the_others():
            name = shortened(self._suspect.cells[0].strip(), 40)
            problem = (
                f"{name!r} looks like a heading: remove the line, or name the column code; if it is a code, move it to "
                "a later line"
            )
            raise _unreadable(self._suspect, problem)
        return self._codes

    def _is_unlike_the_others(self) -> bool:
        first, *others = self._codes
        is_a_word = any(word in first.lower() for word in _WORDS)
        return is_a_word or (bool(others) and all(map(_has_digit, others)))


async def _read_csv(chunks: AsyncIterator[bytes]) -> _Codes:
    """Reads a CSV file line by line, so that only the codes of a long upload are held in memory."""
    listed = _Codes()
    reader = CsvReader(limit_bytes=LONGEST_LINE_BYTES)
    async for chunk in chunks:
        listed.add(reader.feed(chunk))
        # A chunk may have thousands of lines, and the next one may have arrived already.
        await asyncio.sleep(0)
    listed.add(reader.finish())
    return listed


def _has_digit(code: str) -> bool:
    return any(map(str.isdigit, code))


def _code(record: Record | BrokenRecord) -> str:
    """The code in a record; empty for a row of empty cells. Raises Refusal 422."""
    if isinstance(record, BrokenRecord):
        raise _unreadable(record, record.problem)
    if record.last_line > record.first_line:
        # Several lines with one code each, between two stray quotes, would look the same.
        problem = (
            f"A quoted cell continues to line {record.last_line}: remove the quotes or the line breaks inside them"
        )
        raise _unreadable(record, problem)
    code = record.cells[0].strip()
    separator = next((separator for separator in _OTHER_SEPARATORS if separator in code), None)
    if separator is not None and not record.is_quoted:
        name = _OTHER_SEPARATORS[separator]
        # Codes cannot contain a tab.
        other = f", or put the code in quotes if the {name} belongs to it" if separator.isprintable() else ""
        problem = f"The first column contains a {name}: separate columns with commas{other}"
        raise _unreadable(record, problem)
    if not code and any(cell.strip() for cell in record.cells):
        raise _unreadable(record, "There is no code in the first column")
    if is_shortened_number(code):
        problem = f"{code} is a long number shortened by a spreadsheet: format the column as text there"
        raise _unreadable(record, problem)
    return code


def _unreadable(record: Record | BrokenRecord, problem: str) -> Refusal:
    return invalid("", f"cannot be read as CSV at line {record.first_line}: {problem}; nothing was added")


def repeated(codes: Sequence[str]) -> list[str]:
    """The first codes that occur more than once."""
    if len(set(codes)) == len(codes):
        return []
    return [code for code, times in Counter(codes).items() if times > 1][:EXAMPLES]
