"""One view of the database for several connections."""

from laurels.storage.postgres.database import Connection


async def keep_facts_in_place(connection: Connection) -> None:
    """No fact changes its partition before the connection is closed: a snapshot from before would look for it in the
    new one, and not see it there. To be called before the snapshot's transaction."""
    await connection.execute("SELECT pg_advisory_lock_shared(5217, 3)")


async def export(connection: Connection) -> str:
    """The name of what the open transaction sees, valid until it ends."""
    name: str = await connection.fetchval("SELECT pg_export_snapshot()")
    return name


async def share(connection: Connection, name: str) -> None:
    """Sees the same, as the first thing that a transaction does."""
    await connection.execute(f"SET TRANSACTION SNAPSHOT '{name}'")


async def journal_bytes(connection: Connection) -> int:
    found: int | None = await connection.fetchval(
        "SELECT sum(pg_relation_size(inhrelid))::bigint FROM pg_inherits WHERE inhparent = 'journal'::regclass"
    )
    return found or 0
