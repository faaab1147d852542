"""The cascade's bounds, its order, what its parts are caused by, and any order of independent events."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laurels.kernel.actions import Action
from laurels.kernel.commands import Command
from laurels.kernel.deciding.cascade import FACTS, ROUNDS
from laurels.kernel.deciding.decision import Decision
from laurels.kernel.deciding.listening import needs
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Outcome
from laurels.kernel.needs import ZONE
from laurels.mechanics.badges.model import BADGES, Badge, GiveBadge
from laurels.mechanics.badges.play import EARNED
from laurels.mechanics.challenges import rules as challenges
from laurels.mechanics.challenges.model import CHALLENGES, AdvanceChallenge, Challenge, ChallengeState, Milestone
from laurels.mechanics.challenges.play import STATES
from laurels.mechanics.participants.play import WHOLE_PROFILE
from laurels.mechanics.points.purse.model import PURSE, TakePoints
from laurels.mechanics.rewards.model import GrantReward, Reward
from laurels.mechanics.rules.model import Rule
from laurels.mechanics.streaks.model import STREAKS, ContinueStreak
from laurels.mechanics.streaks.play import RECORDS
from laurels.mechanics.tiers.model import PutInTier
from tests.core.given import (
    METALS,
    NOW,
    account,
    award,
    badge,
    challenge,
    deduct,
    definitions_with,
    event,
    followed,
    give,
    hear,
    join_challenge,
    objective,
    outcomes,
    participant,
    register,
    rule,
    run,
    streak,
    told,
)

DAY = timedelta(days=1)
SUM: dict[str, Any] = {"measure": "sum", "property": "amount"}
DISTINCT: dict[str, Any] = {"measure": "distinct", "property": "value"}


def step(code: str, *actions: Action, listens_to: str = "never", target: int = 1, **particulars: Any) -> Challenge:
    """A challenge that does `actions` when it is done."""
    return challenge(code, objective(target, event_name=listens_to), actions=actions, **particulars)


def advance(code: str, by: int = 1, objective_code: str | None = None) -> AdvanceChallenge:
    return AdvanceChallenge(challenge_code=code, objective_code=objective_code, by=by)


def halfway(*actions: Action) -> tuple[Milestone, ...]:
    return (Milestone(percent=50, actions=actions),)


def world(*defined: Rule | Challenge | Badge, **others: Any) -> Definitions:
    return definitions_with(
        1,
        rules=[d for d in defined if isinstance(d, Rule)],
        challenges=[d for d in defined if isinstance(d, Challenge)],
        badges=[d for d in defined if isinstance(d, Badge)],
        **others,
    )


def does(known: Definitions, who: Any, command: Command) -> Decision:
    outcome = run(who, command, known)
    assert isinstance(outcome, Decision), outcome
    return outcome


def test_rounds_one_after_another() -> None:
    known = world(
        rule("r", give(1), advance("a")),
        step("a", give(2), advance("b")),
        step("b", give(3)),
        step("z", give(9), listens_to="login"),
    )
    heard = hear(known, participant())
    assert followed(heard) == [
        *("+1", "a joined", "a.o +1", "a done", "z joined", "z.o +1", "z done"),  # the event's own round
        *("+2", "b joined", "b.o +1", "b done", "+9"),
        "+3",
    ]
    entries = dict(zip(told(heard.entries), heard.entries, strict=True))
    assert entries["b.o +1"].cause_id == entries["a done"].id
    assert (entries["b.o +1"].fact.due_to, entries["+3"].fact.due_to) == ("challenge-a", "challenge-b")


@pytest.mark.parametrize(("length", "is_cut"), [(7, False), (8, True)])
def test_a_chain_of_as_many_rounds_is_done_and_a_longer_one_is_cut(length: int, is_cut: bool) -> None:
    links = [step(f"c{n}", give(1), *([advance(f"c{n + 1}")] if n + 1 < length else [])) for n in range(length)]
    who = participant()
    heard = hear(world(rule("r", advance("c0")), *links), who)
    assert who[PURSE].balance == ROUNDS - 1
    assert outcomes(heard) == [Outcome("rule-r", "acted"), *([Outcome("challenge-c7", "cut")] if is_cut else [])]


def fan(code: str, following: str) -> Challenge:
    """20 times as much in each round, without a loop."""
    return step(code, *[advance(following)] * 20, is_repeatable=True)


@pytest.mark.parametrize(
    "defined",
    [
        pytest.param([step("a", advance("a"), listens_to="login", is_repeatable=True)], id="a loop"),
        pytest.param(
            [rule("r", advance("c0")), *(fan(f"c{n}", f"c{n + 1}") for n in range(8)), step("c8", is_repeatable=True)],
            id="a fan without a loop",
        ),
    ],
)
def test_what_grows_in_each_round_is_cut_off_and_that_is_noted_once(defined: list[Any]) -> None:
    heard = hear(world(*defined), participant())
    # The last act may pass the bound by what it brings itself.
    assert len(heard.entries) < FACTS + 20 * ROUNDS
    cut = [outcome for outcome in outcomes(heard) if outcome.outcome == "cut"]
    assert cut
    assert len({outcome.definition_id for outcome in cut}) == len(cut)


@pytest.mark.parametrize("by", [2, 5, 1_000_000])
def test_a_challenge_that_advances_itself_is_completed_eight_times_and_paid_each_time(by: int) -> None:
    who = participant()
    heard = hear(world(step("a", give(1), advance("a", by), listens_to="login", is_repeatable=True)), who)
    assert (who[CHALLENGES]["challenge-a"].completions, who[PURSE].balance) == (ROUNDS, ROUNDS)
    assert who[CHALLENGES]["challenge-a"].progress == {"o": 1 + ROUNDS * by - ROUNDS}
    assert outcomes(heard) == [Outcome("challenge-a", "postponed")]


def test_two_that_advance_one_another_are_bounded_each() -> None:
    who = participant()
    there, back = (
        step(one, give(1), advance(other, 3), listens_to="login", is_repeatable=True) for one, other in ("ab", "ba")
    )
    hear(world(there, back), who)
    assert [state.completions for state in who[CHALLENGES].values()] == [ROUNDS, ROUNDS]
    assert who[PURSE].balance == 2 * ROUNDS


def test_the_order_of_one_event() -> None:
    """Points and the tier that they reach, tiers, streaks, challenges, badges; criteria at the end of the round."""
    actions = (
        GiveBadge(badge_code="owl"),
        advance("c"),
        ContinueStreak(streak_code="daily"),
        PutInTier(tier_code="gold"),
        TakePoints(amount=1),
        give(1_000),
    )
    known = world(
        rule("r", *actions),
        step("c", give(1)),
        badge("owl"),
        badge("rich", "participant.balance > 999"),
        badge("any", "participant.total_events > 0"),
        tiers=METALS,
        streaks=[streak("daily")],
    )
    assert followed(hear(known, participant())) == [
        *("+1000", "tier bronze", "tier silver", "-1", "tier gold", "streak daily 1", "c joined", "c.o +1", "c done"),
        *("badge owl", "badge any", "+1", "badge rich"),
    ]


def test_a_refused_action_takes_back_the_completion_before_it_and_what_that_made_due() -> None:
    known = world(
        rule("a", advance("c"), GiveBadge(badge_code="gone")),
        rule("b", advance("c")),
        step("c", give(5), milestones=halfway(give(3))),
    )
    assert followed(hear(known, participant())) == ["c joined", "c.o +1", "c 50%", "c done", "+3", "+5"]


def test_a_profile_given_at_registration_earns_badges() -> None:
    known = world(badge("vip", "participant.attributes.vip == true"))
    assert told(does(known, participant(), register(attributes={"vip": True})).entries) == [
        "participant_registered",
        "badge vip",
    ]


def test_criteria_that_fail_are_noted_and_refuse_nothing() -> None:
    known = world(badge("bad", "participant.attributes.missing > 1"), badge("worse", "1 / participant.balance > 9"))
    who = participant(balance=1, total_earned=1)
    done = does(known, who, deduct(1))
    assert told(done.entries) == ["-1"]
    assert [(noted.definition_id, noted.outcome) for noted in outcomes(done)] == [("badge-worse", "failed")]
    assert outcomes(does(known, who, award(5))) == []


@pytest.mark.parametrize(
    ("targets", "progress", "percent"),
    [
        ([3], [2], 66),
        ([2, 2], [9, 0], 50),
        ([3, 3], [1, 2], 50),
        ([3, 3, 3], [1, 1, 1], 33),
        ([3, 3, 3], [3, 3, 2], 88),
        ([1_000_000_000_000_000, 7], [999_999_999_999_999, 7], 99),
    ],
)
def test_percent_is_the_mean_of_the_shares_rounded_down(targets: list[int], progress: list[int], percent: int) -> None:
    known = challenge("c", *(objective(target, f"o{n}") for n, target in enumerate(targets)))
    assert challenges.percent(known, {f"o{n}": reached for n, reached in enumerate(progress)}) == percent


def test_the_milestone_of_half_is_reached_by_a_third_and_two_thirds() -> None:
    known = world(challenge("c", objective(3, "a"), objective(3, "b", event_name="buy"), milestones=halfway(give(5))))
    who = participant()
    found = [followed(hear(known, who, event_name=name)) for name in ("login", "buy", "buy")]
    assert found == [["c joined", "c.a +1"], ["c.b +1"], ["c.b +1", "c 50%", "+5"]]


def test_causes_of_objectives_milestones_and_completions() -> None:
    known = world(challenge("c", objective(2, "a"), objective(1, "b"), milestones=halfway(give(50))))
    heard = hear(known, participant())
    entries = dict(zip(told(heard.entries), heard.entries, strict=True))
    event_id = heard.entries[0].id
    assert [entries[line].cause_id for line in ("c joined", "c.a +1", "c.b +1")] == [event_id] * 3
    assert entries["c 50%"].cause_id == entries["c.b +1"].id
    assert entries["+50"].cause_id == entries["c 50%"].id


@pytest.mark.parametrize(
    ("amount", "completions", "left_over", "is_postponed"),
    [(7, 7, 0, False), (8, 8, 0, False), (8.5, 8, 500_000, False), (9, 8, 1_000_000, True)],
)
def test_one_event_completes_a_challenge_eight_times_at_most(
    amount: float, completions: int, left_over: int, is_postponed: bool
) -> None:
    known = world(challenge("c", objective(1_000_000, **SUM), milestones=halfway(), is_repeatable=True))
    who = participant()
    heard = hear(known, who, amount=amount)
    state = who[CHALLENGES]["challenge-c"]
    assert (state.completions, state.progress) == (completions, {"o": left_over})
    assert outcomes(heard) == ([Outcome("challenge-c", "postponed")] if is_postponed else [])
    assert (state.milestones == [50]) == (left_over >= 500_000)


@pytest.mark.parametrize("lowered", [5, 3], ids=["to what was reached", "below what was reached"])
def test_a_lowered_target_completes_with_the_next_event(lowered: int) -> None:
    before, after = (world(challenge("c", objective(n), actions=(give(1),))) for n in (9, lowered))
    who = participant()
    for _ in range(5):
        hear(before, who)
    assert followed(hear(after, who)) == ["c done", "+1"]
    assert followed(hear(after, who)) == []


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        pytest.param(advance("c"), ["c.b +1"], id="the first one that counts if none is named"),
        pytest.param(advance("c", 2, "d"), ["c.d +2000000"], id="the one that is named"),
        pytest.param(advance("c", 1, "a"), [], id="none that tells values apart"),
        pytest.param(advance("c", 1, "x"), [], id="none of an unknown name"),
    ],
)
def test_which_objective_an_action_advances(action: Action, expected: list[str]) -> None:
    parts = objective(9, "a", **DISTINCT), objective(9, "b"), objective(9_000_000, "d", **SUM)
    known = world(challenge("c", *parts), rule("r", action, event_name="x"))
    who = participant()
    hear(known, who, amount=1, value=1)
    assert followed(hear(known, who, event_name="x")) == expected


def any_order(events: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    lists = st.lists(events, min_size=1, max_size=12)
    return lists.flatmap(lambda listed: st.tuples(st.just(listed), st.permutations(listed)))


REPEATED = [
    challenge("c", objective(3), is_repeatable=True),
    challenge("c", objective(2_500_000, **SUM), is_repeatable=True),
    challenge("c", objective(2, "a"), objective(4_000_000, "b", **SUM), is_repeatable=True),
    challenge("c", objective(2), is_repeatable=True, joins_automatically=False),
    challenge("c", objective(2_500_000, **SUM), is_repeatable=True, joins_automatically=False),
]


@settings(max_examples=80)
@given(
    st.sampled_from(REPEATED), any_order(st.tuples(st.integers(0, 20), st.sampled_from([0, 0.1, 0.3, 1, 1.7, 2.5, 4])))
)
def test_the_same_events_in_any_order_complete_a_challenge_as_often(repeated: Challenge, orders: Any) -> None:
    known = world(repeated)
    ends = []
    for order in orders:
        who = participant()
        if not repeated.joins_automatically:
            who[CHALLENGES][repeated.id] = ChallengeState(joined_at=NOW - 15 * DAY)
        for days, amount in order:
            hear(known, who, NOW - days * DAY, amount=amount)
        state = who[CHALLENGES].get(repeated.id, ChallengeState(joined_at=NOW))
        ends.append((state.completions, {code: reached for code, reached in state.progress.items() if reached}))
    assert ends[0] == ends[1]


# Nothing here depends on what came before: conditions and amounts read only the event, no limits, no groups, nothing is
# taken away, criteria once true stay true, and no challenge sets off one before it.
CONDITIONS = [None, "event.properties.n >= 2", "event.properties.n == 1", "event.properties.tag == 'x'"]
ACTIONS: list[Action] = [
    give(3),
    give("event.properties.n * 10"),
    GiveBadge(badge_code="given"),
    ContinueStreak(streak_code="daily"),
    advance("first"),
    advance("second", 2),
]
make_rule: Callable[..., Rule] = lambda code, condition, actions, name, priority: rule(  # noqa: E731
    code, *actions, condition=condition, event_name=name, priority=priority
)
INDEPENDENT_RULES = st.lists(
    st.builds(
        make_rule,
        st.sampled_from("abcd"),
        st.sampled_from(CONDITIONS),
        st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=3, unique_by=str),
        st.sampled_from(["login", "buy"]),
        st.integers(0, 1),
    ),
    max_size=4,
    unique_by=lambda defined: defined.code,
)
INDEPENDENT_OTHERS: dict[str, Any] = {
    "challenges": [
        challenge(
            "first",
            objective(3),
            objective(2_500_000, "sum", measure="sum", property="n", event_name="buy"),
            is_repeatable=True,
            actions=(give(7), advance("second")),
        ),
        challenge("second", objective(4, event_name="buy"), is_repeatable=True, actions=(give(11), advance("third"))),
        challenge(
            "third",
            objective(2, condition="event.properties.tag == 'x'"),
            actions=(give(500), GiveBadge(badge_code="third")),
            milestones=halfway(give(1)),
        ),
    ],
    "badges": [
        badge("given"),
        badge("third"),
        badge("rich", "participant.total_earned >= 60"),
        badge("busy", "participant.completed_challenges['first'] > 0 && participant.total_events > 4"),
        badge("lucky", "'third' in participant.badges && 'rich' in participant.badges"),
        badge("loyal", "participant.longest_streaks['daily'] >= 3"),
        badge("silver", "participant.tier_level >= 2"),
    ],
    "streaks": [streak("daily")],
    "tiers": METALS,
}
INDEPENDENT_EVENTS = st.tuples(
    st.sampled_from(["login", "buy"]), st.integers(1, 3), st.sampled_from(["x", "y"]), st.integers(0, 9)
)


def reached(known: Definitions, events: list[tuple[str, int, str, int]]) -> tuple[Any, ...]:
    who = participant()
    for name, n, tag, days in events:
        heard = hear(known, who, NOW - days * DAY, event_name=name, n=n, tag=tag)
        assert {outcome.outcome for outcome in outcomes(heard)} <= {"acted"}
    held = account(who)
    return (
        (held.balance, held.total_earned, held.total_events, held.transactions),
        held.tier.tier_id if held.tier else None,
        set(who[BADGES]),
        who[STREAKS],
        {name: (state.completions, state.progress) for name, state in who[CHALLENGES].items()},
    )


@settings(max_examples=80)
@given(INDEPENDENT_RULES, any_order(INDEPENDENT_EVENTS))
def test_no_order_of_independent_events_changes_what_is_reached(rules: list[Rule], orders: Any) -> None:
    known = definitions_with(1, rules=rules, **INDEPENDENT_OTHERS)
    one, other = (reached(known, order) for order in orders)
    assert one == other


# What a command must know of the participant.
NEEDS: list[tuple[str, list[Any], Command, dict[str, Any]]] = [
    ("nothing listens", [rule("r", GiveBadge(badge_code="owl"), event_name="x")], event("login"), {}),
    ("a streak is recorded", [rule("r", ContinueStreak(streak_code="s"))], event(), {"streaks": True, "zone": True}),
    (
        "a chain of challenges ends in a badge",
        [rule("r", advance("a")), step("a", advance("b")), step("b", GiveBadge(badge_code="owl")), step("other")],
        event(),
        {"challenges": {"challenge-a", "challenge-b"}, "badges": True},
    ),
    (
        "a milestone records a streak",
        [challenge("a", objective(2), milestones=halfway(ContinueStreak(streak_code="s")))],
        event(),
        {"challenges": {"challenge-a"}, "streaks": True, "zone": True},
    ),
    (
        "criteria read a badge that others earn, and the streaks",
        [
            badge("a", "participant.balance > 1"),
            badge("b", "'a' in participant.badges && participant.streaks['s'] > 1"),
        ],
        award(1),
        {"badges": True, "streaks": True, "zone": True},
    ),
    (
        "criteria read challenges that an event completes",
        [badge("a", "participant.completed_challenges['a'] > 0"), step("a", listens_to="login"), step("b")],
        event(),
        {"badges": True, "challenges": {"challenge-a", "challenge-b"}},
    ),
    (
        "criteria read the points, in which a reward that is granted counts",
        [badge("a", "participant.balance > 1"), rule("r", GrantReward(reward_code="mug"))],
        event(),
        {"badges": True},
    ),
    ("criteria read nothing that changes", [badge("owl", "participant.time_zone == 'UTC'")], award(1), {}),
    ("joining", [step("c"), step("d")], join_challenge("c"), {"challenges": {"challenge-c"}}),
]


@pytest.mark.parametrize(("defined", "command", "expected"), [pytest.param(*row[1:], id=row[0]) for row in NEEDS])
def test_what_a_command_needs(defined: list[Any], command: Command, expected: dict[str, Any]) -> None:
    mug = Reward(id="reward-mug", code="mug", name="Mug", type="voucher")
    found = needs(world(*defined, streaks=[streak("s")], rewards=[mug]), command)
    shown = {
        "profile": found[WHOLE_PROFILE],
        "zone": found[ZONE],
        "badges": found[EARNED],
        "streaks": found[RECORDS],
        "challenges": found[STATES],
    }
    assert {name: value for name, value in shown.items() if value} == expected
