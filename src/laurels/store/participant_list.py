"""The list of a project's participants: searched, filtered, sorted.

A search for a prefix, and sorting by id or name, follow an index. Everything else reads the project's participants
once, in parallel where PostgreSQL can: account has no secondary index, as it is written with every award.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from laurels.store.database import Readers

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


class Wanted(Struct, frozen=True, kw_only=True):
    """Whom to list. `tier_levels` are the levels of the project's tiers by their ids, to sort by."""

    search: str | None
    match: Match
    tier_id: str | None
    badge_id: str | None
    is_active: bool | None
    seen_since: datetime | None
    sort_by: SortKey
    descending: bool
    tier_levels: dict[str, int]


class Listed(Struct, frozen=True, kw_only=True):
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

_ORDER: dict[SortKey, str] = {
    "participant_id": _BY_ID,
    "display_name": _BY_NAME,
    "total_points": "a.total_earned",
    "available_points": "a.balance",
    "current_tier": "coalesce(level, -1)",
    "total_events": "a.total_events",
    "created_at": "p.created_at",
    "last_seen_at": "a.last_seen_at",
}


async def page(
    readers: Readers, project_id: int, wanted: Wanted, *, limit: int, offset: int
) -> tuple[list[Listed], int]:
    """One page, and how many there are in all. Those who are equal come in the order of their ids, so that pages
    neither repeat nor miss anyone."""
    arguments: list[Any] = [project_id]
    where = " AND ".join(["p.project_id = $1", *_conditions(wanted, arguments)])
    order, direction = _ORDER[wanted.sort_by], "DESC" if wanted.descending else "ASC"
    async with readers.survey() as connection:
        total = await connection.fetchval(
            f"SELECT count(*) FROM participant p {_joined(where)} WHERE {where}",  # noqa: S608
            *arguments,
        )
        if wanted.sort_by == "current_tier":
            arguments += [list(wanted.tier_levels), list(wanted.tier_levels.values())]
        rows = await connection.fetch(
            f"""
            SELECT p.participant_id, p.display_name, p.avatar_url, a.total_earned, a.balance, a.tier_id,
                   a.total_events, p.anonymised_at IS NULL AS is_active, p.created_at, a.last_seen_at
            FROM (SELECT p.lane, p.subject, {order} AS sorted_by
                  FROM participant p {_joined(where + order, len(arguments))} WHERE {where}
                  ORDER BY sorted_by {direction}, p.participant_id {direction} LIMIT {limit:d} OFFSET {offset:d}) AS f
            JOIN participant p USING (lane, subject) JOIN account a USING (lane, subject)
            ORDER BY sorted_by {direction}, p.participant_id {direction}
            """,  # noqa: S608
            *arguments,
        )
    return [Listed(**{**dict(row), "tier_id": row["tier_id"] and str(row["tier_id"])}) for row in rows], total


def _joined(used: str, arguments: int = 0) -> str:
    """What is not asked for is not joined: participants alone are half as much to read. The levels of tiers are the
    last two arguments."""
    levels = f"LEFT JOIN unnest(${arguments - 1}::uuid[], ${arguments}::int[]) AS t (tier_id, level) USING (tier_id)"
    join = "JOIN account a USING (lane, subject)" if "a." in used or "level" in used else ""
    return f"{join} {levels}" if "level" in used else join


def _conditions(wanted: Wanted, arguments: list[Any]) -> Iterator[str]:
    def argument(value: Any) -> str:
        arguments.append(value)
        return f"${len(arguments)}"

    if wanted.search is not None and wanted.match == "prefix":
        prefix = argument(f"{_literally(wanted.search)}%")
        yield f"({_BY_ID} LIKE lower({prefix}) OR {_BY_NAME} LIKE lower({prefix}))"
    elif wanted.search is not None:
        yield f"p.search_text LIKE lower({argument(f'%{_literally(wanted.search)}%')})"
    if wanted.tier_id is not None:
        yield f"a.tier_id = {argument(wanted.tier_id)}"
    if wanted.badge_id is not None:
        yield (
            "EXISTS (SELECT FROM earned_badge b WHERE b.lane = p.lane AND b.subject = p.subject"
            f" AND b.badge_id = {argument(wanted.badge_id)})"
        )
    if wanted.is_active is not None:
        yield f"p.anonymised_at IS {'NULL' if wanted.is_active else 'NOT NULL'}"
    if wanted.seen_since is not None:
        yield f"a.last_seen_at >= {argument(wanted.seen_since)}"


def _literally(text: str) -> str:
    """The text for LIKE, in which nothing stands for anything else."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
