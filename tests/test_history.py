"""The history of a participant: everything that happened, by the time when it happened, with authors."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.checks import assert_refused
from tests.support import Server


@pytest.fixture
def who() -> str:
    return f"who_{uuid4().hex}"


def post(api: httpx.Client, path: str, **body: Any) -> Any:
    reply = api.post(path, json=body)
    assert reply.is_success, reply.text
    return reply.json()


def history(api: httpx.Client, who: str, *kinds: str) -> list[dict[str, Any]]:
    reply = api.get(f"/admin/participants/{who}/history", params={"kinds": ",".join(kinds)} if kinds else None)
    assert reply.status_code == 200, reply.text
    facts: list[dict[str, Any]] = reply.json()["facts"]
    assert reply.json()["total"] == len(facts)
    return facts


def of_kind(facts: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    [found] = [fact for fact in facts if fact["kind"] == kind]
    return found


def test_badges_and_tiers_by_hand_have_reason_and_author(server: Server, api: httpx.Client, who: str) -> None:
    code = f"badge_{uuid4().hex}"
    post(api, "/admin/badges", code=code, name="Helper")
    key = post(api, "/admin/keys", scope="gamify:support", name="support desk")["key"]
    signed_in = httpx.post(f"{server.base_url}/api/v1/gamify/session", headers={"X-API-Key": key})
    token = signed_in.headers["set-cookie"].split(";")[0].partition("=")[2]
    headers = {"Laurels-Session": "1", "Cookie": f"laurels_session={token}"}
    with httpx.Client(base_url=f"{server.base_url}/api/v1/gamify", headers=headers) as console:
        post(console, "/badges/award", participant_id=who, badge_code=code, reason="By phone")
        post(console, "/admin/badges/revoke", participant_id=who, badge_code=code, reason="By mistake")
        post(console, "/tiers/assign", participant_id=who, tier_code="gold", reason="As promised")
    post(api, "/badges/award", participant_id=who, badge_code=code)
    facts = history(api, who, "badge_earned", "badge_revoked", "tier_assigned")
    assert [(fact["kind"], fact["actor"], fact["data"].get("reason")) for fact in facts] == [
        ("badge_earned", None, None),
        ("tier_assigned", "support desk", "As promised"),
        ("badge_revoked", "support desk", "By mistake"),
        ("badge_earned", "support desk", "By phone"),
    ]
    assert facts[0]["definition"] == {"kind": "badge", "code": code, "name": "Helper"}


def test_late_facts_are_where_they_happened(api: httpx.Client, who: str) -> None:
    first = post(api, "/points/award", participant_id=who, amount=100)
    late = post(api, "/points/award", participant_id=who, amount=5, timestamp="2026-01-02T09:00:00Z")
    post(api, "/points/reverse", participant_id=who, transaction_id=late["transaction_id"])
    facts = history(api, who, "points_awarded", "award_reversed")
    assert [fact["kind"] for fact in facts] == ["award_reversed", "points_awarded", "points_awarded"]
    assert [fact["fact_id"] for fact in facts[1:]] == [first["transaction_id"], late["transaction_id"]]
    assert facts[2]["at"] == "2026-01-02T09:00:00Z"
    assert facts[2]["recorded_at"] > facts[1]["recorded_at"]
    assert facts[0]["sequence"] > facts[2]["sequence"] > facts[1]["sequence"]
    assert facts[0]["at"] == facts[0]["recorded_at"]


def test_consequences_name_their_cause(api: httpx.Client, who: str) -> None:
    name = f"rule_{uuid4().hex}"
    actions = [{"type": "award_points", "amount": 7}]
    post(api, "/admin/rules", code=name, name="Seven", event_name=name, actions=actions)
    event = post(api, "/events", participant_id=who, event_name=name)
    award = of_kind(history(api, who), "points_awarded")
    assert (award["cause_id"], award["data"]["amount"]) == (event["event_id"], 7)
    assert award["due_to"] == {"kind": "rule", "code": name, "name": "Seven"}


def test_whole_history_and_unknown_kinds(api: httpx.Client, who: str) -> None:
    post(api, "/points/award", participant_id=who, amount=1)
    kinds = [fact["kind"] for fact in history(api, who)]
    assert {"points_awarded", "tier_reached"} <= {*kinds}
    assert_refused(api.get(f"/admin/participants/{who}/history?kinds=points_awarded,nonsense"), 422, field="kinds")
    assert_refused(
        api.get("/admin/participants/nobody-at-all/history"), 404, detail="Participant not found: nobody-at-all"
    )


def test_an_application_may_not_read_it(server: Server, api: httpx.Client, who: str) -> None:
    post(api, "/points/award", participant_id=who, amount=1)
    path = f"/admin/participants/{who}/history"
    with server.client(post(api, "/admin/keys", scope="gamify")["key"]) as application:
        assert_refused(application.get(path), 403)
    with server.client(post(api, "/admin/keys", scope="gamify:read")["key"]) as reader:
        assert reader.get(path).status_code == 200
