"""The cascade: answers, times, refusals, and the invariants that hold whatever is asked."""

from collections.abc import Collection
from copy import deepcopy
from datetime import timedelta
from functools import partial
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from laurels.kernel.commands import Command, JudgeAnew
from laurels.kernel.deciding.decide import decide
from laurels.kernel.deciding.decision import Decision
from laurels.kernel.deciding.fold import fold
from laurels.kernel.deciding.listening import needs
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry
from laurels.kernel.needs import LIMITED, ZONE
from laurels.kernel.participant import Participant
from laurels.kernel.rejections import ParticipantErased, ParticipantNotFound, Rejection, TimestampAhead
from laurels.mechanics.badges.model import BADGES, Badge, GiveBadge
from laurels.mechanics.badges.play import EARNED
from laurels.mechanics.challenges.model import CHALLENGES, AdvanceChallenge, Challenge, Milestone, Objective
from laurels.mechanics.challenges.play import STATES
from laurels.mechanics.events.model import EventRecordedAnswer
from laurels.mechanics.participants.model import PROFILE, Profile, ProfileSavedAnswer, SaveProfile
from laurels.mechanics.participants.play import WHOLE_PROFILE
from laurels.mechanics.points.deciding.needs import HOLDS, LOTS, TRANSACTIONS, LotNeeds, lots_of
from laurels.mechanics.points.deciding.responses import PointsAwardedAnswer, PointsDeductedAnswer
from laurels.mechanics.points.purse.commands import AwardPoints, InsufficientPoints, PointsLimitPassed
from laurels.mechanics.points.purse.lots import Lots
from laurels.mechanics.points.purse.model import PURSE, EarningCap, GivePoints, PointsFact, TakePoints
from laurels.mechanics.rewards.model import CLAIMS, STOCKS, ClaimCancelled, GrantReward, Reward, RewardClaimed, Stock
from laurels.mechanics.rewards.play import CLAIMABLE, NAMED_CLAIMS
from laurels.mechanics.rules.model import Limit, Rule
from laurels.mechanics.streaks.model import STREAKS, ContinueStreak, Streak
from laurels.mechanics.streaks.play import RECORDS
from laurels.mechanics.tiers.model import TIER, AssignTier, PutInTier, Tier, TierAssigned, TierUpgrade
from tests.core.given import (
    FACTS,
    GAME,
    LARGEST_EXACT,
    NOW,
    Account,
    account,
    answer,
    assign,
    award,
    award_badge,
    cancel,
    capture,
    change,
    claim,
    copied,
    deduct,
    definitions_with,
    event,
    fulfil,
    hold,
    ids,
    join_challenge,
    judge_anew,
    leave_challenge,
    participant,
    record_streak,
    register,
    release,
    reverse,
    revoke_badge,
    run,
)

ONE_OF_EACH = [
    award(5),
    deduct(5),
    assign("gold"),
    award_badge("owl"),
    revoke_badge("owl"),
    record_streak("login"),
    event(),
    register(display_name="Ada"),
    change(display_name="Ada"),
]


def test_answer_of_an_award() -> None:
    assert answer(participant(), award(1_000)) == PointsAwardedAnswer(
        transaction_id="fact-1",
        participant_id="ada",
        amount=1_000,
        new_balance=1_000,
        tier_upgrade=TierUpgrade(code="silver", name="Silver", level=2, previous_code="bronze", previous_level=1),
    )


def test_answer_of_a_deduct() -> None:
    who = participant(exists=True, balance=30, total_earned=30)
    assert answer(who, deduct(10)) == PointsDeductedAnswer(
        transaction_id="fact-1", participant_id="ada", amount=10, new_balance=20
    )


def test_answer_of_an_event() -> None:
    assert answer(participant(), event()) == EventRecordedAnswer(
        event_id="fact-1",
        fact_id="fact-1",
        status="processed",
        effects=GAME.effects_type(points=[], tier_upgrade=None, streaks=[], challenges=[], badges=[], rewards=[]),
    )


@pytest.mark.parametrize(("exists", "created"), [(False, True), (True, False)])
def test_answer_of_a_registration(exists: bool, created: bool) -> None:
    assert answer(participant(exists=exists), register(display_name="Ada")) == ProfileSavedAnswer(created=created)


