"""Rows that another session has locked: whether a batch waits for them, and waiting for one of them."""

from collections.abc import Collection
from enum import Enum
from typing import Any, NamedTuple

from laurels.storage.lanes import Rows, columns, lane_of
from laurels.storage.postgres.database import Connection


class Locking(Enum):
    """The locks that a batch waits for. Where it does not wait, it leaves out the people whose rows are locked."""

    WAIT = "for all"
    SKIP_ACCOUNTS = "for rows that people share"
    SKIP_ALL = "for none that it can look at first"


class LockedRow(NamedTuple):
    """A row to wait for. `statement` locks the row with the key. In the table "person" the row is not known: this
    person needs some locked row, and so has to try alone."""

    table: str
    key: tuple[Any, ...]
    statement: str = ""

    @property
    def is_shared(self) -> bool:
        return self.table not in ("account", "person")


class LockedOut(Exception):  # noqa: N818
    """The batch has to run without these people: each needs a row that another session has locked."""

    def __init__(self, people: dict[tuple[int, str], LockedRow]) -> None:
        """`people` are given by project and participant id."""
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
    """Locks the row. As the first lock of its transaction, it cannot be part of a deadlock. Raises
    LockNotAvailableError."""
    if row.statement:
        await connection.fetch(row.statement, *row.key)


def account_of(lane: int, project_id: int, participant_id: str) -> LockedRow:
    return LockedRow("account", (lane, project_id, participant_id), _LOCK_ACCOUNT)


def accounts_of(participants: Collection[tuple[int, str]]) -> LockedRow:
    """The accounts of several participants, given by project and participant id, in the order in which batches lock
    them."""
    return LockedRow("account", columns([(lane_of(*key), *key) for key in participants]), _LOCK_ACCOUNTS)


def person(project_id: int, participant_id: str) -> LockedRow:
    return LockedRow("person", (project_id, participant_id))


_ROWS_LOOKED_AT = 20
"""The number of rows looked at per person and table, as a person may have thousands."""


def _people_locked_in(table: str) -> str:
    """SQL for the people, among those given, with a locked row in the table."""
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
    """People, by project and participant id, with rows that other sessions have locked.

    The search finds most of them: it looks at some rows of each person, and does not see uncommitted rows. It locks the
    free rows, so the caller must roll back.
    """
    arguments = columns([(lane_of(*key), *key) for key in keys])
    locked: set[tuple[int, str]] = set()
    for table in tables:
        rows = await connection.fetch(_people_locked_in(table), *arguments)
        locked.update((row["project_id"], row["participant_id"]) for row in rows)
    return locked


# The lock modes, held or awaited, that conflict with the mode of statements that write rows.
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
    """Whether another session has locked one of our tables, so that everyone has to wait and not just some people."""
    is_locked: bool = await connection.fetchval(_TABLE_LOCKED)
    return is_locked
