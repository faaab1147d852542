"""Transactions that may not know the latest commits, and have to end before other work relies on these."""

from laurels.storage.postgres.database import Connection

# Transactions that may know earlier definitions and leaves: all that have locked accounts.
_RUNNING = """
SELECT coalesce(array_agg(DISTINCT virtualtransaction), '{}') AS running FROM pg_locks
WHERE locktype = 'relation' AND relation = 'account'::regclass AND mode = 'RowShareLock'
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND pid <> pg_backend_pid()
"""


async def running(connection: Connection) -> set[str]:
    """The transactions that may know definitions and leaves as they were before now."""
    return set(await connection.fetchval(_RUNNING))
