"""Judging anew: what tiers and criteria give those who had reached them before they were what they are now."""

from laurels.kernel.deciding.decision import Decision
from laurels.mechanics.badges.model import BadgeEarned
from laurels.mechanics.tiers.model import TIER, TierReached
from tests.core.given import METALS, award, badge, definitions_with, judge_anew, participant, run


def test_what_was_reached_before_is_given_when_it_is_judged_anew() -> None:
    """Of the definitions that are named, and what follows from them."""
    who = participant()
    run(who, award(1_200), definitions_with(1))
    rich, first, chain = (
        badge("rich", "participant.total_earned > 1000"),
        badge("first", "participant.balance > 0"),
        badge("chain", "size(participant.badges) > 0"),
    )
    known = definitions_with(2, METALS, [rich, first, chain])
    named = (rich.id, METALS[1].id)
    judged = run(who, judge_anew(named, silent=True), known)
    assert isinstance(judged, Decision)
    facts = [entry.fact for entry in judged.entries]
    assert [f.tier_code for f in facts if isinstance(f, TierReached)] == ["bronze", "silver"]
    assert [f.badge_code for f in facts if isinstance(f, BadgeEarned)] == ["rich", "chain"]
    assert all(f.silent for f in facts if isinstance(f, TierReached | BadgeEarned))
    again = run(who, judge_anew(named, silent=True), known)
    assert isinstance(again, Decision)
    assert again.entries == []


def test_a_tier_that_is_not_named_is_left_for_the_next_award() -> None:
    who = participant()
    run(who, award(20_000), definitions_with(1))
    run(who, judge_anew((METALS[1].id,)), definitions_with(2, METALS))
    assert who[TIER] is not None
    assert who[TIER].tier_id == METALS[1].id
    run(who, award(1), definitions_with(2, METALS))
    assert who[TIER].tier_id != METALS[1].id


def test_criteria_that_fail_when_judged_anew_are_no_outcome_of_another_fact() -> None:
    who = participant()
    unknown = badge("unknown", "participant.attributes.x == 1")
    known = definitions_with(2, METALS, [unknown])
    run(who, award(1), definitions_with(1))
    judged = run(who, judge_anew((unknown.id, METALS[0].id), silent=True), known)
    assert isinstance(judged, Decision)
    assert [type(entry.fact) for entry in judged.entries] == [TierReached]
    assert judged.entries[0].fact.outcomes == []
