"""Rules: order, times, conditions, groups, limits, whole or nothing; and what the facts and the answer say of it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from laurels.kernel.dates.calendar import Calendar
from laurels.kernel.deciding.decide import decide
from laurels.kernel.deciding.decision import Decision
from laurels.kernel.definition import Definitions
from laurels.kernel.definitions import references
from laurels.kernel.facts import Fact, Outcome
from laurels.kernel.participant import Participant
from laurels.mechanics.badges.model import BADGES, Badge, GiveBadge
from laurels.mechanics.challenges.model import CHALLENGES, AdvanceChallenge, Challenge, Objective
from laurels.mechanics.events.model import EVENTS, EventRecordedAnswer
from laurels.mechanics.points.purse.model import PURSE, GivePoints, PointsAwarded, TakePoints
from laurels.mechanics.rules.model import Limit, Rule
from laurels.mechanics.streaks.model import STREAKS, ContinueStreak, Streak
from laurels.mechanics.tiers.model import TIER, PutInTier
from tests.core.given import METALS, NOW, definitions_with, event, ids, participant, run

ONE_POINT = (GivePoints(amount=1),)
OWL = Badge(id="badge-owl", code="owl", name="Owl")
LOGIN = Streak(id="streak-login", code="login", name="Login", period="daily")
RELAY = Challenge(
    id="challenge-relay",
    code="relay",
    name="Relay",
    objectives=(Objective(code="legs", name="Legs", event_name="leg", target=3),),
)


def rule(code: str = "r", **particulars: Any) -> Rule:
    fields = {"id": f"rule-{code}", "name": code.upper(), "event_name": "login", "actions": ONE_POINT, **particulars}
    return Rule(code=code, **fields)


def known(*rules: Rule, calendar: Calendar = Calendar()) -> Definitions:  # noqa: B008
    return definitions_with(1, METALS, [OWL], [LOGIN], rules=rules, challenges=[RELAY], calendar=calendar)


def happened(who: Participant, definitions: Definitions, **fields: Any) -> Decision:
    outcome = run(who, event(**fields), definitions)
    assert isinstance(outcome, Decision), outcome
    return outcome


def points(decision: Decision) -> list[int]:
    return [entry.fact.amount for entry in decision.entries if isinstance(entry.fact, PointsAwarded)]


def outcomes(decision: Decision) -> list[tuple[str, str]]:
    return [(o.definition_id.removeprefix("rule-"), o.outcome) for o in decision.entries[0].fact.outcomes]


def test_the_highest_priority_first_then_by_code() -> None:
    definitions = known(
        rule("b", actions=(GivePoints(amount=2),)),
        rule("a", actions=(GivePoints(amount=3),)),
        rule("z", actions=(GivePoints(amount=1),), priority=5),
        rule("y", actions=(GivePoints(amount=9),), priority=-1),
    )
    assert points(happened(participant(), definitions)) == [1, 3, 2, 9]


@pytest.mark.parametrize(
    ("particulars", "acts"),
    [
        pytest.param({}, True, id="always"),
        pytest.param({"starts_at": NOW}, True, id="from the very start"),
        pytest.param({"starts_at": NOW + timedelta(microseconds=1)}, False, id="not before"),
        pytest.param({"ends_at": NOW}, False, id="not at the end"),
        pytest.param({"ends_at": NOW + timedelta(microseconds=1)}, True, id="until just before the end"),
        pytest.param({"is_active": False}, False, id="inactive"),
        pytest.param({"is_deleted": True}, False, id="deleted"),
        pytest.param({"event_name": "logout"}, False, id="another event"),
        pytest.param({"condition": "event.properties.amount >= 5"}, True, id="condition holds"),
        pytest.param({"condition": "event.properties.amount > 5"}, False, id="condition does not hold"),
        pytest.param({"condition": "event.properties.missing > 5"}, False, id="condition fails"),
        pytest.param({"condition": "participant.total_events == 1"}, True, id="the event itself is counted"),
    ],
)
def test_whether_a_rule_acts(particulars: dict[str, Any], acts: bool) -> None:
    decision = happened(participant(), known(rule(**particulars)), properties={"amount": 5}, occurred_at=NOW)
    assert points(decision) == ([1] if acts else [])


def test_the_time_of_a_rule_is_that_of_the_event() -> None:
    definitions = known(rule(ends_at=NOW - timedelta(days=1)))
    assert points(happened(participant(), definitions, occurred_at=NOW - timedelta(days=2))) == [1]
    assert points(happened(participant(), definitions)) == []


def test_a_condition_that_fails_is_noted_and_disturbs_nobody() -> None:
    definitions = known(rule("bad", condition="event.properties.x > 1", priority=9), rule("good"))
    decision = happened(participant(), definitions)
    assert points(decision) == [1]
    assert decision.entries[0].fact.outcomes == [
        Outcome("rule-bad", "failed", 'condition: Key not found in map : "x"'),
        Outcome("rule-good", "acted"),
    ]


@pytest.mark.parametrize(
    ("last", "detail"),
    [
        (TakePoints(amount=500), "deduct_points: insufficient points: available 7, requested 500"),
        (GiveBadge(badge_code="nope"), "award_badge: there was no badge nope"),
        (AdvanceChallenge(challenge_code="nope"), "advance_challenge: there was no challenge nope"),
        (PutInTier(tier_code="nope"), "assign_tier: there was no tier nope"),
    ],
)
def test_a_rule_acts_as_a_whole_or_not_at_all(last: Any, detail: str) -> None:
    everything = (
        GivePoints(amount=7),
        PutInTier(tier_code="silver"),
        ContinueStreak(streak_code="login"),
        AdvanceChallenge(challenge_code="relay", by=3),
        GiveBadge(badge_code="owl"),
    )
    who = participant()
    decision = happened(who, known(rule(actions=(*everything, last))))
    assert [type(entry.fact).__name__ for entry in decision.entries] == ["EventRecorded"]
    assert decision.entries[0].fact.outcomes == [Outcome("rule-r", "failed", detail)]
    assert (who[PURSE].balance, who[TIER], who[BADGES], who[STREAKS], who[CHALLENGES]) == (0, None, {}, {}, {})
    assert (who.seq, who[EVENTS].total) == (1, 1)


def test_actions_take_effect_in_their_order_whatever_order_they_are_written_in() -> None:
    written = (
        GiveBadge(badge_code="owl"),
        AdvanceChallenge(challenge_code="relay"),
        ContinueStreak(streak_code="login"),
        PutInTier(tier_code="gold"),
        GivePoints(amount=5),
    )
    decision = happened(participant(), known(rule(actions=written)))
    assert [entry.fact.kind for entry in decision.entries] == [
        "event_recorded",
        "points_awarded",
        "tier_reached",
        "tier_assigned",
        "streak_recorded",
        "challenge_joined",
        "challenge_advanced",
        "badge_earned",
    ]


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        pytest.param({}, [("first", "acted"), ("second", "group_taken")], id="the first takes the place"),
        pytest.param({"condition": "false"}, [("second", "acted")], id="its condition does not hold"),
        pytest.param({"condition": "1 / 0 > 1"}, [("first", "failed"), ("second", "acted")], id="its condition fails"),
        pytest.param(
            {"actions": (TakePoints(amount=9),)}, [("first", "failed"), ("second", "acted")], id="its action fails"
        ),
        pytest.param(
            {"limits": (Limit(0, "ever"),)}, [("first", "limited"), ("second", "acted")], id="its limit is reached"
        ),
    ],
)
def test_of_a_group_the_first_that_can_act_does(first: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    definitions = known(rule("first", group="g", priority=1, **first), rule("second", group="g"), rule("x", group="h"))
    assert outcomes(happened(participant(), definitions)) == [*expected, ("x", "acted")]


BERLIN, KIRITIMATI = ZoneInfo("Europe/Berlin"), ZoneInfo("Pacific/Kiritimati")
SUNDAY_WEEKS = Calendar(first_day_of_week=7)


@pytest.mark.parametrize(
    ("limit", "zone", "calendar", "times", "acted"),
    [
        pytest.param(Limit(2, "ever"), None, Calendar(), ["02-01T00", "02-02T00", "02-03T00"], 2, id="ever"),
        pytest.param(Limit(1, "day"), None, Calendar(), ["02-01T00", "02-01T23", "02-02T00"], 2, id="a day"),
        pytest.param(Limit(1, "day"), BERLIN, Calendar(), ["02-01T12", "02-01T23"], 2, id="the participant's day"),
        pytest.param(Limit(1, "day"), None, Calendar(BERLIN), ["02-01T12", "02-01T23"], 2, id="else the project's day"),
        pytest.param(
            Limit(1, "day", True), BERLIN, Calendar(), ["02-01T12", "02-01T23"], 1, id="in total: the project's day"
        ),
        pytest.param(
            Limit(1, "day", True), None, Calendar(KIRITIMATI), ["02-01T09", "02-01T10"], 2, id="in total, far east"
        ),
        pytest.param(Limit(1, "week"), None, Calendar(), ["02-08T10", "02-09T10"], 2, id="weeks from Monday"),
        pytest.param(Limit(1, "week"), None, SUNDAY_WEEKS, ["02-07T10", "02-08T10", "02-09T10"], 2, id="from Sunday"),
        pytest.param(Limit(1, "month"), None, Calendar(), ["01-31T23", "02-01T00", "02-13T00"], 2, id="a month"),
        pytest.param(
            Limit(1, "day"), None, Calendar(), ["02-02T00", "02-01T00", "02-01T01"], 2, id="late, in its own window"
        ),
    ],
)
def test_limits(limit: Limit, zone: Any, calendar: Calendar, times: list[str], acted: int) -> None:
    who = participant(exists=True)
    who.zone = zone
    definitions = known(rule(limits=(limit,)), calendar=calendar)
    found = [
        outcomes(happened(who, definitions, occurred_at=datetime.fromisoformat(f"2026-{time}:00:00+00:00")))
        for time in times
    ]
    assert sum(outcome == [("r", "acted")] for outcome in found) == acted
    assert sum(outcome == [("r", "limited")] for outcome in found) == len(times) - acted
    assert who[PURSE].total_earned == acted


def test_a_limit_in_total_is_for_all() -> None:
    definitions = known(rule(limits=(Limit(3, "ever", True), Limit(2, "ever"))))
    ada, bob = participant(), participant()
    bob.limit_totals = ada.limit_totals
    found = [outcomes(happened(who, definitions)) for who in (ada, ada, ada, bob, bob)]
    assert [one[0][1] for one in found] == ["acted", "acted", "limited", "acted", "limited"]
    details = [happened(who, definitions).entries[0].fact.outcomes[0].detail for who in (ada, bob)]
    assert details == ["3 ever for all participants together"] * 2
    assert {key[0]: uses for key, uses in ada.limit_totals.items()} == {"rule-r": 3}


@pytest.mark.parametrize(
    ("amount", "given", "detail"),
    [
        pytest.param("event.properties.n", [49], None, id="rounded down"),
        pytest.param("event.properties.whole * 2", [20], None, id="whole"),
        pytest.param("0", [], "award_points changed nothing (the amount was 0)", id="zero gives nothing"),
        pytest.param("-1", [], "award_points: amount out of range: amount -1, limit 1000000", id="negative"),
        pytest.param("1000001", [], "award_points: amount out of range: amount 1000001, limit 1000000", id="too much"),
        pytest.param("1000000", [1_000_000], None, id="the most"),
        pytest.param("event.properties.missing", [], 'award_points: Key not found in map : "missing"', id="missing"),
        pytest.param(
            "event.properties.text", [], "award_points: The result must be a number, not a string.", id="no number"
        ),
    ],
)
def test_computed_amounts(amount: str, given: list[int], detail: str | None) -> None:
    decision = happened(
        participant(),
        known(rule(actions=(GivePoints(amount=amount),))),
        properties={"n": 49.99, "whole": 10, "text": "many"},
    )
    assert points(decision) == given
    [outcome] = decision.entries[0].fact.outcomes
    assert (outcome.outcome, outcome.detail) == ("acted" if given or amount == "0" else "failed", detail)


def test_what_one_rule_does_another_one_does_not_see() -> None:
    definitions = known(
        rule("a", priority=1, actions=(GivePoints(amount=100), GiveBadge(badge_code="owl"))),
        rule("b", condition="participant.balance > 0 || 'owl' in participant.badges"),
        rule("c", actions=(GivePoints(amount="participant.balance + 1"),)),
    )
    who = participant()
    assert points(happened(who, definitions)) == [100, 1]
    assert points(happened(who, definitions)) == [100, 1, 102]


def test_what_is_done_already_is_done_without_a_fact() -> None:
    acting = rule(
        actions=(GiveBadge(badge_code="owl"), ContinueStreak(streak_code="login"), PutInTier(tier_code="gold"))
    )
    who = participant()
    happened(who, known(acting))
    again = happened(who, known(acting))
    assert [entry.fact.kind for entry in again.entries] == ["event_recorded"]
    assert outcomes(again) == [("r", "acted")]


def test_facts_say_what_brought_them_about() -> None:
    decision = happened(participant(), known(rule(actions=(GivePoints(amount=1_000),))))
    recorded, awarded, entry_tier, silver = decision.entries
    assert [entry.cause_id for entry in decision.entries] == [None, recorded.id, awarded.id, awarded.id]
    facts: list[Fact] = [entry.fact for entry in decision.entries]
    assert [fact.due_to for fact in facts] == [None, "rule-r", "rule-r", "rule-r"]
    assert isinstance(awarded.fact, PointsAwarded)
    assert awarded.fact.reason == "R"
    assert {entry.occurred_at for entry in (entry_tier, silver)} == {NOW}


def test_the_answer_tells_all_effects() -> None:
    acting = rule(
        actions=(
            GivePoints(amount=1_000, reason="Welcome"),
            ContinueStreak(streak_code="login"),
            AdvanceChallenge(challenge_code="relay", by=1),
            GiveBadge(badge_code="owl"),
        )
    )
    answer = happened(participant(), known(acting)).answer
    assert isinstance(answer, EventRecordedAnswer)
    told = answer.effects
    assert [(p.amount, p.new_balance, p.reason, p.due_to) for p in told.points] == [(1_000, 1_000, "Welcome", "r")]
    assert told.tier_upgrade is not None
    assert told.tier_upgrade.code == "silver"
    assert [(s.streak_code, s.new_count) for s in told.streaks] == [("login", 1)]
    assert [(c.challenge_code, c.percent, c.joined, c.completed) for c in told.challenges] == [("relay", 33, True, 0)]
    assert [(b.badge_code, b.due_to) for b in told.badges] == [("owl", "r")]


def test_points_taken_by_a_rule() -> None:
    who = participant(exists=True, balance=10, total_earned=10)
    answer = happened(who, known(rule(actions=(TakePoints(amount=4, reason="Fee"),)))).answer
    assert isinstance(answer, EventRecordedAnswer)
    assert [(p.amount, p.new_balance) for p in answer.effects.points] == [(-4, 6)]


def test_a_month_of_events_at_any_time_gives_a_window_each_day_across_a_clock_change() -> None:
    who = participant(exists=True)
    who.zone = BERLIN
    definitions = known(rule(limits=(Limit(1, "day"),)))
    start = datetime(2025, 10, 20, tzinfo=UTC)
    hours = [start + timedelta(hours=number) for number in range(14 * 24)]
    for hour in hours:
        assert isinstance(decide(definitions, who, event(occurred_at=hour), NOW, ids()), Decision)
    assert who[PURSE].total_earned == len({hour.astimezone(BERLIN).date() for hour in hours})


def test_an_action_on_a_challenge_is_told_where_there_is_no_challenge_at_all() -> None:
    known = definitions_with(1, rules=[rule(actions=(AdvanceChallenge(challenge_code="c"),))])
    [told] = references.dangling(known)
    assert (told.field, told.message) == ("actions[0].challenge_code", "refers to an unknown challenge: c")
