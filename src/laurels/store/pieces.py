"""Pages whose rows hold what callers sent, read in pieces: a page has up to 100 rows, a row up to 1 MiB.

The first statement gives all rows of the page, but those beyond the first piece without their content, which further
statements look up. A page that fits into a piece, as nearly every one does, takes one statement.
"""

from collections.abc import AsyncGenerator, Sequence
from itertools import takewhile
from typing import Any, Generic, TypeVar

from msgspec import Struct

from laurels.store.database import Fetches

Item = TypeVar("Item")

PIECE_BYTES = 128 * 1024
"""Of content in a piece, unless a single row has more."""


class Piece(Struct, Generic[Item], frozen=True):
    """Some rows of a page, in its order."""

    rows: list[Item]
    is_last: bool


def first_of(columns: str, content: Sequence[str], rows: str, order: str) -> str:
    """The first statement: `columns`, among them those of the `order`, and `content` of a page's `rows`, which is what
    follows them in a SELECT."""
    texts = ", ".join(f"{name}::text AS {name}" for name in content)
    length = " + ".join(f"coalesce(octet_length({name}), 0)" for name in content)
    shown = ", ".join(f"CASE WHEN is_whole THEN {name} END AS {name}" for name in content)
    return f"""
    WITH page AS MATERIALIZED (SELECT {columns}, {texts} {rows}),
    weighed AS (
        SELECT *, {length} AS length, row_number() OVER (ORDER BY {order}) = 1
            OR sum({length}) OVER (ORDER BY {order}) <= {PIECE_BYTES} AS is_whole
        FROM page
    )
    SELECT {columns}, {shown}, length, is_whole FROM weighed ORDER BY {order}
    """  # noqa: S608


async def pieces(
    connection: Fetches, first: str, arguments: Sequence[Any], rest: str, known: Sequence[Any]
) -> AsyncGenerator[Piece[dict[str, Any]], None]:
    """`rest` gives `id` and content of the rows whose ids are its last argument, after the `known` ones. Rows that
    have gone meanwhile are left out."""
    listed = [dict(row) for row in await connection.fetch(first, *arguments)]
    whole = list(takewhile(lambda row: row["is_whole"], listed))
    left = listed[len(whole) :]
    yield Piece(whole, not left)
    while left:
        length, count = 0, 0
        while count < len(left) and (count == 0 or length + left[count]["length"] <= PIECE_BYTES):
            length += left[count]["length"]
            count += 1
        found = {row["id"]: row for row in await connection.fetch(rest, *known, [row["id"] for row in left[:count]])}
        some = [{**row, **found[row["id"]]} for row in left[:count] if row["id"] in found]
        left = left[count:]
        yield Piece(some, not left)
