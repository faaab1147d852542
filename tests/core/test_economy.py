"""The points economy: lots, holds, reversals, multipliers, caps; and all of it against a purse of single coins."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from laurels.kernel.commands import Command
from laurels.kernel.dates.calendar import Calendar
from laurels.kernel.dates.time_zones import zone
from laurels.kernel.deciding.decide import decide, has_expired
from laurels.kernel.deciding.decision import Decision
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry
from laurels.kernel.participant import Participant
from laurels.kernel.rejections import Rejection
from laurels.mechanics.leaderboards.scoring.counting import gains
from laurels.mechanics.leaderboards.scoring.model import Generation, Leaderboard
from laurels.mechanics.points.deciding import earnings
from laurels.mechanics.points.deciding.responses import PointsAwardedAnswer
from laurels.mechanics.points.purse import lots
from laurels.mechanics.points.purse.commands import (
    CaptureTooLarge,
    ExpiryPassed,
    HoldClosed,
    HoldNotFound,
    InsufficientPoints,
    NotReversible,
    ReversalTooLarge,
    SpentAlready,
    TransactionNotFound,
)
from laurels.mechanics.points.purse.model import (
    PURSE,
    EarningCap,
    GivePoints,
    HoldReleased,
    Lot,
    Multiplier,
    PointsExpired,
)
from laurels.mechanics.rules.model import Rule
from tests.core.given import (
    NOW,
    account,
    award,
    capture,
    deduct,
    definitions_with,
    event,
    hold,
    ids,
    keep_transactions,
    participant,
    release,
    reverse,
    settle,
)

DAY = timedelta(days=1)


class Ledger:
    """One participant whose clock moves; settles what has expired before each command, as the engine does."""

    def __init__(self, known: Definitions | None = None) -> None:
        self.known = known or definitions_with(1)
        self.who = participant(exists=True)
        self.now = NOW
        self.entries: list[Entry] = []

    def do(self, command: Command) -> Decision | Rejection:
        if has_expired(self.who, self.now):
            self._decide(settle())
        return self._decide(command)

    def _decide(self, command: Command) -> Decision | Rejection:
        outcome = decide(self.known, self.who, command, self.now, ids(self.who.seq))
        if isinstance(outcome, Decision):
            keep_transactions(self.who, outcome)
            self.entries += outcome.entries
        return outcome

    def must(self, command: Command) -> str:
        """The id of the command's fact."""
        outcome = self.do(command)
        assert isinstance(outcome, Decision), outcome
        return outcome.entries[0].id

    def wait(self, days: float) -> "Ledger":
        self.now += timedelta(days=days)
        if has_expired(self.who, self.now):
            self._decide(settle())
        return self

    def expiring(self, points: int, days: float) -> str:
        return self.must(award(points, expires_at=self.now + timedelta(days=days)))

    @property
    def lots(self) -> dict[float, int]:
        """Points by the days until they expire, counted from NOW."""
        return {(at - NOW) / DAY: points for at, points in sorted(self.who[PURSE].lots.items())}

    @property
    def totals(self) -> tuple[int, int, int, int, int]:
        a = account(self.who)
        return a.balance, a.total_earned, a.total_spent, a.total_expired, a.held


@pytest.mark.parametrize(
    ("held", "points", "taken"),
    [
        ({}, 5, []),
        ({3: 10}, 5, [(3, 5)]),
        ({3: 10, 1: 4}, 5, [(1, 4), (3, 1)]),
        ({3: 10, 1: 4}, 14, [(1, 4), (3, 10)]),
        ({3: 10, 1: 4}, 20, [(1, 4), (3, 10)]),
    ],
)
def test_the_soonest_is_taken_first(held: dict[int, int], points: int, taken: list[tuple[int, int]]) -> None:
    found = lots.take({NOW + day * DAY: number for day, number in held.items()}, points)
    assert [((lot.expires_at - NOW).days, lot.points) for lot in found] == taken


