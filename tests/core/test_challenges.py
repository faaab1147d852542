"""Challenges: what counts towards an objective, runs and their ends, milestones, completion, repetition."""

from datetime import UTC, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurels.kernel.commands import Command
from laurels.kernel.dates.calendar import Calendar
from laurels.kernel.deciding.decision import Decision
from laurels.kernel.definition import Definitions
from laurels.kernel.participant import Participant
from laurels.kernel.rejections import DefinitionInactive, DefinitionNotFound, ParticipantNotFound
from laurels.mechanics.challenges import rules as challenges
from laurels.mechanics.challenges.model import (
    CHALLENGES,
    AdvanceChallenge,
    Challenge,
    ChallengeDone,
    ChallengeNotJoined,
    ChallengeNotOpen,
    ChallengeState,
    Milestone,
    Objective,
)
from laurels.mechanics.points.purse.model import PURSE, GivePoints
from laurels.mechanics.rules.model import Rule
from tests.core.given import NOW, definitions_with, event, join_challenge, leave_challenge, participant, run

MILLION = 1_000_000
DAY = timedelta(days=1)


def objective(code: str = "o", **particulars: Any) -> Objective:
    return Objective(code=code, name=code, **{"event_name": "login", "target": 2, **particulars})


def challenge(*objectives: Objective, **particulars: Any) -> Challenge:
    return Challenge(id="challenge", code="c", name="C", objectives=objectives or (objective(),), **particulars)


def known(defined: Challenge, *rules: Rule) -> Definitions:
    return definitions_with(1, challenges=[defined], rules=rules)


def after(defined: Challenge, *commands: Command, who: Participant | None = None) -> Participant:
    who = who or participant(exists=True)
    for command in commands:
        assert isinstance(run(who, command, known(defined)), Decision)
    return who


def progress(who: Participant) -> dict[str, int]:
    return who[CHALLENGES]["challenge"].progress if who[CHALLENGES] else {}


def summary(defined: Challenge, who: Participant, at: Any = NOW) -> challenges.ChallengeSummary:
    return challenges.summary(defined, who[CHALLENGES].get("challenge"), at, UTC, Calendar())


def login(*days_ago: float, **properties: Any) -> list[Command]:
    return [event(occurred_at=NOW - DAY * ago, properties=properties) for ago in days_ago or [0]]


@pytest.mark.parametrize(
    ("measured", "values", "reached"),
    [
        pytest.param({}, [1, None, "x"], 3, id="count: any event"),
        pytest.param({"measure": "sum"}, [0.1, 0.2, 3], 3_300_000, id="sum: decimals exactly"),
        pytest.param({"measure": "sum"}, ["7", None, True, -5, [1]], None, id="sum: positive numbers only"),
        pytest.param({"measure": "distinct"}, ["a", "b", "a"], 2, id="distinct: texts"),
        pytest.param({"measure": "distinct"}, [1, "1", True, [1], {"a": 1}], 5, id="distinct: types differ"),
        pytest.param({"measure": "distinct"}, [1, 1.0, 1.5], 2, id="distinct: JSON knows one kind of number"),
        pytest.param({"measure": "distinct"}, [{"a": 1, "b": 2}, {"b": 2, "a": 1}], 1, id="distinct: equal objects"),
        pytest.param({"measure": "distinct"}, [None, None], None, id="distinct: nothing is no value"),
        pytest.param({"condition": "event.properties.p == 'yes'"}, ["yes", "no", "yes"], 2, id="with a condition"),
        pytest.param({"condition": "event.properties.q == 1"}, [1], None, id="with a condition that fails"),
    ],
)
def test_what_counts(measured: dict[str, Any], values: list[Any], reached: int | None) -> None:
    target = 9 * MILLION if measured.get("measure") == "sum" else 9
    defined = challenge(objective(target=target, property="p", **measured))
    who = after(defined, *(event(properties={"p": value}) for value in values))
    assert progress(who).get("o") == reached


def test_other_events_count_nothing() -> None:
    assert after(challenge(), event("logout"))[CHALLENGES] == {}


