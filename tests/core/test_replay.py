"""What-if: definitions tried against themselves change nothing; drafts count what they would have done."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurels.kernel.commands import Command
from laurels.kernel.dates import time_zones
from laurels.kernel.dates.calendar import Calendar
from laurels.kernel.deciding.decide import decide, has_expired
from laurels.kernel.deciding.decision import Decision
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Fact
from laurels.kernel.limits import LimitWindow
from laurels.kernel.tally import DefinitionTally, Moved, Tally
from laurels.kernel.what_if.reconstruction import PastFact
from laurels.kernel.what_if.replay import replay
from laurels.mechanics.badges.model import BadgeEarned
from laurels.mechanics.events.model import EventForgotten, EventRecorded
from laurels.mechanics.participants.model import PROFILE, ProfileChanged
from laurels.mechanics.points.purse.model import PURSE, EarningCap, GivePoints
from laurels.mechanics.rewards.model import STOCKS, GrantReward, Reward, RewardClaimed, Stock
from laurels.mechanics.rewards.play import EndlessStocks
from laurels.mechanics.rules.model import Limit, Rule
from tests.core.given import (
    GAME,
    METALS,
    NOW,
    award,
    award_badge,
    badge,
    cancel,
    challenge,
    change,
    claim,
    deduct,
    definitions_with,
    event,
    fulfil,
    ids,
    join_challenge,
    judge_anew,
    keep_transactions,
    objective,
    participant,
    register,
    reverse,
    settle,
)
from tests.core.test_decide import (
    ANY_BADGE,
    ANY_CAP,
    ANY_CHALLENGE,
    ANY_REWARD,
    ANY_RULE,
    ANY_STREAK,
    ANY_TIER,
    ATTRIBUTES,
    COMMANDS,
    some,
)

CALENDAR = Calendar(zones=time_zones.ZONES)


def rule(code: str, amount: int, **particulars: Any) -> Rule:
    return Rule(
        id=f"rule-{code}", code=code, name=code, event_name="login", actions=(GivePoints(amount=amount),), **particulars
    )


Timed = tuple[timedelta, Command]


class History:
    """What one participant's commands bring, each some time after the one before, as the engine runs them."""

    def __init__(self, known: Definitions, commands: Sequence[Timed | Command], *, stocks: Any = None) -> None:
        self.known, self.now = known, NOW
        self.who = participant()
        self.who.shared[STOCKS] = EndlessStocks(known) if stocks is None else stocks
        self.facts: list[PastFact] = []
        self.refused = 0
        # Of one sequence: what actions bring that are undone takes ids, too, and no id comes twice.
        self._ids = ids()
        for each in commands:
            gap, command = each if isinstance(each, tuple) else (timedelta(0), each)
            self.now += gap
            if has_expired(self.who, self.now):
                self._run(settle())
            self._run(command)

    def _run(self, command: Command) -> None:
        decision = decide(self.known, self.who, command, self.now, self._ids)
        if not isinstance(decision, Decision) or not decision.entries:
            return
        self.who.exists = True
        keep_transactions(self.who, decision)
        self.facts += [PastFact(entry, self.now, decision.entries[0].id) for entry in decision.entries]

    @property
    def commands(self) -> int:
        """Of those that brought something, the ones that somebody asked for."""
        firsts = [past.entry.fact.kind for past in self.facts if past.entry.id == past.command_id]
        return sum(kind not in ("points_expired", "multiplier_ended") for kind in firsts)

    def tried(self, draft: Definitions, *, since: datetime = NOW) -> Tally:
        """With the draft; the present profile stands for all of the past."""
        tally = Tally()
        who = participant(exists=True, profile=self.who[PROFILE])
        who.zone = self.who.zone
        replay(tally, draft, who, self.facts, since)
        return tally


def tried(draft: Definitions, history: History) -> Tally:
    return history.tried(draft)


ZONED = ATTRIBUTES | st.builds(dict, timezone=st.sampled_from(["Asia/Tokyo", "America/New_York", "nowhere", None]))
PROFILES = ZONED.map(lambda attributes: change(attributes=attributes)) | ZONED.map(
    lambda attributes: register(attributes=attributes)
)
GAPS = st.integers(0, 60).map(lambda hours: timedelta(hours=hours))
TIMED = st.lists(st.tuples(GAPS, COMMANDS | PROFILES), max_size=14)
DEFINITIONS = st.builds(
    definitions_with,
    st.just(1),
    some(ANY_TIER),
    some(ANY_BADGE, 2),
    some(ANY_STREAK, 2),
    rules=some(ANY_RULE, 2),
    challenges=some(ANY_CHALLENGE, 2),
    rewards=some(ANY_REWARD),
    earning_caps=some(ANY_CAP),
    calendar=st.just(CALENDAR),
)


