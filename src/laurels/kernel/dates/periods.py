"""Periods of the calendar: local dates, weeks, months and years, numbered so that neighbours differ by one.

The period of an instant follows from its local date, and distances are counted in dates. Only `start_of` converts a
date back into an instant.

| period  | number | key |
|---|---|---|
| daily   | the date's proleptic ordinal | 2026-02-14 |
| weekly  | counted from the week of 0001-01-01 | 2026-W07, with the year of the week's fourth day (ISO 8601) |
| monthly | year x 12 + month - 1 | 2026-02 |
| yearly  | year | 2026 |
"""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Literal

Period = Literal["daily", "weekly", "monthly", "yearly"]

MONDAY = 1
_MICROSECOND = timedelta(microseconds=1)
_KEYS = {
    "daily": re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})"),
    "weekly": re.compile(r"([0-9]{4})-W([0-9]{2})"),
    "monthly": re.compile(r"([0-9]{4})-([0-9]{2})"),
    "yearly": re.compile(r"([0-9]{4})"),
}


def local_date(instant: datetime, zone: tzinfo) -> date:
    return instant.astimezone(zone).date()


def number_of(period: Period, day: date, first_day_of_week: int = MONDAY) -> int:
    """The number of the period that contains `day`. `first_day_of_week` is 1 for Monday to 7 for Sunday."""
    match period:
        case "daily":
            return day.toordinal()
        case "weekly":
            return (day.toordinal() - first_day_of_week) // 7
        case "monthly":
            return day.year * 12 + day.month - 1
        case "yearly":
            return day.year


def first_day(period: Period, number: int, first_day_of_week: int = MONDAY) -> date:
    match period:
        case "daily":
            return date.fromordinal(number)
        case "weekly":
            return date.fromordinal(number * 7 + first_day_of_week)
        case "monthly":
            return date(number // 12, number % 12 + 1, 1)
        case "yearly":
            return date(number, 1, 1)


def key_of(period: Period, number: int, first_day_of_week: int = MONDAY) -> str:
    first = first_day(period, number, first_day_of_week)
    match period:
        case "daily":
            return first.isoformat()
        case "weekly":
            fourth = first + timedelta(days=3)
            return f"{fourth.year:04}-W{(fourth.timetuple().tm_yday - 1) // 7 + 1:02}"
        case "monthly":
            return f"{first.year:04}-{first.month:02}"
        case "yearly":
            return f"{first.year:04}"


def number_from(period: Period, key: str, first_day_of_week: int = MONDAY) -> int | None:
    """The number of the period with this key; None if the key is invalid. The last period of the calendar is invalid,
    as its end is not a valid date."""
    match = _KEYS[period].fullmatch(key)
    if match is None:
        return None
    parts = [int(part) for part in match.groups()]
    try:
        number = _number_of_parts(period, parts, first_day_of_week)
        first_day(period, number + 1, first_day_of_week)
    except (ValueError, OverflowError):
        return None
    return number if key_of(period, number, first_day_of_week) == key else None


def _number_of_parts(period: Period, parts: list[int], first_day_of_week: int) -> int:
    if period == "weekly":
        # The first week contains January 4.
        return number_of("weekly", date(parts[0], 1, 4), first_day_of_week) + parts[1] - 1
    year, month, day = (*parts, 1, 1)[:3]
    return number_of(period, date(year, month, day))


@lru_cache(maxsize=16_384)
def start_of(day: date, zone: tzinfo) -> datetime:
    """The instant (UTC) from which on the local date is `day` or later, without going back.

    Midnight may not exist (if clocks skip it, or the whole date), and may come twice (if clocks go back over it).
    """
    earlier, later = sorted(datetime.combine(day, time(), zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if earlier == later:
        return earlier
    if local_date(earlier, zone) < day:
        return _jump_into(day, zone, earlier, later)
    # Midnight comes twice: the second one counts if the clock went back to the date before.
    return later if local_date(later - _MICROSECOND, zone) < day else earlier


def end_of(period: Period, number: int, zone: tzinfo, first_day_of_week: int = MONDAY) -> datetime:
    """The instant (UTC) at which the period ends: the start of the first date after it."""
    return start_of(first_day(period, number + 1, first_day_of_week), zone)


def _jump_into(day: date, zone: tzinfo, before: datetime, after: datetime) -> datetime:
    """The instant of the clock change that skips midnight. It is later than `before`, and not later than `after`."""
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if local_date(middle, zone) < day:
            before = middle
        else:
            after = middle
    return after
