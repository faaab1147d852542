"""Streaks: decision tables, an oracle that knows only dates, and any order of the same records."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import pairwise
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from laurels.kernel.dates import time_zones
from laurels.kernel.dates.calendar import Calendar
from laurels.kernel.deciding.decide import decide
from laurels.kernel.deciding.decision import Decision
from laurels.kernel.definition import Definitions
from laurels.kernel.participant import Participant
from laurels.kernel.rejections import DefinitionInactive, DefinitionNotFound, TimestampAhead, TimestampTooOld
from laurels.mechanics.streaks import rules as streaks
from laurels.mechanics.streaks.model import (
    STREAKS,
    RecordStreak,
    Streak,
    StreakPeriod,
    StreakRecordedAnswer,
    StreakState,
)
from tests.core.given import definitions_with, ids, participant

LATER = datetime(2099, 1, 1, tzinfo=UTC)


def streak(period: StreakPeriod = "daily", grace: int = 0, **optional: Any) -> Streak:
    return Streak(id="s", code="login", name="Login", period=period, grace_period_hours=grace, **optional)


def known(defined: Streak, zone: tzinfo = UTC, first_day_of_week: int = 1) -> Definitions:
    return definitions_with(1, streaks=[defined], calendar=Calendar(zone, first_day_of_week))


def record(who: Participant, definitions: Definitions, at: datetime) -> StreakRecordedAnswer:
    command = RecordStreak(project_id=1, participant_id="ada", streak_code="login", occurred_at=at)
    outcome = decide(definitions, who, command, LATER, ids())
    assert isinstance(outcome, Decision), outcome
    assert isinstance(outcome.answer, StreakRecordedAnswer)
    return outcome.answer


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def states(definitions: Definitions, times: Sequence[datetime]) -> StreakState:
    who = participant()
    for time in times:
        record(who, definitions, time)
    return who[STREAKS].get("s", StreakState())


# Records, each with (new_count, longest_count, is_new_record, already_recorded).
TABLES: dict[str, tuple[Streak, list[tuple[str, tuple[int, int, bool, bool]]]]] = {
    "the contract's days": (
        streak(),
        [
            ("2026-02-14T08:15:00", (1, 1, True, False)),
            ("2026-02-14T20:00:00", (1, 1, False, True)),
            ("2026-02-15T23:59:59", (2, 2, True, False)),
        ],
    ),
    "a missed day restarts": (
        streak(),
        [
            ("2026-02-14T08:00:00", (1, 1, True, False)),
            ("2026-02-15T08:00:00", (2, 2, True, False)),
            ("2026-02-17T00:00:00", (1, 2, False, False)),
        ],
    ),
    "grace bridges a gap and does not fill it": (
        streak(grace=6),
        [
            ("2026-02-14T08:00:00", (1, 1, True, False)),
            ("2026-02-16T05:59:59", (2, 2, True, False)),
            ("2026-02-18T06:00:00", (1, 2, False, False)),
        ],
    ),
    "an earlier record of the day comes in time after all": (
        streak(grace=6),
        [
            ("2026-02-14T08:00:00", (1, 1, True, False)),
            ("2026-02-16T09:00:00", (1, 1, False, False)),
            ("2026-02-16T05:00:00", (2, 2, True, True)),
        ],
    ),
    "a late record repairs": (
        streak(),
        [
            ("2026-02-14T08:00:00", (1, 1, True, False)),
            ("2026-02-16T08:00:00", (1, 1, False, False)),
            ("2026-02-15T08:00:00", (3, 3, True, False)),
        ],
    ),
    "weeks, over a year with 53": (
        streak("weekly"),
        [
            ("2020-12-27T08:00:00", (1, 1, True, False)),
            ("2021-01-03T08:00:00", (2, 2, True, False)),
            ("2021-01-04T00:00:00", (3, 3, True, False)),
            ("2021-01-18T00:00:00", (1, 3, False, False)),
        ],
    ),
    "months, over a leap day": (
        streak("monthly"),
        [
            ("2023-12-01T00:00:00", (1, 1, True, False)),
            ("2024-01-31T23:59:59", (2, 2, True, False)),
            ("2024-02-29T12:00:00", (3, 3, True, False)),
            ("2024-04-01T00:00:00", (1, 3, False, False)),
        ],
    ),
    "months with a day of grace": (
        streak("monthly", grace=24),
        [("2026-01-15T00:00:00", (1, 1, True, False)), ("2026-03-01T23:59:59", (2, 2, True, False))],
    ),
}


@pytest.mark.parametrize("name", TABLES)
def test_records_and_their_answers(name: str) -> None:
    defined, rows = TABLES[name]
    who = participant()
    for time, expected in rows:
        answer = record(who, known(defined), at(time))
        found = (answer.new_count, answer.longest_count, answer.is_new_record, answer.already_recorded)
        assert found == expected, time


@pytest.mark.parametrize(
    ("now", "current", "is_at_risk"),
    [
        ("2026-02-15T23:59:59", 2, False),
        ("2026-02-16T00:00:00", 2, True),
        ("2026-02-17T02:59:59", 2, True),
        ("2026-02-17T03:00:00", 0, False),
    ],
)
def test_a_streak_is_at_risk_then_lapsed(now: str, current: int, is_at_risk: bool) -> None:
    defined = streak(grace=3)
    state = states(known(defined), [at("2026-02-14T08:00:00"), at("2026-02-15T09:00:00")])
    found = streaks.summary(defined, state, at(now), UTC)
    assert (found.current, found.longest, found.is_at_risk) == (current, 2, is_at_risk)
    assert found.last_recorded_at == at("2026-02-15T09:00:00")
    assert found.expires_at == (at("2026-02-17T03:00:00") if current else None)


def test_nothing_recorded_reads_as_nothing() -> None:
    found = streaks.summary(streak(), StreakState(), LATER, UTC)
    assert (found.current, found.longest, found.last_recorded_at, found.expires_at) == (0, 0, None, None)


def test_a_day_that_a_zone_leaves_out_breaks_no_streak() -> None:
    apia = time_zones.zone("Pacific/Apia")
    times = [datetime(2011, 12, day, 12, tzinfo=apia).astimezone(UTC) for day in (28, 29, 31)]
    times.append(datetime(2012, 1, 1, 12, tzinfo=apia).astimezone(UTC))
    who = participant()
    assert [record(who, known(streak(), apia), time).new_count for time in times] == [1, 2, 3, 4]


def test_a_day_in_a_zone_is_not_a_day_in_another() -> None:
    tokyo = time_zones.zone("Asia/Tokyo")
    times = [at("2026-02-14T14:59:00"), at("2026-02-14T15:00:00")]
    who = participant()
    assert [record(who, known(streak(), tokyo), time).new_count for time in times] == [1, 2]
    who = participant()
    who.zone = tokyo
    assert [record(who, known(streak()), time).new_count for time in times] == [1, 2]


@pytest.mark.parametrize(
    ("definitions", "code", "time", "refused"),
    [
        (known(streak()), "nope", "2026-02-14T00:00:00", DefinitionNotFound("streak", "nope")),
        (known(streak(is_active=False)), "login", "2026-02-14T00:00:00", DefinitionInactive("streak", "login")),
        (known(streak(is_deleted=True)), "login", "2026-02-14T00:00:00", DefinitionNotFound("streak", "login")),
        (known(streak()), "login", "2099-01-01T00:05:01", TimestampAhead(5)),
        (known(streak()), "login", "1969-12-31T23:59:59", TimestampTooOld()),
    ],
)
def test_refusals(definitions: Definitions, code: str, time: str, refused: object) -> None:
    who = participant()
    command = RecordStreak(project_id=1, participant_id="ada", streak_code=code, occurred_at=at(time))
    assert decide(definitions, who, command, LATER, ids()) == refused
    assert who == participant()


ZONES = [time_zones.zone(name) for name in ("UTC", "America/New_York", "Pacific/Apia", "America/St_Johns")]
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 3, 1)).map(lambda time: time.replace(tzinfo=UTC))  # noqa: DTZ001
PERIODS: list[StreakPeriod] = ["daily", "weekly", "monthly"]


@given(
    st.lists(INSTANTS, max_size=25), st.randoms(), st.sampled_from(PERIODS), st.integers(0, 60), st.sampled_from(ZONES)
)
def test_any_order_of_the_same_records_gives_the_same_state(
    times: list[datetime], random: Random, period: StreakPeriod, grace: int, zone: tzinfo
) -> None:
    definitions = known(streak(period, grace), zone)
    shuffled = list(times)
    random.shuffle(shuffled)
    assert states(definitions, shuffled) == states(definitions, sorted(times))


def test_beyond_what_is_kept_the_longest_and_the_count_stay() -> None:
    defined = streak(grace=24)
    first = at("2020-01-01T00:00:00")
    # Every second day, each in time by grace: one streak of more runs than are kept.
    times = [first + timedelta(days=2 * number) for number in range(streaks.RUNS_KEPT + 50)]
    who = participant()
    for number, time in enumerate(times, start=1):
        answer = record(who, known(defined), time)
        assert (answer.new_count, answer.longest_count) == (number, number)
    assert len(who[STREAKS]["s"].runs) == streaks.RUNS_KEPT
    too_late = record(who, known(defined), first - timedelta(days=400))
    assert (too_late.new_count, too_late.longest_count) == (0, len(times))


# The oracle: it knows the dates on a wall calendar, and nothing of numbers, runs or instants.


def wall_dates(zone: ZoneInfo, first: date, last: date) -> list[date]:
    """The dates that somebody in the zone could write on a wall, by looking at the clock every 10 minutes."""
    moment, end = datetime.combine(first, datetime.min.time(), UTC), datetime.combine(last, datetime.min.time(), UTC)
    seen = set()
    while moment < end:
        seen.add(moment.astimezone(zone).date())
        moment += timedelta(minutes=10)
    return sorted(seen)


def week_of(day: date) -> tuple[int, int]:
    return day.isocalendar()[:2]


def month_of(day: date) -> tuple[int, int]:
    return day.year, day.month


PERIOD_OF = {"daily": lambda day: day, "weekly": week_of, "monthly": month_of}


def oracle(calendar: list[date], active: list[date], period: StreakPeriod) -> tuple[int, int]:
    """Length of the last streak and of the longest, without grace: periods in a row on the wall calendar."""
    name = PERIOD_OF[period]
    on_the_wall = list(dict.fromkeys(name(day) for day in calendar))
    recorded = sorted({on_the_wall.index(name(day)) for day in active})
    lengths = [1]
    for before, after in pairwise(recorded):
        lengths.append(lengths[-1] + 1 if after == before + 1 else 1)
    return lengths[-1], max(lengths)


def agrees(zone: ZoneInfo, around: date, period: StreakPeriod, random: Random) -> None:
    span = {"daily": 12, "weekly": 40, "monthly": 150}[period]
    first, last = around - timedelta(days=span), around + timedelta(days=span)
    calendar = [day for day in wall_dates(zone, first, last) if first < day < last]
    minutes = range(0, 2 * span * 24 * 60)
    share = {"daily": 30, "weekly": 24, "monthly": 16}[period]
    start = datetime.combine(first, datetime.min.time(), UTC)
    sampled = [start + timedelta(minutes=minute, seconds=30) for minute in random.sample(minutes, share)]
    times = [time for time in sampled if first < time.astimezone(zone).date() < last]
    active = [time.astimezone(zone).date() for time in times]
    definitions = known(streak(period), zone)
    who = participant()
    for time in times:
        record(who, definitions, time)
    state = who[STREAKS]["s"]
    found = streaks.summary(definitions[Streak].by_id["s"], state, state.runs[-1].last_at, zone)
    assert (found.current, found.longest) == oracle(calendar, active, period), (zone, around, period, times)


def transitions(zone: ZoneInfo) -> list[date]:
    """Dates between 2006 and 2046 around which the zone's offset changes."""
    found = []
    for number in range(date(2006, 1, 1).toordinal(), date(2046, 12, 31).toordinal()):
        moment = datetime.combine(date.fromordinal(number), datetime.min.time(), UTC)
        if moment.astimezone(zone).utcoffset() != (moment + timedelta(days=1)).astimezone(zone).utcoffset():
            found.append(date.fromordinal(number))
    return found


