"""Explain: what was considered, in which version, what became of it, and the chain from the event to each fact."""

from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest

from laurels.app import COMPOSITION
from laurels.kernel.explaining.seen_values import LONGEST_VALUE_BYTES
from laurels.office.explain_api import FACTS_FOLDED
from tests import histories
from tests.checks import assert_refused, query
from tests.support import Server
from tests.test_simulate import create


def rule(api: httpx.Client, name: str, **particulars: Any) -> dict[str, Any]:
    body = {
        "code": f"{name}_{uuid4().hex}",
        "name": name,
        "event_name": name,
        "actions": [{"type": "award_points", "amount": 1}],
        **particulars,
    }
    reply = api.post("/admin/rules", json=body)
    assert reply.status_code == 201, reply.text
    return reply.json()  # type: ignore[no-any-return]


def happen(api: httpx.Client, name: str, who: str = "ada", **fields: Any) -> Any:
    reply = api.post("/events", json={"participant_id": who, "event_name": name, **fields})
    assert reply.status_code == 200, reply.text
    return reply.json()


def explained(api: httpx.Client, fact_id: str, who: str = "ada") -> Any:
    reply = api.get(f"/participants/{who}/events/{fact_id}/explain")
    assert reply.status_code == 200, reply.text
    return reply.json()


@pytest.fixture
def name() -> str:
    return f"explained_{uuid4().hex[:8]}"


@pytest.mark.parametrize(
    ("particulars", "times", "outcome", "reason"),
    [
        pytest.param({}, 1, "acted", "The condition held, and all actions were done.", id="acted"),
        pytest.param({"condition": "false"}, 1, "condition_false", "The condition did not hold.", id="did not hold"),
        pytest.param(
            {"condition": "event.properties.x > 1"},
            1,
            "failed",
            'It failed and did nothing: condition: Key not found in map : "x".',
            id="failed condition",
        ),
        pytest.param(
            {"actions": [{"type": "award_points", "amount": 5}, {"type": "deduct_points", "amount": 9_000}]},
            1,
            "failed",
            "It failed and did nothing: deduct_points: insufficient points: available 5, requested 9000.",
            id="failed action",
        ),
        pytest.param(
            {"limit": {"per_participant": {"day": 1}}},
            2,
            "limited",
            "The condition held, but the limit was reached: 1 a day for each participant.",
            id="limited",
        ),
        pytest.param(
            {"ends_at": "2020-01-01T00:00:00Z"},
            1,
            "out_of_time",
            "The event occurred before the rule began or after it ended.",
            id="out of time",
        ),
        pytest.param({"is_active": False}, 1, "inactive", "The rule was not active.", id="inactive"),
    ],
)
def test_why_a_rule_acted_or_not(
    api: httpx.Client, name: str, particulars: dict[str, Any], times: int, outcome: str, reason: str
) -> None:
    made = rule(api, name, **particulars)
    who = f"who_{uuid4().hex}"
    event = [happen(api, name, who) for _ in range(times)][-1]
    told = explained(api, event["event_id"], who)["rules"]
    assert [(r["code"], r["outcome"], r["reason"]) for r in told] == [(made["code"], outcome, reason)]


def test_the_day_of_a_limit_is_the_participants(api: httpx.Client, name: str) -> None:
    rule(api, name, limit={"per_participant": {"day": 1}})
    who = f"who_{uuid4().hex}"
    api.post("/participants", json={"participant_id": who, "attributes": {"timezone": "Asia/Tokyo"}})
    first, second = (happen(api, name, who, timestamp="2026-03-01T16:00:00Z") for _ in range(2))
    [limited] = explained(api, second["event_id"], who)["rules"]
    assert limited["limited_in"] == {
        "period": "2026-03-02",
        "time_zone": "Asia/Tokyo",
        "ends_at": "2026-03-02T15:00:00Z",
    }
    [acted] = explained(api, first["event_id"], who)["rules"]
    assert "limited_in" not in acted


