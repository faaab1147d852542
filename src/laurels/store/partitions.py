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

    Writers are not stopped: the table is made aside and attached, which only new partitions wait for.
    """
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(5217, 2)")
    now = datetime.now(UTC)
    year, month = now.year, now.month
    made = []
    for _ in range(MONTHS_AHEAD + 1):
        name = f"journal_{year:04}_{month:02}"
        exists = connection.exec_driver_sql("SELECT to_regclass(%s)", (name,)).scalar()
        if not exists:
            first, end = month_bounds(year, month)
            connection.exec_driver_sql(f"CREATE TABLE {name} (LIKE journal INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
            connection.exec_driver_sql(
                f"ALTER TABLE journal ATTACH PARTITION {name} FOR VALUES FROM ('{first}') TO ('{end}')"
            )
            made.append(name)
        year, month = _next(year, month)
    return made


def _next(year: int, month: int) -> tuple[int, int]:
    return (year + 1, 1) if month == 12 else (year, month + 1)


def _first_id(year: int, month: int) -> UUID:
    milliseconds = int(datetime(year, month, 1, tzinfo=UTC).timestamp()) * 1000
    return UUID(int=milliseconds << 80)