@pytest.mark.parametrize(
    ("offset", "points", "found"),
    [
        (0, 10, [(1, 4), (2, 3)]),
        (0, 4, [(1, 4)]),
        (0, 5, [(1, 4), (2, 1)]),
        (2, 4, [(1, 2), (2, 2)]),
        (7, 3, []),
        (6, 4, [(2, 1)]),
    ],
)
def test_a_part_of_what_was_taken(offset: int, points: int, found: list[tuple[int, int]]) -> None:
    """Ten points: four from the first lot, three from the second, three that never expire."""
    whole = [Lot(NOW + DAY, 4), Lot(NOW + 2 * DAY, 3)]
    part = lots.part(whole, 10, offset, points)
    assert [((lot.expires_at - NOW).days, lot.points) for lot in part] == found


def test_points_expire_at_their_very_moment_and_leave_the_rest() -> None:
    ledger = Ledger()
    ledger.must(award(10))
    ledger.expiring(20, 3)
    ledger.expiring(5, 5)
    ledger.wait(2.999)
    assert ledger.totals == (35, 35, 0, 0, 0)
    ledger.wait(0.001)
    assert ledger.totals == (15, 35, 0, 20, 0)
    assert ledger.lots == {5: 5}
    assert ledger.who.next_expiry_at == NOW + 5 * DAY
    ledger.wait(9)
    assert ledger.totals == (10, 35, 0, 25, 0)
    assert ledger.who.next_expiry_at is None
    expired = [entry for entry in ledger.entries if isinstance(entry.fact, PointsExpired)]
    assert [(entry.occurred_at, entry.cause_id) for entry in expired] == [(NOW + 3 * DAY, None), (NOW + 5 * DAY, None)]


def test_spending_takes_what_expires_soonest() -> None:
    ledger = Ledger()
    ledger.must(award(10))
    ledger.expiring(20, 5)
    ledger.expiring(20, 3)
    ledger.must(deduct(25))
    assert ledger.lots == {5: 15}
    assert ledger.wait(4).totals == (25, 50, 25, 0, 0)
    assert ledger.do(deduct(26)) == InsufficientPoints(25, 26)
    assert ledger.wait(4).totals == (10, 50, 25, 15, 0)


@pytest.mark.parametrize(
    ("days", "where", "occurred_at", "ends_at"),
    [
        (1, "UTC", "2026-02-14T10:00:00+00:00", "2026-02-16T00:00:00+00:00"),
        (30, "UTC", "2026-02-14T23:59:59+00:00", "2026-03-17T00:00:00+00:00"),
        (1, "Asia/Tokyo", "2026-02-14T16:00:00+00:00", "2026-02-16T15:00:00+00:00"),
        (1, "America/New_York", "2026-03-06T12:00:00+00:00", "2026-03-08T05:00:00+00:00"),
        (2, "America/New_York", "2026-03-06T12:00:00+00:00", "2026-03-09T04:00:00+00:00"),
    ],
)
def test_days_end_with_the_day_of_the_participant(days: int, where: str, occurred_at: str, ends_at: str) -> None:
    moment = datetime.fromisoformat(occurred_at)
    assert earnings.expiry(moment, days, zone(where)) == datetime.fromisoformat(ends_at)


def test_points_cannot_expire_before_they_are_there() -> None:
    ledger = Ledger()
    assert ledger.do(award(5, expires_at=NOW)) == ExpiryPassed()
    assert ledger.do(award(5, occurred_at=NOW - 9 * DAY, expires_in_days=3)) == ExpiryPassed()
    assert ledger.totals == (0, 0, 0, 0, 0)
    ledger.must(award(5, occurred_at=NOW - 9 * DAY, expires_in_days=9))
    assert ledger.wait(0.6).totals == (0, 5, 0, 5, 0)