def test_another_rule_of_the_group_took_the_place(api: httpx.Client, name: str) -> None:
    first = rule(api, name, group="g", priority=2)
    second = rule(api, name, group="g", priority=1)
    told = explained(api, happen(api, name)["event_id"])["rules"]
    assert [(r["code"], r["outcome"]) for r in told] == [(first["code"], "acted"), (second["code"], "group_taken")]
    assert first["code"] in told[1]["reason"]


def test_the_rules_are_those_of_their_time(api: httpx.Client, name: str) -> None:
    made = rule(api, name, condition="false")
    event = happen(api, name)
    before = explained(api, event["event_id"])
    api.patch(f"/admin/rules/{made['id']}", json={"condition": "true", "name": "Renamed"})
    rule(api, name)
    api.delete(f"/admin/rules/{made['id']}")
    assert explained(api, event["event_id"]) == before
    later = explained(api, happen(api, name)["event_id"])
    assert later["definitions_version"] > before["definitions_version"]
    assert [r["outcome"] for r in later["rules"]] == ["acted"]


def test_the_chain_from_the_event_to_every_fact(api: httpx.Client, name: str) -> None:
    who = f"who_{uuid4().hex}"
    api.post(
        "/admin/challenges",
        json={
            "code": f"c_{name}",
            "name": "Twice",
            "objectives": [{"code": "o", "event_name": name, "target": 1}],
            "actions": [{"type": "award_points", "amount": 7}],
        },
    )
    made = rule(api, name, actions=[{"type": "award_points", "amount": 2}])
    event = happen(api, name, who)
    told = explained(api, event["event_id"], who)
    facts = {fact["kind"]: fact for fact in told["facts"]}
    assert told["facts"][0]["fact_id"] == event["event_id"] == told["event_id"]
    points = [fact for fact in told["facts"] if fact["kind"] == "points_awarded"]
    assert [(fact["data"]["amount"], fact["due_to"]) for fact in points] == [
        (2, {"kind": "rule", "code": made["code"]}),
        (7, {"kind": "challenge", "code": f"c_{name}"}),
    ]
    assert points[0]["cause_id"] == event["event_id"]
    assert points[1]["cause_id"] == facts["challenge_completed"]["fact_id"]
    assert facts["challenge_completed"]["cause_id"] == facts["challenge_advanced"]["fact_id"]
    assert [(c["code"], c["outcome"]) for c in told["challenges"]] == [(f"c_{name}", "advanced")]
    by_transaction = explained(api, points[1]["fact_id"], who)
    assert by_transaction | {"event_id": event["event_id"]} == told
    again = explained(api, happen(api, name, who)["event_id"], who)
    assert [(c["code"], c["outcome"]) for c in again["challenges"]] == [(f"c_{name}", "not_advanced")]


def test_an_award_is_explained_too(api: httpx.Client) -> None:
    who = f"who_{uuid4().hex}"
    award = api.post("/points/award", json={"participant_id": who, "amount": 2_000}).json()
    told = explained(api, award["transaction_id"], who)
    assert told["facts"][0]["kind"] == "points_awarded"
    assert told["facts"][-1]["kind"] == "tier_reached"
    assert (told["rules"], told["challenges"]) == ([], [])


@pytest.mark.parametrize("fact_id", ["0198c0de-1a2b-7c3d-8e4f-5a6b7c8d9e0f", "nonsense"])
def test_what_is_not_known(api: httpx.Client, fact_id: str) -> None:
    api.post("/participants", json={"participant_id": "ada"})
    reply = api.get(f"/participants/ada/events/{fact_id}/explain")
    assert_refused(reply, 404, detail=f"Event not found: {fact_id}")


def test_another_participants_fact_is_not_told(api: httpx.Client, name: str) -> None:
    api.post("/participants", json={"participant_id": "bob"})
    event = happen(api, name, "ada")
    assert api.get(f"/participants/bob/events/{event['event_id']}/explain").status_code == 404


def challenge(api: httpx.Client, name: str, **particulars: Any) -> None:
    body = {"code": name, "name": name, "objectives": [{"code": "o", "event_name": name, "target": 1}], **particulars}
    api.post("/admin/challenges", json=body).raise_for_status()