def test_a_profile_that_stays_the_same_is_no_fact() -> None:
    who = participant(exists=True, profile=Profile("Ada"))
    outcome = run(who, register(display_name="Ada"))
    assert outcome == Decision([], ProfileSavedAnswer(created=False))
    assert account(who) == Account()


@pytest.mark.parametrize("command", [award, deduct])
@pytest.mark.parametrize(
    ("given_time", "happened_at"),
    [
        pytest.param(None, NOW, id="none given"),
        pytest.param(NOW - timedelta(days=400), NOW - timedelta(days=400), id="long ago"),
        pytest.param(NOW, NOW, id="now"),
        pytest.param(NOW + timedelta(minutes=5), NOW + timedelta(minutes=5), id="5 minutes ahead"),
        pytest.param(NOW + timedelta(minutes=5, microseconds=1), None, id="more than 5 minutes ahead"),
        pytest.param(NOW + timedelta(days=1), None, id="tomorrow"),
    ],
)
def test_when_it_happened(command: Any, given_time: Any, happened_at: Any) -> None:
    who = participant(exists=True, balance=10, total_earned=10)
    outcome = run(who, command(1, occurred_at=given_time))
    if happened_at is None:
        assert outcome == TimestampAhead(allowed_minutes=5)
    else:
        assert isinstance(outcome, Decision)
        assert {entry.occurred_at for entry in outcome.entries} == {happened_at}


def test_an_event_ahead_of_time_is_refused() -> None:
    assert run(participant(), event(occurred_at=NOW + timedelta(minutes=6))) == TimestampAhead(allowed_minutes=5)


@pytest.mark.parametrize(
    ("command", "rejection"),
    [
        pytest.param(deduct(1), InsufficientPoints(available=0, requested=1), id="deduct"),
        pytest.param(award(2**53), PointsLimitPassed(LARGEST_EXACT), id="award past the limit"),
        pytest.param(award(1, occurred_at=NOW + timedelta(hours=1)), TimestampAhead(5), id="award ahead"),
        pytest.param(change(display_name="Ada"), ParticipantNotFound("ada"), id="change"),
    ],
)
def test_a_refused_command_creates_nobody(command: Command, rejection: Rejection) -> None:
    who = participant()
    assert run(who, command) == rejection
    assert who == participant()


@pytest.mark.parametrize("exists", [False, True])
@pytest.mark.parametrize(
    "at", [partial(award, 1), partial(deduct, 1), event, partial(record_streak, "login")], ids=["a", "d", "e", "s"]
)
def test_what_is_dated_before_an_erasure_is_refused(at: Any, exists: bool) -> None:
    erased_at = NOW - timedelta(hours=1)

    def outcome(occurred_at: Any) -> Decision | Rejection:
        who = participant(exists=exists, balance=10, total_earned=10)
        who.erased_before = erased_at
        before = copied(who)
        outcome = run(who, at(occurred_at=occurred_at))
        if isinstance(outcome, Rejection):
            assert who == before
        return outcome

    assert outcome(erased_at - timedelta(microseconds=1)) == ParticipantErased(erased_at)
    assert outcome(erased_at) != ParticipantErased(erased_at)
    assert outcome(None) != ParticipantErased(erased_at)


@pytest.mark.parametrize("command", ONE_OF_EACH, ids=lambda command: type(command).__name__)
def test_an_anonymised_participant_is_not_found(command: Command) -> None:
    who = participant(exists=True, balance=10, total_earned=10)
    who.is_anonymised = True
    before = copied(who)
    assert run(who, command) == ParticipantNotFound("ada")
    assert who == before


CODES = ("a", "b", "c", "d")
ANY_TIER = st.builds(
    Tier,
    id=st.uuids().map(str),
    code=st.sampled_from(CODES),
    name=st.just("A tier"),
    level=st.integers(0, 5),
    automatic=st.booleans(),
    min_points=st.sampled_from([0, 1, 10, 50, 100]),
    basis=st.sampled_from(["total_earned", "balance"]),
    is_active=st.booleans(),
)
CRITERIA = [
    None,
    "participant.total_earned >= 20",
    "participant.badges.exists(code, code == 'a')",
    "participant.longest_streaks['a'] >= 1",
    "participant.completed_challenges.exists(code, participant.completed_challenges[code] > 0)",
    "participant.attributes.x == 1",
    "participant.tier_level > 2 || participant.total_events > 3",
]
ANY_BADGE = st.builds(
    Badge,
    id=st.uuids().map(str),
    code=st.sampled_from(CODES),
    name=st.just("A badge"),
    criteria=st.sampled_from(CRITERIA),
    is_active=st.booleans(),
)
ANY_STREAK = st.builds(
    Streak,
    id=st.uuids().map(str),
    code=st.sampled_from(CODES),
    name=st.just("A streak"),
    period=st.sampled_from(["daily", "weekly", "monthly"]),
    grace_period_hours=st.sampled_from([0, 5, 48]),
    is_active=st.booleans(),
)


