"""Folding facts: the journal alone gives back every account."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurels.kernel.deciding.fold import fold
from laurels.kernel.facts import Entry, Fact, Outcome
from laurels.mechanics.challenges.model import (
    ChallengeAdvanced,
    ChallengeCompleted,
    ChallengeFact,
    ChallengeJoined,
    MilestoneReached,
)
from laurels.mechanics.events.model import EventRecorded
from laurels.mechanics.participants.model import ParticipantRegistered, ProfileChanged
from laurels.mechanics.points.purse.model import (
    PURSE,
    AwardReversed,
    DeductReversed,
    HoldCaptured,
    HoldReleased,
    MultiplierEnded,
    PointsAwarded,
    PointsDeducted,
    PointsExpired,
    PointsFact,
    PointsHeld,
)
from laurels.mechanics.rewards.model import ClaimCancelled, ClaimFulfilled, RewardClaimed
from laurels.mechanics.tiers.model import TIER, TierAssigned, TierReached, TierStanding
from tests.core.given import FACTS, GAME, NOW, Account, account, participant

EARLIER = NOW - timedelta(days=3)


def before(**changed: Any) -> Account:
    """The account of the test below, with the fact counted, and what it changed."""
    known = {"balance": 20, "total_earned": 30, "total_spent": 10, "transactions": 4, "total_events": 2}
    return Account(seq=5, **{**known, **changed})


def test_a_hold_from_beginning_to_end() -> None:
    who = participant(balance=20, total_earned=20)
    fold(GAME, who, Entry("h", 1, PointsHeld(amount=12, balance_after=8, expires_at=NOW), EARLIER))
    fold(GAME, who, Entry("c", 2, HoldCaptured(amount=9, balance_after=8, hold_id="h"), EARLIER))
    fold(GAME, who, Entry("r", 3, HoldReleased(amount=3, balance_after=11, hold_id="h"), EARLIER))
    spent = {"total_spent": 9, "latest_spent_at": EARLIER}
    assert account(who) == Account(seq=3, balance=11, total_earned=20, transactions=3, **spent)
    assert (who[PURSE].holds["h"].status, who[PURSE].holds["h"].captured) == ("captured", 9)


def test_a_multiplier_from_beginning_to_end() -> None:
    who = participant()
    claimed = RewardClaimed(
        balance_after=0, reward_id="r", reward_name="R", reward_type="points_multiplier", multiplier=2, ends_at=NOW
    )
    fold(GAME, who, Entry("c", 1, claimed, EARLIER))
    assert (len(who[PURSE].multipliers), who.next_expiry_at) == (1, NOW)
    fold(GAME, who, Entry("e", 2, MultiplierEnded(claim_id="c"), NOW))
    assert account(who) == Account(seq=2)


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        pytest.param(
            PointsAwarded(amount=5, balance_after=25),
            before(balance=25, total_earned=35, transactions=5, latest_earned_at=EARLIER),
            id="award",
        ),
        pytest.param(
            PointsDeducted(amount=5, balance_after=15),
            before(balance=15, total_spent=15, transactions=5, latest_spent_at=EARLIER),
            id="deduct",
        ),
        pytest.param(
            PointsExpired(amount=5, balance_after=15),
            before(balance=15, total_expired=5, transactions=5),
            id="expiry",
        ),
        pytest.param(
            PointsHeld(amount=5, balance_after=15, expires_at=NOW),
            before(balance=15, held=5, transactions=5, next_expiry_at=NOW),
            id="hold",
        ),
        pytest.param(
            AwardReversed(amount=5, balance_after=15, transaction_id="x"),
            before(balance=15, total_earned=25, transactions=5),
            id="award reversed",
        ),
        pytest.param(
            DeductReversed(amount=5, balance_after=25, transaction_id="x"),
            before(balance=25, total_spent=5, transactions=5),
            id="deduct reversed",
        ),
        pytest.param(
            RewardClaimed(amount=5, balance_after=15, reward_id="r", reward_name="R", reward_type="voucher"),
            before(balance=15, total_spent=15, transactions=5, latest_spent_at=EARLIER),
            id="claim",
        ),
        pytest.param(
            RewardClaimed(balance_after=20, reward_id="r", reward_name="R", reward_type="voucher"),
            before(),
            id="free claim",
        ),
        pytest.param(
            ClaimCancelled(amount=5, balance_after=25, claim_id="x", reward_id="r"),
            before(balance=25, total_spent=5, transactions=5),
            id="claim cancelled",
        ),
        pytest.param(ClaimFulfilled(claim_id="x", reward_id="r"), before(), id="claim fulfilled"),
        pytest.param(
            TierReached(tier_id="t", tier_code="t"),
            before(tier=TierStanding("t", EARLIER)),
            id="tier reached",
        ),
        pytest.param(
            TierAssigned(tier_id="t", tier_code="t", held_earned=30, held_balance=20),
            before(tier=TierStanding("t", EARLIER, 30, 20)),
            id="tier assigned",
        ),
        pytest.param(EventRecorded(event_name="login"), before(total_events=3, latest_event_at=EARLIER), id="event"),
        pytest.param(ParticipantRegistered(), before(), id="registered"),
        pytest.param(ProfileChanged(fields=["avatar_url"]), before(), id="profile"),
    ],
)
def test_each_fact_moves_only_what_is_its_own(fact: Fact, expected: Account) -> None:
    who = participant(seq=4, balance=20, total_earned=30, total_spent=10, transactions=4, total_events=2)
    fold(GAME, who, Entry("id", 5, fact, EARLIER))
    assert account(who) == expected


def test_an_assignment_after_a_rise_and_a_rise_after_an_assignment() -> None:
    who = participant()
    fold(GAME, who, Entry("1", 1, TierReached(tier_id="a", tier_code="a"), EARLIER))
    assigned = TierAssigned(tier_id="b", tier_code="b", held_earned=9, held_balance=8, previous_tier_id="a")
    fold(GAME, who, Entry("2", 2, assigned, NOW))
    assert who[TIER] == TierStanding("b", NOW, 9, 8)
    fold(GAME, who, Entry("3", 3, TierReached(tier_id="c", tier_code="c", previous_tier_id="b"), NOW))
    assert who[TIER] == TierStanding("c", NOW)


def test_every_kind_of_fact_has_its_own_name() -> None:
    bases = (Fact, ChallengeFact, PointsFact)
    kinds = {kind for base in bases for kind in base.__subclasses__()} - set(bases)
    # Tests have facts of their own.
    kinds = {kind for kind in kinds if kind.__module__.startswith("laurels.")}
    assert set(FACTS.values()) == kinds
    assert all(FACTS[fact.kind] is fact for fact in kinds)


SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=10)
OBJECTS = st.dictionaries(st.text(max_size=5), SCALARS, max_size=3)
TEXT = st.none() | st.text(max_size=20)
POINTS = st.integers(0, 2**53 - 1)
STORED_FACTS = st.one_of(
    st.builds(PointsAwarded, amount=POINTS, balance_after=POINTS, reason=TEXT, metadata=st.none() | OBJECTS),
    st.builds(PointsDeducted, amount=POINTS, balance_after=POINTS, reason=TEXT, metadata=st.none() | OBJECTS),
    st.builds(TierReached, tier_id=st.text(), tier_code=st.text(), previous_tier_id=TEXT, silent=st.booleans()),
    st.builds(TierAssigned, tier_id=st.text(), tier_code=st.text(), held_earned=POINTS, held_balance=POINTS),
    st.builds(EventRecorded, event_name=st.text(), properties=OBJECTS),
    st.builds(ChallengeJoined, challenge_id=st.text(), challenge_code=st.text(), deadline=st.none() | st.just(NOW)),
    st.builds(
        ChallengeAdvanced,
        challenge_id=st.text(),
        challenge_code=st.text(),
        objective=st.text(),
        by=POINTS,
        seen=TEXT,
        due_to=TEXT,
    ),
    st.builds(MilestoneReached, challenge_id=st.text(), challenge_code=st.text(), percent=st.integers(1, 99)),
    st.builds(
        ChallengeCompleted,
        challenge_id=st.text(),
        challenge_code=st.text(),
        used=st.dictionaries(st.text(max_size=5), POINTS, max_size=2),
        outcomes=st.lists(st.builds(Outcome, st.text(), st.just("acted"), windows=st.lists(st.integers(0, 99)))),
    ),
    st.builds(ParticipantRegistered),
    st.builds(ProfileChanged, fields=st.lists(st.text(max_size=5), max_size=3)),
)


@given(STORED_FACTS)
def test_a_fact_survives_being_stored(fact: Fact) -> None:
    assert msgspec.json.decode(msgspec.json.encode(fact), type=FACTS[fact.kind]) == fact