SUM = {"code": "o", "measure": "sum", "property": "amount", "target": 1}


@pytest.mark.parametrize(
    ("particulars", "calls", "properties", "outcome", "reason"),
    [
        pytest.param(
            {"join_type": "manual"}, [], {}, "not_advanced", "the participant had not joined it", id="not joined"
        ),
        pytest.param({}, ["join", "leave"], {}, "not_advanced", "the participant had left it", id="left"),
        pytest.param({}, ["event"], {}, "not_advanced", "the participant had completed it", id="completed"),
        pytest.param(
            {"ends_at": "2020-01-01T00:00:00Z"}, [], {}, "not_advanced", "had not begun, or was over", id="over"
        ),
        pytest.param({"objectives": [SUM]}, [], {"amount": "7"}, "not_advanced", "property amount was no", id="sum"),
        pytest.param({"is_repeatable": True, "objectives": [SUM]}, [], {"amount": 9}, "postponed", "next", id="often"),
        pytest.param(
            {"actions": [{"type": "deduct_points", "amount": 5}]}, [], {}, "failed", "deduct_points: insuff", id="fails"
        ),
        pytest.param({"is_active": False}, [], {}, "inactive", "not active", id="inactive"),
    ],
)
def test_why_a_challenge_advanced_or_not(
    api: httpx.Client,
    name: str,
    particulars: dict[str, Any],
    calls: list[str],
    properties: dict[str, Any],
    outcome: str,
    reason: str,
) -> None:
    objectives = [{"event_name": name, **objective} for objective in particulars.get("objectives", [])]
    challenge(api, name, **{**particulars, **({"objectives": objectives} if objectives else {})})
    who = f"who_{uuid4().hex}"
    for call in calls:
        if call == "event":
            happen(api, name, who)
        else:
            api.post(f"/challenges/{name}/{call}", json={"participant_id": who}).raise_for_status()
    event = happen(api, name, who, properties=properties)
    [told] = explained(api, event["event_id"], who)["challenges"]
    assert (told["code"], told["outcome"]) == (name, outcome)
    assert reason in told["reason"]
    happen(api, name, who)
    assert explained(api, event["event_id"], who)["challenges"] == [told], "it tells what was then"


def test_an_action_on_what_is_switched_off_is_told(api: httpx.Client, name: str) -> None:
    badge = {"code": name, "name": "Off", "is_active": False}
    api.post("/admin/badges", json=badge).raise_for_status()
    actions = [{"type": "award_points", "amount": 10}, {"type": "award_badge", "badge_code": name}]
    rule(api, name, actions=actions)
    challenge(api, name, actions=actions)
    event = happen(api, name, name)
    assert [each["amount"] for each in event["effects"]["points"]] == [10, 10]
    told = explained(api, event["event_id"], name)
    nothing = f"award_badge changed nothing (the badge {name} was not active)"
    assert [(each["outcome"], each["reason"]) for each in (*told["rules"], *told["challenges"])] == [
        ("acted", f"The condition held, and all actions were done; {nothing}."),
        ("advanced", f"It was brought nearer its target; of its actions {nothing}."),
    ]


def test_an_action_that_changed_nothing_is_told(api: httpx.Client, name: str) -> None:
    challenge(api, name, join_type="manual")
    rule(api, f"{name}_r", actions=[{"type": "advance_challenge", "challenge_code": name}])
    [told] = explained(api, happen(api, f"{name}_r")["event_id"])["rules"]
    assert told["outcome"] == "acted"
    assert told["reason"] == (
        "The condition held, and all actions were done; "
        f"advance_challenge changed nothing ({name}: the participant had not joined it)."
    )


