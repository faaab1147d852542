"""Participants over HTTP: register, profile, change, state, anonymise, delete."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from urllib.parse import quote

import httpx
import psycopg
import pytest

from tests.checks import (
    Maybe,
    Moment,
    RawReply,
    all_waiting_for_locks,
    assert_answer,
    assert_refused,
    make_key,
    mentions,
    query,
    send,
    unchanged,
)
from tests.leaves import give_each_score_a_leaf
from tests.support import Server

POINTS = {"balance": int, "total_earned": int, "total_spent": int}
NEXT_TIER = {"code": str, "name": str, "points_required": int, "points_remaining": int}
BADGE = {"code": str, "name": str, "earned": bool, "earned_at": Maybe(Moment)}
REGISTERED = {
    "participant_id": str,
    "display_name": Maybe(str),
    "avatar_url": Maybe(str),
    "attributes": dict,
    "points": POINTS,
    "tier": Maybe(
        {
            "code": str,
            "name": str,
            "level": int,
            "color": Maybe(str),
            "achieved_at": Moment,
            "next_tier": Maybe(NEXT_TIER),
        }
    ),
    "badges": [{**BADGE, "rarity": str}],
    "streaks": Maybe({"current": int, "longest": int, "last_activity_at": Maybe(Moment)}),
    "rewards_claimed": int,
    "total_events": int,
    "is_active": bool,
    "created_at": Moment,
}
PROFILE = {**REGISTERED, "first_seen_at": Moment, "last_seen_at": Moment}
SECTIONS: dict[str, Any] = {
    "points": POINTS,
    "tier": Maybe({"code": str, "name": str, "level": int}),
    "badges": [BADGE],
    "streaks": {"current": int, "longest": int},
    "challenges": {"active": int, "completed": int},
    "rewards": {"total_claimed": int},
}
JANE = {
    "display_name": "Jane Doe",
    "avatar_url": "https://example.com/avatar.png",
    "attributes": {"plan": "premium", "signup_source": "referral"},
}


def register(api: httpx.Client, name: str, status: int = 201, **fields: Any) -> Any:
    reply = api.post("/participants", json={"participant_id": name, **fields})
    return assert_answer(reply, REGISTERED, status)


def profile(api: httpx.Client, name: str) -> Any:
    return assert_answer(api.get(f"/participants/{name}"), PROFILE)


def change(api: httpx.Client, name: str, **fields: Any) -> Any:
    return assert_answer(api.patch(f"/participants/{name}", json=fields), PROFILE)


def award(api: httpx.Client, name: str, amount: int, **optional: Any) -> None:
    reply = api.post("/points/award", json={"participant_id": name, "amount": amount, **optional})
    assert reply.status_code == 200, reply.text


def test_the_contracts_registration(api: httpx.Client) -> None:
    answer = register(api, "jane", **JANE)
    expected = {
        "participant_id": "jane",
        **JANE,
        "points": {"balance": 0, "total_earned": 0, "total_spent": 0},
        "tier": None,
        "badges": [],
        "streaks": None,
        "rewards_claimed": 0,
        "total_events": 0,
        "is_active": True,
    }
    assert {field: answer[field] for field in expected} == expected


def test_registering_again_updates(api: httpx.Client) -> None:
    first = register(api, "again", **JANE)
    again = register(api, "again", 200, display_name="Jane Smith", attributes={"plan": None, "team": 7})
    assert again["display_name"] == "Jane Smith"
    assert again["avatar_url"] == JANE["avatar_url"]
    assert again["attributes"] == {"signup_source": "referral", "team": 7}
    assert again["created_at"] == first["created_at"]


def test_registering_again_without_changes_writes_nothing(api: httpx.Client, database_url: str) -> None:
    first = register(api, "same", **JANE)
    with unchanged(database_url):
        assert register(api, "same", 200, **JANE) == first


def test_an_award_registers_too(api: httpx.Client) -> None:
    award(api, "awarded", 1)
    assert register(api, "awarded", 200, display_name="Late")["display_name"] == "Late"


def test_the_contracts_profile(api: httpx.Client) -> None:
    register(api, "rich", **JANE)
    award(api, "rich", 5_000, timestamp="2026-02-01T10:00:00Z")
    api.post("/points/deduct", json={"participant_id": "rich", "amount": 3_500})
    answer = profile(api, "rich")
    assert answer["points"] == {"balance": 1_500, "total_earned": 5_000, "total_spent": 3_500}
    assert answer["tier"] == {
        "code": "gold",
        "name": "Gold",
        "level": 3,
        "color": "#FFD700",
        "achieved_at": "2026-02-01T10:00:00Z",
        "next_tier": {
            "code": "platinum",
            "name": "Platinum",
            "points_required": 10_000,
            "points_remaining": 5_000,
        },
    }
    assert answer["first_seen_at"] <= answer["last_seen_at"]


def test_the_contracts_change(api: httpx.Client) -> None:
    register(api, "changed", **JANE)
    answer = change(api, "changed", display_name="Jane Smith", attributes={"plan": "enterprise", "team_id": "team_42"})
    assert answer["display_name"] == "Jane Smith"
    assert answer["attributes"] == {"plan": "enterprise", "signup_source": "referral", "team_id": "team_42"}
    assert answer == profile(api, "changed")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({}, {}, id="nothing"),
        pytest.param({"display_name": None}, {"display_name": None}, id="no name"),
        pytest.param({"avatar_url": None}, {"avatar_url": None}, id="no avatar"),
        pytest.param({"attributes": {}}, {}, id="no attributes given"),
        pytest.param({"attributes": {"a": None, "b": None}}, {"attributes": {"keep": 0}}, id="null removes"),
        pytest.param({"attributes": {"a": [1, {"x": None}]}}, {"attributes": {"a": [1, {"x": None}]}}, id="lists stay"),
        pytest.param({"attributes": {"b": {"c": None, "d": 2}}}, {"attributes": {"b": {"d": 2}}}, id="objects merge"),
        pytest.param({"unknown": 1}, {}, id="unknown fields are ignored"),
    ],
)
def test_merging(
    api: httpx.Client, request: pytest.FixtureRequest, fields: dict[str, Any], expected: dict[str, Any]
) -> None:
    name = "merge_" + request.node.callspec.id.replace(" ", "_")
    before = {"display_name": "Ada", "avatar_url": "https://example.com/a.png", "attributes": {"a": 1, "b": {"c": 1}}}
    register(api, name, **before)
    if "keep" in expected.get("attributes", {}):
        change(api, name, attributes={"keep": 0})
        attributes = expected["attributes"]
    else:
        attributes = {**before["attributes"], **expected.get("attributes", {})}
    answer = change(api, name, **fields)
    assert {field: answer[field] for field in before} == {**before, **expected, "attributes": attributes}


def test_changing_an_unknown_one_is_not_found_and_creates_nobody(api: httpx.Client, database_url: str) -> None:
    with unchanged(database_url):
        reply = api.patch("/participants/nobody", json={"display_name": "N"})
    assert_refused(reply, 404, detail="Participant not found: nobody")


@pytest.mark.parametrize("path", ["/participants/nobody", "/participants/nobody/state"])
def test_reading_an_unknown_one_is_not_found_and_creates_nobody(
    api: httpx.Client, database_url: str, path: str
) -> None:
    with unchanged(database_url):
        assert_refused(api.get(path), 404, detail="Participant not found: nobody")


def test_the_contracts_state(api: httpx.Client) -> None:
    award(api, "state", 250)
    answer = assert_answer(api.get("/participants/state/state"), {"participant_id": str, **SECTIONS})
    expected = {
        "participant_id": "state",
        "points": {"balance": 250, "total_earned": 250, "total_spent": 0},
        "tier": {"code": "bronze", "name": "Bronze", "level": 1},
        "badges": [
            {"code": "first_steps", "name": "First Steps", "earned": False, "earned_at": None},
            {"code": "power_user", "name": "Power User", "earned": False, "earned_at": None},
        ],
        "streaks": {"current": 0, "longest": 0},
        "challenges": {"active": 0, "completed": 0},
        "rewards": {"total_claimed": 0},
    }
    assert answer == expected


@pytest.mark.parametrize("include", ["points", "tier", "points,tier,badges", "rewards,challenges", "streaks, points"])
def test_sections_of_the_state(api: httpx.Client, include: str) -> None:
    register(api, "sections", (api.get("/participants/sections").status_code == 404 and 201) or 200)
    wanted = {name.strip() for name in include.split(",")}
    shape = {"participant_id": str, **{name: SECTIONS[name] for name in wanted}}
    answer = assert_answer(api.get("/participants/sections/state", params={"include": include}), shape)
    assert answer.keys() == {"participant_id", *wanted}


@pytest.mark.parametrize("include", ["", "points,", "scores", "points,scores", "Points"])
def test_unknown_sections_are_refused(api: httpx.Client, include: str) -> None:
    award(api, "no_section", 1)
    assert_refused(api.get("/participants/no_section/state", params={"include": include}), 422, field="include")


@pytest.mark.parametrize("zone", ["Europe/Lisbon", "Asia/Kathmandu", "UTC"])
def test_time_zones(api: httpx.Client, zone: str) -> None:
    award(api, "zoned", 1)
    assert change(api, "zoned", attributes={"timezone": zone})["attributes"]["timezone"] == zone


def test_null_removes_the_time_zone(api: httpx.Client) -> None:
    register(api, "unzoned", attributes={"timezone": "Asia/Tokyo"})
    assert change(api, "unzoned", attributes={"timezone": None})["attributes"] == {}


@pytest.mark.parametrize(
    "zone", ["Mars/Base", "", "../../etc/passwd", "/etc/passwd", "localtime", "Europe", 5, True, [], {"a": 1}], ids=str
)
def test_what_is_no_time_zone_is_kept_and_counts_for_nothing(api: httpx.Client, zone: Any) -> None:
    """23:30 on 1 March in the project's zone, UTC, is the next day in Tokyo."""
    name = f"lost_{str(zone).replace('/', '_')}"
    body = {"attributes": {"timezone": zone}}
    for reply in (
        api.post("/participants", json={"participant_id": name, **body}),
        api.patch(f"/participants/{name}", json=body),
    ):
        assert reply.json()["attributes"] == body["attributes"]
        assert reply.headers["laurels-warning"].startswith("attributes.timezone is not an IANA time zone such as")
    for moment in ("2026-03-01T00:30:00Z", "2026-03-01T23:30:00Z"):
        record = {"participant_id": name, "streak_code": "daily_login", "timestamp": moment}
        assert api.post("/streaks/record", json=record).json()["new_count"] == 1
    assert api.get(f"/participants/{name}/streaks").status_code == 200
    reply = api.patch(f"/participants/{name}", json={"attributes": {"timezone": "Asia/Tokyo"}})
    assert "laurels-warning" not in reply.headers
    assert api.post("/streaks/record", json={**record, "timestamp": "2026-03-02T01:30:00Z"}).json()["new_count"] == 2