EVENT_NAMES = ("login", "buy")
CONDITIONS = [
    None,
    None,
    None,
    "true",
    "event.properties.amount >= 2",
    "participant.balance > 5",
    "!('b' in participant.badges)",
    "participant.streaks['a'] > 0",
    "participant.attributes.y == 2",
    "event.properties.missing > 1",
]
ACTIONS = st.one_of(
    st.builds(GivePoints, amount=st.sampled_from([1, 30, "event.properties.amount * 3", "participant.total_events"])),
    st.builds(TakePoints, amount=st.sampled_from([7, "participant.balance"])),
    st.builds(PutInTier, tier_code=st.sampled_from(CODES)),
    st.builds(ContinueStreak, streak_code=st.sampled_from(CODES)),
    st.builds(GiveBadge, badge_code=st.sampled_from(CODES)),
    st.builds(AdvanceChallenge, challenge_code=st.sampled_from(CODES), by=st.sampled_from([1, 3])),
    st.builds(GrantReward, reward_code=st.sampled_from(CODES)),
    st.builds(GivePoints, amount=st.just(9), expires_in_days=st.integers(1, 40)),
)
SOME_ACTIONS = st.lists(ACTIONS, min_size=1, max_size=3).map(tuple)
LIMITS = st.builds(Limit, st.integers(1, 3), st.sampled_from(["day", "week", "month", "ever"]), st.booleans())
ANY_RULE = st.builds(
    Rule,
    id=st.uuids().map(str),
    code=st.sampled_from(CODES),
    name=st.just("A rule"),
    event_name=st.sampled_from(EVENT_NAMES),
    condition=st.sampled_from(CONDITIONS),
    actions=SOME_ACTIONS,
    limits=st.lists(LIMITS, max_size=2, unique_by=lambda limit: (limit.per, limit.in_total)).map(tuple),
    priority=st.integers(0, 1),
    group=st.sampled_from([None, "first"]),
)
OBJECTIVES = st.sampled_from(
    [
        Objective(code="count", name="Events", event_name="login", target=2),
        Objective(
            code="sum",
            name="Sum",
            event_name="buy",
            measure="sum",
            property="amount",
            target=5_000_000,
            requires=("count",),
        ),
        Objective(code="distinct", name="Different", event_name="buy", measure="distinct", property="amount", target=2),
        Objective(code="big", name="Big ones", event_name="buy", target=2, condition="event.properties.amount >= 2"),
    ]
)
ANY_CHALLENGE = st.builds(
    Challenge,
    id=st.uuids().map(str),
    code=st.sampled_from(CODES),
    name=st.just("A challenge"),
    objectives=st.lists(OBJECTIVES, min_size=1, max_size=3, unique_by=lambda objective: objective.code).map(tuple),
    joins_automatically=st.booleans(),
    is_repeatable=st.booleans(),
    duration_days=st.sampled_from([None, 3]),
    milestones=st.lists(st.builds(Milestone, percent=st.just(50), actions=SOME_ACTIONS), max_size=1).map(tuple),
    actions=SOME_ACTIONS,
) | st.builds(
    Challenge,
    id=st.uuids().map(str),
    code=st.sampled_from(CODES),
    name=st.just("A challenge of each day"),
    objectives=st.lists(OBJECTIVES, min_size=1, max_size=2, unique_by=lambda objective: objective.code).map(tuple),
    joins_automatically=st.booleans(),
    period=st.sampled_from(["daily", "weekly"]),
    late_periods=st.integers(0, 3),
    milestones=st.lists(st.builds(Milestone, percent=st.just(50), actions=SOME_ACTIONS), max_size=1).map(tuple),
    actions=SOME_ACTIONS,
)