def test_the_condition_and_what_it_saw(api: httpx.Client, name: str) -> None:
    """At that moment, the event counted already, whatever happened since."""
    condition = "event.properties.amount >= 100.0 && participant.balance > 5 && participant.total_events > 0"
    rule(api, name, condition=condition)
    who = f"who_{uuid4().hex}"
    api.post("/points/award", json={"participant_id": who, "amount": 7, "metadata": {"a": "b"}}).raise_for_status()
    events = [happen(api, name, who, properties={"amount": amount, "note": "x"}) for amount in (99.5, 250)]
    api.post("/points/award", json={"participant_id": who, "amount": 1_000}).raise_for_status()
    told = [explained(api, event["event_id"], who)["rules"][0] for event in events]
    assert [(each["outcome"], each["conditions"]) for each in told] == [
        (
            "condition_false",
            [
                {
                    "objective": None,
                    "expression": condition,
                    "values": {
                        "event.properties.amount": 99.5,
                        "participant.balance": 7,
                        "participant.total_events": 1,
                    },
                }
            ],
        ),
        (
            "acted",
            [
                {
                    "objective": None,
                    "expression": condition,
                    "values": {
                        "event.properties.amount": 250,
                        "participant.balance": 7,
                        "participant.total_events": 2,
                    },
                }
            ],
        ),
    ]


@pytest.mark.parametrize(
    ("condition", "values"),
    [
        ("has(event.properties.x)", {}),
        ("event.properties.y == null", {"event.properties.y": None}),
        ("size(event.properties) == 1", {"event.properties": {"y": None}}),
        ("event.name.startsWith('explained') && participant.tier == 'bronze'", {"participant.tier": "bronze"}),
        ("participant.streaks.size() > 99 || participant.badges.size() > 0", {"participant.badges": ["first_steps"]}),
    ],
)
def test_what_a_condition_saw(api: httpx.Client, name: str, condition: str, values: dict[str, Any]) -> None:
    rule(api, name, condition=condition)
    who = f"who_{uuid4().hex}"
    api.post("/points/award", json={"participant_id": who, "amount": 1}).raise_for_status()
    api.post("/badges/award", json={"participant_id": who, "badge_code": "first_steps"}).raise_for_status()
    event = happen(api, name, who, properties={"y": None})
    [seen] = explained(api, event["event_id"], who)["rules"][0]["conditions"]
    assert {field: value for field, value in seen["values"].items() if field in values} == values
    assert "event.properties.x" not in seen["values"]


def test_long_values_are_shortened(api: httpx.Client, name: str) -> None:
    rule(api, name, condition="event.properties.text != ''")
    event = happen(api, name, properties={"text": "ü" * 5_000})
    [seen] = explained(api, event["event_id"])["rules"][0]["conditions"]
    shortened = seen["values"]["event.properties.text"]
    assert shortened.startswith('"üüü')
    assert shortened.endswith("ü…")
    assert len(shortened.encode()) <= LONGEST_VALUE_BYTES + 2


def test_what_was_not_judged_saw_nothing(api: httpx.Client, name: str) -> None:
    rule(api, name, condition="event.properties.x > 1", is_active=False)
    rule(api, name, condition="event.properties.x > 1", ends_at="2020-01-01T00:00:00Z")
    told = explained(api, happen(api, name, properties={"x": 5})["event_id"])["rules"]
    assert sorted((each["outcome"], each["conditions"]) for each in told) == [("inactive", []), ("out_of_time", [])]


def test_objectives_and_their_numbers(api: httpx.Client, name: str) -> None:
    condition = f"event.properties.amount < 1000.0 && participant.completed_challenges['{name}'] == 0"
    objectives = [
        {**SUM, "code": "sum", "event_name": name, "target": 4.5, "condition": condition},
        {"code": "other", "event_name": "another", "target": 1, "condition": "true"},
    ]
    challenge(api, name, objectives=objectives, period="weekly", actions=[{"type": "award_points", "amount": 1}])
    who = f"who_{uuid4().hex}"
    event = happen(api, name, who, properties={"amount": 4.25}, timestamp="2026-02-14T12:00:00Z")
    story = explained(api, event["event_id"], who)
    facts = {fact["kind"]: fact["data"] for fact in story["facts"]}
    advanced = facts["challenge_advanced"]
    assert (advanced["by"], advanced["period"]) == (4.25, "2026-W07")
    assert facts["challenge_joined"]["period"] == "2026-W07"
    assert "seen" not in advanced
    [told] = story["challenges"]
    [seen] = told["conditions"]
    assert (seen["objective"], seen["expression"]) == ("sum", condition)
    assert seen["values"]["event.properties.amount"] == 4.25
    assert seen["values"]["participant.completed_challenges"] == {name: 0}
    missed = happen(api, name, who, properties={"amount": 5_000}, timestamp="2026-02-14T12:00:00Z")
    [told] = explained(api, missed["event_id"], who)["challenges"]
    assert (told["outcome"], told["conditions"][0]["values"]["event.properties.amount"]) == ("not_advanced", 5_000)


