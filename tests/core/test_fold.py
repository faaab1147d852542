"""Folding facts: the journal alone gives back every account."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurels.core.facts import (
    FACTS,
    ChallengeAdvanced,
    ChallengeCompleted,
    ChallengeFact,
    ChallengeJoined,
    Entry,
    EventRecorded,
    Fact,
    MilestoneReached,
    Outcome,
    ParticipantRegistered,
    PointsAwarded,
    PointsDeducted,
    ProfileChanged,
    TierAssigned,
    TierReached,
)
from laurels.core.fold import fold
from laurels.core.model import Account, TierStanding
from tests.core.given import NOW, participant

EARLIER = NOW - timedelta(days=3)


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        pytest.param(
            PointsAwarded(amount=5, balance_after=25),
            Account(seq=5, balance=25, total_earned=35, total_spent=10, transactions=5, total_events=2),
            id="award",
        ),
        pytest.param(
            PointsDeducted(amount=5, balance_after=15),
            Account(seq=5, balance=15, total_earned=30, total_spent=15, transactions=5, total_events=2),
            id="deduct",
        ),
        pytest.param(
            TierReached(tier_id="t", tier_code="t"),
            Account(5, 20, 30, 10, 4, 2, TierStanding("t", EARLIER)),
            id="tier reached",
        ),
        pytest.param(
            TierAssigned(tier_id="t", tier_code="t", held_earned=30, held_balance=20),
            Account(5, 20, 30, 10, 4, 2, TierStanding("t", EARLIER, 30, 20)),
            id="tier assigned",
        ),
        pytest.param(EventRecorded(event_name="login"), Account(5, 20, 30, 10, 4, 3), id="event"),
        pytest.param(ParticipantRegistered(), Account(5, 20, 30, 10, 4, 2), id="registered"),
        pytest.param(ProfileChanged(fields=["avatar_url"]), Account(5, 20, 30, 10, 4, 2), id="profile"),
    ],
)
def test_each_fact_moves_only_what_is_its_own(fact: Fact, expected: Account) -> None:
    who = participant(seq=4, balance=20, total_earned=30, total_spent=10, transactions=4, total_events=2)
    fold(who, Entry("id", 5, fact, EARLIER))
    assert who.account == expected


def test_an_assignment_after_a_rise_and_a_rise_after_an_assignment() -> None:
    who = participant()
    fold(who, Entry("1", 1, TierReached(tier_id="a", tier_code="a"), EARLIER))
    assigned = TierAssigned(tier_id="b", tier_code="b", held_earned=9, held_balance=8, previous_tier_id="a")
    fold(who, Entry("2", 2, assigned, NOW))
    assert who.account.tier == TierStanding("b", NOW, 9, 8)
    fold(who, Entry("3", 3, TierReached(tier_id="c", tier_code="c", previous_tier_id="b"), NOW))
    assert who.account.tier == TierStanding("c", NOW)


def test_every_kind_of_fact_has_its_own_name() -> None:
    kinds = {*Fact.__subclasses__(), *ChallengeFact.__subclasses__()} - {ChallengeFact}
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