def test_a_hold_and_its_ends() -> None:
    ledger = Ledger()
    ledger.expiring(30, 2)
    ledger.must(award(70))
    held = ledger.must(hold(50, expires_in_minutes=90))
    assert (ledger.totals, ledger.lots) == ((50, 100, 0, 0, 50), {})
    assert ledger.do(deduct(51)) == InsufficientPoints(50, 51)
    assert ledger.do(capture(held, 51)) == CaptureTooLarge(50, 51)
    ledger.must(capture(held, 20))
    assert (ledger.totals, ledger.lots) == ((80, 100, 20, 0, 0), {2: 10})
    for again in (capture(held), release(held)):
        assert ledger.do(again) == HoldClosed("captured")
    released = ledger.must(hold(80))
    ledger.must(release(released))
    assert (ledger.totals, ledger.lots) == ((80, 100, 20, 0, 0), {2: 10})
    assert ledger.do(release(released)) == HoldClosed("released")
    lapsed = ledger.must(hold(1, expires_in_minutes=1))
    ledger.wait(1)
    assert ledger.do(capture(lapsed)) == HoldClosed("expired")
    assert ledger.do(release("fact-99")) == HoldNotFound("fact-99")
    assert ledger.totals == (80, 100, 20, 0, 0)


def test_held_points_whose_date_has_passed_expire_when_they_are_released() -> None:
    ledger = Ledger()
    ledger.expiring(30, 2)
    for_long = ledger.must(hold(20, expires_in_minutes=5 * 24 * 60))
    assert ledger.wait(3).totals == (0, 30, 0, 10, 20)
    ledger.must(release(for_long))
    assert ledger.totals == (0, 30, 0, 30, 0)
    kinds = [(type(entry.fact), entry.cause_id is not None) for entry in ledger.entries[-2:]]
    assert kinds == [(HoldReleased, False), (PointsExpired, True)]


def test_a_hold_that_runs_out_after_its_lot_lets_it_expire() -> None:
    ledger = Ledger()
    ledger.expiring(30, 1)
    ledger.must(hold(30, expires_in_minutes=3 * 24 * 60))
    assert ledger.wait(9).totals == (0, 30, 0, 30, 0)
    assert [entry.occurred_at for entry in ledger.entries[-2:]] == [NOW + 3 * DAY, NOW + DAY]


def test_reversing_an_award() -> None:
    ledger = Ledger()
    first = ledger.must(award(100))
    assert ledger.do(reverse(first, 101)) == ReversalTooLarge(100, 101)
    ledger.must(reverse(first, 30))
    assert ledger.totals == (70, 70, 0, 0, 0)
    ledger.must(deduct(50))
    assert ledger.do(reverse(first)) == SpentAlready(20, 70)
    ledger.must(reverse(first, 20))
    assert ledger.do(reverse(first, 51)) == ReversalTooLarge(50, 51)
    ledger.must(award(50))
    ledger.must(reverse(first))
    assert ledger.totals == (0, 50, 50, 0, 0)
    assert ledger.do(reverse(first)) == ReversalTooLarge(0, 0)
    assert ledger.do(reverse("fact-99")) == TransactionNotFound("fact-99")


def test_an_award_that_expires_is_reversed_from_its_own_lot() -> None:
    ledger = Ledger()
    short = ledger.expiring(40, 1)
    long = ledger.expiring(40, 9)
    ledger.must(award(40))
    ledger.must(deduct(30))
    assert ledger.do(reverse(short)) == SpentAlready(10, 40)
    ledger.must(reverse(long))
    assert (ledger.totals, ledger.lots) == ((50, 80, 30, 0, 0), {1: 10})
    ledger.wait(2)
    assert ledger.do(reverse(short)) == SpentAlready(0, 40)


def test_reversing_a_deduct_gives_the_same_lots_back_from_the_end() -> None:
    ledger = Ledger()
    ledger.expiring(10, 2)
    ledger.expiring(10, 5)
    ledger.must(award(10))
    spent = ledger.must(deduct(25))
    assert ledger.lots == {}
    ledger.must(reverse(spent, 7))
    assert (ledger.totals, ledger.lots) == ((12, 30, 18, 0, 0), {5: 2})
    ledger.wait(3)
    # Eight of the second lot, and the first one, whose date has passed.
    ledger.must(reverse(spent))
    assert (ledger.totals, ledger.lots) == ((20, 30, 0, 10, 0), {5: 10})
    assert ledger.do(reverse(spent, 1)) == ReversalTooLarge(0, 1)


