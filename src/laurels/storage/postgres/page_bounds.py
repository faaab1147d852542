"""Which rows of a list make up a page: those with certain numbers, or those that follow a position.

The position of a row is what the list is ordered by, column by column; together these are unique to the row. A page
that follows a position neither skips nor repeats a row, whichever rows before it come or go.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

import asyncpg
from msgspec import Meta, Struct

Position = tuple[Any, ...]
Row = TypeVar("Row")
Read = TypeVar("Read", asyncpg.Record, dict[str, Any])

# What a position consists of. Callers can send any: each is bounded to what PostgreSQL takes.
Number = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Text = Annotated[str, Meta(pattern=r"^[^\0]*$")]
Moment = Annotated[datetime, Meta(tz=True)]


class PageBounds(Struct, frozen=True, kw_only=True):
    """At most `limit` rows: after the row at the position `after`, or else after the first `offset` rows."""

    limit: int
    offset: int = 0
    after: Position | None = None

    def arguments(self, columns: Sequence[str]) -> tuple[Any, ...]:
        """LIMIT, OFFSET and the position's values, or NULLs. One row more is read than the page has: it tells whether
        others follow."""
        return (self.limit + 1, self.offset, *(self.after or (None for _ in columns)))

    def cut(self, rows: Sequence[Read], columns: Sequence[str]) -> tuple[Sequence[Read], Position | None]:
        """The page's rows of those read, and the position of the last one, None when no row follows it."""
        page = rows[: self.limit]
        return page, tuple(page[-1][name] for name in columns) if len(rows) > self.limit else None


WHOLE_LIST = PageBounds(limit=2**53)
"""For a list that is short enough to be read at once."""


class PageRows(Struct, Generic[Row], frozen=True):
    """A page's rows, how many the list has in all, and the position of the page's last row, None when no row follows
    it."""

    rows: list[Row]
    total: int
    last_position: Position | None
