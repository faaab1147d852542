"""Rules over HTTP: definitions and their refusals, validation, limits under concurrency, erasure."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.checks import assert_refused, query, unchanged
from tests.conftest import TEMPLATE
from tests.hammer import post_all
from tests.support import Databases, Server, check

POINT = {"type": "award_points", "amount": 1}


def body(**particulars: Any) -> dict[str, Any]:
    code = f"rule_{uuid4().hex}"
    return {"code": code, "name": "A rule", "event_name": code, "actions": [POINT], **particulars}


@pytest.mark.parametrize(
    ("particulars", "field", "message"),
    [
        (
            {"condition": "participant.blance > 3"},
            "condition",
            "is not accepted at line 1, column 12: unknown name 'participant.blance'",
        ),
        (
            {"condition": "event.name ==\n  1"},
            "condition",
            "is not accepted at line 1, column 12: '==' cannot be applied to string and int",
        ),
        ({"condition": "'text'"}, "condition", None),
        ({"actions": [{"type": "award_points", "amount": "'text'"}]}, "actions[0].amount", None),
        ({"actions": [POINT, {"type": "award_points", "amount": 0}]}, "actions[1].amount", "must be at least 1"),
        ({"actions": [{"type": "grant"}]}, "actions[0].type", None),
        ({"actions": [{"type": "award_badge"}]}, "actions[0].badge_code", "is required"),
        (
            {"actions": [{**POINT, "points": 3}]},
            "actions[0].points",
            'is not a field of this request; did you mean "amount"?',
        ),
        ({"actions": []}, "actions", "must not be empty"),
        ({"actions": [POINT] * 21}, "actions", "must have at most 20 items"),
        ({"limit": {"per_participant": {"hour": 1}}}, "limit.per_participant.hour", "is not a field of this request"),
        ({"limit": {"in_total": {"day": 0}}}, "limit.in_total.day", "must be at least 1"),
        (
            {"starts_at": "2026-02-01T00:00:00Z", "ends_at": "2026-02-01T01:00:00+01:00"},
            "ends_at",
            "must be later than starts_at",
        ),
        (
            {"actions": [{"type": "award_badge", "badge_code": "nope"}]},
            "actions[0].badge_code",
            "refers to an unknown badge: nope",
        ),
        (
            {"actions": [{"type": "advance_challenge", "challenge_code": "five_lessons", "objective_code": "x"}]},
            "actions[0].objective_code",
            "must be an objective of the challenge that counts or sums, not x",
        ),
    ],
)
def test_rules_that_cannot_be(
    api: httpx.Client, database_url: str, particulars: dict[str, Any], field: str, message: str | None
) -> None:
    with unchanged(database_url):
        reply = api.post("/admin/rules", json=body(**particulars))
        assert_refused(reply, 422, field=field)
    if message is not None:
        assert reply.json()["errors"][0]["message"] == message


def test_a_rule_is_made_changed_and_deleted(api: httpx.Client) -> None:
    made = api.post("/admin/rules", json=body(limit={"per_participant": {"day": 2}})).json()
    event = {"participant_id": "edited", "event_name": made["event_name"]}
    one = f"/admin/rules/{made['id']}"

    def points() -> list[int]:
        return [effect["amount"] for effect in api.post("/events", json=event).json()["effects"]["points"]]

    assert points() == [1]
    changed = api.patch(one, json={"actions": [{"type": "award_points", "amount": 5}]}).json()
    assert changed["limit"]["per_participant"]["day"] == 2
    assert [points(), points()] == [[5], []]
    api.patch(one, json={"limit": None})
    assert points() == [5]
    assert_refused(api.patch(one, json={"condition": "1 +"}), 422, field="condition")
    assert_refused(api.patch(one, json={"code": "other"}), 422, field="code")
    api.patch(one, json={"is_active": False})
    assert points() == []
    assert api.delete(one).status_code == 200
    assert_refused(api.get(one), 404)
    assert_refused(api.post("/admin/rules", json=body(code="points_for_lessons")), 409)


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ({"expression": "now > event.occurred_at"}, {"type": "bool", "reads": ["event.occurred_at", "now"]}),
        (
            {"expression": "event.properties.a + event.properties['b']", "use": "amount"},
            {"type": "dyn", "reads": ["event.properties.a", "event.properties.b"]},
        ),
        (
            {"expression": "participant.attributes.plan == 'pro'", "use": "criteria"},
            {"type": "bool", "reads": ["participant.attributes.plan"]},
        ),
    ],
)
def test_what_an_expression_reads(api: httpx.Client, given: Any, answer: Any) -> None:
    assert api.post("/admin/rules/validate", json=given).json() == answer


def test_expressions_that_would_be_refused_are_refused(api: httpx.Client) -> None:
    for given in (
        {"expression": "1 +"},
        {"expression": "event.name == 'x'", "use": "criteria"},
        {"expression": "true", "use": "amount"},
        {"expression": "(" * 50 + "1" + ")" * 50},
    ):
        assert_refused(api.post("/admin/rules/validate", json=given), 422, field="expression")


@pytest.fixture(scope="module")
def two_servers(databases: Databases) -> Iterator[list[Server]]:
    url = databases.create(TEMPLATE)
    running = [Server(url, writer_connections="2").start() for _ in range(2)]
    yield running
    for server in running:
        assert server.stop() == 0


def acted(replies: list[Any]) -> list[str]:
    assert {reply.status for _, reply in replies} == {200}
    return [sent["participant_id"] for sent, reply in replies if reply.json()["effects"]["points"]]


def test_another_server_knows_a_rule_at_once(two_servers: list[Server]) -> None:
    with two_servers[0].client() as one, two_servers[1].client() as other:
        for _ in range(20):
            made = one.post("/admin/rules", json=body()).json()
            event = {"participant_id": "elsewhere", "event_name": made["event_name"]}
            assert len(other.post("/events", json=event).json()["effects"]["points"]) == 1
            other.delete(f"/admin/rules/{made['id']}")
            assert one.post("/events", json=event).json()["effects"]["points"] == []


def test_limits_hold_for_many_callers_of_two_servers(two_servers: list[Server]) -> None:
    limit = {"in_total": {"ever": 100, "month": 90}, "per_participant": {"day": 7}}
    with two_servers[0].client() as api:
        made = api.post("/admin/rules", json=body(limit=limit)).json()
    requests = [
        ("/events", {"participant_id": f"limited_{number % 40 if number % 2 else 0}", "event_name": made["event_name"]})
        for number in range(600)
    ]
    who = acted(asyncio.run(post_all([server.base_url for server in two_servers], requests)))
    assert len(who) == 90
    assert Counter(who)["limited_0"] == max(Counter(who).values()) == 7
    url = two_servers[0].database_url
    assert query(url, "SELECT DISTINCT uses FROM rule_total WHERE rule_id = %s", made["id"]) == [(90,)]
    check(url)


def test_what_a_deleted_participant_took_of_a_total_stays_taken(two_servers: list[Server]) -> None:
    url = two_servers[0].database_url
    with two_servers[0].client() as api:
        made = api.post("/admin/rules", json=body(limit={"in_total": {"ever": 3}})).json()
        event = {"event_name": made["event_name"], "properties": {"secret": "hidden"}}
        for who in ("deleted", "deleted", "kept"):
            api.post("/events", json={"participant_id": who, **event})
        api.delete("/admin/participants/deleted")
        assert api.post("/events", json={"participant_id": "kept", **event}).json()["effects"]["points"] == []
        totals = query(url, "SELECT uses, erased_uses FROM rule_total WHERE rule_id = %s", made["id"])
        assert totals == [(3, 2)]
        check(url)


def test_anonymising_clears_what_failed_and_keeps_what_counts(two_servers: list[Server]) -> None:
    url = two_servers[0].database_url
    with two_servers[0].client() as api:
        failing = body(condition="int(event.properties.secret) > 1", limit=None)
        event = {"event_name": failing["event_name"], "properties": {"secret": "top secret"}}
        counting = body(event_name=failing["event_name"], limit={"per_participant": {"ever": 1}})
        for made in (failing, counting):
            assert api.post("/admin/rules", json=made).status_code == 201
        told = api.post("/events", json={"participant_id": "secretive", **event}).json()
        explained = api.get(f"/participants/secretive/events/{told['event_id']}/explain").json()
        assert {rule["outcome"] for rule in explained["rules"]} == {"failed", "acted"}
        name = api.delete("/admin/participants/secretive", params={"anonymize": "true"}).json()["anonymized_id"]
        after = api.get(f"/participants/{name}/events/{told['event_id']}/explain").json()
        assert [rule["outcome"] for rule in after["rules"]] == [rule["outcome"] for rule in explained["rules"]]
        assert "the details have been erased" in str(after["rules"])
        assert query(url, "SELECT count(*) FROM journal WHERE data::text LIKE '%top secret%'") == [(0,)]
        check(url)


def test_times_are_kept_in_utc(api: httpx.Client) -> None:
    made = api.post("/admin/rules", json=body(starts_at="2026-02-01T02:00:00+02:00", ends_at="2027-01-01T00:00:00"))
    assert (made.json()["starts_at"], made.json()["ends_at"]) == ("2026-02-01T00:00:00Z", "2027-01-01T00:00:00Z")
    refused = api.post("/admin/rules", json=body(ends_at="9999-12-31T23:00:00-14:00"))
    assert_refused(refused, 422, field="ends_at")


def test_others_are_served_while_expressions_are_checked(server: Server, api: httpx.Client, name: str) -> None:
    """A rule has up to 21 expressions, each of which takes tens of milliseconds to check."""
    costly = [f"({' || '.join([f'now > now && {number} == 0'] * 60)}) ? 1 : 2" for number in range(20)]
    rule = {
        "code": f"costly_{abs(hash(name))}",
        "name": "Costly",
        "event_name": "costly",
        "actions": [{"type": "award_points", "amount": amount} for amount in costly],
    }
    with ThreadPoolExecutor() as threads, server.client() as other:
        made = threads.submit(api.post, "/admin/rules", json=rule, timeout=120)
        answered = 0
        while not made.done():
            assert other.get("/admin/badges").status_code == 200
            answered += 1
    assert made.result().status_code == 201, made.result().text
    assert answered > 5
    api.delete(f"/admin/rules/{made.result().json()['id']}").raise_for_status()


def test_the_variables_of_expressions(api: httpx.Client) -> None:
    """Each of them can be read, and a part of an event is refused in criteria."""
    variables = api.get("/admin/expressions").json()["variables"]
    types = {variable["name"]: variable["type"] for variable in variables}
    assert types["participant.streaks"] == "map of string to int"
    assert types["event.properties"] == "map of string to anything"
    assert (types["participant.badges"], types["now"]) == ("list of string", "timestamp")
    for variable in variables:
        name = variable["name"]
        for use in ("condition", "criteria"):
            expression = f"{name} == {name} || participant.balance > 0"
            reply = api.post("/admin/rules/validate", json={"expression": expression, "use": use})
            assert (reply.status_code == 200) == (use == "condition" or not variable["is_of_event"]), name