def test_what_a_completion_took(api: httpx.Client, name: str) -> None:
    objectives = [{"code": "o", "event_name": name, "measure": "sum", "property": "amount", "target": 2.5}]
    challenge(api, name, objectives=objectives, is_repeatable=True)
    event = happen(api, name, properties={"amount": 3})
    facts = {fact["kind"]: fact["data"] for fact in explained(api, event["event_id"])["facts"]}
    assert facts["challenge_completed"]["used"] == {"o": 2.5}


def test_periods_and_decimals_of_other_facts(api: httpx.Client, name: str) -> None:
    who = f"who_{uuid4().hex}"
    reward = {
        "code": name,
        "name": name,
        "type": "points_multiplier",
        "config": {"multiplier": 1.5, "duration_hours": 1},
    }
    made = api.post("/admin/rewards", json=reward)
    assert made.status_code == 201, made.text
    cap = {"code": name, "name": name, "period": "day", "points": 100}
    api.post("/admin/earning-caps", json=cap).raise_for_status()
    actions = [{"type": "record_streak", "streak_code": "daily_login"}, {"type": "award_points", "amount": 7}]
    rule(api, name, actions=actions)
    claim = api.post(f"/rewards/{name}/claim", json={"participant_id": who}).json()
    event = happen(api, name, who)
    facts = {fact["kind"]: fact for fact in explained(api, event["event_id"], who)["facts"]}
    recorded = facts["streak_recorded"]
    assert recorded["data"]["period"] == recorded["occurred_at"][:10]
    assert facts["points_awarded"]["data"]["multiplier"] == 1.5
    assert "cap_windows" not in facts["points_awarded"]["data"]
    [claimed] = [each for each in explained(api, claim["claim_id"], who)["facts"] if each["kind"] == "reward_claimed"]
    assert claimed["data"]["multiplier"] == 1.5
    limited = api.post("/points/award", json={"participant_id": who, "amount": 1_000}).json()
    data = explained(api, limited["transaction_id"], who)["facts"][0]["data"]
    assert data["capped_by"] == [name]
    api.delete(f"/admin/earning-caps/{name}").raise_for_status()


def test_the_criteria_of_a_badge_and_what_they_saw(api: httpx.Client, name: str) -> None:
    criteria = f"participant.total_earned >= 20 && '{name}' != ''"
    api.post("/admin/badges", json={"code": name, "name": name, "criteria": criteria}).raise_for_status()
    rule(api, name, actions=[{"type": "award_points", "amount": 25}])
    who = f"who_{uuid4().hex}"
    [told] = [b for b in explained(api, happen(api, name, who)["event_id"], who)["badges"] if b["code"] == name]
    assert told["conditions"] == [
        {"objective": None, "expression": criteria, "values": {"participant.total_earned": 25}}
    ]
    api.delete(f"/admin/badges/{name}").raise_for_status()


@pytest.mark.parametrize("by", ["rule", "challenge"])
def test_a_badge_that_an_action_gives_is_not_earned_by_its_criteria(api: httpx.Client, name: str, by: str) -> None:
    badge = {"code": name, "name": name, "criteria": "participant.balance > 1000000"}
    api.post("/admin/badges", json=badge).raise_for_status()
    given = [{"type": "award_badge", "badge_code": name}]
    if by == "rule":
        path = f"/admin/rules/{rule(api, name, actions=given)['code']}"
    else:
        challenge(api, name, actions=given)
        path = f"/admin/challenges/{name}"
    story = explained(api, happen(api, name)["event_id"])
    assert [fact["due_to"]["kind"] for fact in story["facts"] if fact["kind"] == "badge_earned"] == [by]
    assert name not in [each["code"] for each in story["badges"]]
    api.delete(path).raise_for_status()
    api.delete(f"/admin/badges/{name}").raise_for_status()


