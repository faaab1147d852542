"""Challenges over HTTP: definitions and their refusals, taking part, sections, concurrency, erasure."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.checks import ID, Maybe, Moment, assert_answer, assert_refused, query, unchanged
from tests.hammer import post_all
from tests.support import Server, check


@pytest.fixture
def who() -> str:
    return f"who_{uuid4().hex}"


def body(**particulars: Any) -> dict[str, Any]:
    code = f"challenge_{uuid4().hex}"
    objectives = [{"code": "o", "event_name": code, "target": 2}]
    return {"code": code, "name": "A challenge", "objectives": objectives, **particulars}


def define(api: httpx.Client, **particulars: Any) -> dict[str, Any]:
    reply = api.post("/admin/challenges", json=body(**particulars))
    assert reply.status_code == 201, reply.text
    return reply.json()  # type: ignore[no-any-return]


def standing(api: httpx.Client, who: str, code: str) -> Any:
    listed = api.get(f"/participants/{who}/challenges").json()["challenges"]
    return next(challenge for challenge in listed if challenge["code"] == code)


SUM = {"code": "s", "event_name": "e", "measure": "sum", "property": "p", "target": 2.5}


@pytest.mark.parametrize(
    ("particulars", "field", "message"),
    [
        ({"objectives": []}, "objectives", "must not be empty"),
        ({"objectives": [{**SUM, "target": 0}]}, "objectives[0].target", None),
        ({"objectives": [{**SUM, "measure": "count", "property": None}]}, "objectives[0].target", None),
        ({"objectives": [{**SUM, "property": None}]}, "objectives[0].property", "is required if measure is sum"),
        (
            {"objectives": [{**SUM, "measure": "count", "target": 2}]},
            "objectives[0].property",
            "must be omitted if measure is count",
        ),
        (
            {"objectives": [{**SUM, "measure": "distinct", "target": 1_001}]},
            "objectives[0].target",
            "must be at most 1000 if measure is distinct",
        ),
        ({"objectives": [{**SUM, "condition": "1"}]}, "objectives[0].condition", None),
        ({"objectives": [SUM, SUM]}, "objectives[1].code", "is a duplicate: s"),
        ({"objectives": [{**SUM, "requires": ["s"]}]}, "objectives[0].requires", None),
        ({"milestones": [{"percent": 100}]}, "milestones[0].percent", "must be at most 99"),
        ({"milestones": [{"percent": 50}, {"percent": 50}]}, "milestones[1].percent", "is a duplicate: 50"),
        ({"actions": [{"type": "award_points", "amount": "1 +"}]}, "actions[0].amount", None),
        ({"actions": [{"type": "assign_tier", "tier_code": "x"}]}, "actions[0].tier_code", None),
        ({"starts_at": "2026-02-01T00:00:00Z", "ends_at": "2026-01-01T00:00:00Z"}, "ends_at", None),
        ({"duration_days": 0}, "duration_days", "must be at least 1"),
    ],
)
def test_challenges_that_cannot_be(
    api: httpx.Client, database_url: str, particulars: dict[str, Any], field: str, message: str | None
) -> None:
    with unchanged(database_url):
        reply = api.post("/admin/challenges", json=body(**particulars))
        assert_refused(reply, 422, field=field)
    if message is not None:
        assert reply.json()["errors"][0]["message"] == message


def test_what_has_been_counted_keeps_its_unit(api: httpx.Client) -> None:
    made = define(api, objectives=[SUM])
    one = f"/admin/challenges/{made['id']}"
    for change in ({"property": "q"}, {"measure": "distinct", "target": 2}):
        assert_refused(api.patch(one, json={"objectives": [{**SUM, **change}]}), 422)
    assert api.patch(one, json={"objectives": [{**SUM, "target": 9}]}).json()["objectives"][0]["target"] == 9
    assert api.patch(one, json={"objectives": [{**SUM, "code": "t", "property": "q"}]}).status_code == 200


def test_an_objective_that_comes_back_has_the_unit_it_had(api: httpx.Client) -> None:
    made = define(api, objectives=[SUM])
    path = f"/admin/challenges/{made['id']}"
    other = {"code": "other", "event_name": "e", "target": 1}
    assert api.patch(path, json={"objectives": [other]}).status_code == 200
    counting = {"code": "s", "event_name": "e", "target": 1000}
    assert_refused(api.patch(path, json={"objectives": [other, counting]}), 422, field="objectives[1].measure")
    assert api.patch(path, json={"objectives": [other, {**SUM, "target": 9}]}).status_code == 200


def test_taking_part(api: httpx.Client, who: str) -> None:
    made = define(api, join_type="manual", duration_days=3, actions=[{"type": "award_points", "amount": 50}])
    code = made["code"]
    joined = assert_answer(
        api.post(f"/challenges/{code}/join", json={"participant_id": who}),
        {"participant_id": str, "challenge_code": str, "challenge_name": str, "joined_at": Moment, "ends_at": Moment},
    )
    again = api.post(f"/challenges/{code}/join", json={"participant_id": who}).json()
    assert (joined["already_joined"], again["already_joined"]) == (False, True)
    assert again["joined_at"] == joined["joined_at"]
    event = {"participant_id": who, "event_name": code}
    [moved] = api.post("/events", json=event).json()["effects"]["challenges"]
    assert (moved["percent"], moved["joined"], moved["completed"]) == (50, False, 0)
    assert api.get(f"/participants/{who}/state?include=challenges").json()["challenges"] == {
        "active": 1 + 0,
        "completed": 0,
    }
    effects = api.post("/events", json=event).json()["effects"]
    assert (effects["challenges"][0]["completed"], effects["points"][0]["due_to"]) == (1, code)
    told = assert_answer(
        api.get(f"/participants/{who}/challenges", params={"status": "completed"}),
        {"participant_id": str, "challenges": [{"code": str, "status": str, "completed_at": Maybe(Moment)}]},
    )
    assert [(c["code"], c["completions"]) for c in told["challenges"]] == [(code, 1)]
    assert api.get(f"/participants/{who}/state?include=challenges").json()["challenges"]["completed"] == 1
    assert_refused(api.post(f"/challenges/{code}/join", json={"participant_id": who}), 400)
    assert_refused(api.post(f"/challenges/{code}/leave", json={"participant_id": who}), 400)


def test_leaving(api: httpx.Client, who: str) -> None:
    code = define(api)["code"]
    api.post("/events", json={"participant_id": who, "event_name": code})
    assert api.post(f"/challenges/{code}/leave", json={"participant_id": who}).status_code == 200
    assert standing(api, who, code)["status"] == "not_joined"
    assert api.post("/events", json={"participant_id": who, "event_name": code}).json()["effects"]["challenges"] == []
    api.post(f"/challenges/{code}/join", json={"participant_id": who})
    assert standing(api, who, code)["percent"] == 0


@pytest.mark.parametrize(
    ("particulars", "status", "detail"),
    [
        ({"is_active": False}, 400, "Challenge is not active: "),
        ({"ends_at": "2026-01-01T00:00:00Z"}, 400, "The challenge has ended: "),
        ({"starts_at": "2999-01-01T00:00:00Z"}, 400, "The challenge has not begun yet: "),
    ],
)
def test_joining_what_cannot_be_joined(
    api: httpx.Client, particulars: dict[str, Any], status: int, detail: str
) -> None:
    code = define(api, **particulars)["code"]
    reply = api.post(f"/challenges/{code}/join", json={"participant_id": "early"})
    assert_refused(reply, status, detail=f"{detail}{code}")
    assert_refused(api.get("/participants/early"), 404)


def test_what_is_not_known(api: httpx.Client) -> None:
    for verb in ("join", "leave"):
        reply = api.post(f"/challenges/nope/{verb}", json={"participant_id": "user"})
        assert reply.status_code == 404
    code = define(api)["code"]
    reply = api.post(f"/challenges/{code}/leave", json={"participant_id": "nobody"})
    assert_refused(reply, 404, detail="Participant not found: nobody")


def test_the_open_challenges(api: httpx.Client) -> None:
    codes = [define(api, **each)["code"] for each in ({}, {"is_active": False}, {"ends_at": "2026-01-01T00:00:00Z"})]
    answer = api.get("/challenges").json()
    listed = [challenge["code"] for challenge in answer["challenges"]]
    assert [code in listed for code in codes] == [True, False, False]
    assert answer["total"] == len(listed)
    made = api.get("/admin/challenges").json()
    assert_answer(api.get(f"/admin/challenges/{made['items'][0]['id']}"), {"id": ID, "objectives": list})


def test_many_events_of_one_participant_complete_it_once(api: httpx.Client, server: Server, who: str) -> None:
    code = define(
        api,
        objectives=[{"code": "o", "event_name": "crowd", "measure": "distinct", "property": "n", "target": 20}],
        actions=[{"type": "award_points", "amount": 7}],
    )["code"]
    requests = [
        ("/events", {"participant_id": who, "event_name": "crowd", "properties": {"n": number % 40}})
        for number in range(200)
    ]
    replies = asyncio.run(post_all([server.base_url], requests))
    assert {reply.status for _, reply in replies} == {200}
    completed = [
        moved["completed"]
        for _, reply in replies
        for moved in reply.json()["effects"]["challenges"]
        if moved["challenge_code"] == code
    ]
    assert sum(completed) == 1
    assert api.get(f"/participants/{who}/points").json()["total_earned"] == 7


def test_anonymising_forgets_the_values_told_apart(api: httpx.Client, database_url: str, who: str) -> None:
    objectives = [{"code": "o", "event_name": who, "measure": "distinct", "property": "mail", "target": 5}]
    code = define(api, objectives=objectives)["code"]
    api.post("/events", json={"participant_id": who, "event_name": who, "properties": {"mail": "ada@example.com"}})
    before = query(database_url, "SELECT count(*) FROM journal WHERE data ? 'seen'")
    name = api.delete(f"/admin/participants/{who}", params={"anonymize": "true"}).json()["anonymized_id"]
    assert query(database_url, "SELECT count(*) FROM journal WHERE data ? 'seen'") == [(before[0][0] - 1,)]
    assert standing(api, name, code)["objectives"][0]["progress"] == 1
    api.delete(f"/admin/participants/{name}")
    check(database_url)


def test_the_funnel(api: httpx.Client, who: str) -> None:
    """Counted by the states of the participants, and again by what each of them is shown."""
    code = define(api, objectives=[{"code": "o", "event_name": who, "target": 4}], join_type="manual")["code"]
    for number, events in enumerate([0, 1, 2, 3, 4, 4]):
        name = {"participant_id": f"{who}_{number}"}
        api.post(f"/challenges/{code}/join", json=name).raise_for_status()
        for _ in range(events):
            api.post("/events", json={**name, "event_name": who}).raise_for_status()
    api.post(f"/challenges/{code}/leave", json={"participant_id": f"{who}_3"}).raise_for_status()
    percents = [standing(api, f"{who}_{number}", code)["percent"] for number in range(6)]
    assert percents == [0, 25, 50, 0, 100, 100]
    assert api.get(f"/admin/challenges/{code}/funnel").json() == {
        "code": code,
        "joined": 6,
        "begun": sum(percent > 0 for percent in percents),
        "quarter": sum(percent >= 25 for percent in percents),
        "half": sum(percent >= 50 for percent in percents),
        "three_quarters": sum(percent >= 75 for percent in percents),
        "completed": 2,
        "completions": 2,
        "active": 3,
        "left": 1,
    }
    assert_refused(api.get("/admin/challenges/nope/funnel"), 404)
