"""Creating and filling the journal's monthly partitions."""

from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy

from laurels.storage.schema import months

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(5217, 2)"


def ensure(connection: sqlalchemy.Connection) -> list[str]:
    """Creates the missing partitions of the coming months; returns their names.

    Ids follow the machine's clock, even where a project's clock was moved. Writers are not blocked: the table is
    created separately and then attached, for which only readers of `journal_default` wait. Safe to run from several
    servers at once.
    """
    if not _missing(connection):
        return []
    connection.exec_driver_sql(_ONE_AT_A_TIME)
    missing = _missing(connection)
    for year, month in missing:
        _make(connection, year, month)
    return [months.name(year, month) for year, month in missing]


def move_strays(connection: sqlalchemy.Connection) -> str | None:
    """Moves the facts of one month from the default partition into a partition for that month, and returns its name;
    None if there are none left, or another session reads the whole journal in one snapshot.

    Facts enter the default partition when a machine's clock is far off, or when no server has run for months and then
    one of an older version starts. Each fact stays visible throughout, and no session waits before the partition is
    attached.
    """
    if not connection.exec_driver_sql("SELECT pg_try_advisory_xact_lock(5217, 3)").scalar():
        return None
    connection.exec_driver_sql(_ONE_AT_A_TIME)
    stray: UUID | None = connection.exec_driver_sql(
        "SELECT id FROM journal_default WHERE id < %s LIMIT 1", (months.first_id_at(months.LAST_MOMENT),)
    ).scalar()
    if stray is None:
        return None
    written_at = months.moment_of(stray)
    return _make(connection, written_at.year, written_at.month)


def _missing(connection: sqlalchemy.Connection) -> list[tuple[int, int]]:
    """The years and months that have no partition."""
    wanted = months.coming(datetime.now(UTC))
    # Not by to_regclass(): a name that it did not find may stay unfound until the transaction ends.
    existing = connection.exec_driver_sql(
        "SELECT relname FROM pg_class WHERE relname = ANY (%s) AND pg_table_is_visible(oid)",
        (list(wanted),),
    )
    names = set(existing.scalars())
    return [month for name, month in wanted.items() if name not in names]


def _make(connection: sqlalchemy.Connection, year: int, month: int) -> str:
    name = months.name(year, month)
    first, end = months.bounds(year, month)
    of_month = f"id >= '{first}' AND id < '{end}'"
    has_facts = connection.exec_driver_sql(f"SELECT EXISTS (SELECT 1 FROM journal_default WHERE {of_month})").scalar()  # noqa: S608
    # Attaching creates missing indexes, but readers wait for this.
    like = "INCLUDING DEFAULTS INCLUDING CONSTRAINTS" + (" INCLUDING INDEXES" if has_facts else "")
    connection.exec_driver_sql(f"CREATE TABLE {name} (LIKE journal {like})")
    if has_facts:
        _fill(connection, name, of_month)
    connection.exec_driver_sql(f"ALTER TABLE journal ATTACH PARTITION {name} FOR VALUES FROM ('{first}') TO ('{end}')")
    if has_facts:
        connection.exec_driver_sql(f"ALTER TABLE {name} DROP CONSTRAINT {name}_bounds")
    return name


def _fill(connection: sqlalchemy.Connection, name: str, of_month: str) -> None:
    """Moves a month's facts out of the default partition: while they are there, the month's partition cannot be
    attached. Other sessions wait only for the second move, of the facts that arrived during the first."""
    # Spares ATTACH a scan of all facts.
    connection.exec_driver_sql(f"ALTER TABLE {name} ADD CONSTRAINT {name}_bounds CHECK ({of_month})")
    move = f"WITH moved AS (DELETE FROM journal_default WHERE {of_month} RETURNING *) INSERT INTO {name} TABLE moved"  # noqa: S608
    connection.exec_driver_sql(move)
    # A statement planned before the partition is attached, and run after the commit, would miss the moved facts.
    # Statements lock the journal before they are planned, so this lock ensures that none is in progress.
    connection.exec_driver_sql("LOCK TABLE ONLY journal IN ACCESS EXCLUSIVE MODE")
    connection.exec_driver_sql(move)
