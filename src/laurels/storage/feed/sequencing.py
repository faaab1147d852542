"""Numbering: moving events from the outbox to the feed, in positions that never change.

One process at a time does this. A lease names it, so that the others need not look for work. Safety does not
depend on the lease: each step locks the only row of `feed_sequencer`, which has the last position.
"""

from datetime import datetime
from typing import NamedTuple

from laurels.storage.postgres.database import Connection

_HOLD = """
UPDATE feed_sequencer SET holder = $1, held_until = clock_timestamp() + make_interval(secs => $2)
WHERE id = 1 AND (holder = $1 OR held_until IS NULL OR held_until < clock_timestamp())
RETURNING true
"""

_RELEASE = "UPDATE feed_sequencer SET held_until = NULL WHERE id = 1 AND holder = $1"

_LOCK = "SELECT position FROM feed_sequencer WHERE id = 1 AND holder = $1 FOR UPDATE"

_COLUMNS = "id, project_id, type, participant_id, sequence, occurred_at, recorded_at, historical, cause, data"

# A later statement than the lock, so that its snapshot shows everything that the last holder of the lock did. Rows that
# an erasure is changing are left for a later step, and with them all rows of the same person.
_MOVE = f"""
WITH taken AS (
    DELETE FROM outbox
    WHERE number = ANY (ARRAY (SELECT number FROM outbox ORDER BY number LIMIT $2 FOR UPDATE SKIP LOCKED))
    RETURNING number, {_COLUMNS}
), moved AS (
    INSERT INTO feed_event (position, {_COLUMNS}, numbered_at)
    SELECT $1 + row_number() OVER (ORDER BY number), {_COLUMNS}, $3 FROM taken
    RETURNING position
)
UPDATE feed_sequencer SET position = (SELECT max(position) FROM moved)
WHERE id = 1 AND EXISTS (SELECT FROM moved)
RETURNING position
"""  # noqa: S608

_WAITING = """
SELECT count(*) AS events, min(added_at) AS oldest FROM outbox
"""

_IS_NEEDED = """
SELECT EXISTS (SELECT FROM feed_listener) OR EXISTS (SELECT FROM outbox)
"""


class WaitingEvents(NamedTuple):
    """The events that have no position yet, and when the oldest of them was added."""

    events: int
    oldest: datetime | None


async def hold(connection: Connection, holder: str, seconds: float) -> bool:
    """Takes or extends the lease; False while another process has it."""
    return await connection.fetchval(_HOLD, holder, seconds) is not None


async def release(connection: Connection, holder: str) -> None:
    """Ends the lease, so that another process can go on at once."""
    await connection.execute(_RELEASE, holder)


async def is_needed(connection: Connection) -> bool:
    """Whether any project has listeners, or events without a position."""
    return bool(await connection.fetchval(_IS_NEEDED))


async def number(connection: Connection, holder: str, at_most: int, now: datetime) -> int | None:
    """Gives positions to the next events and commits; returns their number, or None if the lease was lost."""
    async with connection.transaction():
        before = await connection.fetchval(_LOCK, holder)
        if before is None:
            return None
        after = await connection.fetchval(_MOVE, before, at_most, now)
    return 0 if after is None else after - before


async def head(connection: Connection) -> int:
    """The last position of all projects together."""
    position: int = await connection.fetchval("SELECT position FROM feed_sequencer WHERE id = 1")
    return position


async def is_waiting(connection: Connection) -> bool:
    """Whether any event has no position yet."""
    return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM outbox)"))


async def waiting(connection: Connection) -> WaitingEvents:
    return WaitingEvents(*(await connection.fetch(_WAITING))[0])
