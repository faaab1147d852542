"""What-if: definitions tried against themselves change nothing; drafts count what they would have done."""

from datetime import timedelta

from hypothesis import given

from laurels.core.actions import GivePoints, GrantReward
from laurels.core.commands import Command, SaveProfile, SettleExpiries
from laurels.core.decisions import Decision
from laurels.core.facts import Entry
from laurels.core.model import Definitions, Reward, Rule
from laurels.core.replay import DefinitionTally, Enough, Past, Tally, TierChange, replay
from tests.core.given import METALS, NOW, award, badge, cancel, deduct, event, fulfil, participant, reverse, run
from tests.core.test_decide import DEFINITIONS, SEQUENCES, journal_of

LONG_AGO = NOW - timedelta(days=400)


def rule(code: str, amount: int, **particulars: object) -> Rule:
    return Rule(
        id=f"rule-{code}", code=code, name=code, event_name="login", actions=(GivePoints(amount=amount),), **particulars
    )  # type: ignore[arg-type]


def tried(draft: Definitions, entries: list[Entry], *, old: int = 0) -> Tally:
    """The draft against the entries, of which the first `old` are from before the time looked at."""
    tally = Tally()
    facts = [Past(entry, LONG_AGO if number < old else NOW) for number, entry in enumerate(entries)]
    replay(tally, draft, participant(exists=True), facts, NOW - timedelta(days=1))
    return tally


@given(DEFINITIONS, SEQUENCES)
def test_definitions_tried_against_themselves_differ_in_nothing(known: Definitions, commands: list[Command]) -> None:
    # The present profile stands for all of the past, so what changes profiles is left out; of rewards there is enough.
    entries = journal_of(known, participant(), [c for c in commands if not isinstance(c, SaveProfile)], Enough(known))
    tally = tried(known, entries)
    assert tally.draft == tally.live
    assert (tally.refused, tally.tier_changes) == (0, {})
    assert tally.commands == sum(entry.cause_id is None for entry in entries)


def test_a_draft_counts_what_it_would_have_done() -> None:
    live = Definitions(1, METALS, rules=[rule("small", 1), rule("gone", 2)])
    entries = journal_of(live, participant(), [event(), event(), deduct(4)])
    draft = Definitions(2, METALS, rules=[rule("small", 700)])
    tally = tried(draft, entries)
    assert (tally.commands, tally.events, tally.refused) == (3, 2, 0)
    assert (tally.live.points_awarded, tally.live.points_deducted) == (6, 4)
    assert (tally.draft.points_awarded, tally.draft.points_deducted) == (1_400, 4)
    assert tally.live.by_definition["rule-gone"] == DefinitionTally(fired=2, points_awarded=4)
    assert "rule-gone" not in tally.draft.by_definition
    assert tally.draft.by_definition["rule-small"] == DefinitionTally(fired=2, points_awarded=1_400)
    assert tally.tier_changes == {("tier-bronze", "tier-silver"): TierChange(participants=1, examples=["ada"])}


def test_what_would_be_refused_is_counted() -> None:
    live = Definitions(1, METALS, rules=[rule("big", 100)])
    entries = journal_of(live, participant(), [event(), deduct(100)])
    tally = tried(Definitions(2, METALS), entries)
    assert tally.refused == 1
    assert tally.draft.points_deducted == 0
    assert tally.tier_changes == {("tier-bronze", None): TierChange(participants=1, examples=["ada"])}


def test_what_was_before_is_where_both_begin() -> None:
    live = Definitions(1, METALS, rules=[rule("once", 10)])
    entries = journal_of(live, participant(), [award(900), event(), event()])
    before = 2 + 2  # the award with its tier, the first event with its points
    tally = tried(Definitions(2, METALS, rules=[rule("once", 100)]), entries, old=before)
    assert (tally.commands, tally.live.points_awarded, tally.draft.points_awarded) == (1, 10, 100)
    assert list(tally.tier_changes) == [("tier-bronze", "tier-silver")]


def test_what_rules_gave_can_be_fulfilled_and_reversed_in_the_draft_too() -> None:
    gives = (GivePoints(amount=7), GrantReward(reward_code="mug"))
    giving = Rule(id="rule-r", code="r", name="R", event_name="login", actions=gives)
    mug = Reward(id="reward-mug", code="mug", name="Mug", type="voucher", points_cost=100)
    live = Definitions(1, rules=[giving], rewards=[mug])
    entries = journal_of(live, participant(), [event(), event()], Enough(live))
    given, claimed = ([e.id for e in entries if e.fact.kind == kind] for kind in ("points_awarded", "reward_claimed"))
    asked = [reverse(given[1]), fulfil(claimed[1]), cancel(claimed[0])]
    entries = journal_of(live, participant(), [event(), event(), *asked], Enough(live))
    tally = tried(live, entries)
    assert (tally.commands, tally.refused) == (5, 0)
    assert tally.draft == tally.live


def test_what_an_expiry_sets_off_counts_in_the_draft_too() -> None:
    late = badge("late", "participant.total_earned >= 5 && participant.balance < 5")
    known = Definitions(1, METALS, [late])
    who = participant()
    run(who, award(9, expires_at=NOW + timedelta(days=1)), known)
    entries = journal_of(known, participant(), [award(9, expires_at=NOW + timedelta(days=1))])
    settled = run(who, SettleExpiries(project_id=1, participant_id="ada"), known, NOW + timedelta(days=2))
    assert isinstance(settled, Decision)
    tally = Tally()
    facts = [Past(entry, NOW) for entry in entries]
    facts += [Past(entry, NOW + timedelta(days=2)) for entry in settled.entries]
    replay(tally, known, participant(exists=True), facts, NOW - timedelta(days=1))
    assert tally.live.by_definition["badge-late"].fired == 1
    assert tally.draft == tally.live
