"""The administrators' view of participants: search, filters, order, pages; all that is stored of one person."""

from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest

from laurels.app import TABLES
from laurels.office import personal_data
from laurels.storage.postgres.pieces import PIECE_BYTES
from tests.checks import assert_refused, query
from tests.conftest import TEMPLATE
from tests.support import Databases, Server

NAMES = ["Jane Doe", "jane Smith", "Zoë", "ÉLODIE", None, "100%", "under_score", "back\\slash", "jan", "Anne Jane"]
SORT_KEYS = [
    "participant_id",
    "display_name",
    "total_points",
    "available_points",
    "current_tier",
    "total_events",
    "created_at",
    "last_seen_at",
]


@pytest.fixture(scope="module")
def crowd(databases: Databases) -> Iterator[tuple[httpx.Client, str]]:
    """30 participants, many of them alike, in a project of their own."""
    url = databases.create(TEMPLATE)
    with Server(url) as server, server.client() as api:
        api.post("/admin/badges", json={"code": "owl", "name": "Owl"}).raise_for_status()
        for number in range(30):
            who = f"{'user' if number % 2 else 'USER'}_{number:02}"
            api.post("/participants", json={"participant_id": who, "display_name": NAMES[number % 10]})
            if points := number % 4 * 700:
                api.post("/points/award", json={"participant_id": who, "amount": points}).raise_for_status()
            if number % 3 == 0:
                api.post("/events", json={"participant_id": who, "event_name": "seen"}).raise_for_status()
                api.post("/badges/award", json={"participant_id": who, "badge_code": "owl"}).raise_for_status()
            if points > 1_000:
                api.post("/points/deduct", json={"participant_id": who, "amount": number}).raise_for_status()
        api.delete("/admin/participants/user_29?anonymize=true").raise_for_status()
        yield api, url


def listed(api: httpx.Client, **parameters: Any) -> dict[str, Any]:
    reply = api.get("/admin/participants", params=parameters)
    assert reply.status_code == 200, reply.text
    return reply.json()  # type: ignore[no-any-return]


def everyone(api: httpx.Client, **parameters: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for page in range(1, 20):
        told = listed(api, page=page, page_size=7, **parameters)
        found += told["items"]
        if len(found) == told["total"]:
            return found
    raise AssertionError("the pages do not add up to the total")


def ids(items: list[dict[str, Any]]) -> set[str]:
    return {item["participant_id"] for item in items}


def test_what_is_told_of_each(crowd: tuple[httpx.Client, str]) -> None:
    api, _ = crowd
    [told] = listed(api, search="user_03")["items"]
    assert told | {"created_at": None, "last_seen_at": None} == {
        "participant_id": "user_03",
        "display_name": "ÉLODIE",
        "avatar_url": None,
        "total_points": 2100,
        "available_points": 2097,
        "current_tier": "silver",
        "total_events": 1,
        "is_active": True,
        "created_at": None,
        "last_seen_at": None,
    }


def _comparable(key: str, value: Any) -> Any:
    if key in ("participant_id", "display_name"):
        # Without a name they come last, and first when the order is turned round.
        return (value is None, (value or "").lower())
    if key == "current_tier":
        return [None, "bronze", "silver", "gold"].index(value)
    return value


@pytest.mark.parametrize("key", SORT_KEYS)
def test_every_order_in_both_directions_with_pages_that_neither_repeat_nor_miss(
    crowd: tuple[httpx.Client, str], key: str
) -> None:
    api, _ = crowd
    up = everyone(api, sort_by=key, sort_order="asc")
    assert len(ids(up)) == len(up) == 30
    expected = sorted(up, key=lambda item: (_comparable(key, item[key]), item["participant_id"]))
    assert [item["participant_id"] for item in up] == [item["participant_id"] for item in expected]
    down = everyone(api, sort_by=key, sort_order="desc")
    assert down == up[::-1]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        pytest.param({"search": "JANE"}, {0, 1, 9}, id="any part, any case"),
        pytest.param({"search": "jane", "match": "prefix"}, {0, 1}, id="the beginning of the name"),
        pytest.param({"search": "jan", "match": "prefix"}, {0, 1, 8}, id="a whole name is a beginning"),
        pytest.param({"search": "élodie"}, {3}, id="letters beyond ASCII"),
        pytest.param({"search": "%"}, {5}, id="nothing stands for anything else: %"),
        pytest.param({"search": "r_s"}, {6}, id="nothing stands for anything else: _"),
        pytest.param({"search": "k\\s"}, {7}, id="nothing stands for anything else: \\"),
        pytest.param({"search": "'; DROP TABLE participant; --"}, set(), id="a statement is a text"),
    ],
)
def test_search(crowd: tuple[httpx.Client, str], parameters: dict[str, Any], expected: set[int]) -> None:
    api, _ = crowd
    found = everyone(api, **parameters)
    numbers = {int(item["participant_id"][-2:]) % 10 for item in found}
    assert numbers == expected
    anonymised = 9 in expected
    assert len(found) == 3 * len(expected) - anonymised