ANY_REWARD = st.builds(
    Reward,
    id=st.uuids().map(str),
    code=st.sampled_from(CODES),
    name=st.just("A reward"),
    type=st.just("voucher"),
    points_cost=st.sampled_from([0, 5, 40]),
    max_claims_per_user=st.sampled_from([None, 1]),
    total_inventory=st.sampled_from([None, 2]),
    has_codes=st.booleans(),
    required_badges=st.sampled_from([(), ("a",)]),
) | st.builds(
    Reward,
    id=st.uuids().map(str),
    code=st.sampled_from(CODES),
    name=st.just("Twice the points"),
    type=st.just("points_multiplier"),
    multiplier_millionths=st.sampled_from([1_500_000, 2_000_000]),
    duration_hours=st.integers(1, 300),
)
ANY_CAP = st.builds(
    EarningCap,
    id=st.uuids().map(str),
    code=st.sampled_from(CODES),
    name=st.just("A cap"),
    period=st.sampled_from(["day", "week", "month"]),
    points=st.sampled_from([0, 20, 70]),
    rule_code=st.none() | st.sampled_from(CODES),
)


def some(kind: st.SearchStrategy[Any], min_size: int = 0) -> st.SearchStrategy[list[Any]]:
    return st.lists(kind, unique_by=lambda definition: definition.code, min_size=min_size, max_size=4)


# Without rules and challenges, whose actions move tiers, too.
TIERS_ALONE = st.builds(definitions_with, st.just(1), some(ANY_TIER))
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
)
AMOUNTS = st.integers(1, 60) | st.sampled_from([1_000_000, 2**52, LARGEST_EXACT])
TIMES = st.none() | st.timedeltas(timedelta(days=-9), timedelta(minutes=9)).map(lambda shift: NOW + shift)
ATTRIBUTES = st.dictionaries(st.sampled_from(["x", "y"]), st.none() | st.integers(0, 2), max_size=2)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "display_name": st.none() | st.sampled_from(["Ada", "Bob"]),
        "attributes": ATTRIBUTES,
    },
)
FACT_IDS = st.integers(1, 9).map(lambda number: f"fact-{number}")
AWARDS = st.builds(award, AMOUNTS, occurred_at=TIMES)
EVENTS = st.builds(
    event,
    st.sampled_from(EVENT_NAMES),
    properties=st.fixed_dictionaries({"amount": st.sampled_from([1, 2, 3])}),
    occurred_at=TIMES,
)
COMMANDS = st.one_of(
    AWARDS,
    st.builds(deduct, AMOUNTS, occurred_at=TIMES),
    st.builds(assign, st.sampled_from(CODES)),
    EVENTS,
    st.builds(join_challenge, st.sampled_from(CODES)),
    st.builds(leave_challenge, st.sampled_from(CODES)),
    st.builds(award_badge, st.sampled_from(CODES)),
    st.builds(revoke_badge, st.sampled_from(CODES)),
    st.builds(judge_anew, silent=st.booleans()),
    st.builds(record_streak, st.sampled_from(CODES), occurred_at=TIMES),
    st.builds(award, AMOUNTS, expires_at=st.integers(1, 9).map(lambda days: NOW + timedelta(days=days))),
    st.builds(hold, AMOUNTS),
    st.builds(capture, FACT_IDS, st.none() | AMOUNTS),
    st.builds(release, FACT_IDS),
    st.builds(reverse, FACT_IDS, st.none() | AMOUNTS),
    st.builds(claim, st.sampled_from(CODES), deducts_points=st.booleans()),
    st.builds(fulfil, FACT_IDS),
    st.builds(cancel, FACT_IDS, returns_points=st.booleans(), returns_item=st.just(True)),
    FIELDS.map(lambda fields: register(**fields)),
    FIELDS.map(lambda fields: change(**fields)),
)
SEQUENCES = st.lists(COMMANDS, max_size=12) | st.lists(EVENTS, min_size=4, max_size=12)


def level(known: Definitions, who: Participant) -> int:
    return known[Tier].by_id[who[TIER].tier_id].level if who[TIER] else -1


def _projections(who: Participant) -> Any:
    has = (account(who), who[BADGES], who[STREAKS], who[CHALLENGES], who.limit_uses, who.limit_totals)
    return has, who[PURSE].lots, who[PURSE].holds, who[CLAIMS].by_id, who[CLAIMS].standing


