"""Transactions that may know less than has been committed now, which have to end before others rely on it."""

from laurels.storage.postgres.database import Connection

# Transactions that may know definitions and leaves as they were before: those that have locked accounts.
_RUNNING = """
SELECT coalesce(array_agg(DISTINCT virtualtransaction), '{}') AS running FROM pg_locks
WHERE locktype = 'relation' AND relation = 'account'::regclass AND mode = 'RowShareLock'
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND pid <> pg_backend_pid()
"""


async def running(connection: Connection) -> set[str]:
    """The transactions that may know definitions and leaves as they were before now."""
    return set(await connection.fetchval(_RUNNING))
