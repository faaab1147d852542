"""Leaderboards: what facts add, windows, ranks of neighbours, changes since a tick."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurels.kernel.dates import time_zones
from laurels.kernel.dates.calendar import Calendar
from laurels.kernel.facts import Entry, Fact
from laurels.mechanics.badges.model import BadgeEarned
from laurels.mechanics.events.model import EventRecorded
from laurels.mechanics.leaderboards.scoring import counting, rules, windows
from laurels.mechanics.leaderboards.scoring.model import WINDOWS, Generation, Leaderboard, TimeWindow
from laurels.mechanics.points.purse.model import PointsAwarded, PointsDeducted
from tests.core.given import GAME, NOW, definitions_with

AWARD = PointsAwarded(amount=7, balance_after=7)
DEDUCTION = PointsDeducted(amount=3, balance_after=4)


def event(name: str = "bought", **properties: Any) -> EventRecorded:
    return EventRecorded(event_name=name, properties=properties)


def generation(metric: Any, event_name: str | None = None, sums: str | None = None, number: int = 1) -> Generation:
    return Generation(id=number, metric=metric, event_name=event_name, property=sums)


@pytest.mark.parametrize(
    ("counted", "fact", "score"),
    [
        (generation("points_earned"), AWARD, 7),
        (generation("points_earned"), DEDUCTION, None),
        (generation("points_earned"), event(), None),
        (generation("points_balance"), AWARD, 7),
        (generation("points_balance"), DEDUCTION, -3),
        (generation("event_count"), event(), 1),
        (generation("event_count"), AWARD, None),
        (generation("event_count", "bought"), event(), 1),
        (generation("event_count", "bought"), event("sold"), None),
        (generation("event_sum", None, "price"), event(price=49.99), 49_990_000),
        (generation("event_sum", None, "price"), event(price=0.1), 100_000),
        (generation("event_sum", None, "price"), event(price=-2), -2_000_000),
        (generation("event_sum", None, "price"), event(price=1e9), 10**15),
        (generation("event_sum", None, "price"), event(price=1.1e9), None),
        (generation("event_sum", None, "price"), event(price=0.0000005), 0),
        (generation("event_sum", None, "price"), event(price="12"), None),
        (generation("event_sum", None, "price"), event(price=True), None),
        (generation("event_sum", None, "price"), event(price=None), None),
        (generation("event_sum", None, "price"), event(), None),
        (generation("event_sum", "bought", "price"), event("sold", price=5), None),
        (generation("points_earned"), BadgeEarned(badge_id="b", badge_code="b"), None),
    ],
)
def test_what_a_fact_adds(counted: Generation, fact: Fact, score: int | None) -> None:
    assert score_of(counted, fact) == score


def score_of(counted: Generation, fact: Fact) -> int | None:
    board = Leaderboard(id="b", code="top", name="Top", generations=(counted,))
    gains = list(counting.gains(definitions_with(1, leaderboards=[board]), [Entry("1", 1, fact, NOW)]))
    return gains[0].score if gains else None


def test_money_adds_up_exactly() -> None:
    board = generation("event_sum", None, "price")
    total = sum(score_of(board, event(price=0.1)) or 0 for _ in range(30))
    assert rules.shown(GAME, generation("event_sum"), total) == 3
    assert rules.shown(GAME, generation("event_sum"), total + 500_000) == 3.5
    assert rules.shown(GAME, generation("points_earned"), 3) == 3


def test_each_counting_generation_gains_in_the_windows_of_the_facts_date() -> None:
    tokyo = Calendar(time_zones.zone("Asia/Tokyo"))
    old, new = generation("points_earned"), generation("points_balance", number=2)
    board = Leaderboard(id="b", code="top", name="Top", generations=(old, new))
    definitions = definitions_with(1, leaderboards=[board], calendar=tokyo)
    late = datetime(2026, 12, 31, 15, 0, tzinfo=UTC)  # New Year in Tokyo
    entries = [Entry("1", 1, AWARD, late), Entry("2", 2, DEDUCTION, late)]
    found = list(counting.gains(definitions, entries))
    assert [(gain.generation, gain.score) for gain in found] == [(1, 7), (2, 7), (2, -3)]
    names = [windows.period_name(key, tokyo) for key in found[0].windows]
    assert names == [None, "2027", "2027-01", "2026-W53", "2027-01-01"]


@pytest.mark.parametrize("window", WINDOWS)
@given(at=st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1)), first_day=st.integers(1, 7))  # noqa: DTZ001
def test_a_windows_key_names_it(window: TimeWindow, at: datetime, first_day: int) -> None:
    calendar = Calendar(time_zones.zone("America/New_York"), first_day)
    moment = at.replace(tzinfo=UTC)
    key = windows.window_at(window, moment, calendar)
    first, last = windows.keys_beside(key)
    assert first <= key <= last < 2**31
    assert windows.window_of(key)[0] == window
    name, ends = windows.period_name(key, calendar), windows.ends_at(generation("points_earned"), key, calendar)
    if window == "all_time":
        assert name is None
        assert ends is None
    else:
        assert name is not None
        assert ends is not None
        assert windows.window_named(window, name, calendar) == key
        assert moment < ends
        assert windows.window_at(window, ends, calendar) > key
        assert windows.window_at(window, ends - timedelta(seconds=1), calendar) == key


@given(st.lists(st.integers(0, 8), min_size=1, max_size=60), st.data())
def test_ranks_of_neighbours(scores: list[int], data: st.DataObject) -> None:
    scores.sort(reverse=True)
    start = data.draw(st.integers(0, len(scores) - 1))
    end = data.draw(st.integers(start + 1, len(scores)))
    everyone = [1 + sum(other > score for other in scores) for score in scores]
    page = scores[start:end]
    found = rules.ranks(page, everyone[start], scores.count(page[0]))
    assert found == everyone[start:end]


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("rank", "joined_at", "ticked_at", "rank_then", "expected"),
    [
        (1, NOW, None, None, "new"),
        (1, NOW + HOUR, NOW, None, "new"),
        (1, NOW - HOUR, NOW, 1, "same"),
        (1, NOW - HOUR, NOW, 2, "up"),
        (2, NOW - HOUR, NOW, 1, "down"),
        (900, NOW - HOUR, NOW, None, "up"),
        (1_000, NOW - HOUR, NOW, 1_000, "same"),
        (1_001, NOW - HOUR, NOW, 900, None),
        (5_000, NOW + HOUR, NOW, None, None),
    ],
)
def test_change_since_the_tick(
    rank: int, joined_at: datetime, ticked_at: datetime | None, rank_then: int | None, expected: str | None
) -> None:
    assert rules.change(rank, joined_at, ticked_at, rank_then) == expected


@pytest.mark.parametrize(("rank", "total", "expected"), [(1, 1, 0.0), (2, 1250, 99.8), (3, 16, 81.3), (4, 4, 0.0)])
def test_percentile(rank: int, total: int, expected: float) -> None:
    assert rules.percentile(rank, total) == expected


def test_ticks_are_hourly_for_days_and_daily_for_the_rest() -> None:
    calendar = Calendar(time_zones.zone("America/New_York"))
    at = datetime(2026, 2, 14, 4, 30, tzinfo=UTC)
    later = at + timedelta(minutes=40)
    daily, weekly = windows.window_at("daily", at, calendar), windows.window_at("weekly", at, calendar)
    for key in (daily, weekly, windows.season_key(0)):
        assert windows.tick_number(key, at, calendar) != windows.tick_number(key, later, calendar)
    for key in (weekly, windows.season_key(0)):
        assert windows.tick_number(key, later, calendar) == windows.tick_number(key, later + 20 * HOUR, calendar)
