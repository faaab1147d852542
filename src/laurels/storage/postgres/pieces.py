"""Pages of large rows, read in pieces: a page has up to 100 rows, a row up to 1 MiB of callers' content.

The first statement reads all rows of the page, but the content only of the rows in the first piece; further statements
read the content of the others. A page that fits into one piece, as nearly all do, takes one statement.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from itertools import takewhile
from typing import Any, Generic, TypeVar

from msgspec import Struct

from laurels.storage.postgres.database import Fetches
from laurels.storage.postgres.page_bounds import PageBounds, Position

Item = TypeVar("Item")

PIECE_BYTES = 128 * 1024
"""The maximum content of a piece, unless a single row has more."""


class Piece(Struct, Generic[Item], frozen=True):
    """Some rows of a page, in its order. `last_position` is the position of the page's last row; None if no row follows
    the page."""

    rows: list[Item]
    is_last: bool
    last_position: Position | None


class PiecedList(Struct, Generic[Item], frozen=True, kw_only=True):
    """The statements that read a list in pieces. `first` is built by `first_of`; its last arguments are those of
    `PageBounds`. `rest` selects `id` and content of the rows whose ids are its last argument. `position` names the
    columns of a row's position, and `item` builds an item from a row."""

    first: str
    rest: str
    position: tuple[str, ...]
    item: Callable[[dict[str, Any]], Item]


def first_of(columns: str, content: Sequence[str], rows: str, order: str) -> str:
    """The first statement. It selects `columns`, which include the columns of `order`, and `content`. `rows` is the
    rest of the SELECT: FROM, WHERE and so on."""
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
    connection: Fetches, listed: PiecedList[Item], filters: Sequence[Any], bounds: PageBounds, scope: Sequence[Any]
) -> AsyncGenerator[Piece[Item], None]:
    """Reads a page in pieces. `filters` are the first statement's arguments before the bounds, `scope` the arguments of
    the further statements before the ids. Rows deleted in the meantime are left out."""
    read = await connection.fetch(listed.first, *filters, *bounds.arguments(listed.position))
    page, last_position = bounds.cut([dict(row) for row in read], listed.position)
    whole = list(takewhile(lambda row: row["is_whole"], page))
    left = page[len(whole) :]
    yield Piece([listed.item(row) for row in whole], not left, last_position)
    while left:
        length, count = 0, 0
        while count < len(left) and (count == 0 or length + left[count]["length"] <= PIECE_BYTES):
            length += left[count]["length"]
            count += 1
        contents = {
            row["id"]: row for row in await connection.fetch(listed.rest, *scope, [row["id"] for row in left[:count]])
        }
        items = [listed.item({**row, **contents[row["id"]]}) for row in left[:count] if row["id"] in contents]
        left = left[count:]
        yield Piece(items, not left, last_position)