def test_search_by_id(crowd: tuple[httpx.Client, str]) -> None:
    api, _ = crowd
    assert ids(everyone(api, search="user_1", match="prefix")) == ids(everyone(api, search="USER_1"))
    assert len(everyone(api, search="ser_1", match="prefix")) == 0


def test_filters(crowd: tuple[httpx.Client, str]) -> None:
    api, _ = crowd
    all_of_them = everyone(api)
    assert ids(everyone(api, tier="silver")) == ids([i for i in all_of_them if i["current_tier"] == "silver"])
    assert len(everyone(api, badge="owl")) == 10
    [gone] = everyone(api, is_active="false")
    assert (gone["display_name"], gone["participant_id"].startswith("anonymous_")) == (None, True)
    assert len(everyone(api, is_active="true")) == 29
    since = sorted(item["last_seen_at"] for item in all_of_them)[12]
    assert len(everyone(api, seen_since=since)) == 18
    both = everyone(api, badge="owl", search="jane", sort_by="total_points")
    assert ids(both) == ids(everyone(api, badge="owl")) & ids(everyone(api, search="jane"))


@pytest.mark.parametrize(
    ("parameters", "status", "detail"),
    [
        ({"tier": "nope"}, 404, "Tier definition not found: nope"),
        ({"badge": "nope"}, 404, "Badge definition not found: nope"),
        ({"sort_by": "shoe_size"}, 422, None),
        ({"search": ""}, 422, "search must not be empty."),
        ({"seen_since": "yesterday"}, 422, None),
        ({"page_size": 101}, 422, "page_size must be at most 100."),
    ],
)
def test_what_cannot_be_listed(
    crowd: tuple[httpx.Client, str], parameters: dict[str, Any], status: int, detail: str | None
) -> None:
    reply = crowd[0].get("/admin/participants", params=parameters)
    assert_refused(reply, status)
    assert detail in (None, reply.json()["detail"])


