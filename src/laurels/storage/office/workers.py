"""The live workers of all nodes, which share rate limits.

Times are by the database's clock, the only one common to all nodes: a machine with a wrong clock counts as alive, and
no longer than the others.
"""

from laurels.storage.postgres.database import Connection

ALIVE_SECONDS = 10
FORGOTTEN_SECONDS = 3_600

_SEEN = """
INSERT INTO worker (id, seen_at, knows_leaves) VALUES ($1, now(), true)
ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at
"""

# A time in the future means that the database's clock was set back, or that an older version wrote its machine's time.
_FORGET = """
DELETE FROM worker WHERE id IN (
    SELECT id FROM worker
    WHERE seen_at NOT BETWEEN now() - make_interval(secs => $1) AND now() + make_interval(secs => $1)
    FOR UPDATE SKIP LOCKED
)
"""
_COUNT = """
SELECT count(*) FROM worker
WHERE seen_at BETWEEN now() - make_interval(secs => $1) AND now() + make_interval(secs => $1)
"""


async def alive(connection: Connection, worker_id: str) -> int:
    """Notes that this worker is alive; returns the number of live workers, including this one."""
    await connection.execute(_SEEN, worker_id)
    count: int = await connection.fetchval(_COUNT, ALIVE_SECONDS)
    return max(1, count)


async def forget(connection: Connection) -> None:
    """Removes workers that were last seen long ago, except for locked rows."""
    await connection.execute(_FORGET, FORGOTTEN_SECONDS)


async def gone(connection: Connection, worker_id: str) -> None:
    """Removes a worker that ends, so that the others get its share at once."""
    await connection.execute("DELETE FROM worker WHERE id = $1", worker_id)
