"""Pages whose rows hold what callers sent, read in pieces: a page has up to 100 rows, a row up to 1 MiB.

The first statement gives all rows of the page, but those beyond the first piece without their content, which further
statements look up. A page that fits into a piece, as nearly every one does, takes one statement.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from itertools import takewhile
from typing import Any, Generic, TypeVar

from msgspec import Struct

from laurels.storage.postgres.database import Fetches
from laurels.storage.postgres.page_bounds import PageBounds, Position

Item = TypeVar("Item")

PIECE_BYTES = 128 * 1024
"""Of content in a piece, unless a single row has more."""


class Piece(Struct, Generic[Item], frozen=True):
    """Some rows of a page, in its order. `last_position` is that of the page's last row, None when no row follows the
    page."""

    rows: list[Item]
    is_last: bool
    last_position: Position | None


class PiecedList(Struct, Generic[Item], frozen=True, kw_only=True):
    """How to read a list in pieces. `first` is what `first_of` makes, its last arguments being those of `PageBounds`.
    `rest` gives `id` and content of the rows whose ids are its last argument. `position` names the columns of a row's
    position, and `item` makes an item of a row."""

    first: str
    rest: str
    position: tuple[str, ...]
    item: Callable[[dict[str, Any]], Item]


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
    connection: Fetches, listed: PiecedList[Item], wanted: Sequence[Any], bounds: PageBounds, known: Sequence[Any]
) -> AsyncGenerator[Piece[Item], None]:
    """`wanted` are the first statement's arguments before those of the bounds, `known` those of the further ones before
    the ids. Rows that have gone meanwhile are left out."""
    read = await connection.fetch(listed.first, *wanted, *bounds.arguments(listed.position))
    page, last_position = bounds.cut([dict(row) for row in read], listed.position)
    whole = list(takewhile(lambda row: row["is_whole"], page))
    left = page[len(whole) :]
    yield Piece([listed.item(row) for row in whole], not left, last_position)
    while left:
        length, count = 0, 0
        while count < len(left) and (count == 0 or length + left[count]["length"] <= PIECE_BYTES):
            length += left[count]["length"]
            count += 1
        found = {
            row["id"]: row for row in await connection.fetch(listed.rest, *known, [row["id"] for row in left[:count]])
        }
        some = [listed.item({**row, **found[row["id"]]}) for row in left[:count] if row["id"] in found]
        left = left[count:]
        yield Piece(some, not left, last_position)