@given(
    st.sampled_from(sorted(time_zones.names())),
    st.dates(date(2006, 2, 1), date(2045, 12, 31)),
    st.sampled_from(PERIODS),
    st.integers(0, 1_000_000),
)
@example("Pacific/Apia", date(2011, 12, 30), "daily", 1)
@example("Pacific/Apia", date(2011, 12, 30), "weekly", 2)
@example("Pacific/Fakaofo", date(2011, 12, 30), "daily", 3)
@example("America/Sao_Paulo", date(2017, 10, 15), "daily", 4)
@example("America/St_Johns", date(2009, 11, 1), "daily", 5)
@example("UTC", date(2020, 12, 31), "weekly", 6)
@example("UTC", date(2024, 2, 29), "monthly", 7)
def test_streaks_agree_with_the_calendar_on_the_wall(name: str, around: date, period: StreakPeriod, seed: int) -> None:
    agrees(time_zones.zone(name), around, period, Random(seed))


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(time_zones.names()))
def test_streaks_agree_with_the_calendar_around_all_transitions(name: str) -> None:
    zone = time_zones.zone(name)
    random = Random(name)
    for around in transitions(zone) or [date(2026, 3, 1)]:
        agrees(zone, around, random.choice(PERIODS), random)
        agrees(zone, around, "daily", random)


