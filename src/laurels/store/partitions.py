"""The journal's monthly partitions.

A fact's id is a UUIDv7 (RFC 9562, section 5.7): its first 48 bits are the milliseconds since 1970, so that a month is a
range of ids.
"""

from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy

MONTHS_AHEAD = 3


def month_bounds(year: int, month: int) -> tuple[UUID, UUID]:
    """The first id of the month (UTC) and the first of the next."""
    return _first_id(year, month), _first_id(*_next(year, month))


def ensure(connection: sqlalchemy.Connection) -> list[str]:
    """Makes the missing partitions from this month to MONTHS_AHEAD from now; returns their names.

    Ids follow the machine's clock, also where a project's clock was moved. Writers are not stopped: the table is made
    aside and attached, which only readers of `journal_default` wait for. Safe to run from several servers at once.
    """
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(5217, 2)")
    now = datetime.now(UTC)
    year, month = now.year, now.month
    made = []
    for _ in range(MONTHS_AHEAD + 1):
        name = f"journal_{year:04}_{month:02}"
        if not connection.exec_driver_sql("SELECT to_regclass(%s)", (name,)).scalar():
            _make(connection, name, *month_bounds(year, month))
            made.append(name)
        year, month = _next(year, month)
    return made


def strays(connection: sqlalchemy.Connection) -> int:
    """How many facts, counted up to 1,000, lie in no month's partition: a machine's clock was far off, or no server ran
    for months and then one of an older version."""
    found: int = connection.exec_driver_sql(
        "SELECT count(*) FROM (SELECT 1 FROM journal_default LIMIT 1000) AS stray"
    ).scalar_one()
    return found


def _make(connection: sqlalchemy.Connection, name: str, first: UUID, end: UUID) -> None:
    connection.exec_driver_sql(f"CREATE TABLE {name} (LIKE journal INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
    of_month = f"id >= '{first}' AND id < '{end}'"
    is_in_default = f"SELECT EXISTS (SELECT 1 FROM journal_default WHERE {of_month})"  # noqa: S608
    if connection.exec_driver_sql(is_in_default).scalar():
        # A partition cannot be attached beside a default one that has its rows.
        connection.exec_driver_sql("LOCK TABLE journal_default IN EXCLUSIVE MODE")
        connection.exec_driver_sql(
            f"WITH moved AS (DELETE FROM journal_default WHERE {of_month} RETURNING *) INSERT INTO {name} TABLE moved"  # noqa: S608
        )
    connection.exec_driver_sql(f"ALTER TABLE journal ATTACH PARTITION {name} FOR VALUES FROM ('{first}') TO ('{end}')")


def _next(year: int, month: int) -> tuple[int, int]:
    return (year + 1, 1) if month == 12 else (year, month + 1)


def first_id_at(moment: datetime) -> UUID:
    """No id of that millisecond or later is smaller."""
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)


def _first_id(year: int, month: int) -> UUID:
    return first_id_at(datetime(year, month, 1, tzinfo=UTC))
