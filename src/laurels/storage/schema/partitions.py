"""The journal's monthly partitions.

A fact's id is a UUIDv7 (RFC 9562, section 5.7): its first 48 bits are the milliseconds since 1970, so that a month is a
range of ids.
"""

from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy

MONTHS_AHEAD = 3
LAST_MOMENT = datetime(9999, 1, 1, tzinfo=UTC)
"""Calendars end here: facts with later ids stay in the default partition."""

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(5217, 2)"


def month_bounds(year: int, month: int) -> tuple[UUID, UUID]:
    """The first id of the month (UTC) and of the next month."""
    return _first_id(year, month), _first_id(*_next(year, month))


def ensure(connection: sqlalchemy.Connection) -> list[str]:
    """Creates the missing partitions from this month to MONTHS_AHEAD months ahead; returns their names.

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
    return [_name(year, month) for year, month in missing]


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
        "SELECT id FROM journal_default WHERE id < %s LIMIT 1", (first_id_at(LAST_MOMENT),)
    ).scalar()
    if stray is None:
        return None
    written_at = moment_of(stray)
    return _make(connection, written_at.year, written_at.month)


def _missing(connection: sqlalchemy.Connection) -> list[tuple[int, int]]:
    """The years and months that have no partition."""
    now = datetime.now(UTC)
    months = [(now.year, now.month)]
    while len(months) <= MONTHS_AHEAD:
        months.append(_next(*months[-1]))
    # Not by to_regclass(): a name that it did not find may stay unfound until the transaction ends.
    existing = connection.exec_driver_sql(
        "SELECT relname FROM pg_class WHERE relname = ANY (%s) AND pg_table_is_visible(oid)",
        ([_name(*month) for month in months],),
    )
    names = set(existing.scalars())
    return [month for month in months if _name(*month) not in names]


def _make(connection: sqlalchemy.Connection, year: int, month: int) -> str:
    name = _name(year, month)
    first, end = month_bounds(year, month)
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


def _name(year: int, month: int) -> str:
    return f"journal_{year:04}_{month:02}"


def _next(year: int, month: int) -> tuple[int, int]:
    return (year + 1, 1) if month == 12 else (year, month + 1)


def first_id_at(moment: datetime) -> UUID:
    """The lower bound of the ids of this millisecond and later."""
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)


def moment_of(fact_id: UUID) -> datetime:
    """The time when a fact was written, by the clock of the machine that wrote it; LAST_MOMENT for later ids."""
    return datetime.fromtimestamp(min((fact_id.int >> 80) / 1000, LAST_MOMENT.timestamp()), UTC)


def _first_id(year: int, month: int) -> UUID:
    return first_id_at(datetime(year, month, 1, tzinfo=UTC))