def test_progress_stops_at_the_target_and_is_then_complete() -> None:
    who = after(challenge(objective(measure="sum", property="p", target=5 * MILLION)), *login(0, p=3), *login(0, p=3))
    assert progress(who) == {"o": 5 * MILLION}
    state = who[CHALLENGES]["challenge"]
    assert (state.completions, state.completed_at, state.is_active) == (1, NOW, False)
    assert progress(after(challenge(), *login(0), who=who)) == {"o": 5 * MILLION}


def test_an_objective_waits_for_those_that_it_requires() -> None:
    defined = challenge(objective("first"), objective("second", requires=("first",)))
    assert progress(after(defined, *login(0))) == {"first": 1}
    assert progress(after(defined, *login(0, 0))) == {"first": 2}
    who = after(defined, *login(0, 0, 0, 0))
    assert progress(who) == {"first": 2, "second": 2}
    assert who[CHALLENGES]["challenge"].completions == 1


IN_TIME = {"starts_at": NOW - 3 * DAY, "ends_at": NOW - DAY}


@pytest.mark.parametrize(
    ("particulars", "commands", "reached"),
    [
        pytest.param(IN_TIME, login(4, 3, 2, 1, 0), 2, id="from the start, before the end"),
        pytest.param({"duration_days": 2}, login(3, 2, 1, 0), 2, id="a duration from the first event"),
        pytest.param({"duration_days": 2}, login(2, 3), 1, id="a late event from before the run"),
        pytest.param({}, login(1, 5), 2, id="without a duration late events count"),
        pytest.param({"joins_automatically": False}, login(0), None, id="not joined"),
        pytest.param({"joins_automatically": False}, [join_challenge("c"), *login(0)], 1, id="joined by a call"),
        pytest.param({"joins_automatically": False}, [join_challenge("c"), *login(1)], None, id="before joining"),
        pytest.param({}, [join_challenge("c"), leave_challenge("c"), *login(0)], None, id="left"),
        pytest.param(
            {}, [*login(0), leave_challenge("c"), join_challenge("c"), *login(0)], 1, id="left and joined anew"
        ),
        pytest.param({"is_active": False}, login(0), None, id="inactive"),
        pytest.param({"is_deleted": True}, login(0), None, id="deleted"),
    ],
)
def test_when_it_counts(particulars: dict[str, Any], commands: list[Command], reached: int | None) -> None:
    who = after(challenge(objective(target=9), **particulars), *commands)
    assert progress(who).get("o") == reached


def test_a_run_out_of_time_is_followed_by_another_only_if_repeatable() -> None:
    once = challenge(objective(target=9), duration_days=1)
    assert progress(after(once, *login(5, 0))) == {"o": 1}
    who = after(challenge(objective(target=9), duration_days=1, is_repeatable=True), *login(5, 4.5, 0))
    assert progress(who) == {"o": 1}
    assert who[CHALLENGES]["challenge"].joined_at == NOW


RUNNING = ChallengeState(joined_at=NOW - DAY)
RUN_OUT = ChallengeState(joined_at=NOW - 2 * DAY, deadline=NOW - DAY)
LEFT = ChallengeState(joined_at=NOW - DAY, is_active=False, has_left=True)
DONE = ChallengeState(joined_at=NOW - DAY, is_active=False, completions=1)


