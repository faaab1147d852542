"""Which workers are alive, on all nodes: they share rate limits.

Seen by the database's clock, the only one that all of them have: a machine whose clock is wrong is alive all the same,
and not for longer than the others.
"""

from laurels.storage.postgres.database import Connection

ALIVE_SECONDS = 10
FORGOTTEN_SECONDS = 3_600

_SEEN = """
INSERT INTO worker (id, seen_at) VALUES ($1, now()) ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at
"""

# Nobody was seen in the future: that clock has been set back since, or a version before this one wrote its machine's.
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
    """Notes that this one is, and tells how many are, itself included."""
    await connection.execute(_SEEN, worker_id)
    count: int = await connection.fetchval(_COUNT, ALIVE_SECONDS)
    return max(1, count)


async def forget(connection: Connection) -> None:
    """Removes workers that have not been seen for long, except for those whose rows are locked."""
    await connection.execute(_FORGET, FORGOTTEN_SECONDS)


async def gone(connection: Connection, worker_id: str) -> None:
    """Its share is the others' at once."""
    await connection.execute("DELETE FROM worker WHERE id = $1", worker_id)