def differs(tally: Tally) -> bool:
    return tally.draft != tally.live or bool(tally.refused or tally.moves)


@given(DEFINITIONS, TIMED, st.integers(0, 300))
def test_definitions_tried_against_themselves_differ_in_nothing(
    known: Definitions, commands: list[Timed], hours: int
) -> None:
    history = History(known, commands)
    tally = history.tried(known, since=NOW + timedelta(hours=hours))
    if "profiles" not in tally.approximations:
        assert tally.draft == tally.live
        assert (tally.refused, tally.moves) == (0, {})
    assert set(tally.approximations) <= {"profiles", "rewards"}
    if not hours:
        settled = [past for past in history.facts if past.entry.fact.kind == "hold_released"]
        assert history.commands - len(settled) <= tally.commands <= history.commands


@given(DEFINITIONS, TIMED)
def test_where_rewards_run_out_the_result_says_so(known: Definitions, commands: list[Timed]) -> None:
    history = History(known, commands, stocks={name: Stock(codes=["one"]) for name in known[Reward].by_id})
    tally = history.tried(known)
    assert not differs(tally) or {"profiles", "rewards"} & set(tally.approximations)


def forgotten(facts: Sequence[PastFact]) -> list[PastFact]:
    """What retention leaves."""

    def emptied(fact: Fact) -> Fact:
        if not isinstance(fact, EventRecorded):
            return fact
        return EventForgotten(event_name=fact.event_name, outcomes=fact.outcomes)

    return [
        msgspec.structs.replace(past, entry=msgspec.structs.replace(past.entry, fact=emptied(past.entry.fact)))
        for past in facts
    ]


@given(DEFINITIONS, TIMED, DEFINITIONS, st.booleans())
def test_any_draft_can_be_tried(known: Definitions, commands: list[Timed], draft: Definitions, forgets: bool) -> None:
    history = History(known, commands)
    if forgets:
        history.facts = forgotten(history.facts)
        tally = history.tried(known)
        assert not differs(tally) or "profiles" in tally.approximations
        has_events = any(isinstance(past.entry.fact, EventForgotten) for past in history.facts)
        assert ("forgotten_events" in tally.approximations) == has_events
    # People keep what they have of definitions that are withdrawn.
    drafted = {definition.id: definition for definition in draft}
    gone = [msgspec.structs.replace(e, is_deleted=True, is_active=False) for e in known if e.id not in drafted]
    history.tried(Definitions(GAME, 2, [*drafted.values(), *gone], CALENDAR))


def test_forgotten_events_advance_challenges_whose_period_the_draft_changes() -> None:
    monthly = challenge("c", objective(2), period="monthly")
    history = History(definitions_with(1, challenges=[monthly]), [join_challenge("c"), event(), event()])
    history.facts = forgotten(history.facts)
    for period in ("daily", None):
        draft = msgspec.structs.replace(monthly, period=period)
        tally = history.tried(definitions_with(2, challenges=[draft]))
        assert tally.draft.by_definition["challenge-c"].fired == 1
        assert tally.approximations == ["forgotten_events"]


def test_a_draft_counts_what_it_would_have_done() -> None:
    live = definitions_with(1, METALS, rules=[rule("small", 1), rule("gone", 2)])
    history = History(live, [event(), event(), deduct(4)])
    draft = definitions_with(2, METALS, rules=[rule("small", 700)])
    tally = tried(draft, history)
    assert (tally.commands, tally.events, tally.refused) == (3, 2, 0)
    assert (tally.live.points_awarded, tally.live.points_deducted) == (6, 4)
    assert (tally.draft.points_awarded, tally.draft.points_deducted) == (1_400, 4)
    assert tally.live.by_definition["rule-gone"] == DefinitionTally(fired=2, points_awarded=4)
    assert "rule-gone" not in tally.draft.by_definition
    assert tally.draft.by_definition["rule-small"] == DefinitionTally(fired=2, points_awarded=1_400)
    assert tally.moves == {("tier-bronze", "tier-silver"): Moved(participants=1, examples=["ada"])}


def test_what_would_be_refused_is_counted() -> None:
    live = definitions_with(1, METALS, rules=[rule("big", 100)])
    tally = tried(definitions_with(2, METALS), History(live, [event(), deduct(100)]))
    assert tally.refused == 1
    assert tally.draft.points_deducted == 0
    assert tally.moves == {("tier-bronze", None): Moved(participants=1, examples=["ada"])}


