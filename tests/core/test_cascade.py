"""The cascade: rounds and where they are cut, badge criteria and what makes them judged, independence of order."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from laurels.kernel.actions import Action
from laurels.kernel.commands import Command
from laurels.kernel.dates import time_zones
from laurels.kernel.dates.calendar import Calendar
from laurels.kernel.deciding.cascade import ROUNDS
from laurels.kernel.deciding.decision import Decision
from laurels.kernel.definition import Definitions
from laurels.kernel.explaining.seen_values import Moment
from laurels.kernel.facts import Outcome
from laurels.kernel.participant import Participant
from laurels.mechanics.badges.model import BADGES, Badge, BadgeEarned, GiveBadge
from laurels.mechanics.challenges.explain import considered_challenges
from laurels.mechanics.challenges.model import CHALLENGES, AdvanceChallenge, Challenge, ChallengeCompleted, Objective
from laurels.mechanics.points.deciding.responses import PointsAwardedAnswer
from laurels.mechanics.points.purse.model import PURSE, GivePoints, TakePoints
from laurels.mechanics.rewards.model import GrantReward, Reward
from laurels.mechanics.rules.model import Limit, Rule
from laurels.mechanics.streaks.model import ContinueStreak, Streak
from laurels.mechanics.tiers.model import PutInTier
from tests.core.given import (
    METALS,
    account,
    assign,
    award,
    award_badge,
    definitions_with,
    event,
    participant,
    record_streak,
    register,
    revoke_badge,
    run,
    tier,
)


def badge(code: str, criteria: str | None = None, **particulars: Any) -> Badge:
    return Badge(id=f"badge-{code}", code=code, name=code, criteria=criteria, **particulars)


def challenge(code: str, *actions: Action, target: int = 1, event_name: str = "never", **more: Any) -> Challenge:
    objective = Objective(code="o", name="o", event_name=event_name, target=target)
    return Challenge(id=f"challenge-{code}", code=code, name=code, objectives=(objective,), actions=actions, **more)


def rule(*actions: Action, code: str = "r", **particulars: Any) -> Rule:
    return Rule(id=f"rule-{code}", code=code, name=code, event_name="login", actions=actions, **particulars)


def done(who: Participant, command: Command, known: Definitions) -> Decision:
    outcome = run(who, command, known)
    assert isinstance(outcome, Decision), outcome
    return outcome


def advance(code: str) -> AdvanceChallenge:
    return AdvanceChallenge(challenge_code=code)


def test_one_completion_leads_to_the_next() -> None:
    chain = [challenge(f"c{n}", GivePoints(amount=1), advance(f"c{n + 1}")) for n in range(5)]
    who = participant()
    decision = done(
        who, event(), definitions_with(1, rules=[rule(advance("c0"))], challenges=[*chain[:-1], challenge("c4")])
    )
    assert who[PURSE].total_earned == 4
    completed = [entry.fact for entry in decision.entries if isinstance(entry.fact, ChallengeCompleted)]
    assert [fact.challenge_code for fact in completed] == ["c0", "c1", "c2", "c3", "c4"]


def test_what_sets_itself_off_for_ever_is_cut_and_noted() -> None:
    loop = challenge("loop", GivePoints(amount=1), advance("loop"), is_repeatable=True)
    who = participant()
    decision = done(who, event(), definitions_with(1, rules=[rule(advance("loop"))], challenges=[loop]))
    assert who[PURSE].total_earned == ROUNDS - 1
    assert who[CHALLENGES]["challenge-loop"].completions == ROUNDS
    assert decision.entries[0].fact.outcomes == [Outcome("rule-r", "acted"), Outcome("challenge-loop", "cut")]


def test_actions_of_a_completion_that_fail_are_noted_and_the_completion_stays() -> None:
    known = definitions_with(
        1, challenges=[challenge("c", GivePoints(amount=5), GiveBadge(badge_code="nope"), event_name="login")]
    )
    who = participant()
    decision = done(who, event(), known)
    assert (who[PURSE].total_earned, who[CHALLENGES]["challenge-c"].completions) == (0, 1)
    assert [(o.definition_id, o.outcome) for o in decision.entries[0].fact.outcomes] == [("challenge-c", "failed")]


ASLEEP: dict[str, tuple[Action, dict[str, Any]]] = {
    "tier": (PutInTier(tier_code="off"), {"tiers": [tier("off", 9, automatic=False, is_active=False)]}),
    "badge": (GiveBadge(badge_code="off"), {"badges": [badge("off", is_active=False)]}),
    "streak": (
        ContinueStreak(streak_code="off"),
        {"streaks": [Streak(id="streak-off", code="off", name="Off", period="daily", is_active=False)]},
    ),
    "challenge": (advance("off"), {"challenges": [challenge("off", is_active=False)]}),
}
MUG_ASLEEP = Reward(id="reward-off", code="off", name="Off", type="voucher", is_active=False)


@pytest.mark.parametrize("kind", ASLEEP)
def test_an_action_on_what_is_not_active_leaves_the_others_theirs(kind: str) -> None:
    action, known = ASLEEP[kind]
    who = participant()
    decision = done(who, event(), definitions_with(1, rules=[rule(action, GivePoints(amount=10))], **known))
    assert who[PURSE].balance == 10
    [outcome] = decision.entries[0].fact.outcomes
    detail = f"{type(action).__struct_config__.tag} changed nothing (the {kind} off was not active)"
    assert outcome == Outcome("rule-r", "acted", detail)


@pytest.mark.parametrize("kind", ASLEEP)
def test_a_completion_with_an_action_on_what_is_not_active_gives_the_rest_and_is_told(kind: str) -> None:
    action, known = ASLEEP[kind]
    completing = challenge("c", action, GivePoints(amount=10), event_name="login")
    who = participant()
    of_kinds = {**known, "challenges": [completing, *known.get("challenges", [])]}
    decision = done(who, event(), definitions_with(1, **of_kinds))
    assert who[PURSE].balance == 10
    [outcome] = decision.entries[0].fact.outcomes
    assert (outcome.definition_id, outcome.outcome) == ("challenge-c", "acted")
    definitions = definitions_with(1, challenges=[completing])
    moment = Moment(definitions, None, decision.entries[0], decision.entries[0].occurred_at)
    told = considered_challenges(definitions, decision.entries, {}, moment)
    name = type(action).__struct_config__.tag
    assert [(each.verdict, each.reason) for each in told] == [
        (
            "advanced",
            f"It was brought nearer its target; of its actions {name} changed nothing (the {kind} off was not active).",
        )
    ]


@pytest.mark.parametrize("kind", ASLEEP)
def test_whoever_pays_gets_all_or_pays_nothing(kind: str) -> None:
    action, known = ASLEEP[kind]
    who = participant(exists=True, balance=5, total_earned=5)
    paid = (TakePoints(amount=5), action, GivePoints(amount=1))
    decision = done(who, event(), definitions_with(1, rules=[rule(*paid)], **known))
    assert who[PURSE].balance == 5
    [outcome] = decision.entries[0].fact.outcomes
    assert (outcome.outcome, outcome.detail) == (
        "failed",
        f"{type(action).__struct_config__.tag}: the {kind} off was not active",
    )


def test_a_reward_that_is_not_active_takes_the_rest_along() -> None:
    granting = rule(GrantReward(reward_code="off"), GivePoints(amount=1))
    who = participant()
    decision = done(who, event(), definitions_with(1, rules=[granting], rewards=[MUG_ASLEEP]))
    assert who[PURSE].balance == 0
    assert decision.entries[0].fact.outcomes == [
        Outcome("rule-r", "failed", "grant_reward: the reward off was not active")
    ]


@pytest.mark.parametrize("kind", ASLEEP)
def test_where_nothing_is_left_to_do_no_limit_is_used_and_no_group_taken(kind: str) -> None:
    action, known = ASLEEP[kind]
    once = rule(action, limits=(Limit(1, "ever"),), group="g", priority=1)
    other = rule(GivePoints(amount=1), code="other", group="g")
    who = participant()
    done(who, event(), definitions_with(1, rules=[once, other], **known))
    assert (who[PURSE].balance, who.limit_uses) == (1, {})


LOGIN = Streak(id="streak-login", code="login", name="Login", period="daily")


@pytest.mark.parametrize(
    ("criteria", "commands"),
    [
        pytest.param("participant.total_earned >= 10", [award(9), award(1)], id="points"),
        pytest.param("participant.balance >= 10", [award(9), award(1)], id="balance"),
        pytest.param("participant.tier == 'silver'", [award(999), award(1)], id="a tier reached"),
        pytest.param("participant.tier_level >= 3", [award(1), assign("gold")], id="a tier assigned"),
        pytest.param("participant.streaks['login'] >= 1", [award(1), record_streak("login")], id="a streak"),
        pytest.param("participant.longest_streaks['login'] >= 1", [award(1), record_streak("login")], id="its longest"),
        pytest.param("participant.total_events >= 2", [event("x"), event("x")], id="events"),
        pytest.param("'other' in participant.badges", [award(1), award_badge("other")], id="another badge"),
        pytest.param("participant.completed_challenges['c'] >= 1", [event("x"), event("go")], id="a challenge"),
        pytest.param(
            "participant.attributes.plan == 'pro'",
            [register(attributes={"plan": "free"}), register(attributes={"plan": "pro"})],
            id="the profile",
        ),
        pytest.param(
            "participant.time_zone == 'Asia/Tokyo'",
            [register(attributes={"timezone": "UTC"}), register(attributes={"timezone": "Asia/Tokyo"})],
            id="the time zone",
        ),
    ],
)
def test_criteria_are_judged_when_what_they_read_has_changed(criteria: str, commands: list[Command]) -> None:
    known = definitions_with(
        1,
        METALS,
        [badge("owl", criteria), badge("other")],
        [LOGIN],
        challenges=[challenge("c", event_name="go")],
        calendar=Calendar(zones=time_zones.ZONES),
    )
    who = participant()
    for number, command in enumerate(commands):
        decision = done(who, command, known)
        earned = [e for e in decision.entries if isinstance(e.fact, BadgeEarned) and e.fact.badge_code == "owl"]
        assert len(earned) == (number == len(commands) - 1)
        assert all(entry.cause_id in {e.id for e in decision.entries} for entry in earned)


def test_one_badge_earns_another_and_the_answer_tells() -> None:
    known = definitions_with(
        1,
        badges=[
            badge("second", "'first' in participant.badges", display_order=1),
            badge("first", "participant.total_earned >= 5", display_order=2),
            badge("third", "participant.badges.size() >= 2", display_order=3),
            badge("off", "true || participant.balance > 0", is_active=False),
        ],
    )
    answer = done(participant(), award(5), known).answer
    assert isinstance(answer, PointsAwardedAnswer)
    assert answer.effects is not UNSET
    assert [effect.badge_code for effect in answer.effects.badges] == ["first", "second", "third"]
    plain = done(participant(), award(1), known).answer
    assert isinstance(plain, PointsAwardedAnswer)
    assert plain.effects is UNSET


def test_criteria_that_fail_are_noted_with_the_command() -> None:
    known = definitions_with(1, badges=[badge("owl", "participant.attributes.age > participant.balance")])
    decision = done(participant(), award(5), known)
    [outcome] = decision.entries[0].fact.outcomes
    assert (outcome.definition_id, outcome.outcome) == ("badge-owl", "failed")
    assert outcome.detail == 'criteria: Key not found in map : "age"'


def test_a_badge_taken_away_comes_back_with_the_next_change_only() -> None:
    known = definitions_with(1, badges=[badge("owl", "participant.balance >= 5 || participant.badges.size() > 9")])
    who = participant()
    done(who, award(5), known)
    assert [type(e.fact).__name__ for e in done(who, revoke_badge("owl"), known).entries] == ["BadgeRevoked"]
    assert who[BADGES] == {}
    done(who, award(1), known)
    assert list(who[BADGES]) == ["badge-owl"]


EVENTS = st.lists(
    st.builds(
        event, st.sampled_from(["login", "buy"]), properties=st.fixed_dictionaries({"amount": st.integers(0, 30)})
    ),
    max_size=8,
)
INDEPENDENT = definitions_with(
    1,
    METALS,
    [badge("rich", "participant.total_earned >= 40"), badge("busy", "participant.total_events >= 4")],
    rules=[
        rule(GivePoints(amount=3), code="a"),
        rule(GivePoints(amount="event.properties.amount * 2"), code="b", condition="event.properties.amount > 9"),
        rule(advance("count"), GiveBadge(badge_code="rich"), code="c", condition="event.properties.amount == 30"),
    ],
    challenges=[
        challenge("count", GivePoints(amount=5), target=3, event_name="buy", is_repeatable=True),
        Challenge(
            id="challenge-sum",
            code="sum",
            name="sum",
            objectives=(
                Objective(code="o", name="o", event_name="buy", measure="sum", property="amount", target=25_000_000),
            ),
            actions=(GivePoints(amount=7),),
            is_repeatable=True,
        ),
    ],
)


@given(EVENTS, st.randoms())
def test_the_order_of_independent_events_changes_nothing_in_the_end(events: list[Command], random: Any) -> None:
    found = []
    for order in (events, random.sample(events, len(events))):
        who = participant()
        for command in order:
            done(who, command, INDEPENDENT)
        states = {name: (state.completions, state.progress) for name, state in who[CHALLENGES].items()}
        held = account(who)
        found.append((held.total_earned, held.balance, held.total_events, held.tier, set(who[BADGES]), states))
    assert found[0] == found[1]
