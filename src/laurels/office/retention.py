"""Which events are older than their project keeps them, and emptying them.

The journal is read lane by lane in the order of its ids, each fact once: how far is kept in `event_retention`.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from laurels.mechanics.events.model import EventForgotten, EventRecorded
from laurels.storage.postgres.database import Connection, Fetches
from laurels.storage.schema.partitions import first_id_at


class Policy(Struct, frozen=True, kw_only=True):
    """How long a project keeps the content of events. `clock_offset_ms` is how far its clock is ahead."""

    project_id: int
    days: int
    clock_offset_ms: int

    def horizon(self, now: datetime) -> datetime:
        """Older events are forgotten; by the project's clock."""
        return now + timedelta(milliseconds=self.clock_offset_ms) - timedelta(days=self.days)


class Stretch(Struct, frozen=True, kw_only=True):
    """A part of a lane: the ids of events to forget, the last fact looked at, and whether there may be more."""

    event_ids: list[UUID]
    reached: UUID
    has_more: bool


_POLICIES = "SELECT id, event_retention_days, clock_offset_ms FROM project WHERE event_retention_days IS NOT NULL"

_FACTS = """
SELECT id, recorded_at, kind = 'event_recorded' AND project_id = $2 AS is_event
FROM journal WHERE lane = $1 AND id > $3 AND id < $4 ORDER BY id LIMIT $5
"""

# A row that is locked belongs to somebody who is being erased, which may yet be called off.
_EVENTS = """
SELECT id, data FROM journal
WHERE lane = $1 AND id = ANY ($2::uuid[]) AND kind = 'event_recorded'
ORDER BY id FOR UPDATE
"""

_EMPTY = """
UPDATE journal j SET kind = $2, data = emptied.data
FROM unnest($3::uuid[], $4::jsonb[]) AS emptied (id, data) WHERE j.lane = $1 AND j.id = emptied.id
"""

EVENTS_AT_ONCE = 50
_FIRST = UUID(int=0)
_decoder = msgspec.json.Decoder(EventRecorded)


async def forgetful_projects(connection: Fetches) -> list[int]:
    """Those that keep events for so many days only."""
    return [row["id"] for row in await connection.fetch(_POLICIES)]


async def lock_policy(connection: Connection, project_id: int) -> Policy | None:
    """The policy as it is now. No leaderboard is made until the transaction ends."""
    rows = await connection.fetch(f"{_POLICIES} AND id = $1 FOR SHARE", project_id)
    if not rows:
        return None
    row = rows[0]
    return Policy(project_id=row["id"], days=row["event_retention_days"], clock_offset_ms=row["clock_offset_ms"])


async def lock_place(connection: Connection, project_id: int, lane: int) -> UUID | None:
    """The last fact of the lane that was looked at, None if another process is at it."""
    await connection.execute(
        "INSERT INTO event_retention (lane, project_id, reached) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        lane,
        project_id,
        _FIRST,
    )
    found: UUID | None = await connection.fetchval(
        "SELECT reached FROM event_retention WHERE lane = $1 AND project_id = $2 FOR UPDATE SKIP LOCKED",
        lane,
        project_id,
    )
    return found


async def next_stretch(
    connection: Connection, policy: Policy, lane: int, reached: UUID, now: datetime, limit: int
) -> Stretch:
    """Up to `limit` facts further. Ids follow the machine's clock, `recorded_at` the project's: the ids bound what is
    read, whatever the project's clock did meanwhile."""
    horizon = policy.horizon(now)
    end = first_id_at(min(now, horizon + timedelta(milliseconds=max(0, policy.clock_offset_ms))))
    rows = await connection.fetch(_FACTS, lane, policy.project_id, reached, end, limit)
    event_ids: list[UUID] = []
    for row in rows:
        if row["is_event"]:
            if row["recorded_at"] >= horizon:
                return Stretch(event_ids=event_ids, reached=reached, has_more=False)
            event_ids.append(row["id"])
        reached = row["id"]
    return Stretch(event_ids=event_ids, reached=reached, has_more=len(rows) == limit)


async def summed_properties(connection: Connection, project_id: int) -> set[str]:
    """The properties that the project's leaderboards add up."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT property FROM board_generation
        WHERE project_id = $1 AND status <> 'retired' AND property IS NOT NULL
        """,
        project_id,
    )
    return {row["property"] for row in rows}


async def events(
    connection: Connection, lane: int, event_ids: Sequence[UUID]
) -> AsyncIterator[tuple[UUID, EventRecorded]]:
    """One at a time: their content may be long."""
    for start in range(0, len(event_ids), EVENTS_AT_ONCE):
        for row in await connection.fetch(_EVENTS, lane, list(event_ids[start : start + EVENTS_AT_ONCE])):
            yield row["id"], _decoder.decode(row["data"])


async def empty(connection: Connection, lane: int, forgotten: list[tuple[UUID, EventForgotten]]) -> None:
    if forgotten:
        ids = [fact_id for fact_id, _ in forgotten]
        data = [msgspec.json.encode(fact).decode() for _, fact in forgotten]
        await connection.execute(_EMPTY, lane, EventForgotten.kind, ids, data)


async def save_place(connection: Connection, project_id: int, lane: int, reached: Any) -> None:
    await connection.execute(
        "UPDATE event_retention SET reached = $3 WHERE lane = $1 AND project_id = $2", lane, project_id, reached
    )
