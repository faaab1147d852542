"""The months of the journal, each of which has a partition.

A fact's id is a UUIDv7 (RFC 9562, section 5.7): its first 48 bits are the milliseconds since 1970, so that a month is a
range of ids.
"""

from datetime import UTC, datetime
from uuid import UUID

MONTHS_AHEAD = 3
LAST_MOMENT = datetime(9999, 1, 1, tzinfo=UTC)
"""Calendars end here: facts with later ids stay in the default partition."""


def coming(now: datetime) -> dict[str, tuple[int, int]]:
    """The year and month of each partition that there should be, by its name: from this month to MONTHS_AHEAD months
    ahead."""
    months = [(now.year, now.month)]
    while len(months) <= MONTHS_AHEAD:
        months.append(_next(*months[-1]))
    return {name(*month): month for month in months}


def name(year: int, month: int) -> str:
    return f"journal_{year:04}_{month:02}"


def bounds(year: int, month: int) -> tuple[UUID, UUID]:
    """The first id of the month (UTC) and of the next month."""
    return _first_id(year, month), _first_id(*_next(year, month))


def first_id_at(moment: datetime) -> UUID:
    """The lower bound of the ids of this millisecond and later."""
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)


def moment_of(fact_id: UUID) -> datetime:
    """The time when a fact was written, by the clock of the machine that wrote it; LAST_MOMENT for later ids."""
    return datetime.fromtimestamp(min((fact_id.int >> 80) / 1000, LAST_MOMENT.timestamp()), UTC)


def _next(year: int, month: int) -> tuple[int, int]:
    return (year + 1, 1) if month == 12 else (year, month + 1)


def _first_id(year: int, month: int) -> UUID:
    return first_id_at(datetime(year, month, 1, tzinfo=UTC))