def stocked(who: Participant, known: Definitions) -> None:
    """Two codes for each reward."""
    who.shared[STOCKS] = {reward: Stock(codes=["one", "two"]) for reward in known[Reward].by_id}


def journal_of(
    known: Definitions, who: Participant, commands: list[Command], stocks: dict[str, Stock] | None = None
) -> list[Entry]:
    stocked(who, known)
    who.shared[STOCKS] = who.rows(STOCKS) if stocks is None else stocks
    return [
        entry
        for command in commands
        if isinstance(outcome := run(who, command, known), Decision)
        for entry in outcome.entries
    ]


@given(DEFINITIONS, SEQUENCES)
def test_the_balance_is_what_was_earned_less_what_was_spent(known: Definitions, commands: list[Command]) -> None:
    who = participant()
    stocked(who, known)
    for command in commands:
        run(who, command, known)
        held = account(who)
        assert held.balance == held.total_earned - held.total_spent - held.total_expired - held.held
        assert 0 <= held.balance <= held.total_earned <= LARGEST_EXACT
        assert min(held.total_spent, held.total_expired, held.held) >= 0
        assert sum(who[PURSE].lots.values()) <= held.balance
        assert all(who[PURSE].lots.values())
        assert held.held == sum(hold.points for hold in who[PURSE].holds.values() if hold.status == "held")
        standing = [claimed.reward_id for claimed in who[CLAIMS].by_id.values() if claimed.status != "cancelled"]
        counts = {reward: standing.count(reward) for reward in known[Reward].by_id}
        assert counts == {reward: who[CLAIMS].standing.get(reward, 0) for reward in known[Reward].by_id}
        assert all(who.rows(STOCKS)[reward].taken == number for reward, number in counts.items())


@given(DEFINITIONS, SEQUENCES)
def test_the_journal_gives_back_the_account(known: Definitions, commands: list[Command]) -> None:
    who = participant()
    rebuilt = participant()
    for entry in journal_of(known, who, commands):
        stored = msgspec.json.decode(msgspec.json.encode(entry.fact), type=FACTS[entry.fact.kind])
        fold(GAME, rebuilt, Entry(entry.id, entry.seq, stored, entry.occurred_at, entry.cause_id))
    assert _projections(rebuilt) == _projections(who)


@given(DEFINITIONS, SEQUENCES)
def test_the_journal_has_no_gaps(known: Definitions, commands: list[Command]) -> None:
    who = participant()
    journal = journal_of(known, who, commands)
    assert [entry.seq for entry in journal] == list(range(1, len(journal) + 1))
    assert who.seq == len(journal)
    free = (RewardClaimed, ClaimCancelled)
    moving = [entry.fact for entry in journal if isinstance(entry.fact, PointsFact)]
    assert who[PURSE].transactions == sum(fact.amount > 0 or not isinstance(fact, free) for fact in moving)


@given(DEFINITIONS, SEQUENCES)
def test_a_rejection_changes_nothing(known: Definitions, commands: list[Command]) -> None:
    who = participant()
    for command in commands:
        before = copied(who)
        if isinstance(run(who, command, known), Rejection):
            assert who == before


@given(DEFINITIONS, SEQUENCES)
def test_only_an_assignment_lowers_a_tier(known: Definitions, commands: list[Command]) -> None:
    who = participant()
    for command in commands:
        before = level(known, who)
        outcome = run(who, command, known)
        facts = [entry.fact for entry in outcome.entries] if isinstance(outcome, Decision) else []
        assert any(isinstance(fact, TierAssigned) for fact in facts) or level(known, who) >= before


@given(TIERS_ALONE, SEQUENCES)
def test_without_assignments_the_tier_is_the_best_whose_threshold_was_ever_met(
    known: Definitions, commands: list[Command]
) -> None:
    who = participant()
    best = -1
    for command in commands:
        if isinstance(command, AssignTier | JudgeAnew):
            continue
        outcome = run(who, command, known)
        if isinstance(command, AwardPoints) and isinstance(outcome, Decision):
            counts = {"total_earned": who[PURSE].total_earned, "balance": who[PURSE].balance}
            met = [
                t.level
                for t in known[Tier].by_id.values()
                if t.automatic and t.is_active and counts[t.basis] >= t.min_points
            ]
            best = max([best, *met])
        assert level(known, who) == best


