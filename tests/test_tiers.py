"""Tiers over HTTP: reading, history, assignment, and the admin endpoints of their definitions."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.checks import ID, Maybe, Moment, assert_answer, assert_refused, make_key, unchanged
from tests.support import Server

TIER = {
    "participant_id": str,
    "current_tier": Maybe({"code": str, "name": str, "level": int, "color": Maybe(str), "achieved_at": Moment}),
    "next_tier": Maybe({"code": str, "name": str, "points_required": int, "points_remaining": int}),
    "tier_history": [{"code": str, "achieved_at": Moment}],
}
ASSIGNED = {"participant_id": str, "tier_code": str}
DEFINITION = {
    "id": ID,
    "code": str,
    "name": str,
    "level": int,
    "color": Maybe(str),
    "criteria_config": {"min_points": int},
    "award_type": str,
    "benefits": [str],
    "display_order": int,
    "is_active": bool,
    "created_at": Moment,
    "updated_at": Moment,
    "deleted_at": Maybe(Moment),
}
LISTED = {"items": [DEFINITION], "total": int, "page": int, "page_size": int}
EXAMPLE = {
    "code": "diamond",
    "name": "Diamond",
    "level": 5,
    "color": "#E5E4E2",
    "criteria_config": {"min_points": 100_000},
    "award_type": "automatic",
    "benefits": ["priority_support", "2x_points"],
    "display_order": 5,
}


def award(api: httpx.Client, name: str, amount: int, **optional: Any) -> Any:
    reply = api.post("/points/award", json={"participant_id": name, "amount": amount, **optional})
    assert reply.status_code == 200, reply.text
    return reply.json()


def assign(api: httpx.Client, name: str, code: str) -> Any:
    body = {"participant_id": name, "tier_code": code, "reason": "VIP promotion"}
    return assert_answer(api.post("/tiers/assign", json=body), ASSIGNED)


def tier(api: httpx.Client, name: str) -> Any:
    return assert_answer(api.get(f"/participants/{name}/tier"), TIER)


def current_code(api: httpx.Client, name: str) -> str:
    code: str = tier(api, name)["current_tier"]["code"]
    return code


def test_the_contracts_tier(api: httpx.Client) -> None:
    for month, amount in enumerate((500, 500, 4_000), start=1):
        award(api, "climber", amount, timestamp=f"2026-0{month}-01T10:00:00Z")
    assert tier(api, "climber") == {
        "participant_id": "climber",
        "current_tier": {
            "code": "gold",
            "name": "Gold",
            "level": 3,
            "color": "#FFD700",
            "achieved_at": "2026-03-01T10:00:00Z",
        },
        "next_tier": {
            "code": "platinum",
            "name": "Platinum",
            "points_required": 10_000,
            "points_remaining": 5_000,
        },
        "tier_history": [
            {"code": "bronze", "achieved_at": "2026-01-01T10:00:00Z"},
            {"code": "silver", "achieved_at": "2026-02-01T10:00:00Z"},
            {"code": "gold", "achieved_at": "2026-03-01T10:00:00Z"},
        ],
    }


def test_before_the_first_award_there_is_no_tier(api: httpx.Client) -> None:
    api.post("/participants", json={"participant_id": "fresh"})
    answer = tier(api, "fresh")
    assert (answer["current_tier"], answer["tier_history"]) == (None, [])


def test_at_the_top_there_is_no_next_tier(api: httpx.Client) -> None:
    award(api, "top", 10_000)
    assert tier(api, "top")["next_tier"] is None
    assert [passed["code"] for passed in tier(api, "top")["tier_history"]] == ["bronze", "platinum"]


def test_spending_costs_no_progress(api: httpx.Client) -> None:
    award(api, "spender", 1_500)
    api.post("/points/deduct", json={"participant_id": "spender", "amount": 1_500})
    answer = tier(api, "spender")
    assert answer["current_tier"]["code"] == "silver"
    assert answer["next_tier"]["points_remaining"] == 3_500


def test_an_unknown_participant_has_no_tier(api: httpx.Client, database_url: str) -> None:
    with unchanged(database_url):
        assert_refused(api.get("/participants/nobody/tier"), 404, detail="Participant not found: nobody")


def test_an_assignment_creates_the_participant_and_holds(api: httpx.Client) -> None:
    answer = assign(api, "vip", "platinum")
    assert (answer["participant_id"], answer["tier_code"]) == ("vip", "platinum")
    assert award(api, "vip", 6_000)["tier_upgrade"] is None
    assert current_code(api, "vip") == "platinum"
    assert [passed["code"] for passed in tier(api, "vip")["tier_history"]] == ["platinum"]


def test_an_assignment_may_lower_until_a_higher_threshold_is_crossed(api: httpx.Client) -> None:
    award(api, "lowered", 6_000)
    assign(api, "lowered", "bronze")
    assert award(api, "lowered", 3_999)["tier_upgrade"] is None
    answer = tier(api, "lowered")
    assert answer["current_tier"]["code"] == "bronze"
    assert answer["next_tier"] == {
        "code": "platinum",
        "name": "Platinum",
        "points_required": 10_000,
        "points_remaining": 1,
    }
    upgrade = award(api, "lowered", 1)["tier_upgrade"]
    assert (upgrade["previous_code"], upgrade["code"]) == ("bronze", "platinum")
    codes = [passed["code"] for passed in tier(api, "lowered")["tier_history"]]
    assert codes == ["bronze", "gold", "bronze", "platinum"]


def test_assigning_the_same_tier_twice_adds_no_history(api: httpx.Client) -> None:
    assign(api, "twice", "gold")
    first = tier(api, "twice")
    assign(api, "twice", "gold")
    assert tier(api, "twice") == first


def test_an_unknown_tier_is_not_found_and_creates_nobody(api: httpx.Client, database_url: str) -> None:
    with unchanged(database_url):
        reply = api.post("/tiers/assign", json={"participant_id": "nobody", "tier_code": "emerald"})
    assert_refused(reply, 404, detail="Tier definition not found: emerald")


@pytest.fixture
def made(api: httpx.Client) -> Iterator[Any]:
    """A tier above the others, gone again after the test."""
    answer = assert_answer(api.post("/admin/tiers", json=EXAMPLE), DEFINITION, 201)
    yield answer
    api.delete(f"/admin/tiers/{answer['id']}")


def test_the_contracts_definition(api: httpx.Client, made: Any) -> None:
    for field, value in EXAMPLE.items():
        if field != "criteria_config":
            assert made[field] == value
    assert made["criteria_config"]["min_points"] == 100_000
    assert made["is_active"] is True
    assert assert_answer(api.get(f"/admin/tiers/{made['id']}"), DEFINITION) == made


def test_a_new_tier_works_at_once(api: httpx.Client, made: Any) -> None:
    assert award(api, "rises", 100_000)["tier_upgrade"]["code"] == made["code"]


def test_a_code_can_be_taken_once(api: httpx.Client, database_url: str, made: Any) -> None:
    with unchanged(database_url):
        assert_refused(api.post("/admin/tiers", json=EXAMPLE), 409)


def test_listing_is_in_display_order_and_paged(api: httpx.Client, made: Any) -> None:
    answer = assert_answer(api.get("/admin/tiers"), LISTED)
    assert [item["code"] for item in answer["items"]] == ["bronze", "silver", "gold", "platinum", "diamond"]
    assert (answer["total"], answer["page"], answer["page_size"]) == (5, 1, 50)
    answer = assert_answer(api.get("/admin/tiers?page=2&page_size=2"), LISTED)
    assert [item["code"] for item in answer["items"]] == ["gold", "platinum"]
    assert (answer["total"], answer["page"], answer["page_size"]) == (5, 2, 2)


def test_listing_can_be_limited_to_the_active(api: httpx.Client, made: Any) -> None:
    api.patch(f"/admin/tiers/{made['id']}", json={"is_active": False})
    active = api.get("/admin/tiers?is_active=true").json()
    inactive = api.get("/admin/tiers?is_active=false").json()
    assert (active["total"], [item["code"] for item in inactive["items"]]) == (4, ["diamond"])


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Updated name"},
        {"name": "Two fields", "level": 6},
        {"color": None},
        {"benefits": []},
        {"is_active": False},
        {"display_order": -1},
        {"award_type": "manual"},
        {"code": "diamond"},
        {},
    ],
    ids=str,
)
def test_patch_changes_what_is_given_and_nothing_else(api: httpx.Client, made: Any, change: Any) -> None:
    answer = assert_answer(api.patch(f"/admin/tiers/{made['id']}", json=change), DEFINITION)
    assert answer["updated_at"] > made["updated_at"]
    assert answer == {**made, **change, "updated_at": answer["updated_at"]}
    assert api.get(f"/admin/tiers/{made['id']}").json() == answer


def test_patch_merges_the_criteria(api: httpx.Client, made: Any) -> None:
    answer = api.patch(f"/admin/tiers/{made['id']}", json={"criteria_config": {"basis": "balance"}}).json()
    assert answer["criteria_config"] == {"min_points": 100_000, "basis": "balance"}


BAD_FIELDS = [
    pytest.param({"colour": "red"}, "colour", id="unknown"),
    pytest.param({"name": 5}, "name", id="a number for a name"),
    pytest.param({"name": None}, "name", id="null for a name"),
    pytest.param({"name": ""}, "name", id="an empty name"),
    pytest.param({"name": "x" * 201}, "name", id="a long name"),
    pytest.param({"name": "nul\0"}, "name", id="NUL"),
    pytest.param({"level": "3"}, "level", id="a text for a level"),
    pytest.param({"level": -1}, "level", id="a negative level"),
    pytest.param({"level": True}, "level", id="true for a level"),
    pytest.param({"award_type": "sometimes"}, "award_type", id="unknown award type"),
    pytest.param({"criteria_config": {"min_points": -1}}, "criteria_config.min_points", id="negative points"),
    pytest.param({"criteria_config": {"min_points": 2**53}}, "criteria_config.min_points", id="points past 2^53"),
    pytest.param({"criteria_config": {"min_points": 1, "points": 5}}, "criteria_config.points", id="unknown criterion"),
    pytest.param({"criteria_config": {"min_points": 1, "basis": "luck"}}, "criteria_config.basis", id="unknown basis"),
    pytest.param({"benefits": "all"}, "benefits", id="no list"),
    pytest.param({"benefits": [1]}, "benefits[0]", id="a number in a list of texts"),
    pytest.param({"is_active": "yes"}, "is_active", id="a text for a switch"),
    pytest.param({"code": "no spaces"}, "code", id="a code with a space"),
    pytest.param({"code": ""}, "code", id="an empty code"),
    pytest.param({"code": "newline\n"}, "code", id="a code with a newline at its end"),
]


@pytest.mark.parametrize(("change", "field"), BAD_FIELDS)
def test_a_definition_with_a_wrong_field_is_refused(
    api: httpx.Client, database_url: str, made: Any, change: Any, field: str
) -> None:
    with unchanged(database_url):
        assert_refused(api.post("/admin/tiers", json={**EXAMPLE, "code": "new", **change}), 422, field=field)
        assert_refused(api.patch(f"/admin/tiers/{made['id']}", json=change), 422, field=field)


@pytest.mark.parametrize("field", ["code", "name", "level"])
def test_a_definition_without_a_needed_field_is_refused(api: httpx.Client, database_url: str, field: str) -> None:
    body = {name: value for name, value in EXAMPLE.items() if name != field}
    with unchanged(database_url):
        assert_refused(api.post("/admin/tiers", json=body), 422, field=field)


def test_the_code_cannot_be_changed(api: httpx.Client, database_url: str, made: Any) -> None:
    with unchanged(database_url):
        assert_refused(api.patch(f"/admin/tiers/{made['id']}", json={"code": "other"}), 422, field="code")


def test_null_for_a_switch_does_not_turn_a_tier_on(api: httpx.Client, made: Any) -> None:
    api.patch(f"/admin/tiers/{made['id']}", json={"is_active": False})
    api.patch(f"/admin/tiers/{made['id']}", json={"is_active": None})
    assert api.get(f"/admin/tiers/{made['id']}").json()["is_active"] is False


def test_a_deleted_tier_is_gone_and_stays_in_histories(api: httpx.Client, database_url: str, made: Any) -> None:
    award(api, "holder", 100_000)
    assert api.delete(f"/admin/tiers/{made['id']}").status_code == 200
    path = f"/admin/tiers/{made['id']}"
    sentence = f"Tier definition not found: {made['id']}"
    with unchanged(database_url):
        assert_refused(api.get(path), 404, detail=sentence)
        assert_refused(api.patch(path, json={"name": "x"}), 404, detail=sentence)
        assert_refused(api.delete(path), 404, detail=sentence)
        reply = api.post("/tiers/assign", json={"participant_id": "holder", "tier_code": made["code"]})
        assert_refused(reply, 404, detail=f"Tier definition not found: {made['code']}")
    assert made["code"] not in [item["code"] for item in api.get("/admin/tiers").json()["items"]]
    assert award(api, "late", 100_000)["tier_upgrade"]["code"] == "platinum"
    answer = tier(api, "holder")
    assert (answer["current_tier"]["code"], answer["tier_history"][-1]["code"]) == ("diamond", "diamond")


def test_a_deleted_code_that_comes_back_is_the_old_tier(api: httpx.Client, made: Any) -> None:
    award(api, "old_diamond", 100_000)
    api.delete(f"/admin/tiers/{made['id']}")
    again = assert_answer(api.post("/admin/tiers", json={**EXAMPLE, "name": "New diamond"}), DEFINITION, 201)
    assert again["id"] == made["id"]
    assert award(api, "new_diamond", 100_000)["tier_upgrade"]["name"] == "New diamond"
    assert tier(api, "old_diamond")["current_tier"]["name"] == "New diamond"
    api.delete(f"/admin/tiers/{again['id']}")


def test_an_inactive_tier_lifts_nobody_and_cannot_be_assigned(api: httpx.Client, database_url: str, made: Any) -> None:
    api.patch(f"/admin/tiers/{made['id']}", json={"is_active": False})
    assert award(api, "not_lifted", 100_000)["tier_upgrade"]["code"] == "platinum"
    assert tier(api, "not_lifted")["next_tier"] is None
    with unchanged(database_url):
        reply = api.post("/tiers/assign", json={"participant_id": "not_lifted", "tier_code": made["code"]})
        assert_refused(reply, 400)


def test_a_manual_tier_is_reached_by_assignment_alone(api: httpx.Client, made: Any) -> None:
    api.patch(f"/admin/tiers/{made['id']}", json={"award_type": "manual"})
    assert award(api, "chosen", 100_000)["tier_upgrade"]["code"] == "platinum"
    assert tier(api, "chosen")["next_tier"] is None
    assign(api, "chosen", made["code"])
    assert current_code(api, "chosen") == made["code"]


@pytest.mark.parametrize("identifier", ["nope", "00000000-0000-7000-8000-000000000000", "%F0%9F%8F%86"])
def test_an_unknown_id_is_not_found(api: httpx.Client, database_url: str, identifier: str) -> None:
    with unchanged(database_url):
        for reply in (
            api.get(f"/admin/tiers/{identifier}"),
            api.patch(f"/admin/tiers/{identifier}", json={"name": "x"}),
            api.delete(f"/admin/tiers/{identifier}"),
        ):
            assert_refused(reply, 404)


def test_another_server_sees_an_edit_at_once(api: httpx.Client, database_url: str, made: Any) -> None:
    with Server(database_url) as second, second.client() as other:
        award(other, "elsewhere", 1)
        api.patch(f"/admin/tiers/{made['id']}", json={"name": "Renamed", "criteria_config": {"min_points": 200}})
        assert award(other, "elsewhere", 199)["tier_upgrade"]["name"] == "Renamed"


def test_a_project_has_its_own_tiers(server: Server, database_url: str, api: httpx.Client, made: Any) -> None:
    with server.client(make_key(database_url, "admin", project="other")) as other:
        assert other.get("/admin/tiers").json()["items"] == []
        assert_refused(other.get(f"/admin/tiers/{made['id']}"), 404)
        assert_refused(other.delete(f"/admin/tiers/{made['id']}"), 404)
        assert award(other, "climber", 100_000)["tier_upgrade"] is None
        assert_answer(other.post("/admin/tiers", json=EXAMPLE), DEFINITION, 201)


@pytest.mark.parametrize("criteria", [{}, {"criteria_config": {}}, {"criteria_config": None}])
def test_an_automatic_tier_says_its_threshold(api: httpx.Client, criteria: Any) -> None:
    reply = api.post("/admin/tiers", json={"code": "vip", "name": "VIP", "level": 7, **criteria})
    assert reply.status_code == 422
    assert "min_points" in reply.json()["detail"]
