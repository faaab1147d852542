"""What is told late: the times at which things are reached, and points that have expired by then."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurels.kernel.commands import Command
from laurels.mechanics.badges.model import BADGES, BadgeEarned, GiveBadge
from laurels.mechanics.challenges.model import CHALLENGES, ChallengeCompleted, Milestone, MilestoneReached
from laurels.mechanics.points.purse.model import EarningCap, Lot, PointsAwarded, PointsExpired
from laurels.mechanics.streaks.model import STREAKS, ContinueStreak
from laurels.mechanics.tiers.model import TIER, PutInTier, TierStanding
from tests.core.given import (
    METALS,
    NOW,
    assign,
    at,
    award,
    award_badge,
    badge,
    challenge,
    change,
    deduct,
    definitions_with,
    event,
    give,
    join_challenge,
    judge_anew,
    objective,
    record_streak,
    rule,
    streak,
)
from tests.core.test_economy import Ledger

DAY = timedelta(days=1)
JANUARY, FEBRUARY, JUNE = at("2025-01-01"), at("2025-02-01"), at("2025-06-01")
TIMES = st.integers(0, 9).map(lambda days: NOW - days * DAY)


def times_of(ledger: Ledger, kind: type[Any]) -> list[datetime]:
    return [entry.occurred_at for entry in ledger.entries if isinstance(entry.fact, kind)]


def silver_since(ledger: Ledger) -> datetime | None:
    present = ledger.who[TIER]
    return present.since if present and present.tier_id == "tier-silver" else None


@pytest.mark.parametrize(
    ("awards", "since"),
    [
        ([(900, JUNE), (200, JANUARY)], JUNE),
        ([(200, JANUARY), (900, JUNE)], JUNE),
        ([(1_000, JANUARY), (200, JUNE)], JANUARY),
        ([(900, JUNE), (1_000, JANUARY), (1, JANUARY)], JUNE),
    ],
)
def test_a_tier_is_reached_when_the_latest_of_its_points_were_earned(
    awards: list[tuple[int, datetime]], since: datetime
) -> None:
    ledger = Ledger(definitions_with(1, METALS))
    for amount, occurred_at in awards:
        ledger.must(award(amount, occurred_at=occurred_at))
    assert silver_since(ledger) == since


def test_what_was_spent_or_happened_later_moves_no_tier() -> None:
    ledger = Ledger(definitions_with(1, METALS))
    for command in (award(900, occurred_at=JANUARY), deduct(5), event(), award(200, occurred_at=FEBRUARY)):
        ledger.must(command)
    assert silver_since(ledger) == FEBRUARY


def test_no_tier_is_reached_before_the_one_that_it_follows() -> None:
    ledger = Ledger(definitions_with(1, METALS))
    ledger.must(assign("bronze"))
    ledger.must(award(1_000, occurred_at=JANUARY))
    assert silver_since(ledger) == NOW


@given(st.lists(st.tuples(st.integers(1, 600), TIMES), max_size=8))
def test_later_arrivals_never_move_a_tier(awards: list[tuple[int, datetime]]) -> None:
    ledger = Ledger(definitions_with(1, METALS))
    expected, told = None, []
    for amount, occurred_at in awards:
        told.append((amount, occurred_at))
        ledger.must(award(amount, occurred_at=occurred_at))
        if expected is None and sum(amount for amount, _ in told) >= 1_000:
            expected = max(time for _, time in told)
        assert silver_since(ledger) == expected


@given(st.lists(TIMES, min_size=4, max_size=4), st.sampled_from([None, "monthly"]), st.booleans())
def test_milestones_and_completions_are_reached_when_the_latest_event_occurred(
    times: list[datetime], period: Any, is_repeatable: bool
) -> None:
    halfway = (Milestone(percent=50, actions=(give(1),)),)
    repeats = is_repeatable and period is None
    counted = challenge(
        "c", objective(4), milestones=halfway, actions=(give(10),), period=period, is_repeatable=repeats
    )
    ledger = Ledger(definitions_with(1, challenges=[counted]))
    for time in times:
        ledger.must(event(occurred_at=time))
    assert times_of(ledger, MilestoneReached) == [max(times[:2])]
    assert times_of(ledger, ChallengeCompleted) == [max(times)]
    # What they give is given then.
    assert times_of(ledger, PointsAwarded) == [max(times[:2]), max(times)]
    assert ledger.who[CHALLENGES][counted.id].completed_at == max(times)


def test_what_a_late_event_completes_counts_in_the_caps_of_the_event() -> None:
    """Those windows alone are known when the event is decided, whenever the challenge is completed by it."""
    done = challenge("c", objective(2), actions=(give(50),))
    cap = EarningCap(id="cap", code="cap", name="Cap", period="day", points=30)
    ledger = Ledger(definitions_with(1, challenges=[done], earning_caps=[cap]))
    for time in (JUNE, JANUARY):
        ledger.must(event(occurred_at=time))
    assert (ledger.totals[1], times_of(ledger, PointsAwarded)) == (30, [JUNE])
    assert ledger.who.limit_uses == {("cap", JANUARY.toordinal()): 30}


def test_a_completion_never_comes_before_the_ones_before_it() -> None:
    ledger = Ledger(definitions_with(1, challenges=[challenge("c", objective(1), is_repeatable=True)]))
    for time in (JUNE, JANUARY):
        ledger.must(event(occurred_at=time))
    assert times_of(ledger, ChallengeCompleted) == [JUNE, JUNE]


def test_a_run_that_was_joined_by_a_call_is_completed_after_that() -> None:
    joined = challenge("c", objective(1), joins_automatically=False, period="daily")
    ledger = Ledger(definitions_with(1, challenges=[joined]))
    ledger.must(join_challenge("c"))
    ledger.must(event(occurred_at=at("2026-02-14T00:00")))
    assert times_of(ledger, ChallengeCompleted) == [NOW]


EVENTS = [event(occurred_at=JUNE), event(occurred_at=JANUARY)]
AWARDS = [award(5, occurred_at=JUNE), award(5, occurred_at=JANUARY)]


@pytest.mark.parametrize(
    ("criteria", "commands", "earned_at"),
    [
        pytest.param("participant.total_events >= 2", EVENTS, JUNE, id="events"),
        pytest.param("participant.total_earned >= 10", AWARDS, JUNE, id="points"),
        pytest.param("participant.total_earned >= 5", [EVENTS[0], AWARDS[1]], JANUARY, id="of what it reads alone"),
        pytest.param(
            "participant.total_spent >= 2",
            [AWARDS[1], deduct(1, occurred_at=JUNE), deduct(1, occurred_at=FEBRUARY)],
            JUNE,
            id="spending",
        ),
        pytest.param("participant.tier_level >= 2", [award(1_000, occurred_at=JUNE)], JUNE, id="a tier"),
        pytest.param(
            "participant.tier == 'bronze' && participant.total_events > 0",
            [AWARDS[0], EVENTS[1]],
            JUNE,
            id="two things",
        ),
        pytest.param(
            "'other' in participant.badges && participant.total_events > 0",
            [award_badge("other"), EVENTS[1]],
            NOW,
            id="a badge",
        ),
        pytest.param(
            "participant.longest_streaks['daily'] >= 1 && participant.total_events > 0",
            [record_streak("daily", occurred_at=JUNE), EVENTS[1]],
            JUNE,
            id="a streak",
        ),
        pytest.param(
            "participant.completed_challenges['once'] >= 1 && participant.total_earned > 0",
            [event("done", occurred_at=JUNE), AWARDS[1]],
            JUNE,
            id="a challenge",
        ),
        pytest.param(
            "participant.attributes.x == 1 && participant.total_events > 0",
            [change(attributes={"x": 1}), EVENTS[1]],
            NOW,
            id="attributes: since when, nobody knows",
        ),
        pytest.param(
            "now > timestamp('2026-01-01T00:00:00Z') && participant.total_events > 0", [EVENTS[1]], NOW, id="the clock"
        ),
    ],
)
def test_criteria_hold_from_the_latest_of_what_they_read(
    criteria: str, commands: list[Command], earned_at: datetime
) -> None:
    known = definitions_with(
        1,
        METALS,
        [badge("owl", criteria), badge("other")],
        [streak("daily")],
        challenges=[challenge("once", objective(1, event_name="done"))],
    )
    ledger = Ledger(known)
    for command in commands:
        ledger.must(command)
    assert ledger.who[BADGES]["badge-owl"] == earned_at


def test_what_rules_give_is_reached_when_their_condition_held() -> None:
    condition = "participant.total_events >= 3"
    third = rule("third", GiveBadge(badge_code="owl"), PutInTier(tier_code="gold"), give(1), condition=condition)
    ledger = Ledger(definitions_with(1, METALS, [badge("owl")], rules=[third]))
    for time in (FEBRUARY, JUNE, JANUARY):
        ledger.must(event(occurred_at=time))
    assert times_of(ledger, BadgeEarned) == [JUNE]
    assert ledger.who[TIER] is not None
    assert (ledger.who[TIER].tier_id, ledger.who[TIER].since) == ("tier-gold", JUNE)
    # Points count where the event counts, as limits and caps do.
    assert times_of(ledger, PointsAwarded) == [JANUARY]


def test_what_is_judged_anew_is_given_now() -> None:
    ledger = Ledger()
    ledger.must(award(2_000, occurred_at=JANUARY))
    ledger.known = definitions_with(2, METALS, [badge("owl", "participant.total_earned > 0")])
    ledger.must(judge_anew())
    assert (silver_since(ledger), ledger.who[BADGES]) == (NOW, {"badge-owl": NOW})


def test_what_rules_give_for_the_past_is_awarded_and_expires_as_it_would_have() -> None:
    acting = rule("r", give(1_000, expires_in_days=30), give(7), ContinueStreak(streak_code="daily"))
    rich = badge("rich", "participant.balance >= 1000")
    ledger = Ledger(definitions_with(1, METALS, badges=[rich], streaks=[streak("daily")], rules=[acting]))
    ledger.must(award(10, occurred_at=NOW - 500 * DAY))
    ledger.must(award(20, occurred_at=NOW - 500 * DAY, expires_at=NOW + 5 * DAY))
    long_ago = NOW - 400 * DAY
    event_id = ledger.must(event(occurred_at=long_ago))
    assert ledger.totals == (37, 1_037, 0, 1_000, 0)
    assert ledger.lots == {5: 20}
    assert ledger.who.next_expiry_at == NOW + 5 * DAY
    assert ledger.who[TIER] == TierStanding("tier-silver", long_ago)
    assert (ledger.who[BADGES], list(ledger.who[STREAKS])) == ({rich.id: long_ago}, ["streak-daily"])
    expired = ledger.entries[-1]
    end = datetime(2025, 2, 10, tzinfo=UTC)
    assert expired.fact == PointsExpired(amount=1_000, balance_after=37, lots=[Lot(end, 1_000)])
    assert (expired.occurred_at, expired.cause_id) == (end, event_id)
    # What has not expired by now stays.
    ledger.must(event(occurred_at=NOW - 3 * DAY))
    assert ledger.totals == (1_044, 2_044, 0, 1_000, 0)


def test_a_challenge_of_the_past_gives_points_that_have_expired() -> None:
    done = challenge("c", objective(2), actions=(give(50, expires_in_days=1),))
    ledger = Ledger(definitions_with(1, challenges=[done]))
    for days in (90, 60):
        ledger.must(event(occurred_at=NOW - days * DAY))
    assert ledger.totals == (0, 50, 0, 50, 0)


def test_an_action_that_is_refused_takes_the_points_of_the_past_with_it() -> None:
    acting = rule("r", give(5, expires_in_days=1), GiveBadge(badge_code="none"))
    ledger = Ledger(definitions_with(1, rules=[acting]))
    ledger.must(event(occurred_at=NOW - 90 * DAY))
    assert (ledger.totals, ledger.who.next_expiry_at) == ((0, 0, 0, 0, 0), None)
