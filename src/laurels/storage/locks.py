"""Rows that somebody else has locked: whether to wait for them, and waiting for one."""

from collections.abc import Collection
from enum import Enum
from typing import Any, NamedTuple

from laurels.storage.lanes import Rows, columns, lane_of
from laurels.storage.postgres.database import Connection


class Locking(Enum):
    """Which locks a batch waits for. Its people whose rows are locked elsewhere are left out where it does not."""

    WAIT = "for all"
    SKIP_ACCOUNTS = "for rows that people share"
    SKIP_ALL = "for none that it can look at first"


class LockedRow(NamedTuple):
    """What to wait for. `statement` locks the row of the key. A `person` needs a row that is not known, and so has to
    try alone."""

    table: str
    key: tuple[Any, ...]
    statement: str = ""

    @property
    def is_shared(self) -> bool:
        return self.table not in ("account", "person")


class LockedOut(Exception):  # noqa: N818
    """A batch can do without these people: a row that each of them needs is locked elsewhere."""

    def __init__(self, people: dict[tuple[int, str], LockedRow]) -> None:
        """By project and the client's id."""
        super().__init__()
        self.people = people


_NAME_ROWS = Rows("project_id integer", "participant_id text")

_LOCK_ACCOUNT = """
SELECT FROM participant p JOIN account a USING (lane, subject)
WHERE p.lane = $1 AND p.project_id = $2 AND p.participant_id = $3 FOR NO KEY UPDATE OF a
"""

_LOCK_ACCOUNTS = f"""
SELECT FROM {_NAME_ROWS.given}
JOIN participant p USING (lane, project_id, participant_id) JOIN account a USING (lane, subject)
WHERE {_NAME_ROWS.in_one_lane} ORDER BY a.lane, a.subject FOR NO KEY UPDATE OF a
"""


async def wait_for(connection: Connection, row: LockedRow) -> None:
    """Locks it. As the first lock of its transaction it cannot be part of a deadlock. Raises LockNotAvailableError."""
    if row.statement:
        await connection.fetch(row.statement, *row.key)


def account_of(lane: int, project_id: int, participant_id: str) -> LockedRow:
    return LockedRow("account", (lane, project_id, participant_id), _LOCK_ACCOUNT)


def accounts_of(participants: Collection[tuple[int, str]]) -> LockedRow:
    """Those of several, by project and the client's id, in the order in which batches lock them."""
    return LockedRow("account", columns([(lane_of(*key), *key) for key in participants]), _LOCK_ACCOUNTS)


def person(project_id: int, participant_id: str) -> LockedRow:
    return LockedRow("person", (project_id, participant_id))


_ROWS_LOOKED_AT = 20
"""Of a person in each table: a person may have thousands."""


def _people_locked_in(table: str) -> str:
    """SQL for those of the people of whom rows in the table are locked."""
    rows = f"SELECT FROM {table} t WHERE t.lane = p.lane AND t.subject = p.subject LIMIT {_ROWS_LOOKED_AT}"
    return f"""
    SELECT p.project_id, p.participant_id
    FROM {_NAME_ROWS.given} JOIN participant p USING (lane, project_id, participant_id)
    WHERE {_NAME_ROWS.in_one_lane}
      AND (SELECT count(*) FROM ({rows}) a)
        > (SELECT count(*) FROM ({rows} FOR NO KEY UPDATE SKIP LOCKED) b)
    """  # noqa: S608


async def locked_people(
    connection: Connection, tables: Collection[str], keys: Collection[tuple[int, str]]
) -> set[tuple[int, str]]:
    """People, by project and the client's id, some of whose rows other sessions have locked.

    It finds most of them: it looks at some rows of each person, and does not see rows that are not committed yet. It
    locks those that are free, so the caller rolls back.
    """
    wanted = columns([(lane_of(*key), *key) for key in keys])
    found: set[tuple[int, str]] = set()
    for table in tables:
        rows = await connection.fetch(_people_locked_in(table), *wanted)
        found.update((row["project_id"], row["participant_id"]) for row in rows)
    return found


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