@pytest.mark.parametrize(
    ("particulars", "state", "joined", "left"),
    [
        pytest.param({}, None, True, ChallengeNotJoined("c"), id="never joined"),
        pytest.param({}, RUNNING, False, None, id="in a run"),
        pytest.param({}, LEFT, True, ChallengeNotJoined("c"), id="left"),
        pytest.param({}, RUN_OUT, ChallengeDone("c", False), ChallengeNotJoined("c"), id="run out of time"),
        pytest.param({"is_repeatable": True}, RUN_OUT, True, ChallengeNotJoined("c"), id="run out, repeatable"),
        pytest.param({}, DONE, ChallengeDone("c", True), ChallengeNotJoined("c"), id="completed"),
        pytest.param({"starts_at": NOW + DAY}, None, ChallengeNotOpen("c", False), ChallengeNotJoined("c"), id="soon"),
        pytest.param({"ends_at": NOW}, None, ChallengeNotOpen("c", True), ChallengeNotJoined("c"), id="over"),
        pytest.param(
            {"is_active": False}, None, DefinitionInactive("challenge", "c"), ChallengeNotJoined("c"), id="off"
        ),
    ],
)
def test_joining_and_leaving(particulars: dict[str, Any], state: Any, joined: Any, left: Any) -> None:
    for command, expected in ((join_challenge("c"), joined), (leave_challenge("c"), left)):
        who = participant(exists=True)
        who[CHALLENGES] = {"challenge": state} if state else {}
        outcome = run(who, command, known(challenge(**particulars)))
        if isinstance(outcome, Decision):
            assert len(outcome.entries) == (expected is not False)
            assert expected in (True, False, None)
        else:
            assert outcome == expected


def test_what_is_not_known() -> None:
    assert run(participant(), join_challenge("x"), known(challenge())) == DefinitionNotFound("challenge", "x")
    assert run(participant(), leave_challenge("c"), known(challenge())) == ParticipantNotFound("ada")
    assert run(participant(exists=True), leave_challenge("x"), known(challenge())) == DefinitionNotFound(
        "challenge", "x"
    )


def test_milestones_once_a_run_the_lowest_first() -> None:
    give = tuple(GivePoints(amount=amount) for amount in (1, 10, 100))
    defined = challenge(
        objective(target=4),
        milestones=(Milestone(percent=50, actions=give[1:2]), Milestone(percent=25, actions=give[:1])),
        actions=give[2:],
    )
    totals = []
    who = participant()
    for _ in range(5):
        after(defined, event(), who=who)
        totals.append(who[PURSE].total_earned)
    assert totals == [1, 11, 11, 111, 111]
    assert who[CHALLENGES]["challenge"].milestones == [25, 50]


def test_several_milestones_at_once() -> None:
    milestones = tuple(Milestone(percent=percent, actions=(GivePoints(amount=percent),)) for percent in (30, 60))
    defined = challenge(objective(measure="sum", property="p", target=10 * MILLION), milestones=milestones)
    assert after(defined, *login(0, p=7))[PURSE].total_earned == 90