@given(st.lists(INSTANTS, min_size=1, max_size=20), st.integers(0, 72), st.sampled_from(ZONES))
def test_grace_in_hours_by_plain_reading(times: list[datetime], grace: int, zone: tzinfo) -> None:
    """Days between 2026-01 and 2026-03, in which all of these zones have all dates."""
    definitions = known(streak(grace=grace), zone)
    state = states(definitions, times)
    firsts: dict[date, datetime] = {}
    for time in sorted(times):
        firsts.setdefault(time.astimezone(zone).date(), time)
    count = longest = 0
    previous: date | None = None
    for day, time in sorted(firsts.items()):
        if previous is not None:
            midnight = datetime.combine(previous + timedelta(days=2), datetime.min.time(), zone)
            in_time = time < midnight.astimezone(UTC) + timedelta(hours=grace)
            count = count + 1 if in_time else 1
        else:
            count = 1
        longest = max(longest, count)
        previous = day
    found = streaks.summary(definitions[Streak].by_id["s"], state, max(times), zone)
    assert (found.current, found.longest) == (count, longest)


@pytest.mark.parametrize(("is_active", "is_recorded", "is_shown"), [(1, 0, 1), (1, 1, 1), (0, 0, 0), (0, 1, 1)])
def test_which_streaks_are_shown(is_active: int, is_recorded: int, is_shown: int) -> None:
    defined = Streak(id="s", code="s", name="S", period="daily", is_active=bool(is_active))
    states = {"s": StreakState()} if is_recorded else {}
    assert len(streaks.shown(definitions_with(1, streaks=[defined]), states)) == is_shown


def test_streaks_are_shown_in_their_order() -> None:
    given_as = [("b", 1), ("c", 0), ("a", 1)]
    defined = [Streak(id=code, code=code, name=code, period="daily", display_order=order) for code, order in given_as]
    assert [streak.code for streak in streaks.shown(definitions_with(1, streaks=defined), {})] == ["c", "a", "b"]
