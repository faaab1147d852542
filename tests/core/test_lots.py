"""What ends by itself, in order and in steps; and the bounds on lots, holds, multipliers and claims."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from laurels.kernel.dates.time_zones import zone
from laurels.kernel.deciding.decide import decide, has_expired
from laurels.kernel.deciding.decision import Decision
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry
from laurels.kernel.participant import Participant
from laurels.kernel.rejections import Rejection
from laurels.kernel.tally import Tally
from laurels.kernel.what_if.reconstruction import PastFact
from laurels.kernel.what_if.replay import replay
from laurels.mechanics.badges.model import GiveBadge
from laurels.mechanics.events.model import EventRecordedAnswer
from laurels.mechanics.points.deciding import earnings
from laurels.mechanics.points.deciding.responses import PointsAwardedAnswer, PointsReversedAnswer
from laurels.mechanics.points.purse import endings
from laurels.mechanics.points.purse.commands import SettleExpiries, TooManyExpiries
from laurels.mechanics.points.purse.lots import EXACT_LOTS, LOTS_LIMIT
from laurels.mechanics.points.purse.model import PURSE, GivePoints, Multiplier, PointsAwarded, PointsExpired, TakePoints
from laurels.mechanics.rewards.model import CLAIMS, STOCKS, Reward, Stock, TooManyClaims, TooManyMultipliers
from laurels.mechanics.rewards.rules import CLAIMS_LIMIT, MULTIPLIERS_LIMIT, claim
from laurels.mechanics.rules.model import Rule
from tests.core.given import (
    NOW,
    award,
    deduct,
    definitions_with,
    event,
    hold,
    ids,
    keep_transactions,
    participant,
    release,
    reverse,
)

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


def settle(who: Participant, now: datetime, most: int) -> list[Entry]:
    command = SettleExpiries(project_id=1, participant_id="ada", most=most)
    outcome = decide(definitions_with(1), who, command, now, ids(who.seq))
    assert isinstance(outcome, Decision)
    return outcome.entries


def do(who: Participant, command: Any, now: datetime = NOW, known: Definitions | None = None) -> Decision | Rejection:
    outcome = decide(known or definitions_with(1), who, command, now, ids(who.seq))
    if isinstance(outcome, Decision):
        keep_transactions(who, outcome)
    return outcome


def with_lots(number: int) -> Participant:
    who = participant(exists=True)
    for place in range(number):
        # Not in the order of time.
        do(who, award(1, expires_at=NOW + DAY + (place * 7919 % 10_007) * SECOND))
    return who


def test_a_settlement_goes_in_steps_in_the_order_of_time() -> None:
    who = with_lots(300)
    held = do(who, hold(5, expires_at=NOW + DAY + 500 * SECOND))
    assert isinstance(held, Decision)
    later = NOW + 9 * DAY
    moments, steps = [], 0
    while has_expired(who, later):
        entries = settle(who, later, 40)
        assert 0 < len(entries) <= 40
        moments += [entry.occurred_at for entry in entries if isinstance(entry.fact, PointsExpired)]
        steps += 1
    assert (who[PURSE].balance, who[PURSE].total_expired, who[PURSE].held, who.next_expiry_at) == (
        0,
        300,
        0,
        None,
    )
    assert steps == 8
    # Those that were held come late, the rest in order.
    late = [moment for moment, after in pairwise(moments) if after < moment]
    assert len(late) == 1
    assert who[PURSE].lots == {}


def test_the_next_end_is_found_whatever_ends_in_another_way() -> None:
    who = with_lots(50)
    do(who, deduct(20))
    held = do(who, hold(10, expires_at=NOW + SECOND))
    assert isinstance(held, Decision)
    assert who.next_expiry_at == NOW + SECOND
    do(who, release(held.entries[0].id))
    assert who.next_expiry_at == min(who[PURSE].lots)
    do(who, award(1, expires_at=NOW + 2 * SECOND))
    ending = endings.first(who[PURSE])
    assert ending is not None
    assert (ending.at, ending.kind) == (NOW + 2 * SECOND, endings.LOT)


def test_points_that_come_back_end_a_few_at_once_and_are_no_part_of_any_answer() -> None:
    who = with_lots(600)
    spent = do(who, deduct(600))
    assert isinstance(spent, Decision)
    later = NOW + 9 * DAY
    outcome = do(who, reverse(spent.entries[0].id), later)
    assert isinstance(outcome, Decision)
    assert isinstance(outcome.answer, PointsReversedAnswer)
    assert (len(outcome.entries), outcome.answer.new_balance, who[PURSE].balance) == (251, 0, 350)
    assert has_expired(who, later)


def numbered(number: int) -> Participant:
    """As an award finds somebody whose lots were only counted."""
    who = participant(exists=True)
    who[PURSE].other_lots = number
    return who


@pytest.mark.parametrize(
    ("number", "rounded"), [(0, False), (EXACT_LOTS - 1, False), (EXACT_LOTS, True), (LOTS_LIMIT - 1, True)]
)
def test_beyond_a_number_of_lots_an_award_expires_at_the_end_of_its_local_day(number: int, rounded: bool) -> None:
    who = numbered(number)
    who.zone = zone("Asia/Tokyo")
    asked = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)
    outcome = do(who, award(5, expires_at=asked))
    assert isinstance(outcome, Decision)
    fact, answer = outcome.entries[0].fact, outcome.answer
    assert isinstance(fact, PointsAwarded)
    assert isinstance(answer, PointsAwardedAnswer)
    expected = datetime(2026, 3, 2, 15, tzinfo=UTC) if rounded else asked
    assert (answer.expires_at, fact.lots[0].expires_at) == (expected, expected)
    assert (answer.requested_expires_at == asked, fact.requested_expires_at == asked) == (rounded, rounded)


def test_the_end_of_a_day_stays_as_it_is() -> None:
    tokyo = zone("Asia/Tokyo")
    once = earnings.end_of_day(NOW, tokyo)
    assert earnings.end_of_day(once, tokyo) == once
    in_days = earnings.expiry(NOW, 3, tokyo)
    assert earnings.end_of_day(in_days, tokyo) == in_days
    last = datetime(9999, 12, 31, 20, tzinfo=UTC)
    assert earnings.end_of_day(last, zone("UTC")) == last


def test_at_the_bound_no_award_that_expires_is_accepted() -> None:
    who = numbered(LOTS_LIMIT)
    assert do(who, award(5, expires_at=NOW + DAY)) == TooManyExpiries(LOTS_LIMIT)
    assert do(who, award(5, expires_in_days=1)) == TooManyExpiries(LOTS_LIMIT)
    assert isinstance(do(who, award(5)), Decision)
    assert who[PURSE].lots == {}


def test_the_lots_of_open_holds_count_until_the_hold_ends() -> None:
    who = with_lots(30)
    held = do(who, hold(12))
    assert isinstance(held, Decision)
    assert (len(who[PURSE].lots), who[PURSE].other_lots, who[PURSE].open_holds) == (18, 12, 1)
    do(who, release(held.entries[0].id))
    assert (len(who[PURSE].lots), who[PURSE].other_lots, who[PURSE].open_holds) == (30, 0, 0)


def test_giving_back_makes_no_more_lots_than_there_can_be() -> None:
    who = with_lots(10)
    spent = do(who, deduct(10))
    assert isinstance(spent, Decision)
    who[PURSE].other_lots = LOTS_LIMIT - 9
    assert do(who, reverse(spent.entries[0].id)) == TooManyExpiries(LOTS_LIMIT)
    assert who[PURSE].balance == 0
    assert isinstance(do(who, reverse(spent.entries[0].id, 9)), Decision)


def expiring_rule() -> Definitions:
    give = Rule(
        id="rule", code="give", name="Give", event_name="login", actions=(GivePoints(amount=3, expires_in_days=2),)
    )
    return definitions_with(1, rules=[give])


def test_actions_are_held_to_the_same() -> None:
    who = numbered(LOTS_LIMIT)
    outcome = do(who, event(), known=expiring_rule())
    assert isinstance(outcome, Decision)
    assert isinstance(outcome.answer, EventRecordedAnswer)
    assert [(each.outcome, each.detail) for each in outcome.entries[0].fact.outcomes] == [
        ("failed", "award_points: too many expiries: limit 5000")
    ]
    assert who[PURSE].balance == 0


def test_a_replay_asks_for_what_was_asked_for() -> None:
    who = numbered(EXACT_LOTS)
    asked = NOW + DAY
    outcome = do(who, award(5, expires_at=asked))
    assert isinstance(outcome, Decision)
    again = participant()
    again.exists = False
    replay(Tally(), definitions_with(1), again, [PastFact(outcome.entries[0], NOW, outcome.entries[0].id)], NOW - DAY)
    assert list(again[PURSE].lots) == [asked]


def multiplying() -> Definitions:
    reward = Reward(
        id="reward",
        code="twice",
        name="Twice",
        type="points_multiplier",
        multiplier_millionths=2_000_000,
        duration_hours=5,
    )
    return definitions_with(1, rewards=[reward])


def test_multipliers_and_claims_are_bounded() -> None:
    who = participant(exists=True)
    who.shared[STOCKS] = {"reward": Stock()}
    known = multiplying()
    who[PURSE].multipliers = [
        Multiplier(f"claim-{number}", 2_000_000, NOW, NOW + DAY) for number in range(MULTIPLIERS_LIMIT)
    ]
    assert claim(known, who, "twice", NOW, deducts_points=False) == TooManyMultipliers(MULTIPLIERS_LIMIT)
    who[PURSE].multipliers.pop()
    assert not isinstance(claim(known, who, "twice", NOW, deducts_points=False), Rejection)
    who[CLAIMS].total_standing = CLAIMS_LIMIT
    assert claim(known, who, "twice", NOW, deducts_points=False) == TooManyClaims(CLAIMS_LIMIT)


def test_the_order_of_ends_survives_actions_that_are_undone() -> None:
    actions = (TakePoints(amount=1), GiveBadge(badge_code="nothing"))
    known = definitions_with(1, rules=[Rule(id="rule", code="take", name="Take", event_name="login", actions=actions)])
    who = with_lots(3)
    do(who, deduct(1))
    first = min(who[PURSE].lots)
    outcome = do(who, event(), known=known)
    assert isinstance(outcome, Decision)
    assert [each.outcome for each in outcome.entries[0].fact.outcomes] == ["failed"]
    assert [entry.occurred_at for entry in settle(who, first, 9)] == [first]