@given(st.lists(st.integers(1, 25), max_size=10), st.randoms())
def test_a_repeatable_challenge_is_completed_as_often_in_any_order(amounts: list[int], random: Any) -> None:
    defined = challenge(
        objective("sum", measure="sum", property="p", target=10 * MILLION),
        objective("count", target=1),
        is_repeatable=True,
    )
    shuffled = random.sample(amounts, len(amounts))
    states = [
        after(defined, *(event(properties={"p": amount}) for amount in order))[CHALLENGES].get("challenge")
        for order in (amounts, shuffled)
    ]
    if not amounts:
        assert states == [None, None]
        return
    first, second = states
    assert first is not None
    assert second is not None
    assert first.completions == second.completions == min(sum(amounts) // 10, len(amounts))
    assert first.progress == second.progress


def test_a_repeatable_challenge_tells_values_apart_anew_in_each_run() -> None:
    defined = challenge(objective(measure="distinct", property="p"), is_repeatable=True)
    who = after(defined, *(event(properties={"p": value}) for value in ("a", "b", "a", "a", "b")))
    assert who[CHALLENGES]["challenge"].completions == 2


@pytest.mark.parametrize(
    ("action", "reached", "outcome_named"),
    [
        (AdvanceChallenge(challenge_code="c"), {"first": 1}, "acted"),
        (AdvanceChallenge(challenge_code="c", by=7), {"first": 5}, "acted"),
        (
            AdvanceChallenge(challenge_code="c", objective_code="sum", by="event.properties.n"),
            {"sum": 3 * MILLION},
            "acted",
        ),
        (AdvanceChallenge(challenge_code="c", objective_code="different"), {}, "failed"),
        (AdvanceChallenge(challenge_code="c", objective_code="gone"), {}, "failed"),
        (AdvanceChallenge(challenge_code="c", by="0"), {}, "acted"),
    ],
)
def test_actions_advance(action: AdvanceChallenge, reached: dict[str, int], outcome_named: str) -> None:
    defined = challenge(
        objective("first", target=5, event_name="never"),
        objective("sum", measure="sum", property="p", target=9 * MILLION, event_name="never"),
        objective("different", measure="distinct", property="p", event_name="never"),
    )
    acting = Rule(id="r", code="r", name="R", event_name="login", actions=(action,))
    who = participant()
    decision = run(who, event(properties={"n": 3.7}), known(defined, acting))
    assert isinstance(decision, Decision)
    assert progress(who) == reached
    assert [outcome.outcome for outcome in decision.entries[0].fact.outcomes] == [outcome_named]


def test_the_summary() -> None:
    defined = challenge(
        objective(target=4), objective("sum", measure="sum", property="p", target=int(2.5 * MILLION)), duration_days=2
    )
    assert summary(defined, participant()).status == "not_joined"
    who = after(defined, *login(1, p=1))
    told = summary(defined, who)
    assert (told.status, told.percent) == ("active", (25 + 40) // 2)
    assert [(o.code, o.progress, o.target, o.is_complete) for o in told.objectives] == [
        ("o", 1, 4, False),
        ("sum", 1, 2.5, False),
    ]
    assert (told.joined_at, told.ends_at) == (NOW - DAY, NOW + DAY)
    assert summary(defined, who, NOW + DAY).status == "expired"
    after(defined, leave_challenge("c"), who=who)
    assert summary(defined, who).status == "not_joined"
    done = summary(challenge(), after(challenge(), *login(0, 0)))
    assert (done.status, done.percent, done.completions, done.completed_at) == ("completed", 100, 1, NOW)


def test_leaving_loses_the_progress_and_earns_no_milestone_twice() -> None:
    half = (Milestone(percent=50, actions=(GivePoints(amount=5),)),)
    defined = challenge(milestones=half)
    who = after(defined, *login(0), leave_challenge("c"))
    told = summary(defined, who)
    assert (told.percent, told.joined_at, told.objectives[0].progress, told.milestones) == (0, None, 0, [])
    after(defined, join_challenge("c"), *login(0), who=who)
    told = summary(defined, who)
    assert (told.percent, told.milestones, who[PURSE].balance) == (50, [50], 5)


def test_each_period_has_its_milestones_also_after_leaving() -> None:
    half = (Milestone(percent=50, actions=(GivePoints(amount=5),)),)
    defined = challenge(milestones=half, period="daily")
    who = after(defined, *login(0), leave_challenge("c"), join_challenge("c"), *login(0), leave_challenge("c"))
    assert who[PURSE].balance == 5
    run(who, join_challenge("c"), known(defined), NOW + DAY)
    run(who, event(occurred_at=NOW + DAY), known(defined), NOW + DAY)
    assert who[PURSE].balance == 10


def test_a_completed_challenge_that_becomes_repeatable_begins_anew() -> None:
    give = (GivePoints(amount=5),)
    who = after(challenge(actions=give), *login(0, 0))
    repeatable = challenge(actions=give, is_repeatable=True)
    assert (summary(repeatable, who).status, summary(repeatable, who).percent) == ("completed", 100)
    after(repeatable, *login(0), who=who)
    assert (summary(repeatable, who).status, summary(repeatable, who).percent) == ("active", 50)
    after(repeatable, *login(0), who=who)
    assert (who[CHALLENGES]["challenge"].completions, who[PURSE].balance) == (2, 10)


def test_what_was_completed_stays_so_when_the_target_is_raised() -> None:
    who = after(challenge(), *login(0, 0))
    told = summary(challenge(objective(target=8)), who)
    assert (told.status, told.percent, told.objectives[0].progress) == ("completed", 100, 2)


def test_a_period_that_was_completed_can_be_joined_when_it_is_over() -> None:
    defined = challenge(period="daily")
    who = after(defined, *login(0, 0))
    again_at = who[CHALLENGES]["challenge"].deadline
    assert run(who, join_challenge("c"), known(defined)) == ChallengeDone("c", is_completed=True, again_at=again_at)
    assert isinstance(run(who, join_challenge("c"), known(defined), again_at), Decision)


COUNTS = objective("count", target=1)
SUMS = objective("sum", measure="sum", property="p", target=5 * MILLION, requires=("count",))
VALUES = objective("values", measure="distinct", property="p", condition="event.properties.p != 'no'")


@pytest.mark.parametrize(
    ("defined", "before", "properties", "days_ago", "why"),
    [
        pytest.param({"starts_at": NOW}, [], {}, 1, "the challenge had not begun, or was over", id="dates"),
        pytest.param({"joins_automatically": False}, [], {}, 0, "the participant had not joined it", id="not joined"),
        pytest.param({}, [*login(0), leave_challenge("c")], {}, 0, "the participant had left it", id="left"),
        pytest.param({"objectives": (COUNTS,)}, login(0), {}, 0, "the participant had completed it", id="completed"),
        pytest.param({"duration_days": 1}, login(2), {}, 0, "the participant's run was over", id="over"),
        pytest.param(
            {"duration_days": 1}, login(0), {}, 1, "it occurred before the participant's run began", id="too early"
        ),
        pytest.param(
            {"objectives": (objective("count", target=1, event_name="other"), SUMS)},
            [],
            {"p": 3},
            0,
            "the objective sum waited for count",
            id="waits",
        ),
        pytest.param(
            {"objectives": (COUNTS, SUMS, VALUES)},
            login(0, p="a"),
            {"p": "a"},
            0,
            "the objective count was complete; the property p was not a number that the objective sum can add; "
            "the property p was not a new value for the objective values",
            id="each objective",
        ),
        pytest.param(
            {"objectives": (COUNTS, VALUES)},
            login(0),
            {"p": "no"},
            0,
            "the objective count was complete; the condition of the objective values did not hold",
            id="condition",
        ),
    ],
)
def test_why_nothing_was_counted(
    defined: dict[str, Any], before: list[Command], properties: dict[str, Any], days_ago: int, why: str
) -> None:
    tried = challenge(*defined.pop("objectives", ()), **defined)
    who = after(tried, *before)
    state = who[CHALLENGES].get("challenge")
    occurred_at = NOW - DAY * days_ago
    decision = run(who, event(occurred_at=occurred_at, properties=properties), known(tried))
    assert isinstance(decision, Decision)
    [heard] = decision.entries
    told = challenges.reason_for_no_gain(tried, state, heard.fact, occurred_at, UTC, Calendar())  # type: ignore[arg-type]
    assert told == why


def test_a_repeatable_challenge_that_was_left_is_not_joined() -> None:
    defined = challenge(is_repeatable=True)
    who = after(defined, *login(0, 0), leave_challenge("c"))
    assert (summary(defined, who).status, summary(defined, who).completions) == ("not_joined", 1)


OFFERED = [
    pytest.param({}, True, id="active"),
    pytest.param({"is_active": False}, False, id="inactive"),
    pytest.param({"is_deleted": True}, False, id="deleted"),
    pytest.param({"starts_at": NOW + DAY}, True, id="yet to begin"),
    pytest.param({"ends_at": NOW + DAY}, True, id="not over"),
    pytest.param({"ends_at": NOW}, False, id="over"),
]


@pytest.mark.parametrize(("particulars", "is_offered"), OFFERED)
def test_what_is_offered_and_shown(particulars: dict[str, Any], is_offered: bool) -> None:
    defined = challenge(**particulars)
    assert bool(challenges.offered(known(defined), NOW)) == is_offered
    assert bool(challenges.shown(known(defined), {}, NOW)) == is_offered
    taken_part = {defined.id: ChallengeState(joined_at=NOW)}
    assert bool(challenges.shown(known(defined), taken_part, NOW)) == (not particulars.get("is_deleted"))
