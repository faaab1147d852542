"""Results: the first places of a window that has ended, stored a day after its end. Late facts still change the live
standings, and no longer the result."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg
import msgspec
from msgspec import Struct

from laurels.kernel.dates.calendar import Calendar
from laurels.mechanics.leaderboards.leaves import lists, reading
from laurels.mechanics.leaderboards.scoring import windows
from laurels.mechanics.leaderboards.scoring.entries import TieValues
from laurels.mechanics.leaderboards.scoring.model import Generation, Scored
from laurels.storage.postgres.database import Connection, Fetches

PLACES_KEPT = 1_000
CLOSES_AFTER = timedelta(hours=24)


class ResultEntry(Struct, frozen=True, kw_only=True):
    """A row of a result, with the numbers as they are stored."""

    place: int
    rank: int
    participant_id: str
    display_name: str | None
    avatar_url: str | None
    score: int
    tie_values: TieValues


class Result(Struct, frozen=True, kw_only=True):
    """The result of a window, or one page. `ranked_by` is the scoring at that time."""

    closed_at: datetime
    total: int
    ranked_by: tuple[Scored, ...]
    entries: list[ResultEntry]


def name_of(generation: Generation, key: int, calendar: Calendar) -> str | None:
    """The name under which the result of a window is stored: it outlives the generation. A season with other dates is
    another window. None for all time."""
    if (place := windows.season_place(key)) is not None:
        season = generation.seasons[place]
        return f"season:{season.code}:{season.from_}:{season.to}"
    period = windows.period_name(key, calendar)
    return None if period is None else f"{windows.window_of(key)[0]}:{period}"


def has_closed(generation: Generation, key: int, now: datetime, calendar: Calendar) -> bool:
    ends_at = windows.ends_at(generation, key, calendar)
    return ends_at is not None and ends_at + CLOSES_AFTER <= now


async def stored_names(connection: Fetches, definition_id: str) -> set[str]:
    """The names of the windows whose results are stored."""
    rows = await connection.fetch("SELECT period FROM board_closing WHERE definition_id = $1", definition_id)
    return {row["period"] for row in rows}


_FIRST = lists.first_places(PLACES_KEPT)


async def store_result(
    connection: Connection, definition_id: str, generation: Generation, key: int, name: str, now: datetime
) -> bool:
    """Stores the result of a window in its transaction. False if another server has stored it."""
    scored = msgspec.json.encode([_scored(each) for each in generation.ranked_by]).decode()
    is_first = await connection.fetchval(
        """
        INSERT INTO board_closing (definition_id, period, closed_at, total, ranked_by)
        VALUES ($1, $2, $3, 0, $4) ON CONFLICT DO NOTHING RETURNING true
        """,
        definition_id,
        name,
        now,
        scored,
    )
    if not is_first:
        return False
    await connection.execute(_FIRST, definition_id, generation.id, key, name)
    await connection.execute(
        f"UPDATE board_closing SET total = ({reading.TOTAL}) WHERE definition_id = $1 AND period = $4",  # noqa: S608
        definition_id,
        generation.id,
        key,
        name,
    )
    return True


def _scored(scored: Scored) -> Scored:
    return Scored(metric=scored.metric, event_name=scored.event_name, property=scored.property, order=scored.order)


async def read_result(
    connection: Fetches, definition_id: str, name: str, after_place: int, limit: int
) -> Result | None:
    """The rows after a place; None if the result is not stored."""
    rows = await connection.fetch(
        """
        WITH chosen AS MATERIALIZED (
            SELECT * FROM board_result WHERE definition_id = $1 AND period = $2 AND place > $3 ORDER BY place LIMIT $4
        )
        SELECT c.closed_at, c.total, c.ranked_by, r.place, r.rank, r.score, r.tie_1, r.tie_2, r.tie_3,
               p.participant_id, p.display_name, p.avatar_url
        FROM board_closing c
        LEFT JOIN (chosen r JOIN participant p ON p.lane = r.lane AND p.subject = r.subject) ON true
        WHERE c.definition_id = $1 AND c.period = $2
        ORDER BY r.place
        """,
        definition_id,
        name,
        after_place,
        limit,
    )
    if not rows:
        return None
    return Result(
        closed_at=rows[0]["closed_at"],
        total=rows[0]["total"],
        ranked_by=msgspec.json.decode(rows[0]["ranked_by"], type=tuple[Scored, ...]),
        entries=_entries(rows),
    )


def _entries(rows: Sequence[asyncpg.Record]) -> list[ResultEntry]:
    return [
        ResultEntry(
            place=row["place"],
            rank=row["rank"],
            participant_id=row["participant_id"],
            display_name=row["display_name"],
            avatar_url=row["avatar_url"],
            score=row["score"],
            tie_values=(row["tie_1"], row["tie_2"], row["tie_3"]),
        )
        for row in rows
        if row["place"] is not None
    ]
