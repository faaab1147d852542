"""Removing old events from the feed."""

from datetime import datetime

from laurels.storage.postgres.database import Connection

# One look into the index for each project.
_WITH_EVENTS = """
SELECT p.id FROM project p WHERE EXISTS (SELECT FROM feed_event e WHERE e.project_id = p.id) ORDER BY p.id
"""

_REACHED = """
SELECT max(position) FROM (
    SELECT position, numbered_at FROM feed_event WHERE project_id = $1 ORDER BY position LIMIT $3
) AS oldest WHERE numbered_at < $2
"""

_RAISE = "UPDATE project SET feed_floor = greatest(feed_floor, $2) WHERE id = $1"

_DELETE = "DELETE FROM feed_event WHERE project_id = $1 AND position <= $2"


async def projects_with_events(connection: Connection) -> list[int]:
    return [row["id"] for row in await connection.fetch(_WITH_EVENTS)]


async def forget(connection: Connection, project_id: int, cutoff: datetime, at_most: int) -> int:
    """Removes the oldest events with positions from before `cutoff`, in the open transaction; returns their number."""
    reached = await connection.fetchval(_REACHED, project_id, cutoff, at_most)
    if reached is None:
        return 0
    await connection.execute(_RAISE, project_id, reached)
    status = await connection.execute(_DELETE, project_id, reached)
    return int(status.rpartition(" ")[2])
