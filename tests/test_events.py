"""Events over HTTP: single, batches, idempotency, effects, history."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.checks import ID, Maybe, Moment, assert_answer, assert_refused, unchanged
from tests.support import check

EFFECTS = {"points": list, "tier_upgrade": Maybe(dict), "streaks": list, "challenges": list, "badges": list}
RECORDED = {"event_id": ID, "fact_id": ID, "status": str, "effects": EFFECTS}


@pytest.fixture
def who() -> str:
    return f"who_{uuid4().hex}"


@pytest.fixture
def name(api: httpx.Client) -> str:
    """An event that gives a point."""
    name = f"event_{uuid4().hex}"
    actions = [{"type": "award_points", "amount": 1}]
    body = {"code": name, "name": "A point", "event_name": name, "actions": actions}
    assert api.post("/admin/rules", json=body).status_code == 201
    return name


def test_an_event_and_what_it_brought(api: httpx.Client, who: str, name: str) -> None:
    answer = assert_answer(api.post("/events", json={"participant_id": who, "event_name": name}), RECORDED)
    assert (answer["status"], answer["fact_id"]) == ("processed", answer["event_id"])
    [points] = answer["effects"]["points"]
    assert (points["amount"], points["new_balance"], points["reason"], points["due_to"]) == (1, 1, "A point", name)
    profile = api.get(f"/participants/{who}").json()
    assert (profile["total_events"], profile["points"]["total_earned"]) == (1, 1)


def test_a_replay_is_the_same_bytes_with_its_effects(api: httpx.Client, who: str, name: str) -> None:
    body = {"participant_id": who, "event_name": name, "properties": {"a": 1}, "idempotency_key": "k"}
    first = api.post("/events", json=body)
    again = api.post("/events", json=body)
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    assert api.get(f"/participants/{who}/points").json()["balance"] == 1
    assert_refused(api.post("/events", json={**body, "properties": {"a": 2}}), 422, field="idempotency_key")
    by_header = api.post(
        "/events", json={"participant_id": who, "event_name": name}, headers={"Idempotency-Key": "other"}
    )
    assert by_header.status_code == 200
    assert api.get(f"/participants/{who}/points").json()["balance"] == 2


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"event_name": ""}, "event_name"),
        ({"event_name": "x" * 101}, "event_name"),
        ({"event_name": "a\nb"}, "event_name"),
        ({"event_name": 5}, "event_name"),
        ({"event_name": None}, "event_name"),
        ({"participant_id": ""}, "participant_id"),
        ({"properties": []}, "properties"),
        ({"properties": {"a": "x" * 65_536}}, "properties"),
        ({"timestamp": "2999-01-01T00:00:00Z"}, "timestamp"),
        ({"timestamp": "1969-12-31T23:59:59Z"}, "timestamp"),
        ({"timestamp": "yesterday"}, "timestamp"),
    ],
)
def test_wrong_events_are_refused(api: httpx.Client, database_url: str, fields: dict[str, Any], field: str) -> None:
    with unchanged(database_url):
        reply = api.post("/events", json={"participant_id": "refused", "event_name": "x", **fields})
        assert_refused(reply, 422, field=field)


def test_a_batch_answers_each_item_by_itself(api: httpx.Client, who: str, name: str) -> None:
    items = [
        {"participant_id": who, "event_name": name, "idempotency_key": "1"},
        {"participant_id": who, "event_name": ""},
        {"event_name": name},
        "nothing",
        {"participant_id": who, "event_name": name, "timestamp": "2999-01-01T00:00:00Z"},
        {"participant_id": who, "event_name": name, "idempotency_key": "1"},
        {"participant_id": who, "event_name": name},
    ]
    answer = api.post("/events/batch", json={"events": items}).json()
    assert (answer["processed"], answer["failed"]) == (3, 4)
    results = answer["results"]
    assert [result["error"] is None for result in results] == [True, False, False, False, False, True, True]
    assert results[1]["participant_id"] == who
    assert results[2]["participant_id"] is None
    assert results[0] == results[5]
    assert [results[place]["effects"]["points"][0]["new_balance"] for place in (0, 6)] == [1, 2]


def test_a_batch_has_1_to_100_items_and_no_key_of_its_own(api: httpx.Client, name: str) -> None:
    item = {"participant_id": "batched", "event_name": name}
    assert_refused(api.post("/events/batch", json={"events": []}), 422, field="events")
    assert_refused(api.post("/events/batch", json={"events": [item] * 101}), 422, field="events")
    whole = api.post("/events/batch", json={"events": [item] * 100}).json()
    assert (whole["processed"], whole["results"][-1]["effects"]["points"][0]["new_balance"]) == (100, 100)
    keyed = api.post("/events/batch", json={"events": [item]}, headers={"Idempotency-Key": "k"})
    assert_refused(keyed, 422, field="Idempotency-Key")


def test_the_history_and_its_filters(api: httpx.Client, who: str) -> None:
    times = ["2026-02-03T00:00:00Z", "2026-02-01T00:00:00Z", "2026-02-02T00:00:00Z", "2026-02-02T00:00:00Z"]
    for number, time in enumerate(times):
        event = {"event_name": f"n{number % 2}", "properties": {"number": number}, "timestamp": time}
        api.post("/events", json={"participant_id": who, **event})

    def listed(**filters: Any) -> tuple[list[int], int]:
        answer = assert_answer(
            api.get(f"/participants/{who}/events", params=filters),
            {
                "participant_id": str,
                "events": [{"id": ID, "event_name": str, "properties": dict, "occurred_at": Moment}],
                "total": int,
                "page": int,
                "page_size": int,
            },
        )
        return [event["properties"]["number"] for event in answer["events"]], answer["total"]

    assert listed() == ([0, 3, 2, 1], 4)
    assert listed(event_name="n1") == ([3, 1], 2)
    assert listed(event_name="none") == ([], 0)
    assert listed(**{"from": "2026-02-02T00:00:00Z"}) == ([0, 3, 2], 3)
    assert listed(to="2026-02-02T00:00:00Z") == ([1], 1)
    assert listed(**{"from": "2026-02-02T00:00:00Z", "to": "2026-02-03T00:00:00Z", "event_name": "n0"}) == ([2], 1)
    assert listed(page=2, page_size=3) == ([1], 4)
    assert_refused(api.get(f"/participants/{who}/events", params={"from": "soon"}), 422, field="from")
    assert_refused(api.get("/participants/nobody/events"), 404, detail="Participant not found: nobody")


def test_events_feed_leaderboards(api: httpx.Client, who: str) -> None:
    code = f"board_{uuid4().hex}"
    for metric, extra in (("event_count", {}), ("event_sum", {"property": "amount"})):
        body = {"code": f"{code}_{metric}", "name": "B", "metric": metric, "event_name": code, **extra}
        assert api.post("/admin/leaderboards", json=body).status_code == 201
    for amount in (0.1, 0.2, "much"):
        api.post("/events", json={"participant_id": who, "event_name": code, "properties": {"amount": amount}})
    scores = [
        api.get(f"/leaderboards/{code}_{metric}/rank/{who}").json()["score"] for metric in ("event_count", "event_sum")
    ]
    assert scores == [3, 0.3]


def test_everything_adds_up_afterwards(api: httpx.Client, database_url: str) -> None:
    assert api.get("/challenges").status_code == 200
    check(database_url)


def test_an_item_that_is_no_object_is_told(api: httpx.Client) -> None:
    reply = api.post("/events/batch", json={"events": [5, {"participant_id": "ada", "event_name": "e"}]})
    first, second = reply.json()["results"]
    assert first["error"] == "The item must be an object, not a number."
    assert (second["status"], second["error"]) == ("processed", None)