ODD_NAMES = [
    "a/b",
    "100%",
    "%2F",
    "a?b=c",
    "a#b",
    "two words",
    " ",
    "🏆🥇",
    'it\'s "quoted"',
    "..",
    ".",
    "a+b",
    "ünï",
    "\u2028",
]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_names_with_any_printable_character(server: Server, api: httpx.Client, name: str) -> None:
    award(api, name, 10)
    path = f"/participants/{quote(name, safe='')}"

    def get(tail: str) -> RawReply:
        return send(server, "GET", path + tail)

    assert get("").json()["participant_id"] == name
    points = get("/points").json()
    assert (points["participant_id"], points["balance"]) == (name, 10)
    assert get("/points/transactions").json()["total"] == 1
    assert get("/tier").json()["current_tier"]["code"] == "bronze"
    assert get("/state").json()["participant_id"] == name
    changed = send(server, "PATCH", path, b'{"display_name": "Odd"}')
    assert (changed.status_code, changed.json()["display_name"]) == (200, "Odd")
    assert send(server, "DELETE", f"/admin{path}").status_code == 200
    assert get("").status_code == 404


@pytest.mark.parametrize("name", ["x" * 255, "é" * 255, "🏆" * 255], ids=["ASCII", "accents", "emoji"])
def test_names_of_255_characters(api: httpx.Client, name: str) -> None:
    award(api, name, 10)
    assert profile(api, quote(name))["participant_id"] == name


