"""Snapshots: one view of the database shared by several connections."""

from laurels.storage.postgres.database import Connection


async def keep_facts_in_place(connection: Connection) -> None:
    """Keeps all facts in their partitions until the connection is closed: a snapshot taken earlier would look for a
    moved fact in the new partition and not see it. Call this before the snapshot's transaction begins."""
    await connection.execute("SELECT pg_advisory_lock_shared(5217, 3)")


async def export(connection: Connection) -> str:
    """The name of the open transaction's snapshot, valid until the transaction ends."""
    name: str = await connection.fetchval("SELECT pg_export_snapshot()")
    return name


async def share(connection: Connection, name: str) -> None:
    """Uses the snapshot of this name. It must be the first statement of a transaction."""
    await connection.execute(f"SET TRANSACTION SNAPSHOT '{name}'")


async def journal_bytes(connection: Connection) -> int:
    size: int | None = await connection.fetchval(
        "SELECT sum(pg_relation_size(inhrelid))::bigint FROM pg_inherits WHERE inhparent = 'journal'::regclass"
    )
    return size or 0