def test_a_capture_can_be_reversed_and_a_hold_cannot() -> None:
    ledger = Ledger()
    ledger.must(award(100))
    held = ledger.must(hold(60))
    assert ledger.do(reverse(held)) == NotReversible("points_held")
    captured = ledger.must(capture(held, 40))
    ledger.must(reverse(captured))
    assert ledger.totals == (100, 100, 0, 0, 0)


def test_an_award_that_a_cap_left_nothing_of_has_nothing_to_reverse() -> None:
    ledger = Ledger(definitions_with(1, earning_caps=[cap("none", "day", 0)]))
    assert ledger.do(reverse(ledger.must(award(5)))) == NotReversible("nothing")


def test_a_reversal_leaves_the_windows_of_what_it_reverses() -> None:
    metrics = ("points_earned", "points_balance")
    boards = [
        Leaderboard(id=m, code=m, name=m, generations=(Generation(id=n, metric=m),))  # type: ignore[arg-type]
        for n, m in enumerate(metrics)
    ]
    ledger = Ledger(definitions_with(1, leaderboards=boards))
    old = ledger.must(award(100, occurred_at=NOW - 3 * DAY))
    ledger.must(award(10))
    spent = ledger.must(deduct(20, occurred_at=NOW - 5 * DAY))
    ledger.must(reverse(spent))
    ledger.must(reverse(old, 100))
    scores: dict[tuple[int, int], int] = {}
    for gain in gains(ledger.known, ledger.entries):
        for window in gain.windows:
            scores[gain.generation, window] = scores.get((gain.generation, window), 0) + gain.score
    assert {score for score in scores.values() if score} == {10}
    assert ledger.entries[-1].occurred_at == NOW - 3 * DAY


def multiplier(factor: float, hours: tuple[float, float], claim_id: str = "claim") -> Multiplier:
    begin, end = (NOW + timedelta(hours=shift) for shift in hours)
    return Multiplier(claim_id, round(factor * 1_000_000), begin, end)


@pytest.mark.parametrize(
    ("running", "base", "occurred_hours_ago", "credited"),
    [
        ([], 7, 0, 7),
        ([(2, (-1, 1))], 7, 0, 14),
        ([(1.5, (-1, 1))], 7, 0, 10),
        ([(1.5, (-1, 1))], 1, 0, 1),
        ([(1.1, (-1, 1)), (3, (-1, 1))], 10, 0, 30),
        ([(3, (0, 1))], 10, 0, 30),
        ([(3, (-1, 0))], 10, 0, 10),
        ([(3, (-1, 1))], 10, 2, 10),
    ],
)
def test_the_highest_multiplier_that_runs_counts(
    running: list[tuple[float, tuple[float, float]]], base: int, occurred_hours_ago: float, credited: int
) -> None:
    known = [multiplier(factor, hours) for factor, hours in running]
    credit = earnings.credit(base, known, [], {}, NOW - timedelta(hours=occurred_hours_ago), NOW)
    assert credit.points == credited
    assert (credit.multiplier is None) == (credited == base and base != 1)


def cap(code: str, period: Any, points: int, rule_code: str | None = None) -> EarningCap:
    return EarningCap(id=f"cap-{code}", code=code, name=code, period=period, points=points, rule_code=rule_code)


def test_caps_reduce_what_is_credited_and_say_so() -> None:
    ledger = Ledger(definitions_with(1, earning_caps=[cap("daily", "day", 100), cap("weekly", "week", 150)]))

    def given(amount: int, days_ago: int = 0) -> tuple[int, Any, Any]:
        outcome = ledger.do(award(amount, occurred_at=ledger.now - days_ago * DAY))
        assert isinstance(outcome, Decision)
        assert isinstance(outcome.answer, PointsAwardedAnswer)
        answer = outcome.answer
        return answer.amount, answer.base_amount or None, answer.capped_by or None

    assert given(60) == (60, None, None)
    assert given(60) == (40, 60, ["daily"])
    assert given(5) == (0, 5, ["daily"])
    # 13 February is another day of the same week.
    assert given(80, days_ago=1) == (50, 80, ["weekly"])
    assert given(1, days_ago=1) == (0, 1, ["weekly"])
    # 8 February belongs to the week before.
    assert given(80, days_ago=6) == (80, None, None)
    ledger.wait(2)
    assert given(200) == (100, 200, ["daily"])
    assert ledger.totals[0] == 330
    assert ledger.who[PURSE].transactions == 7