@given(TIERS_ALONE, SEQUENCES)
def test_an_upgrade_is_told_exactly_when_the_level_rises_above_the_entry_tier(
    known: Definitions, commands: list[Command]
) -> None:
    who = participant()
    for command in commands:
        before = who[TIER]
        outcome = run(who, command, known)
        if not isinstance(outcome, Decision) or not isinstance(outcome.answer, PointsAwardedAnswer):
            continue
        upgrade, after = outcome.answer.tier_upgrade, who[TIER]
        if before == after:
            assert upgrade is None
        elif upgrade is None:
            assert before is None
            assert after is not None
            assert known[Tier].by_id[after.tier_id].min_points == 0
        else:
            assert after is not None
            assert upgrade.code == known[Tier].by_id[after.tier_id].code
            assert upgrade.previous_level is None or upgrade.previous_level < upgrade.level


def ending_first(lots: Lots, need: LotNeeds) -> Lots:
    """Those that end first and have more points than are taken together, and those that are named."""
    kept: Lots = {}
    for at in sorted(lots.keys() - need.named):
        if sum(kept.values()) > need.taken:
            break
        kept[at] = lots[at]
    return kept | {at: lots[at] for at in need.named if at in lots}


@given(DEFINITIONS, SEQUENCES, COMMANDS)
def test_nothing_outside_the_needs_counts(known: Definitions, commands: list[Command], command: Command) -> None:
    who = participant(profile=Profile())
    journal_of(known, who, commands)
    reduced = copied(who)
    needed = needs(known, command)
    if not needed[WHOLE_PROFILE]:
        reduced[PROFILE] = None
    if not needed[EARNED]:
        reduced[BADGES] = {}
    if not needed[RECORDS]:
        reduced[STREAKS] = {}
    if not needed[ZONE]:
        reduced.zone = None
    reduced[CHALLENGES] = _only(reduced[CHALLENGES], needed[STATES])
    purse, claims = reduced[PURSE], reduced[CLAIMS]
    open_holds = {name for name, hold in purse.holds.items() if needed[LOTS] and hold.status == "held"}
    of_lots = lots_of(known, who, command, needed)
    purse.lots = ending_first(purse.lots, of_lots) if of_lots is not None else {}
    if of_lots is not None and of_lots.is_summed:
        purse.other_lot_points = sum(who[PURSE].lots.values()) - sum(purse.lots.values())
    purse.other_lots += len(who[PURSE].lots) - len(purse.lots)
    purse.endings = None
    purse.holds = _only(purse.holds, open_holds | (needed[HOLDS] or set()))
    purse.reversible = _only(purse.reversible, needed[TRANSACTIONS])
    claims.by_id = _only(claims.by_id, needed[NAMED_CLAIMS])
    rewards = {reward for reward, _ in needed[CLAIMABLE] or ()}
    rewards |= {claimed.reward_id for claimed in claims.by_id.values()}
    reduced.shared[STOCKS] = _only(reduced.rows(STOCKS), rewards)
    claims.standing = _only(claims.standing, rewards)
    limited = {limited.definition_id for limited in needed[LIMITED] or ()}
    reduced.limit_uses = {key: uses for key, uses in who.limit_uses.items() if key[0] in limited}
    reduced.limit_totals = {key: uses for key, uses in who.limit_totals.items() if key[0] in limited}
    assert decide(known, reduced, command, NOW, ids()) == decide(known, who, command, NOW, ids())
    assert account(reduced) == account(who)


def _only(rows: dict[str, Any], names: Collection[str] | None) -> dict[str, Any]:
    return {name: row for name, row in rows.items() if name in (names or ())}


@given(DEFINITIONS, SEQUENCES)
def test_decisions_are_repeatable(known: Definitions, commands: list[Command]) -> None:
    first, second = participant(), participant()
    assert journal_of(known, first, commands) == journal_of(known, second, deepcopy(commands))
    assert first == second


@given(FIELDS, FIELDS)
def test_what_is_not_given_stays(first: dict[str, Any], second: dict[str, Any]) -> None:
    who = participant()
    run(who, register(**first))
    before = who[PROFILE] or Profile()
    run(who, change(**second))
    after = who[PROFILE] or Profile()
    command = SaveProfile(project_id=1, participant_id="ada", create=False, **second)
    for field in ("display_name", "avatar_url", "attributes"):
        if getattr(command, field) is UNSET:
            assert getattr(after, field) == getattr(before, field)
