"""Periods: numbers, keys and starts, against the calendar of the standard library and a search for the very instant."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurels.kernel.dates import time_zones
from laurels.kernel.dates.periods import Period, end_of, first_day, key_of, local_date, number_from, number_of, start_of

DAYS = st.dates(date(1970, 1, 1), date(2100, 12, 31))
PERIODS: list[Period] = ["daily", "weekly", "monthly", "yearly"]


@pytest.mark.parametrize(
    ("period", "day", "key"),
    [
        ("daily", date(2024, 2, 29), "2024-02-29"),
        ("weekly", date(2026, 1, 1), "2026-W01"),
        ("weekly", date(2021, 1, 3), "2020-W53"),
        ("weekly", date(2026, 12, 31), "2026-W53"),
        ("weekly", date(2024, 12, 30), "2025-W01"),
        ("monthly", date(2026, 12, 31), "2026-12"),
        ("yearly", date(2026, 12, 31), "2026"),
    ],
)
def test_keys(period: Period, day: date, key: str) -> None:
    assert key_of(period, number_of(period, day)) == key
    assert number_from(period, key) == number_of(period, day)


@given(DAYS)
def test_weeks_from_monday_are_those_of_iso_8601(day: date) -> None:
    year, week, _ = day.isocalendar()
    assert key_of("weekly", number_of("weekly", day)) == f"{year}-W{week:02}"


@given(DAYS, st.integers(1, 7), st.sampled_from(PERIODS))
def test_a_period_begins_on_its_first_day_and_its_key_leads_back(day: date, first: int, period: Period) -> None:
    number = number_of(period, day, first)
    begins, ends = first_day(period, number, first), first_day(period, number + 1, first)
    assert begins <= day < ends
    assert number_of(period, begins, first) == number
    assert number_of(period, ends - timedelta(days=1), first) == number
    assert number_from(period, key_of(period, number, first), first) == number
    if period == "weekly":
        assert begins.isoweekday() == first


@pytest.mark.parametrize(
    ("period", "key"),
    [
        ("daily", "2026-02-30"),
        ("daily", "2026-2-3"),
        ("weekly", "2025-W53"),
        ("weekly", "2026-W00"),
        ("weekly", "2026-07"),
        ("monthly", "2026-13"),
        ("yearly", "٢٠٢٦"),
        ("daily", "٢٠٢٦-01-01"),
        # The calendar's last ones, whose end is no date.
        ("daily", "9999-12-31"),
        ("weekly", "9999-W52"),
        ("monthly", "9999-12"),
        ("yearly", "9999"),
        ("yearly", "0000"),
        ("yearly", "26"),
        ("monthly", ""),
    ],
)
def test_what_names_no_period(period: Period, key: str) -> None:
    assert number_from(period, key) is None


@pytest.mark.parametrize(
    ("zone", "day", "start"),
    [
        ("UTC", date(2026, 3, 1), "2026-03-01T00:00:00"),
        ("Europe/Lisbon", date(2026, 7, 1), "2026-06-30T23:00:00"),
        # Midnight does not exist: clocks went from 00:00 to 01:00.
        ("America/Sao_Paulo", date(2017, 10, 15), "2017-10-15T03:00:00"),
        # Nor does the whole date.
        ("Pacific/Apia", date(2011, 12, 30), "2011-12-30T10:00:00"),
        ("Pacific/Apia", date(2011, 12, 31), "2011-12-30T10:00:00"),
        # At 00:01 clocks went back to 23:01 of the date before: midnight came twice.
        ("America/St_Johns", date(2009, 11, 1), "2009-11-01T03:30:00"),
        # At 01:00 clocks went back to 00:00 of the same date.
        ("Atlantic/Azores", date(2025, 10, 26), "2025-10-26T00:00:00"),
    ],
)
def test_starts_of_days(zone: str, day: date, start: str) -> None:
    assert start_of(day, time_zones.zone(zone)) == datetime.fromisoformat(start).replace(tzinfo=UTC)


def assert_is_start(day: date, zone: ZoneInfo) -> None:
    """From the start on the date is never before `day`, and just before it it is."""
    start = start_of(day, zone)
    assert local_date(start - timedelta(microseconds=1), zone) < day, (zone, day)
    for minutes in range(0, 27 * 60, 30):
        assert local_date(start + timedelta(minutes=minutes), zone) >= day, (zone, day)


@given(st.sampled_from(sorted(time_zones.names())), st.dates(date(2006, 1, 1), date(2046, 12, 31)))
def test_a_day_starts_when_the_date_is_reached_for_good(name: str, day: date) -> None:
    assert_is_start(day, time_zones.zone(name))


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(time_zones.names()))
def test_all_days_of_all_zones_start_when_the_date_is_reached_for_good(name: str) -> None:
    zone = time_zones.zone(name)
    for number in range(date(2006, 1, 1).toordinal(), date(2046, 12, 31).toordinal()):
        assert_is_start(date.fromordinal(number), zone)


@given(DAYS, st.integers(1, 7), st.sampled_from(PERIODS))
def test_a_period_ends_where_the_next_one_starts(day: date, first: int, period: Period) -> None:
    zone = time_zones.zone("Europe/Lisbon")
    number = number_of(period, day, first)
    assert end_of(period, number, zone, first) == start_of(first_day(period, number + 1, first), zone)