def test_what_was_before_is_where_both_begin() -> None:
    live = definitions_with(1, METALS, rules=[rule("once", 10)])
    history = History(live, [award(900), event(), (timedelta(hours=1), event())])
    tally = history.tried(definitions_with(2, METALS, rules=[rule("once", 100)]), since=NOW + timedelta(minutes=1))
    assert (tally.commands, tally.live.points_awarded, tally.draft.points_awarded) == (1, 10, 100)
    assert list(tally.moves) == [("tier-bronze", "tier-silver")]


MUG = Reward(id="reward-mug", code="mug", name="Mug", type="voucher")


def test_what_rules_gave_can_be_fulfilled_and_reversed_in_the_draft_too() -> None:
    gives = (GivePoints(amount=7), GrantReward(reward_code="mug"))
    giving = Rule(id="rule-r", code="r", name="R", event_name="login", actions=gives)
    live = definitions_with(1, rules=[giving], rewards=[msgspec.structs.replace(MUG, points_cost=100)])
    facts = [past.entry for past in History(live, [event(), event()]).facts]
    given, claimed = ([e.id for e in facts if e.fact.kind == kind] for kind in ("points_awarded", "reward_claimed"))
    asked = [reverse(given[1]), fulfil(claimed[1]), cancel(claimed[0])]
    tally = tried(live, History(live, [event(), event(), *asked]))
    assert (tally.commands, tally.refused) == (5, 0)
    assert tally.draft == tally.live


def test_what_an_expiry_sets_off_counts_in_the_draft_too() -> None:
    late = badge("late", "participant.total_earned >= 5 && participant.balance < 5")
    known = definitions_with(1, METALS, [late])
    history = History(known, [award(9, expires_at=NOW + timedelta(days=1)), (timedelta(days=2), award(1))])
    tally = tried(known, history)
    assert tally.live.by_definition["badge-late"].fired == 1
    assert tally.draft == tally.live


@pytest.mark.parametrize(
    ("asked", "deducted", "refused"), [(True, 30, 0), (False, 0, 0)], ids=["to be paid", "for nothing"]
)
def test_a_reward_that_would_cost_something(asked: bool, deducted: int, refused: int) -> None:
    live = definitions_with(1, rewards=[MUG])
    draft = definitions_with(2, rewards=[msgspec.structs.replace(MUG, points_cost=30)])
    tally = tried(draft, History(live, [award(50), claim("mug", deducts_points=asked)]))
    assert (tally.live.points_deducted, tally.draft.points_deducted, tally.refused) == (0, deducted, refused)
    poor = tried(draft, History(live, [award(5), claim("mug", deducts_points=asked)]))
    assert poor.refused == int(asked)
    assert (tally.approximations, poor.approximations) == ([], [])


@pytest.mark.parametrize("returns", [True, False])
def test_a_cancelled_claim_gives_back_what_the_draft_took(returns: bool) -> None:
    live = definitions_with(1, rewards=[MUG])
    draft = definitions_with(2, rewards=[msgspec.structs.replace(MUG, points_cost=30)])
    commands = [award(50), claim("mug", deducts_points=True)]
    claimed = History(live, commands).facts[-1].entry.id
    back = [*commands, cancel(claimed, returns_points=returns), deduct(40)]
    assert tried(draft, History(live, back)).refused == int(not returns)


def test_all_of_an_award_is_taken_back_in_the_draft_too() -> None:
    live = definitions_with(1, METALS, rules=[rule("r", 10)])
    given = [past.entry.id for past in History(live, [event()]).facts if past.entry.fact.kind == "points_awarded"]
    history = History(live, [event(), reverse(given[0], 4), reverse(given[0])])
    richer = definitions_with(2, METALS, rules=[rule("r", 700)])
    spending = History(live, [event(), reverse(given[0], 4), reverse(given[0]), award(5), deduct(5)])
    who = participant(exists=True)
    replay(Tally(), richer, who, history.facts, NOW)
    assert who[PURSE].balance == 0, "4 of 700, then the 696 that were left"
    assert tried(richer, spending).refused == 0


def without(facts: Sequence[PastFact], kind: type[Fact], *names: str) -> list[PastFact]:
    """As older versions wrote them."""
    return [
        msgspec.structs.replace(
            past,
            entry=msgspec.structs.replace(
                past.entry,
                fact=msgspec.structs.replace(past.entry.fact, **dict.fromkeys(names))
                if isinstance(past.entry.fact, kind)
                else past.entry.fact,
            ),
        )
        for past in facts
    ]


