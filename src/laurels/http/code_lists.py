"""Lists of codes as they are uploaded: JSON or CSV, checked as a whole before any code is taken."""

import csv
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from laurels.http.decoding import decode_body
from laurels.http.endpoint import Request
from laurels.http.errors import invalid

CODES_LIMIT = 1_000_000
LONGEST_CODE = 255
LONGEST_LINE_BYTES = 65_536
EXAMPLES = 100


class _Listed(Struct):
    codes: Annotated[list[str], Meta(min_length=1, max_length=CODES_LIMIT)]


_decoder = msgspec.json.Decoder(_Listed)


async def read(request: Request[Any, Any]) -> list[str]:
    """The codes in their order, repeated ones included. Raises Refusal 422."""
    assert request.chunks is not None  # noqa: S101
    kind = request.headers.get(b"content-type", b"application/json").split(b";")[0].strip().lower()
    if kind == b"text/csv":
        codes = await _read_csv(request.chunks)
    else:
        sent = b"".join([chunk async for chunk in request.chunks])
        codes = (await request.services.decoding.run(decode_body, _decoder, sent)).codes
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
    rest = bytearray()
    async for chunk in chunks:
        rest += chunk
        if b"\n" in chunk or b"\r" in chunk:
            # With their ends: a quoted code that goes over two lines must not become one word.
            *lines, last = bytes(rest).splitlines(keepends=True)
            if last.endswith(b"\n"):
                lines, last = [*lines, last], b""
            codes.extend(_first_columns(lines, len(codes)))
            rest = bytearray(last)
        if len(rest) > LONGEST_LINE_BYTES:
            raise invalid("", f"has a line of more than {LONGEST_LINE_BYTES} bytes; nothing was added")
        if len(codes) > CODES_LIMIT:
            raise invalid("codes", f"must have at most {CODES_LIMIT} items")
    codes.extend(_first_columns([bytes(rest)], len(codes)))
    if codes and codes[0].lower() == "code":
        codes = codes[1:]
    if not codes:
        raise invalid("codes", "must not be empty")
    return codes


def _first_columns(lines: Sequence[bytes], before: int) -> Iterator[str]:
    try:
        # A byte order mark is what spreadsheets begin their files with.
        decoded = [line.decode("utf-8-sig" if before == 0 else "utf-8") for line in lines]
        for row in csv.reader(decoded, strict=True):
            if row and row[0].strip():
                yield row[0].strip()
    except (UnicodeDecodeError, csv.Error) as error:
        raise invalid("", f"is not valid CSV in UTF-8: {error}; nothing was added") from None


def repeated(codes: Sequence[str]) -> list[str]:
    """The first codes that come more than once."""
    if len(set(codes)) == len(codes):
        return []
    return [code for code, times in Counter(codes).items() if times > 1][:EXAMPLES]