def test_an_export_has_every_row_of_the_person(crowd: tuple[httpx.Client, str]) -> None:
    api, url = crowd
    who = "exported"
    api.post("/participants", json={"participant_id": who, "display_name": "Ada", "attributes": {"plan": "pro"}})
    award = {"participant_id": who, "amount": 3_000, "idempotency_key": "k", "expires_in_days": 9, "reason": "Thanks"}
    api.post("/points/award", json=award).raise_for_status()
    api.post("/points/hold", json={"participant_id": who, "amount": 5}).raise_for_status()
    spent = api.post("/points/deduct", json={"participant_id": who, "amount": 5}).json()
    api.post("/points/reverse", json={"participant_id": who, "transaction_id": spent["transaction_id"]})
    api.post("/badges/award", json={"participant_id": who, "badge_code": "owl"}).raise_for_status()
    api.post("/streaks/record", json={"participant_id": who, "streak_code": "daily_login"}).raise_for_status()
    api.post("/rewards/gift_card/claim", json={"participant_id": who}).raise_for_status()
    event = {"participant_id": who, "event_name": "lesson_finished", "properties": {"lesson_id": 7, "mistakes": 0}}
    api.post("/events", json=event).raise_for_status()
    reply = api.get(f"/admin/participants/{who}/export")
    assert reply.status_code == 200
    stored = reply.json()["stored"]
    lane, subject = query(url, "SELECT lane, subject FROM participant WHERE participant_id = %s", who)[0]
    tables = query(
        url,
        """
        SELECT table_name FROM information_schema.columns JOIN information_schema.tables USING (table_name)
        WHERE column_name = 'subject' AND table_type = 'BASE TABLE' AND table_name NOT LIKE 'journal\\__%%'
        """,
    )
    # These hold how far jobs have come, people whom nobody may read any more, and copies of exported rows.
    of_people = {table for (table,) in tables} - {"judging", "alarm_filling", "erasure", "alarm", "lasting"}
    exported = personal_data.table_names(TABLES)
    assert of_people == exported, "every table with rows of people is exported"
    rows = [
        query(url, f"SELECT count(*) FROM {table} WHERE lane = %s AND subject = %s", lane, subject)[0][0]
        for table in exported
    ]
    assert sum(len(part) for part in stored.values()) == sum(rows)
    assert stored["participant"][0]["attributes"] == {"plan": "pro"}
    assert (stored["badges"][0]["code"], stored["streaks"][0]["code"]) == ("owl", "daily_login")
    assert stored["idempotency_keys"][0]["key"] == "k"
    assert [fact["seq"] for fact in stored["facts"]] == list(range(1, len(stored["facts"]) + 1))
    assert {"Thanks"} < {fact["data"].get("reason") for fact in stored["facts"]}


def test_a_long_life_is_exported_whole(crowd: tuple[httpx.Client, str]) -> None:
    api, _ = crowd
    for _ in range(12):
        api.post("/points/award-batch", json={"awards": [{"participant_id": "long", "amount": 1}] * 100})
    facts = api.get("/admin/participants/long/export").json()["stored"]["facts"]
    assert [fact["seq"] for fact in facts] == list(range(1, 1_203)), "1,200 awards and two tiers"


def test_rows_that_are_many_or_long_are_exported_once_each(crowd: tuple[httpx.Client, str]) -> None:
    """In pieces, which end after so many rows or bytes."""
    api, url = crowd
    api.post("/participants", json={"participant_id": "rich"}).raise_for_status()
    with psycopg.connect(url) as connection:
        connection.execute(
            """
            INSERT INTO limit_use (lane, subject, definition_id, window_key, uses)
            SELECT lane, subject, ('00000000-0000-7000-8000-00000000000' || number)::uuid, i, i
            FROM participant, generate_series(1, 2) AS number, generate_series(1, 150) AS i
            WHERE participant_id = 'rich'
            """
        )
        connection.execute(
            """
            INSERT INTO hold (lane, subject, id, project_id, status, points, captured, lots, expires_at)
            SELECT lane, subject, gen_random_uuid(), project_id, 'released', i, 0,
                   to_jsonb(array_fill('["2026-01-01T00:00:00Z", 1]'::jsonb, ARRAY[1000 * (i % 3)])), now()
            FROM participant, generate_series(1, 230) AS i WHERE participant_id = 'rich'
            """
        )
    reply = api.get("/admin/participants/rich/export")
    stored = reply.json()["stored"]
    assert len(reply.content) > 20 * PIECE_BYTES
    assert sorted(each["uses"] for each in stored["limits"]) == sorted([*range(1, 151)] * 2)
    assert sorted(each["points"] for each in stored["holds"]) == [*range(1, 231)]
    assert sum(len(each["lots"]) for each in stored["holds"]) == 1_000 * sum(i % 3 for i in range(1, 231))


def test_nobody_to_export(crowd: tuple[httpx.Client, str]) -> None:
    assert_refused(crowd[0].get("/admin/participants/nobody/export"), 404)
