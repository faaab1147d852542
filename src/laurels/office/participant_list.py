"""The list of a project's participants, with search, filters and sorting.

A search for a prefix, and sorting by id or name, use an index. Other requests read all participants of the project, in
parallel where PostgreSQL can. The table `account` has no secondary index, because every award writes to it.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from laurels.storage.postgres.page_bounds import Moment, Number, PageBounds, PageRows, Position, Text
from laurels.storage.postgres.pools import Surveys

SortKey = Literal[
    "participant_id",
    "display_name",
    "total_points",
    "available_points",
    "current_tier",
    "total_events",
    "created_at",
    "last_seen_at",
]
Match = Literal["part", "prefix"]


class ParticipantFilter(Struct, frozen=True, kw_only=True):
    """The search, filters and order of a list. `tier_levels` are the levels of the project's tiers by id, for
    sorting."""

    search: str | None
    match: Match
    tier_id: str | None
    badge_id: str | None
    is_active: bool | None
    seen_since: datetime | None
    sort_by: SortKey
    descending: bool
    tier_levels: dict[str, int]


class ListedRow(Struct, frozen=True, kw_only=True):
    """A participant in the list."""

    participant_id: str
    display_name: str | None
    avatar_url: str | None
    total_earned: int
    balance: int
    tier_id: str | None
    total_events: int
    is_active: bool
    created_at: datetime
    last_seen_at: datetime


_BY_ID = """lower(p.participant_id COLLATE "default") COLLATE "C" """
_BY_NAME = """lower(p.display_name) COLLATE "C" """

_ORDER: dict[SortKey, tuple[str, str]] = {
    "participant_id": (_BY_ID, "text"),
    "display_name": (_BY_NAME, "text"),
    "total_points": ("a.total_earned", "bigint"),
    "available_points": ("a.balance", "bigint"),
    "current_tier": ("coalesce(level, -1)", "bigint"),
    "total_events": ("a.total_events", "bigint"),
    "created_at": ("p.created_at", "timestamptz"),
    "last_seen_at": ("a.last_seen_at", "timestamptz"),
}
"""The SQL expression of each sort key, and its type."""

_POSITION_COLUMNS = ("sorted_by", "participant_id")
_POSITIONS: dict[str, Any] = {
    "text": tuple[Text | None, Text],
    "bigint": tuple[Number, Text],
    "timestamptz": tuple[Moment, Text],
}


def position_type(sort_by: SortKey) -> Any:
    """The type of the positions in a list with this order."""
    return _POSITIONS[_ORDER[sort_by][1]]


async def page(
    surveys: Surveys, project_id: int, filters: ParticipantFilter, bounds: PageBounds
) -> PageRows[ListedRow]:
    """A page of the list. Participants with equal values are sorted by id, so that pages neither repeat nor miss
    anyone."""
    async with surveys.transaction() as connection:
        total = await connection.fetchval(*count_statement(project_id, filters))
        rows = await connection.fetch(*page_statement(project_id, filters, bounds))
    listed, last_position = bounds.cut(rows, _POSITION_COLUMNS)
    return PageRows([_listed(row) for row in listed], total, last_position)


def count_statement(project_id: int, filters: ParticipantFilter) -> tuple[Any, ...]:
    """The statement that counts the participants, followed by its arguments."""
    arguments = _Arguments([project_id])
    condition = _where(filters, arguments)
    return f"SELECT count(*) FROM participant p {_joined(condition)} WHERE {condition}", *arguments  # noqa: S608


def page_statement(project_id: int, filters: ParticipantFilter, bounds: PageBounds) -> tuple[Any, ...]:
    """The statement that reads a page, followed by its arguments."""
    arguments = _Arguments([project_id])
    condition = _where(filters, arguments)
    expression, _ = _ORDER[filters.sort_by]
    parts = _following(filters, bounds.after, arguments.add) if bounds.after else ["true"]
    levels = ""
    if filters.sort_by == "current_tier":
        ids, numbers = arguments.add(list(filters.tier_levels)), arguments.add(list(filters.tier_levels.values()))
        levels = f"LEFT JOIN unnest({ids}::uuid[], {numbers}::int[]) AS t (tier_id, level) USING (tier_id)"
    direction = "DESC" if filters.descending else "ASC"
    ordered = f"ORDER BY sorted_by {direction}, participant_id {direction} LIMIT {bounds.limit + 1:d}"
    selected = " UNION ALL ".join(
        f"""
        (SELECT p.lane, p.subject, {expression} AS sorted_by, p.participant_id
         FROM participant p {_joined(condition + expression, levels)} WHERE {condition} AND {part}
         {ordered} OFFSET {bounds.offset:d})
        """  # noqa: S608
        for part in parts
    )
    statement = f"""
    SELECT p.participant_id, p.display_name, p.avatar_url, a.total_earned, a.balance, a.tier_id, a.total_events,
           p.anonymised_at IS NULL AS is_active, p.created_at, a.last_seen_at, f.sorted_by
    FROM ({selected}) AS f (lane, subject, sorted_by, id)
    JOIN participant p USING (lane, subject) JOIN account a USING (lane, subject)
    {ordered}
    """  # noqa: S608
    return statement, *arguments


def _following(filters: ParticipantFilter, after: Position, argument: Callable[[Any], str]) -> list[str]:
    """Conditions for the rows after a position. Each row meets exactly one of them. Participants without a name come
    last, or first in descending order. Separate conditions can each use the index; one condition with OR cannot."""
    value, participant_id = after
    expression, kind = _ORDER[filters.sort_by]
    sign = "<" if filters.descending else ">"
    name = f"{argument(participant_id)}::text"
    if value is None:
        rest = [f"{expression} IS NOT NULL"] if filters.descending else []
        return [f"{expression} IS NULL AND p.participant_id {sign} {name}", *rest]
    rest = [f"{expression} IS NULL"] if filters.sort_by == "display_name" and not filters.descending else []
    return [f"({expression}, p.participant_id) {sign} ({argument(value)}::{kind}, {name})", *rest]


class _Arguments(list[Any]):
    """The arguments of a statement."""

    def add(self, value: Any) -> str:
        """Adds a value and returns its placeholder."""
        self.append(value)
        return f"${len(self)}"


def _listed(row: Any) -> ListedRow:
    fields = {name: row[name] for name in ListedRow.__struct_fields__}
    return ListedRow(**{**fields, "tier_id": row["tier_id"] and str(row["tier_id"])})


def _joined(used: str, levels: str = "") -> str:
    """The joins that `used`, a part of the statement, needs. Without the join of account, only half as much is read.
    `levels` is the join of the levels of tiers."""
    join = "JOIN account a USING (lane, subject)" if "a." in used or levels else ""
    return f"{join} {levels}"


def _where(filters: ParticipantFilter, arguments: _Arguments) -> str:
    return " AND ".join(["p.project_id = $1", *_conditions(filters, arguments.add)])


def _conditions(filters: ParticipantFilter, argument: Callable[[Any], str]) -> Iterator[str]:
    if filters.search is not None and filters.match == "prefix":
        prefix = argument(f"{_escaped(filters.search)}%")
        yield f"({_BY_ID} LIKE lower({prefix}) OR {_BY_NAME} LIKE lower({prefix}))"
    elif filters.search is not None:
        yield f"p.search_text LIKE lower({argument(f'%{_escaped(filters.search)}%')})"
    if filters.tier_id is not None:
        yield f"a.tier_id = {argument(filters.tier_id)}"
    if filters.badge_id is not None:
        yield (
            "EXISTS (SELECT FROM earned_badge b WHERE b.lane = p.lane AND b.subject = p.subject"
            f" AND b.badge_id = {argument(filters.badge_id)})"
        )
    if filters.is_active is not None:
        yield f"p.anonymised_at IS {'NULL' if filters.is_active else 'NOT NULL'}"
    if filters.seen_since is not None:
        yield f"a.last_seen_at >= {argument(filters.seen_since)}"


def _escaped(text: str) -> str:
    """The text as a pattern for LIKE, with all wildcards escaped."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