def test_present_attributes_are_marked(api: httpx.Client, name: str) -> None:
    rule(api, name, condition="participant.attributes.plan == 'gold'")
    who = f"who_{uuid4().hex}"
    api.post("/participants", json={"participant_id": who, "attributes": {"plan": "gold"}}).raise_for_status()
    event = happen(api, name, who)
    api.patch(f"/participants/{who}", json={"attributes": {"plan": "none"}}).raise_for_status()
    story = explained(api, event["event_id"], who)
    assert story["rules"][0]["outcome"] == "acted"
    assert story["rules"][0]["conditions"][0]["values"] == {"participant.attributes.plan": "none"}
    assert story["note"] == "Attributes and time zones are shown with their current values."


def test_a_long_past_is_not_folded(api: httpx.Client, database_url: str, name: str) -> None:
    rule(api, name, condition="participant.total_events > 0 && event.properties.x == 1")
    who = f"who_{uuid4().hex}"
    event = happen(api, name, who, properties={"x": 1})
    query(
        database_url,
        "UPDATE journal SET seq = seq + %s WHERE subject = (SELECT subject FROM participant WHERE participant_id = %s)"
        " RETURNING 1",
        FACTS_FOLDED,
        who,
    )
    story = explained(api, event["event_id"], who)
    assert story["rules"][0]["conditions"][0]["values"] == {"event.properties.x": 1}
    assert "first 10,000 facts" in story["note"]


PROBES = [
    "participant.balance > 40",
    "participant.total_spent > 30",
    "participant.total_earned > 100",
    "participant.total_events % 2 == 0",
    "participant.tier == 'high'",
    "participant.tier_level > 1 && event.properties.amount == 'a'",
    "'poor' in participant.badges",
    "participant.streaks['daily'] > 1",
    "participant.longest_streaks['daily'] >= 2",
    "participant.completed_challenges['three'] > 0",
    "now.getHours() < 12 && event.occurred_at <= now",
]


def holds(seen: dict[str, Any]) -> bool:
    """Judges a condition anew by the values that were shown."""
    known: dict[str, Any] = {}
    for name, value in seen["values"].items():
        if name.startswith("event.properties."):
            known.setdefault("event.properties", {})[name.removeprefix("event.properties.")] = value
        else:
            known[name] = datetime.fromisoformat(value) if name in {"now", "event.occurred_at"} else value
    expressions = COMPOSITION.game.expressions
    return expressions.condition(seen["expression"]).holds(expressions.values(known))


def test_the_values_shown_decide_as_was_decided(server: Server, database_url: str) -> None:
    """Whatever happened before, to whom: the state that explain finds is the one that was there."""
    people = ("ann", "bob")
    with histories.project(server, database_url, lambda code: create(database_url, code, "test")) as api:
        histories.define(api, histories.EVERYTHING)
        probes = [
            {
                "code": f"probe_{number}",
                "name": "Probe",
                "event_name": "visit",
                "condition": condition,
                "actions": [{"type": "award_points", "amount": 1}],
            }
            for number, condition in enumerate(PROBES)
        ]
        histories.define(api, {"rules": probes})
        walk = histories.Walk(api, 5, people, changes_profiles=False)
        for _ in range(150):
            walk.step()
        verdicts: dict[str, set[bool]] = {}
        for who in people:
            for event in api.get(f"/participants/{who}/events", params={"page_size": 100}).json()["events"]:
                for told in explained(api, event["id"], who)["rules"]:
                    for seen in told["conditions"]:
                        assert holds(seen) == (told["outcome"] != "condition_false"), told
                        verdicts.setdefault(seen["expression"], set()).add(told["outcome"] == "condition_false")
    assert verdicts.keys() >= set(PROBES)
    assert sum(len(each) == 2 for each in verdicts.values()) > 8, "most conditions held at times"