def test_names_mind_the_case(api: httpx.Client) -> None:
    award(api, "Case", 1)
    award(api, "case", 2)
    assert profile(api, "Case")["points"]["balance"] == 1
    assert profile(api, "case")["points"]["balance"] == 2


WORD = "xylophone"


def make_person(api: httpx.Client, name: str) -> None:
    """Someone who is mentioned wherever a person can be."""
    register(
        api,
        name,
        display_name=f"Ms {WORD}",
        avatar_url=f"https://example.com/{WORD}.png",
        attributes={"mail": f"{WORD}@example.com", WORD: {"nested": [WORD]}},
    )
    personal = {"reason": f"for {WORD}", "metadata": {"name": WORD}}
    award(api, name, 1_500, **personal, idempotency_key=f"award {WORD}")
    api.post(
        "/points/deduct", json={"participant_id": name, "amount": 200, **personal, "idempotency_key": f"deduct {WORD}"}
    )
    api.post("/tiers/assign", json={"participant_id": name, "tier_code": "gold", "reason": f"for {WORD}"})


def subject_of(database_url: str, name: str) -> str:
    return str(query(database_url, "SELECT subject FROM participant WHERE participant_id = %s", name)[0][0])


def assert_gone(api: httpx.Client, name: str) -> None:
    detail = f"Participant not found: {name}"
    for path in ("", "/points", "/points/transactions", "/tier", "/state"):
        assert_refused(api.get(f"/participants/{name}{path}"), 404, detail=detail)
    assert_refused(api.patch(f"/participants/{name}", json={"display_name": "N"}), 404, detail=detail)
    assert_refused(api.delete(f"/admin/participants/{name}"), 404, detail=detail)
    assert_refused(api.delete(f"/admin/participants/{name}?anonymize=true"), 404, detail=detail)


