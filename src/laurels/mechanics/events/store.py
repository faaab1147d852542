"""Reading events, and all facts of a command."""

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from typing import Any

import asyncpg
from msgspec import Struct, structs

from laurels.kernel.facts import Entry, Fact
from laurels.kernel.game import Game
from laurels.mechanics.events.model import EVENTS, EventCount, EventRecorded
from laurels.storage.accounts import AccountPart
from laurels.storage.facts import FactReader
from laurels.storage.postgres.database import Fetches
from laurels.storage.postgres.page_bounds import Moment, Number, PageBounds
from laurels.storage.postgres.pieces import Piece, PiecedList, first_of, pieces
from laurels.storage.projections import kept_time

EventPosition = tuple[Moment, Number]


class JournalRow(Struct, frozen=True, kw_only=True):
    """A fact with all columns of its journal row."""

    id: str
    seq: int
    command_id: str
    cause_id: str | None
    definitions_version: int
    occurred_at: datetime
    recorded_at: datetime
    fact: Fact


class Event(Struct, frozen=True, kw_only=True):
    id: str
    occurred_at: datetime
    fact: EventRecorded


_FILTER = """
FROM journal
WHERE lane = $1 AND subject = $2 AND kind = 'event_recorded'
  AND ($3::text IS NULL OR data->>'event_name' = $3)
  AND occurred_at >= coalesce($4, '-infinity'::timestamptz) AND occurred_at < coalesce($5, 'infinity'::timestamptz)
"""

_PAGE = first_of(
    "id, seq, occurred_at",
    ["data"],
    f"""
    {_FILTER}
      AND (occurred_at, seq)
        < (coalesce($8::timestamptz, 'infinity'::timestamptz), coalesce($9::bigint, 9223372036854775807))
    ORDER BY occurred_at DESC, seq DESC LIMIT $6 OFFSET $7
    """,
    "occurred_at DESC, seq DESC",
)
_REST = """
SELECT id, data::text AS data FROM journal
WHERE lane = $1 AND subject = $2 AND kind = 'event_recorded' AND id = ANY ($3::uuid[])
"""


class EventFilters(Struct, frozen=True, kw_only=True):
    """Filters of events; `since` is inclusive, `until` is exclusive."""

    event_name: str | None = None
    since: datetime | None = None
    until: datetime | None = None


NO_FILTERS = EventFilters()


async def count(connection: Fetches, lane: int, subject: str, filters: EventFilters) -> int:
    counted = await connection.fetch(f"SELECT count(*) AS total {_FILTER}", lane, subject, *structs.astuple(filters))
    total: int = counted[0]["total"]
    return total


def page(
    connection: Fetches, lane: int, subject: str, filters: EventFilters, bounds: PageBounds
) -> AsyncGenerator[Piece[Event], None]:
    """A page of events in pieces, the latest first."""
    return pieces(connection, _LIST, (lane, subject, *structs.astuple(filters)), bounds, (lane, subject))


_EVENTS = FactReader((EventRecorded,))


def _event(row: dict[str, Any]) -> Event:
    fact = _EVENTS.fact_from(EventRecorded.kind, row["data"])
    return Event(id=str(row["id"]), occurred_at=row["occurred_at"], fact=fact)


_LIST = PiecedList(first=_PAGE, rest=_REST, position=("occurred_at", "seq"), item=_event)

COMMAND_FACTS = 10_000
"""More than the facts of any single command."""

_COLUMNS = "id, seq, kind, command_id, cause_id, definitions_version, occurred_at, recorded_at, data"


async def together(connection: Fetches, game: Game, lane: int, subject: str, fact_id: str) -> Sequence[JournalRow]:
    """All facts of the command that this fact belongs to, in order; empty if the fact is not the participant's."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM journal WHERE lane = $1 AND id = $2 AND subject = $3",  # noqa: S608
        lane,
        fact_id,
        subject,
    )
    if not rows:
        return []
    # A command's facts are close to each other: the bounds keep the search short.
    first = rows[0]
    rows = await connection.fetch(
        f"""
        SELECT {_COLUMNS} FROM journal WHERE lane = $1 AND subject = $2 AND command_id = $3
          AND seq BETWEEN $4::bigint - {COMMAND_FACTS} AND $4::bigint + {COMMAND_FACTS}
        ORDER BY seq
        """,  # noqa: S608
        lane,
        subject,
        first["command_id"],
        first["seq"],
    )
    return [_recorded(game, row) for row in rows]


_FACTS_BEFORE = """
SELECT id, seq, kind, occurred_at,
       CASE kind WHEN 'event_recorded' THEN '{"event_name": ""}' ELSE data - ARRAY['metadata', 'reason', 'outcomes'] END
           AS data
FROM journal WHERE lane = $1 AND subject = $2 AND seq < $3 ORDER BY seq
"""


async def rows_before(connection: Fetches, lane: int, subject: str, seq: int) -> list[asyncpg.Record]:
    """The participant's facts before number `seq`, for `entries_from`, without data that folding does not need, such as
    the content of events."""
    return list(await connection.fetch(_FACTS_BEFORE, lane, subject, seq))


def entries_from(game: Game, rows: Sequence[asyncpg.Record]) -> list[Entry]:
    """The entries of journal rows. Each takes a microsecond or two."""
    return [
        Entry(str(row["id"]), row["seq"], game.fact_from(row["kind"], row["data"]), row["occurred_at"]) for row in rows
    ]


def _recorded(game: Game, row: asyncpg.Record) -> JournalRow:
    return JournalRow(
        id=str(row["id"]),
        seq=row["seq"],
        command_id=str(row["command_id"]),
        cause_id=str(row["cause_id"]) if row["cause_id"] else None,
        definitions_version=row["definitions_version"],
        occurred_at=row["occurred_at"],
        recorded_at=row["recorded_at"],
        fact=game.fact_from(row["kind"], row["data"]),
    )


def _count(row: asyncpg.Record) -> EventCount:
    return EventCount(row["total_events"], row["latest_event_at"])


def _columns(count: EventCount) -> tuple[object, ...]:
    return (count.total, count.latest_at)


def _as_kept(rebuilt: EventCount, stored: EventCount) -> EventCount:
    return structs.replace(rebuilt, latest_at=kept_time(rebuilt.latest_at, stored.latest_at))


ACCOUNT = AccountPart(
    slice=EVENTS,
    columns=(("total_events", "bigint"), ("latest_event_at", "timestamptz")),
    read=_count,
    write=_columns,
    as_kept=_as_kept,
)
