"""Explain: what was considered, in which version, what became of it, and the chain from the event to each fact."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.checks import assert_refused


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