def test_a_cap_on_a_rule_counts_that_rule_alone_and_comes_after_the_multiplier() -> None:
    rules = [
        Rule(id=f"rule-{code}", code=code, name=code, event_name="login", actions=(GivePoints(amount=10),))
        for code in ("one", "two")
    ]
    ledger = Ledger(definitions_with(1, rules=rules, earning_caps=[cap("first", "day", 25, "one")]))
    ledger.who[PURSE].multipliers = [multiplier(2, (-1, 1))]
    ledger.must(event())
    ledger.must(event())
    assert ledger.who[PURSE].total_earned == 20 + 20 + 5 + 20
    ledger.must(award(50))
    assert ledger.who[PURSE].total_earned == 165


def test_a_day_under_a_cap_is_the_participants() -> None:
    ledger = Ledger(definitions_with(1, earning_caps=[cap("daily", "day", 10)], calendar=Calendar()))
    ledger.who.zone = zone("Pacific/Kiritimati")
    ledger.must(award(10, occurred_at=NOW - timedelta(hours=0.5)))
    # 14 hours ahead, 10:00 UTC is midnight.
    ledger.must(award(10, occurred_at=NOW))
    ledger.must(award(10, occurred_at=NOW + timedelta(minutes=4)))
    assert ledger.who[PURSE].total_earned == 20


