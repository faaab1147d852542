"""The journal's monthly partitions.

A fact's id is a UUIDv7 (RFC 9562, section 5.7): its first 48 bits are the milliseconds since 1970, so that a month is a
range of ids.
"""

from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy

MONTHS_AHEAD = 3
LAST_MOMENT = datetime(9999, 1, 1, tzinfo=UTC)
"""No calendar goes further: facts with later ids stay in the default partition."""

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(5217, 2)"


def month_bounds(year: int, month: int) -> tuple[UUID, UUID]:
    """The first id of the month (UTC) and the first of the next."""
    return _first_id(year, month), _first_id(*_next(year, month))


def ensure(connection: sqlalchemy.Connection) -> list[str]:
    """Makes the missing partitions from this month to MONTHS_AHEAD from now; returns their names.

    Ids follow the machine's clock, also where a project's clock was moved. Writers are not stopped: the table is made
    aside and attached, which only readers of `journal_default` wait for. Safe to run from several servers at once.
    """
    if not _missing(connection):
        return []
    connection.exec_driver_sql(_ONE_AT_A_TIME)
    missing = _missing(connection)
    for year, month in missing:
        _make(connection, year, month)
    return [_name(year, month) for year, month in missing]


def move_strays(connection: sqlalchemy.Connection) -> str | None:
    """Moves the facts of one month from the default partition into a partition of their own, whose name is returned;
    None when there are none left, or somebody reads the whole journal in one snapshot.

    They came there as a machine's clock was far off, or no server ran for months and then one of an older version.
    Each fact is seen all the time, and nobody waits before the partition is attached.
    """
    if not connection.exec_driver_sql("SELECT pg_try_advisory_xact_lock(5217, 3)").scalar():
        return None
    connection.exec_driver_sql(_ONE_AT_A_TIME)
    stray: UUID | None = connection.exec_driver_sql(
        "SELECT id FROM journal_default WHERE id < %s LIMIT 1", (first_id_at(LAST_MOMENT),)
    ).scalar()
    if stray is None:
        return None
    made_at = moment_of(stray)
    return _make(connection, made_at.year, made_at.month)


def _missing(connection: sqlalchemy.Connection) -> list[tuple[int, int]]:
    """The years and months that have no partition."""
    now = datetime.now(UTC)
    months = [(now.year, now.month)]
    while len(months) <= MONTHS_AHEAD:
        months.append(_next(*months[-1]))
    # What to_regclass() does not find it may not find again before the transaction ends.
    made = connection.exec_driver_sql(
        "SELECT relname FROM pg_class WHERE relname = ANY (%s) AND pg_table_is_visible(oid)",
        ([_name(*month) for month in months],),
    )
    names = set(made.scalars())
    return [month for month in months if _name(*month) not in names]


def _make(connection: sqlalchemy.Connection, year: int, month: int) -> str:
    name = _name(year, month)
    first, end = month_bounds(year, month)
    of_month = f"id >= '{first}' AND id < '{end}'"
    has_facts = connection.exec_driver_sql(f"SELECT EXISTS (SELECT 1 FROM journal_default WHERE {of_month})").scalar()  # noqa: S608
    # Attaching makes what indexes are missing, but readers wait for it.
    like = "INCLUDING DEFAULTS INCLUDING CONSTRAINTS" + (" INCLUDING INDEXES" if has_facts else "")
    connection.exec_driver_sql(f"CREATE TABLE {name} (LIKE journal {like})")
    if has_facts:
        _fill(connection, name, of_month)
    connection.exec_driver_sql(f"ALTER TABLE journal ATTACH PARTITION {name} FOR VALUES FROM ('{first}') TO ('{end}')")
    if has_facts:
        connection.exec_driver_sql(f"ALTER TABLE {name} DROP CONSTRAINT {name}_bounds")
    return name


def _fill(connection: sqlalchemy.Connection, name: str, of_month: str) -> None:
    """Moves a month's facts out of the default partition, beside which a partition of theirs cannot be attached. Nobody
    waits until only those facts are left to move that came meanwhile."""
    # Spares attaching a look at every fact.
    connection.exec_driver_sql(f"ALTER TABLE {name} ADD CONSTRAINT {name}_bounds CHECK ({of_month})")
    move = f"WITH moved AS (DELETE FROM journal_default WHERE {of_month} RETURNING *) INSERT INTO {name} TABLE moved"  # noqa: S608
    connection.exec_driver_sql(move)
    # A statement planned before the partition is attached, and run after the commit, would miss what has moved.
    # Each holds a lock on the journal from before it is planned, so that none is under way from here on.
    connection.exec_driver_sql("LOCK TABLE ONLY journal IN ACCESS EXCLUSIVE MODE")
    connection.exec_driver_sql(move)


def _name(year: int, month: int) -> str:
    return f"journal_{year:04}_{month:02}"


def _next(year: int, month: int) -> tuple[int, int]:
    return (year + 1, 1) if month == 12 else (year, month + 1)


def first_id_at(moment: datetime) -> UUID:
    """No id of that millisecond or later is smaller."""
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)


def moment_of(fact_id: UUID) -> datetime:
    """When a fact was written, by the clock of the machine that wrote it; LAST_MOMENT for a later id."""
    return datetime.fromtimestamp(min((fact_id.int >> 80) / 1000, LAST_MOMENT.timestamp()), UTC)


def _first_id(year: int, month: int) -> UUID:
    return first_id_at(datetime(year, month, 1, tzinfo=UTC))
