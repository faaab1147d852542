"""Which workers are alive, on all nodes: they share rate limits."""

from datetime import datetime, timedelta

from laurels.store.database import Connection

ALIVE_SECONDS = 10
FORGOTTEN_SECONDS = 3_600


async def alive(connection: Connection, worker_id: str, now: datetime) -> int:
    """Notes that this one is, and tells how many are, itself included."""
    await connection.execute(
        "INSERT INTO worker (id, seen_at) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at",
        worker_id,
        now,
    )
    await connection.execute("DELETE FROM worker WHERE seen_at < $1", now - timedelta(seconds=FORGOTTEN_SECONDS))
    count: int = await connection.fetchval(
        "SELECT count(*) FROM worker WHERE seen_at > $1", now - timedelta(seconds=ALIVE_SECONDS)
    )
    return max(1, count)


async def gone(connection: Connection, worker_id: str) -> None:
    """Its share is the others' at once."""
    await connection.execute("DELETE FROM worker WHERE id = $1", worker_id)