def test_older_facts_that_leave_open_what_was_asked_for_are_told() -> None:
    live = definitions_with(1, rewards=[MUG])
    draft = definitions_with(2, rewards=[msgspec.structs.replace(MUG, points_cost=30)])
    history = History(live, [award(50), claim("mug", deducts_points=True)])
    history.facts = without(history.facts, RewardClaimed, "deducts_points")
    assert history.tried(draft).approximations == ["older_facts"]
    assert history.tried(live).approximations == [], "where it makes no difference there is nothing to tell"
    given = History(definitions_with(1, METALS, [badge("owl")]), [award_badge("owl")])
    given.facts = without(given.facts, BadgeEarned, "by_criteria")
    assert given.tried(definitions_with(2, METALS, [badge("owl", "participant.balance >= 0")])).approximations == [
        "older_facts"
    ]
    assert given.tried(definitions_with(2, METALS, [badge("owl")])).approximations == []


def judged(criteria: str) -> Definitions:
    return definitions_with(1, METALS, [badge("rich", criteria)])


@pytest.mark.parametrize("silent", [True, False])
def test_a_badge_that_a_judging_gave_is_judged_by_the_criteria_of_the_draft(silent: bool) -> None:
    """As by `apply --past`."""
    live = judged("participant.total_earned >= 10")
    before = History(definitions_with(1, METALS), [award(50)])
    decision = decide(live, before.who, judge_anew(silent=silent), NOW, ids(before.who.seq))
    assert isinstance(decision, Decision)
    before.facts += [PastFact(entry, NOW, decision.entries[0].id) for entry in decision.entries]
    for draft, fired in ((live, 1), (judged("participant.total_earned >= 100"), 0)):
        tally = before.tried(draft)
        assert tally.live.by_definition["badge-rich"].fired == 1
        assert tally.draft.of("badge-rich").fired == fired
        assert tally.approximations == []


def test_a_judging_of_several_is_one_command() -> None:
    """What is given together is judged together: here the entry tier would earn the badge if it came alone."""
    live = definitions_with(
        1, METALS, [badge("low", "participant.tier_level == 1"), badge("rich", "participant.balance > 0")]
    )
    before = History(definitions_with(1), [award(1_500)])
    decision = decide(live, before.who, judge_anew(), NOW, ids(before.who.seq))
    assert isinstance(decision, Decision)
    before.facts += [PastFact(entry, NOW, decision.entries[0].id) for entry in decision.entries]
    tally = before.tried(live)
    assert "badge-low" not in tally.live.by_definition
    assert tally.draft == tally.live
    assert tally.commands == 2


def test_criteria_on_attributes_are_judged_with_the_present_ones_and_told() -> None:
    known = definitions_with(1, METALS, [badge("pro", "participant.attributes.x == 1")])
    once = History(known, [register(attributes={"x": 1})])
    assert once.tried(known).live.by_definition["badge-pro"].fired == 1
    assert not differs(once.tried(known))
    assert once.tried(known).approximations == [], "nobody changed anything since"
    changed = History(known, [award(1), change(attributes={"x": 1})])
    assert changed.tried(known).draft.by_definition["badge-pro"].fired == 1
    assert changed.tried(known).approximations == ["profiles"]
    assert changed.tried(definitions_with(2, METALS)).approximations == [], "nothing reads them"


@pytest.mark.parametrize(("attributes", "told"), [({"timezone": "Asia/Tokyo"}, ["profiles"]), ({"y": 1}, [])])
@pytest.mark.parametrize("is_older", [True, False])
def test_a_time_zone_that_changed_is_told(attributes: dict[str, Any], told: list[str], is_older: bool) -> None:
    known = definitions_with(1, METALS, calendar=CALENDAR)
    history = History(known, [award(1), change(attributes=attributes)])
    if is_older:
        history.facts = without(history.facts, ProfileChanged, "changes_zone")
    assert history.tried(known).approximations == told


def test_a_limit_in_total_that_several_met_is_told() -> None:
    shared = definitions_with(1, METALS, rules=[rule("first", 1, limits=(Limit(1, "ever", in_total=True),))])
    tally = Tally()
    totals: dict[LimitWindow, int] = {}
    history = History(shared, [event()])
    for number in (1, 2):
        who = participant(exists=True)
        who.limit_totals = totals
        replay(tally, shared, who, history.facts, NOW)
        assert tally.approximations == (["limits_in_total"] if number > 1 else [])
    assert tally.draft.by_definition["rule-first"].fired == 1


def test_points_that_a_cap_left_none_of_expire_where_there_is_room() -> None:
    none = EarningCap(id="cap", code="cap", name="Cap", period="day", points=0)
    soon = NOW + timedelta(days=1)
    history = History(
        definitions_with(1, earning_caps=[none]), [award(9, expires_at=soon), (timedelta(days=2), event())]
    )
    who = participant(exists=True)
    replay(Tally(), definitions_with(2), who, history.facts, NOW)
    assert (who[PURSE].balance, who[PURSE].total_expired) == (0, 9)
