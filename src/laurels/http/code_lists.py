"""Lists of codes as they are uploaded: JSON or CSV, checked as a whole before any code is taken."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any

from msgspec import Meta, Struct

from laurels.csv_reader import BrokenRecord, CsvReader, Record
from laurels.http.decoding import decode_body
from laurels.http.endpoint import Request
from laurels.http.errors import Refusal, invalid
from laurels.http.forms import Form

CODES_LIMIT = 1_000_000
LONGEST_CODE = 255
LONGEST_LINE_BYTES = 65_536
EXAMPLES = 100
# Of files whose columns are not separated by commas.
_OTHER_SEPARATORS = {";": "semicolon", "\t": "tab"}


class _Listed(Struct):
    codes: Annotated[list[str], Meta(min_length=1, max_length=CODES_LIMIT)]


_form = Form(_Listed)


async def read(request: Request[Any, Any]) -> list[str]:
    """The codes in their order, repeated ones included. Raises Refusal 422."""
    assert request.chunks is not None  # noqa: S101
    kind = request.headers.get(b"content-type", b"application/json").split(b";")[0].strip().lower()
    if kind == b"text/csv":
        codes = await _read_csv(request.chunks)
    else:
        sent = b"".join([chunk async for chunk in request.chunks])
        codes = (await request.services.decoding.run(decode_body, _form, sent, request.names)).codes
    await request.services.decoding.run(_check, codes)
    return codes


def _check(codes: Sequence[str]) -> None:
    """Raises Refusal 422."""
    for place, code in enumerate(codes):
        if not 1 <= len(code) <= LONGEST_CODE or not code.isprintable() or code != code.strip():
            raise invalid(
                f"codes[{place}]",
                f"must have 1 to {LONGEST_CODE} printable characters and no space at either end; nothing was added",
            )


async def _read_csv(chunks: AsyncIterator[bytes]) -> list[str]:
    """Each line as it comes: of a long upload only the codes are kept."""
    codes: list[str] = []
    reader = CsvReader(limit_bytes=LONGEST_LINE_BYTES)
    async for chunk in chunks:
        codes.extend(map(_code, reader.feed(chunk)))
        if len(codes) > CODES_LIMIT:
            raise invalid("codes", f"must have at most {CODES_LIMIT} items")
        # A chunk may have thousands of lines, and the next one may be there already.
        await asyncio.sleep(0)
    codes.extend(map(_code, reader.finish()))
    if codes and codes[0].lower() == "code":
        codes = codes[1:]
    # Spreadsheets end their files with rows of empty cells.
    codes = [code for code in codes if code]
    if not codes:
        raise invalid("codes", "must not be empty")
    return codes


def _code(record: Record | BrokenRecord) -> str:
    """Empty for a row of empty cells. Raises Refusal 422."""
    if isinstance(record, BrokenRecord):
        raise _unreadable(record, record.problem)
    if record.last_line > record.first_line:
        # Lines with a code alone, between two stray quotes, would look the same.
        problem = f"A quoted cell goes on to line {record.last_line}: remove the quotes, or the line breaks inside them"
        raise _unreadable(record, problem)
    code = record.cells[0].strip()
    separator = next((separator for separator in _OTHER_SEPARATORS if separator in code), None)
    if separator is not None and not record.is_quoted:
        name = _OTHER_SEPARATORS[separator]
        # No code holds a tab.
        other = f", or put the code in quotes if the {name} belongs to it" if separator.isprintable() else ""
        problem = f"The first column holds a {name}: separate columns by commas{other}"
        raise _unreadable(record, problem)
    if not code and any(cell.strip() for cell in record.cells):
        raise _unreadable(record, "There is no code in the first column")
    return code


def _unreadable(record: Record | BrokenRecord, problem: str) -> Refusal:
    return invalid("", f"cannot be read as CSV at line {record.first_line}: {problem}; nothing was added")


def repeated(codes: Sequence[str]) -> list[str]:
    """The first codes that come more than once."""
    if len(set(codes)) == len(codes):
        return []
    return [code for code, times in Counter(codes).items() if times > 1][:EXAMPLES]
