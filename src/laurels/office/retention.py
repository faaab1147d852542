"""Finds and empties events that are older than their project's `event_retention_days`.

The journal is read lane by lane in the order of its ids, each fact once. The table `event_retention` holds the
position.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from laurels.kernel.facts import Entry
from laurels.mechanics.events.model import EventForgotten, EventRecorded
from laurels.storage.postgres.database import Connection, Fetches
from laurels.storage.schema.months import first_id_at


class Policy(Struct, frozen=True, kw_only=True):
    """The number of days for which a project keeps the content of events. Its clock is `clock_offset_ms` ahead."""

    project_id: int
    days: int
    clock_offset_ms: int

    def horizon(self, now: datetime) -> datetime:
        """The time, by the project's clock, before which events lose their content."""
        return now + timedelta(milliseconds=self.clock_offset_ms) - timedelta(days=self.days)


class Stretch(Struct, frozen=True, kw_only=True):
    """A part of a lane: the ids of the events to empty, the last fact that was read, and whether there may be more."""

    event_ids: list[UUID]
    reached: UUID
    has_more: bool


_POLICIES = "SELECT id, event_retention_days, clock_offset_ms FROM project WHERE event_retention_days IS NOT NULL"

_FACTS = """
SELECT id, recorded_at, kind = 'event_recorded' AND project_id = $2 AS is_event
FROM journal WHERE lane = $1 AND id > $3 AND id < $4 ORDER BY id LIMIT $5
"""

# A locked row belongs to a participant who is being erased. The statement waits, as the erasure may still be rolled
# back.
_EVENTS = """
SELECT id, data, occurred_at FROM journal
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
    """The projects that keep the content of events for a limited time."""
    return [row["id"] for row in await connection.fetch(_POLICIES)]


async def lock_policy(connection: Connection, project_id: int) -> Policy | None:
    """The current policy, None without one. No leaderboard can be created until the transaction ends."""
    rows = await connection.fetch(f"{_POLICIES} AND id = $1 FOR SHARE", project_id)
    if not rows:
        return None
    row = rows[0]
    return Policy(project_id=row["id"], days=row["event_retention_days"], clock_offset_ms=row["clock_offset_ms"])


async def lock_position(connection: Connection, project_id: int, lane: int) -> UUID | None:
    """The last fact of the lane that was read; None if another process works on the lane."""
    await connection.execute(
        "INSERT INTO event_retention (lane, project_id, reached) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        lane,
        project_id,
        _FIRST,
    )
    reached: UUID | None = await connection.fetchval(
        "SELECT reached FROM event_retention WHERE lane = $1 AND project_id = $2 FOR UPDATE SKIP LOCKED",
        lane,
        project_id,
    )
    return reached


async def next_stretch(
    connection: Connection, policy: Policy, lane: int, reached: UUID, now: datetime, limit: int
) -> Stretch:
    """The next stretch of up to `limit` facts. The order of ids follows the server's clock, `recorded_at` the project's
    clock. The range of ids limits the facts that are read, however the project's clock was moved."""
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


class CountedByBoards(Struct, frozen=True):
    """The event properties that a project's leaderboards count, and the conditions under which they count events."""

    properties: frozenset[str]
    conditions: frozenset[str]


async def counted_by_boards(connection: Connection, project_id: int) -> CountedByBoards:
    rows = await connection.fetch(
        """
        SELECT g.property, g.rules ->> 'condition' AS condition,
               ARRAY(SELECT t ->> 'property' FROM jsonb_array_elements(g.rules -> 'tie_breakers') AS t) AS of_ties
        FROM board_generation g WHERE project_id = $1 AND status <> 'retired'
        """,
        project_id,
    )
    properties = {name for row in rows for name in (row["property"], *row["of_ties"]) if name is not None}
    conditions = {row["condition"] for row in rows if row["condition"] is not None}
    return CountedByBoards(frozenset(properties), frozenset(conditions))


async def events(connection: Connection, lane: int, event_ids: Sequence[UUID]) -> AsyncIterator[Entry]:
    """The events, one at a time, as their content may be long."""
    for start in range(0, len(event_ids), EVENTS_AT_ONCE):
        for row in await connection.fetch(_EVENTS, lane, list(event_ids[start : start + EVENTS_AT_ONCE])):
            yield Entry(str(row["id"]), 0, _decoder.decode(row["data"]), row["occurred_at"])


async def empty(connection: Connection, lane: int, forgotten: list[tuple[str, EventForgotten]]) -> None:
    if forgotten:
        ids = [fact_id for fact_id, _ in forgotten]
        data = [msgspec.json.encode(fact).decode() for _, fact in forgotten]
        await connection.execute(_EMPTY, lane, EventForgotten.kind, ids, data)


async def save_position(connection: Connection, project_id: int, lane: int, reached: Any) -> None:
    await connection.execute(
        "UPDATE event_retention SET reached = $3 WHERE lane = $1 AND project_id = $2", lane, project_id, reached
    )
