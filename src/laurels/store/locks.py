"""Rows that somebody else has locked: whether to wait for them, and waiting for one."""

from enum import Enum
from typing import Any, Literal, NamedTuple

from laurels.store.database import Connection


class Locking(Enum):
    """Which locks a batch waits for. Its people whose rows are locked elsewhere are left out where it does not."""

    WAIT = "for all"
    SKIP_ACCOUNTS = "for rows that people share"
    SKIP_ALL = "for none that it can look at first"


class LockedRow(NamedTuple):
    """What to wait for. A `person` needs a row that is not known, and so has to try alone."""

    table: Literal["account", "rule_total", "reward_stock", "score_count", "person"]
    key: tuple[Any, ...]

    @property
    def is_shared(self) -> bool:
        return self.table not in ("account", "person")


class LockedOut(Exception):  # noqa: N818
    """A batch can do without these people: a row that each of them needs is locked elsewhere."""

    def __init__(self, people: dict[tuple[int, str], LockedRow]) -> None:
        """By project and the client's id."""
        super().__init__()
        self.people = people


_LOCK_ONE = {
    "account": """
        SELECT FROM participant p JOIN account a USING (lane, subject)
        WHERE p.lane = $1 AND p.project_id = $2 AND p.participant_id = $3 FOR NO KEY UPDATE OF a
    """,
    "rule_total": "SELECT FROM rule_total WHERE lane = 0 AND rule_id = $1 AND window_key = $2 FOR NO KEY UPDATE",
    "reward_stock": "SELECT FROM reward_stock WHERE reward_id = $1 FOR NO KEY UPDATE",
    "score_count": """
        SELECT FROM score_count
        WHERE lane = 0 AND generation = $1 AND window_key = $2 AND level = $3 AND bucket = $4 FOR NO KEY UPDATE
    """,
}


async def wait_for(connection: Connection, row: LockedRow) -> None:
    """Locks it. As the first lock of its transaction it cannot be part of a deadlock. Raises LockNotAvailableError."""
    if row.table in _LOCK_ONE:
        await connection.fetch(_LOCK_ONE[row.table], *row.key)


def account_of(lane: int, project_id: int, participant_id: str) -> LockedRow:
    return LockedRow("account", (lane, project_id, participant_id))


def person(project_id: int, participant_id: str) -> LockedRow:
    return LockedRow("person", (project_id, participant_id))


# Modes that conflict with that of statements that write rows, held or asked for.
_TABLE_LOCKED = """
SELECT EXISTS (
    SELECT FROM pg_locks JOIN pg_class ON pg_class.oid = pg_locks.relation
    WHERE pg_locks.locktype = 'relation'
      AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND pg_locks.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
      AND pg_locks.pid IS DISTINCT FROM pg_backend_pid()
      AND pg_class.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = to_regclass('account'))
)
"""


async def is_table_locked(connection: Connection) -> bool:
    """Whether another session has locked a table of ours, which then keeps everybody waiting and not some people."""
    found: bool = await connection.fetchval(_TABLE_LOCKED)
    return found
