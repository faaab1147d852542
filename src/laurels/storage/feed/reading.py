"""Reading the numbered events of a project."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg
from msgspec import Struct

from laurels.storage.feed.listeners import FEED
from laurels.storage.postgres.database import Fetches

SCANNED_AT_ONCE = 10_000
"""The number of events that one read with a filter by type looks at."""
BYTES_AT_ONCE = 1024 * 1024
"""A read returns no further event after this many bytes of data, unless it asks for fewer."""


class FeedPosition(NamedTuple):
    """A place in the feed: after this event. `id_part` is the end of its id; it shows that the place belongs to this
    feed, and not to one that was lost when a backup was restored."""

    position: int
    id_part: bytes


START = FeedPosition(0, b"")


class FeedStanding(Struct, frozen=True, kw_only=True):
    """The feed of a project at one moment. `used_at` is when readers were last noted, None for a project without
    readers. Events up to the position `floor` are no longer kept. `head` is the newest event. `id_part` belongs to
    the event at the requested position; None without an event."""

    used_at: datetime | None
    floor: int
    head: FeedPosition
    id_part: bytes | None


class FeedFilter(Struct, frozen=True, kw_only=True):
    """The wanted events; None for all."""

    types: Sequence[str] | None = None
    participant_id: str | None = None


_STANDING = """
SELECT l.used_at, p.feed_floor AS floor, head.position, head.id, asked.id AS asked_id
FROM project p
LEFT JOIN feed_listener l ON l.project_id = p.id AND l.name = $2
LEFT JOIN LATERAL (
    SELECT e.position, e.id FROM feed_event e WHERE e.project_id = p.id ORDER BY e.position DESC LIMIT 1
) AS head ON true
LEFT JOIN feed_event asked ON asked.project_id = p.id AND asked.position = $3
WHERE p.id = $1
"""

_NEWEST = """
SELECT wanted.project_id, (
    SELECT e.position FROM feed_event e WHERE e.project_id = wanted.project_id ORDER BY e.position DESC LIMIT 1
) AS position
FROM unnest($1::integer[]) AS wanted (project_id)
"""

_END_OF_SCAN = """
SELECT position, id FROM feed_event WHERE project_id = $1 AND position > $2 AND position <= $3
ORDER BY position OFFSET $4 LIMIT 1
"""

_COLUMNS = """
position, id, type, participant_id, sequence, occurred_at, recorded_at, historical, cause, data
"""


def _page(condition: str) -> str:
    """SQL for a page and, in the same snapshot, the last position that is no longer kept. Without events, the other
    columns are null."""
    return f"""
    SELECT p.feed_floor AS floor, counted.* FROM project p LEFT JOIN LATERAL (
        SELECT *, sum(octet_length(data)) OVER (ORDER BY position) - octet_length(data) AS bytes_before FROM (
            SELECT {_COLUMNS} FROM feed_event
            WHERE project_id = p.id AND position > $2 AND position <= $3 AND {condition}
            ORDER BY position LIMIT $4
        ) AS page
    ) AS counted ON bytes_before < $5
    WHERE p.id = $1 ORDER BY position
    """  # noqa: S608


_OF_ALL = _page("($6::text[] IS NULL OR type = ANY ($6))")
_OF_ONE = _page("($6::text[] IS NULL OR type = ANY ($6)) AND participant_id = $7")


class PageLimits(NamedTuple):
    """The largest number of events of a page, and the bytes of data after which no further event follows."""

    events: int
    bytes: int = BYTES_AT_ONCE


class FeedPage(NamedTuple):
    """Events after a position, in order. `end` is the last event that was looked at, and `has_more` whether others
    follow it. Events up to the position `floor` are no longer kept."""

    rows: list[asyncpg.Record]
    end: FeedPosition
    has_more: bool
    floor: int


async def standing(connection: Fetches, project_id: int, asked: int = 0) -> FeedStanding:
    """The state of the feed, and the event at the position `asked`."""
    row = (await connection.fetch(_STANDING, project_id, FEED, asked))[0]
    head = START if row["position"] is None else position_of(row)
    asked_id = row["asked_id"]
    id_part = None if asked_id is None else asked_id.bytes[-4:]
    return FeedStanding(used_at=row["used_at"], floor=row["floor"], head=head, id_part=id_part)


async def newest(connection: Fetches, project_ids: Iterable[int]) -> dict[int, int]:
    """The positions of the projects' newest events; 0 for a project without events."""
    rows = await connection.fetch(_NEWEST, list(project_ids))
    return {row["project_id"]: row["position"] or 0 for row in rows}


async def page(
    connection: Fetches,
    project_id: int,
    after: FeedPosition,
    head: FeedPosition,
    wanted: FeedFilter,
    limits: PageLimits,
) -> FeedPage:
    """The next events up to `head`. A page may be empty although others follow: a filter by type looks at a limited
    number of events."""
    end = head
    types = None if wanted.types is None else list(wanted.types)
    if wanted.participant_id is not None:
        arguments = (project_id, after.position, head.position, *limits, types, wanted.participant_id)
        found = await connection.fetch(_OF_ONE, *arguments)
    else:
        if types is not None:
            bounds = (project_id, after.position, head.position, SCANNED_AT_ONCE - 1)
            last = await connection.fetch(_END_OF_SCAN, *bounds)
            end = position_of(last[0]) if last else head
        found = await connection.fetch(_OF_ALL, project_id, after.position, end.position, *limits, types)
    rows = [row for row in found if row["position"] is not None]
    if len(rows) == limits.events or _is_cut(rows, limits.bytes):
        end = position_of(rows[-1])
    if end.position < after.position:
        end = after
    return FeedPage(rows, end, end.position < head.position, found[0]["floor"])


def _is_cut(rows: Sequence[asyncpg.Record], bytes_limit: int) -> bool:
    """Whether the page may have ended because of its length."""
    return sum(len(row["data"].encode()) for row in rows) >= bytes_limit


def position_of(row: asyncpg.Record) -> FeedPosition:
    """The place after the event of this row. The beginning of an id is a time, its end is random."""
    return FeedPosition(row["position"], row["id"].bytes[-4:])