def test_a_deleted_participant_leaves_no_row(api: httpx.Client, database_url: str) -> None:
    name = f"delete_{WORD}"
    make_person(api, name)
    assert mentions(database_url, WORD)
    subject = subject_of(database_url, name)
    assert api.delete(f"/admin/participants/{name}").status_code == 200
    assert mentions(database_url, WORD) == []
    assert mentions(database_url, subject) == ["audit_log"], "that somebody was deleted, by a number without meaning"
    with unchanged(database_url):
        assert_gone(api, name)


def test_an_anonymised_participant_leaves_only_numbers(api: httpx.Client, database_url: str) -> None:
    name = f"anonymise_{WORD}"
    make_person(api, name)
    subject = subject_of(database_url, name)
    facts = "SELECT seq, kind, data->>'amount', data->>'balance_after' FROM journal WHERE subject = %s ORDER BY seq"
    before = query(database_url, facts, subject)
    reply = api.delete(f"/admin/participants/{name}?anonymize=true")
    assert reply.status_code == 200
    assert mentions(database_url, WORD) == []
    assert query(database_url, facts, subject) == before
    with unchanged(database_url):
        assert_gone(api, name)

    anonymous = str(query(database_url, "SELECT participant_id FROM participant WHERE subject = %s", subject)[0][0])
    answer = profile(api, anonymous)
    assert (answer["display_name"], answer["avatar_url"], answer["attributes"]) == (None, None, {})
    assert answer["is_active"] is False
    assert answer["points"] == {"balance": 1_300, "total_earned": 1_500, "total_spent": 200}
    listed = api.get(f"/participants/{anonymous}/points/transactions").json()
    assert [(entry["reason"], entry["metadata"]) for entry in listed["transactions"]] == [(None, None)] * 2
    history = api.get(f"/participants/{anonymous}/tier").json()["tier_history"]
    assert [passed["code"] for passed in history] == ["bronze", "silver", "gold"]


def test_nothing_can_be_written_to_an_anonymised_participant(api: httpx.Client, database_url: str) -> None:
    award(api, "silent", 100)
    subject = subject_of(database_url, "silent")
    api.delete("/admin/participants/silent?anonymize=true")
    anonymous = str(query(database_url, "SELECT participant_id FROM participant WHERE subject = %s", subject)[0][0])
    with unchanged(database_url):
        assert_refused(api.post("/points/award", json={"participant_id": anonymous, "amount": 1}), 404)
        assert_refused(api.post("/points/deduct", json={"participant_id": anonymous, "amount": 1}), 404)
        assert_refused(api.post("/participants", json={"participant_id": anonymous, "display_name": "N"}), 404)
        assert_refused(api.post("/tiers/assign", json={"participant_id": anonymous, "tier_code": "gold"}), 404)


