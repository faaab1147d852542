"""The bounds of a page of a list: an offset, or the position of the row before the page.

The position of a row consists of its values in the columns of the list's order, which together are unique. A page after
a position neither skips nor repeats rows, even if earlier rows are added or removed.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

import asyncpg
from msgspec import Meta, Struct

Position = tuple[Any, ...]
Row = TypeVar("Row")
Read = TypeVar("Read", asyncpg.Record, dict[str, Any])

# The types of a position's values. Positions come from callers, so each type is limited to PostgreSQL's range.
Number = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Text = Annotated[str, Meta(pattern=r"^[^\0]*$")]
Moment = Annotated[datetime, Meta(tz=True)]


class PageBounds(Struct, frozen=True, kw_only=True):
    """A page of at most `limit` rows: after the position `after` or, without it, after the first `offset` rows."""

    limit: int
    offset: int = 0
    after: Position | None = None

    def arguments(self, columns: Sequence[str]) -> tuple[Any, ...]:
        """LIMIT, OFFSET and the position's values, or NULLs. LIMIT is one more than the page's size, to see whether
        another row follows."""
        return (self.limit + 1, self.offset, *(self.after or (None for _ in columns)))

    def cut(self, rows: Sequence[Read], columns: Sequence[str]) -> tuple[Sequence[Read], Position | None]:
        """The page's rows among the rows read, and the position of the last one; None if no row follows the page."""
        page = rows[: self.limit]
        return page, tuple(page[-1][name] for name in columns) if len(rows) > self.limit else None


WHOLE_LIST = PageBounds(limit=2**53)
"""The bounds for a list that is short enough to be read at once."""


class PageRows(Struct, Generic[Row], frozen=True):
    """A page's rows, the number of rows in the whole list, and the position of the page's last row; None if no row
    follows the page."""

    rows: list[Row]
    total: int
    last_position: Position | None