class Purse(RuleBasedStateMachine):
    """The same economy with single coins, each a date on which it expires or None, against the engine's."""

    transactions = Bundle("transactions")
    holds = Bundle("holds")

    @initialize()
    def begin(self) -> None:
        self.ledger = Ledger()
        self.coins: list[datetime | None] = []
        self.held: dict[str, tuple[list[datetime | None], datetime]] = {}
        self.spent: dict[str, list[datetime | None]] = {}
        self.awarded: dict[str, list[datetime | None]] = {}
        self.expired = 0

    def _lapse(self) -> None:
        now = self.ledger.now
        for name, (coins, ends_at) in list(self.held.items()):
            if ends_at <= now:
                self.coins += coins
                del self.held[name]
        left = [coin for coin in self.coins if coin is None or coin > now]
        self.expired += len(self.coins) - len(left)
        self.coins = sorted(left, key=_when)

    def _take(self, points: int) -> list[datetime | None]:
        taken, self.coins = self.coins[:points], self.coins[points:]
        return taken

    @rule(target=transactions, points=st.integers(1, 9), days=st.none() | st.integers(1, 6))
    def earn(self, points: int, days: int | None) -> str:
        ends_at = None if days is None else self.ledger.now + days * DAY
        name = self.ledger.must(award(points, expires_at=ends_at))
        self.awarded[name] = [ends_at] * points
        self.coins += [ends_at] * points
        self._lapse()
        return name

    @rule(target=transactions, points=st.integers(1, 9))
    def spend(self, points: int) -> str:
        outcome = self.ledger.do(deduct(points))
        if points > len(self.coins):
            assert outcome == InsufficientPoints(len(self.coins), points)
            return "none"
        assert isinstance(outcome, Decision)
        self.spent[outcome.entries[0].id] = self._take(points)
        return outcome.entries[0].id

    @rule(target=holds, points=st.integers(1, 9), days=st.integers(1, 4))
    def set_aside(self, points: int, days: int) -> str:
        outcome = self.ledger.do(hold(points, expires_at=self.ledger.now + days * DAY))
        if points > len(self.coins):
            assert isinstance(outcome, InsufficientPoints)
            return "none"
        assert isinstance(outcome, Decision)
        self.held[outcome.entries[0].id] = (self._take(points), self.ledger.now + days * DAY)
        return outcome.entries[0].id

    @rule(target=transactions, name=consumes(holds), points=st.integers(1, 9))
    def settle_a_hold(self, name: str, points: int) -> str:
        outcome = self.ledger.do(capture(name, points))
        if name not in self.held:
            assert isinstance(outcome, HoldClosed | HoldNotFound)
            return "none"
        if points > len(self.held[name][0]):
            assert isinstance(outcome, CaptureTooLarge)
            assert isinstance(self.ledger.do(release(name)), Decision)
            self.coins += self.held.pop(name)[0]
            self._lapse()
            return "none"
        assert isinstance(outcome, Decision)
        coins, _ = self.held.pop(name)
        self.spent[outcome.entries[0].id] = coins[:points]
        self.coins += coins[points:]
        self._lapse()
        return outcome.entries[0].id

    @rule(name=transactions, points=st.integers(1, 9))
    def undo(self, name: str, points: int) -> None:
        outcome = self.ledger.do(reverse(name, points))
        if name in self.awarded:
            self._undo_award(name, points, outcome)
        elif name in self.spent:
            coins = self.spent[name]
            if points > len(coins):
                assert outcome == ReversalTooLarge(len(coins), points)
            else:
                self.spent[name] = coins[:-points]
                self.coins += coins[-points:]
                self._lapse()
        else:
            assert isinstance(outcome, TransactionNotFound)

    def _undo_award(self, name: str, points: int, outcome: Decision | Rejection) -> None:
        coins = self.awarded[name]
        if points > len(coins):
            assert outcome == ReversalTooLarge(len(coins), points)
            return
        there = self.coins.count(coins[0])
        if points > there:
            assert outcome == SpentAlready(there, points)
            return
        assert isinstance(outcome, Decision)
        self.awarded[name] = coins[points:]
        for _ in range(points):
            self.coins.remove(coins[0])

    @rule(days=st.sampled_from([0.5, 1, 2]))
    def time_passes(self, days: float) -> None:
        self.ledger.wait(days)
        self._lapse()

    @invariant()
    def both_agree(self) -> None:
        held = account(self.ledger.who)
        assert held.balance == len(self.coins)
        expiring = [coin for coin in self.coins if coin is not None]
        assert self.ledger.who[PURSE].lots == {at: expiring.count(at) for at in expiring}
        assert held.held == sum(len(coins) for coins, _ in self.held.values())
        assert held.total_spent == sum(len(coins) for coins in self.spent.values())
        assert held.total_earned == sum(len(coins) for coins in self.awarded.values())
        assert held.total_expired == self.expired
        ends = [*expiring, *(ends_at for _, ends_at in self.held.values())]
        assert held.next_expiry_at == min(ends, default=None)
        assert self.ledger.who[PURSE].open_holds == len(self.held)
        open_holds = [hold for hold in self.ledger.who[PURSE].holds.values() if hold.status == "held"]
        assert self.ledger.who[PURSE].other_lots == sum(len(hold.lots) for hold in open_holds)
        assert held.balance == (held.total_earned - held.total_spent - held.total_expired - held.held)


def _when(coin: datetime | None) -> datetime:
    return coin or datetime.max.replace(tzinfo=NOW.tzinfo)


TestPurse = Purse.TestCase


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 5)), max_size=6), st.integers(0, 60))
def test_what_is_taken_is_never_more_than_there_is(held: list[tuple[int, int]], points: int) -> None:
    known: dict[datetime, int] = {}
    for number, day in held:
        known[NOW + day * DAY] = known.get(NOW + day * DAY, 0) + number
    taken = lots.take(known, points)
    assert sum(lot.points for lot in taken) == min(points, sum(known.values()))
    assert [lot.expires_at for lot in taken] == sorted(known)[: len(taken)]


def test_settling_without_anything_due_does_nothing() -> None:
    who: Participant = participant(exists=True)
    outcome = decide(definitions_with(1), who, settle(), NOW, ids())
    assert isinstance(outcome, Decision)
    assert outcome.entries == []
