"""Badges over HTTP: awarding, taking away, listing, and the admin endpoints of their definitions."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.checks import ID, Maybe, Moment, assert_answer, assert_refused, make_key, mentions, query, unchanged
from tests.support import Server, check

AWARDED = {
    "participant_id": str,
    "badge_code": str,
    "badge_name": str,
    "icon": Maybe(str),
    "rarity": str,
    "earned_at": Moment,
    "already_earned": bool,
}
BADGES = {
    "participant_id": str,
    "badges": [
        {
            "code": str,
            "name": str,
            "description": Maybe(str),
            "icon": Maybe(str),
            "rarity": str,
            "earned": bool,
            "earned_at": Maybe(Moment),
        }
    ],
    "total": int,
    "earned_count": int,
}
DEFINITION = {
    "id": ID,
    "code": str,
    "name": str,
    "description": Maybe(str),
    "icon_url": Maybe(str),
    "category": Maybe(str),
    "rarity": str,
    "display_order": int,
    "is_hidden": bool,
    "is_active": bool,
    "created_at": Moment,
    "updated_at": Moment,
    "deleted_at": Maybe(Moment),
}


@pytest.fixture
def badge(api: httpx.Client) -> Iterator[Any]:
    """Makes badges, and removes them afterwards."""
    made = []

    def make(code: str, **particulars: Any) -> Any:
        reply = api.post("/admin/badges", json={"code": code, "name": code.title(), **particulars})
        made.append(assert_answer(reply, DEFINITION, 201))
        return made[-1]

    yield make
    for definition in made:
        api.delete(f"/admin/badges/{definition['id']}")


def award(api: httpx.Client, name: str, code: str, **optional: Any) -> Any:
    return assert_answer(
        api.post("/badges/award", json={"participant_id": name, "badge_code": code, **optional}), AWARDED
    )


def badges(api: httpx.Client, name: str, **query: Any) -> Any:
    return assert_answer(api.get(f"/participants/{name}/badges", params=query), BADGES)


def test_the_contracts_award(api: httpx.Client, badge: Any, database_url: str) -> None:
    badge("night_owl", icon_url="https://cdn.example.com/owl.png", rarity="rare")
    first = award(api, "user_123", "night_owl", metadata={"trigger": "10th_login"})
    assert {**first, "earned_at": None} == {
        "participant_id": "user_123",
        "badge_code": "night_owl",
        "badge_name": "Night_Owl",
        "icon": "https://cdn.example.com/owl.png",
        "rarity": "rare",
        "earned_at": None,
        "already_earned": False,
    }
    with unchanged(database_url):
        assert award(api, "user_123", "night_owl") == {**first, "already_earned": True}


def test_the_journal_keeps_award_and_revocation(api: httpx.Client, badge: Any, database_url: str) -> None:
    badge("mistake")
    first = award(api, "revoked", "mistake", metadata={"a": 1})
    body = {"participant_id": "revoked", "badge_code": "mistake", "reason": "by mistake"}
    reply = api.post("/admin/badges/revoke", json=body)
    revoked = assert_answer(
        reply, {"participant_id": str, "badge_code": str, "earned_at": Moment, "revoked_at": Moment}
    )
    assert revoked["earned_at"] == first["earned_at"]
    assert [found for found in badges(api, "revoked")["badges"] if found["earned"]] == []
    with unchanged(database_url):
        detail = "The participant has not earned this badge: mistake"
        assert_refused(api.post("/admin/badges/revoke", json=body), 400, detail=detail)
    assert award(api, "revoked", "mistake")["already_earned"] is False
    facts = query(
        database_url,
        "SELECT kind, data->>'reason' FROM journal JOIN participant USING (lane, subject) "
        "WHERE participant_id = 'revoked' ORDER BY seq",
    )
    assert facts == [("badge_earned", None), ("badge_revoked", "by mistake"), ("badge_earned", None)]
    check(database_url)


@pytest.mark.parametrize(
    ("code", "status", "detail"),
    [
        ("unknown_badge", 404, "Badge definition not found: unknown_badge"),
        ("asleep", 400, "Badge is not active: asleep"),
    ],
)
def test_refused_awards_create_nobody(
    api: httpx.Client, badge: Any, database_url: str, code: str, status: int, detail: str
) -> None:
    badge("asleep", is_active=False)
    with unchanged(database_url):
        reply = api.post("/badges/award", json={"participant_id": "nobody", "badge_code": code})
        assert_refused(reply, status, detail=detail)


def test_revoking_is_for_admins(server: Server, database_url: str, api: httpx.Client) -> None:
    award(api, "kept", "first_steps")
    with server.client(make_key(database_url, scope="gamify")) as client, unchanged(database_url):
        body = {"participant_id": "kept", "badge_code": "first_steps"}
        reply = client.post("/admin/badges/revoke", json=body)
        assert_refused(reply, 403, detail="API key requires 'admin' scope")


def test_listing_and_its_filters(api: httpx.Client, badge: Any) -> None:
    badge("hidden_earned", is_hidden=True, display_order=3)
    badge("hidden", is_hidden=True, display_order=4)
    badge("inactive", is_active=False, display_order=5)
    award(api, "lister", "hidden_earned")
    award(api, "lister", "power_user")
    everything = badges(api, "lister")
    assert [found["code"] for found in everything["badges"]] == ["first_steps", "power_user", "hidden_earned"]
    assert (everything["total"], everything["earned_count"]) == (3, 2)
    earned = badges(api, "lister", earned_only="true")
    assert [found["code"] for found in earned["badges"]] == ["power_user", "hidden_earned"]
    assert (earned["total"], earned["earned_count"]) == (3, 2)
    some = badges(api, "lister", badge_codes="first_steps, hidden,nope")
    assert [(found["code"], found["earned"], found["earned_at"]) for found in some["badges"]] == [
        ("first_steps", False, None)
    ]
    assert badges(api, "lister", badge_codes="first_steps", earned_only="true")["badges"] == []


def test_an_unknown_participant_has_no_badges(api: httpx.Client) -> None:
    assert_refused(api.get("/participants/nobody_here/badges"), 404, detail="Participant not found: nobody_here")


def test_state_shows_all_and_the_profile_the_earned(api: httpx.Client) -> None:
    earned = award(api, "shown", "first_steps")
    state = api.get("/participants/shown/state?include=badges").json()["badges"]
    assert {found["code"]: found["earned_at"] for found in state} == {
        "first_steps": earned["earned_at"],
        "power_user": None,
    }
    assert api.get("/participants/shown").json()["badges"] == [
        {
            "code": "first_steps",
            "name": "First Steps",
            "earned": True,
            "earned_at": earned["earned_at"],
            "rarity": "common",
        }
    ]


def test_an_earned_badge_outlives_its_switch_but_not_its_deletion(api: httpx.Client, badge: Any) -> None:
    definition = badge("fading")
    award(api, "holder", "fading")
    api.patch(f"/admin/badges/{definition['id']}", json={"is_active": False})
    assert "fading" in [found["code"] for found in badges(api, "holder")["badges"]]
    assert award(api, "holder", "fading")["already_earned"] is True
    api.delete(f"/admin/badges/{definition['id']}")
    assert "fading" not in [found["code"] for found in badges(api, "holder")["badges"]]


@pytest.mark.parametrize("anonymize", ["true", "false"])
def test_erasure_takes_badges_along(api: httpx.Client, database_url: str, anonymize: str) -> None:
    name = f"erased_{anonymize}"
    award(api, name, "first_steps", metadata={"private": f"secret_{anonymize}"})
    api.delete(f"/admin/participants/{name}", params={"anonymize": anonymize}).raise_for_status()
    assert mentions(database_url, f"secret_{anonymize}") == []
    assert mentions(database_url, name) == []
    check(database_url)


def test_a_definition_stored_before_a_field_was_there(api: httpx.Client, database_url: str) -> None:
    made = api.post("/admin/badges", json={"code": "of_old", "name": "Of old"}).json()
    query(database_url, "UPDATE definition SET body = body - 'criteria' WHERE code = 'of_old'")
    assert api.get(f"/admin/badges/{made['id']}").json() == made
    changed = api.patch(f"/admin/badges/{made['id']}", json={"name": "Older"}).json()
    assert (changed["name"], changed["criteria"]) == ("Older", None)