@pytest.mark.parametrize("parameters", ["", "?anonymize=true"], ids=["deleted", "anonymised"])
def test_the_name_is_free_again(api: httpx.Client, parameters: str) -> None:
    name = f"back{len(parameters)}"
    award(api, name, 5_000)
    api.delete(f"/admin/participants/{name}{parameters}")
    award(api, name, 3)
    answer = profile(api, name)
    assert answer["points"] == {"balance": 3, "total_earned": 3, "total_spent": 0}
    assert answer["tier"]["code"] == "bronze"


def test_the_rows_of_an_anonymised_participant_can_be_deleted(api: httpx.Client, database_url: str) -> None:
    award(api, "twice_erased", 5)
    subject = subject_of(database_url, "twice_erased")
    api.delete("/admin/participants/twice_erased?anonymize=true")
    anonymous = str(query(database_url, "SELECT participant_id FROM participant WHERE subject = %s", subject)[0][0])
    assert api.delete(f"/admin/participants/{anonymous}").status_code == 200
    assert mentions(database_url, subject) == ["audit_log"], "that somebody was deleted, by a number without meaning"


@pytest.mark.parametrize("value", ["", "yes", "2", "null", "true;"])
def test_an_unclear_wish_to_anonymise_erases_nothing(api: httpx.Client, database_url: str, value: str) -> None:
    award(api, "kept", 1)
    with unchanged(database_url):
        reply = api.delete("/admin/participants/kept", params={"anonymize": value})
        assert_refused(reply, 422, field="anonymize")


def test_two_projects_do_not_see_each_other(server: Server, database_url: str, api: httpx.Client) -> None:
    award(api, "both", 10, idempotency_key="k")
    award(api, "here", 10)
    with server.client(make_key(database_url, "admin", project="other")) as other:
        for path in ("", "/points", "/points/transactions", "/tier", "/state"):
            assert_refused(other.get(f"/participants/here{path}"), 404)
        with unchanged(database_url):
            assert_refused(other.patch("/participants/here", json={"display_name": "N"}), 404)
            assert_refused(other.delete("/admin/participants/here"), 404)
            assert_refused(other.delete("/admin/participants/here?anonymize=true"), 404)
            assert_refused(other.post("/points/deduct", json={"participant_id": "here", "amount": 1}), 400)
        reply = other.post("/points/award", json={"participant_id": "both", "amount": 10, "idempotency_key": "k"})
        assert "idempotency-replayed" not in reply.headers
        award(other, "both", 5)
        assert other.get("/participants/both/points").json()["balance"] == 15
        assert other.delete("/admin/participants/both").status_code == 200
    assert profile(api, "both")["points"]["balance"] == 10


def test_attributes_do_not_grow_without_end(api: httpx.Client) -> None:
    register(api, "collector", 201, attributes={"first": "x" * 40_000})
    reply = api.patch("/participants/collector", json={"attributes": {"second": "x" * 40_000}})
    assert reply.status_code == 422
    assert "65536 bytes" in reply.json()["detail"]
    assert list(api.get("/participants/collector").json()["attributes"]) == ["first"]


def test_deleting_takes_its_locks_in_the_order_of_batches(api: httpx.Client, name: str, database_url: str) -> None:
    """A batch has the reward's row when it comes to the leaves of boards: who deletes must not have these by then."""
    assert api.post("/points/award", json={"participant_id": name, "amount": 10}).status_code == 200
    assert api.post("/rewards/gift_card/claim", json={"participant_id": name}).status_code == 200
    [(reward_id,)] = query(database_url, "SELECT id FROM definition WHERE kind = 'reward' AND code = 'gift_card'")
    give_each_score_a_leaf(database_url)
    with ThreadPoolExecutor() as pool, psycopg.connect(database_url) as batch:
        batch.execute("SELECT FROM reward_stock WHERE reward_id = %s FOR NO KEY UPDATE", (reward_id,))
        [deleted] = all_waiting_for_locks(database_url, partial(pool.submit, api.delete, f"/admin/participants/{name}"))
        assert batch.execute("SELECT FROM board_leaf WHERE lane = 0 FOR NO KEY UPDATE NOWAIT").rowcount > 0
        batch.commit()
        assert deleted.result().status_code == 200
