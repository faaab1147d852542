"""Challenges of a calendar period over HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.checks import assert_refused, query
from tests.support import Server, check


def define(api: httpx.Client, **particulars: Any) -> dict[str, Any]:
    code = f"c_{uuid4().hex}"
    body = {
        "code": code,
        "name": "Twice",
        "period": "daily",
        "objectives": [{"code": "o", "event_name": code, "target": 2}],
        "milestones": [{"percent": 50, "actions": [{"type": "award_points", "amount": 1}]}],
        "actions": [{"type": "award_points", "amount": 10}],
        **particulars,
    }
    reply = api.post("/admin/challenges", json=body)
    assert reply.status_code == 201, reply.text
    return reply.json()  # type: ignore[no-any-return]


def happen(api: httpx.Client, code: str, who: str, *times: str) -> list[tuple[int, int] | None]:
    """For each event the percentage and the completions, None where it moved nothing."""
    events = [{"participant_id": who, "event_name": code, "timestamp": time} for time in times]
    moved = []
    for result in api.post("/events/batch", json={"events": events}).raise_for_status().json()["results"]:
        found = result["effects"]["challenges"]
        moved.append((found[0]["percent"], found[0]["completed"]) if found else None)
    return moved


def standing(api: httpx.Client, code: str, who: str) -> Any:
    listed = api.get(f"/participants/{who}/challenges").raise_for_status().json()["challenges"]
    return next(found for found in listed if found["code"] == code)


@pytest.fixture
def who() -> str:
    return f"who_{uuid4().hex}"


@pytest.mark.parametrize(
    ("times", "moved"),
    [
        pytest.param(["02-14T00:00", "02-14T23:59"], [(50, 0), (100, 1)], id="once a day"),
        pytest.param(["02-14T12:00", "02-14T00:00"], [(50, 0), (100, 1)], id="from the day's start on"),
        pytest.param(["02-14T23:59", "02-15T00:00"], [(50, 0), (50, 0)], id="another day is another run"),
        pytest.param(
            ["02-14T01:00", "02-14T02:00", "02-14T03:00", "02-15T00:00", "02-15T01:00"],
            [(50, 0), (100, 1), None, (50, 0), (100, 1)],
            id="again on the next day",
        ),
        pytest.param(["02-15T01:00", "02-14T23:59"], [(50, 0), (50, 0)], id="late, and its own day's run"),
        pytest.param(
            ["02-14T01:00", "02-15T01:00", "02-14T23:59", "02-14T22:00"],
            [(50, 0), (50, 0), (100, 1), None],
            id="late, and the day is completed once",
        ),
        pytest.param(["02-15T01:00", "02-12T23:59"], [(50, 0), None], id="too late"),
        pytest.param(["02-14T01:00", "02-20T01:00", "02-20T02:00"], [(50, 0), (50, 0), (100, 1)], id="days left out"),
    ],
)
def test_a_day(api: httpx.Client, who: str, times: list[str], moved: list[Any]) -> None:
    code = define(api)["code"]
    assert happen(api, code, who, *(f"2026-{time}:00Z" for time in times)) == moved


@pytest.mark.parametrize(
    ("period", "inside", "outside"),
    [
        ("weekly", ["2026-02-09T00:00:00Z", "2026-02-15T23:59:59Z"], "2026-02-16T00:00:00Z"),
        ("monthly", ["2026-02-01T00:00:00Z", "2026-02-28T23:59:59Z"], "2026-03-01T00:00:00Z"),
    ],
)
def test_weeks_and_months(api: httpx.Client, who: str, period: str, inside: list[str], outside: str) -> None:
    code = define(api, period=period)["code"]
    assert happen(api, code, who, *inside, outside) == [(50, 0), (100, 1), (50, 0)]


def test_the_participants_own_day(api: httpx.Client, who: str) -> None:
    code = define(api)["code"]
    api.post("/participants", json={"participant_id": who, "attributes": {"timezone": "Asia/Tokyo"}})
    times = ["2026-02-14T14:59:59Z", "2026-02-14T15:00:00Z", "2026-02-15T14:59:59Z"]
    assert happen(api, code, who, *times) == [(50, 0), (50, 0), (100, 1)]


def test_an_action_advances_the_participants_own_day(api: httpx.Client, who: str) -> None:
    code = define(api, objectives=[{"code": "o", "event_name": "never", "target": 2}])["code"]
    actions = [{"type": "advance_challenge", "challenge_code": code}]
    body = {"code": code, "name": "Advance", "event_name": code, "actions": actions}
    api.post("/admin/rules", json=body).raise_for_status()
    api.post("/participants", json={"participant_id": who, "attributes": {"timezone": "Asia/Tokyo"}})
    times = ["2026-02-14T14:59:59Z", "2026-02-14T15:00:00Z", "2026-02-15T14:59:59Z"]
    assert happen(api, code, who, *times) == [(50, 0), (50, 0), (100, 1)]


def test_where_the_participant_stands(api: httpx.Client, who: str) -> None:
    code = define(api)["code"]
    today = datetime.now(UTC)
    happen(api, code, who, "2026-02-14T01:00:00Z", "2026-02-14T02:00:00Z")
    found = standing(api, code, who)
    assert (found["status"], found["percent"], found["completions"]) == ("not_joined", 0, 1)
    assert (found["joined_at"], found["ends_at"], found["completed_at"]) == (None, None, "2026-02-14T02:00:00Z")
    assert found["milestones"] == [{"percent": 50, "reached": False}]
    happen(api, code, who, today.isoformat())
    found = standing(api, code, who)
    midnight = today.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    assert (found["status"], found["percent"]) == ("active", 50)
    assert datetime.fromisoformat(found["ends_at"]) == midnight
    happen(api, code, who, today.isoformat())
    found = standing(api, code, who)
    assert (found["status"], found["percent"], found["completions"]) == ("completed", 100, 2)
    assert api.get(f"/participants/{who}/points").json()["balance"] == 22


def test_leaving_and_joining(api: httpx.Client, who: str) -> None:
    code = define(api)["code"]
    now = datetime.now(UTC)
    today, tomorrow = now.isoformat(), (now + timedelta(minutes=4)).isoformat()
    happen(api, code, who, "2026-02-14T01:00:00Z", "2026-02-14T02:00:00Z", today)
    api.post(f"/challenges/{code}/leave", json={"participant_id": who}).raise_for_status()
    assert standing(api, code, who)["status"] == "not_joined"
    assert happen(api, code, who, today, tomorrow) == [None, None]
    joined = api.post(f"/challenges/{code}/join", json={"participant_id": who}).raise_for_status().json()
    assert (joined["already_joined"], joined["ends_at"] > today) == (False, True)
    assert happen(api, code, who, today, today) == [(50, 0), (100, 1)]
    assert_refused(api.post(f"/challenges/{code}/join", json={"participant_id": who}), 400)


def test_joined_by_a_call_each_day(api: httpx.Client, who: str) -> None:
    code = define(api, join_type="manual")["code"]
    now = datetime.now(UTC).isoformat()
    assert happen(api, code, who, now) == [None]
    api.post(f"/challenges/{code}/join", json={"participant_id": who}).raise_for_status()
    # The whole day counts, also what was before the call.
    start = now[:10] + "T00:00:00Z"
    assert happen(api, code, who, start, now) == [(50, 0), (100, 1)]


@pytest.mark.parametrize(
    ("particulars", "field"),
    [({"duration_days": 3}, "duration_days"), ({"is_repeatable": True}, "is_repeatable"), ({"period": "x"}, "period")],
)
def test_what_does_not_go_together(api: httpx.Client, particulars: Any, field: str) -> None:
    code = f"c_{uuid4().hex}"
    objectives = [{"code": "o", "event_name": code, "target": 2}]
    body = {"code": code, "name": "No", "period": "daily", "objectives": objectives, **particulars}
    assert_refused(api.post("/admin/challenges", json=body), 422, field=field)


def test_the_period_is_fixed(api: httpx.Client) -> None:
    made = define(api)
    where = f"/admin/challenges/{made['id']}"
    assert_refused(api.patch(where, json={"period": "weekly"}), 422, field="period")
    assert_refused(api.patch(where, json={"period": None}), 422, field="period")
    assert api.patch(where, json={"name": "Other", "period": "daily"}).json()["period"] == "daily"


def test_how_long_periods_are_open(api: httpx.Client, who: str) -> None:
    made = define(api, late_periods=0)
    assert happen(api, made["code"], who, "2026-02-14T01:00:00Z", "2026-02-13T01:00:00Z") == [(50, 0), None]
    assert api.patch(f"/admin/challenges/{made['id']}", json={"late_periods": 12}).json()["late_periods"] == 12
    times = ["2026-02-20T01:00:00Z", "2026-02-15T01:00:00Z", "2026-02-13T01:00:00Z"]
    assert happen(api, made["code"], who, *times) == [(50, 0), (50, 0), None]


@pytest.mark.parametrize(
    "particulars", [{"late_periods": 13}, {"late_periods": -1}, {"period": None, "late_periods": 1}]
)
def test_late_periods_that_cannot_be(api: httpx.Client, particulars: Any) -> None:
    code = f"c_{uuid4().hex}"
    objectives = [{"code": "o", "event_name": code, "target": 2}]
    body = {"code": code, "name": "No", "period": "daily", "objectives": objectives, **particulars}
    assert_refused(api.post("/admin/challenges", json=body), 422, field="late_periods")


def test_moving_and_joining_anew_earns_nothing_twice(api: httpx.Client, who: str) -> None:
    code = define(api)["code"]
    for zone in ["Europe/Lisbon", "Asia/Tokyo"] * 3:
        body = {"participant_id": who, "attributes": {"timezone": zone}}
        api.post("/participants", json=body).raise_for_status()
        api.post(f"/challenges/{code}/join", json={"participant_id": who}).raise_for_status()
        happen(api, code, who, datetime.now(UTC).isoformat())
        api.post(f"/challenges/{code}/leave", json={"participant_id": who}).raise_for_status()
    # In Tokyo it may be tomorrow already.
    assert api.get(f"/participants/{who}/points").json()["total_earned"] in (1, 2)


def test_anonymising_forgets_the_values_of_past_periods(api: httpx.Client, database_url: str, who: str) -> None:
    objectives = [{"code": "o", "event_name": who, "measure": "distinct", "property": "mail", "target": 5}]
    define(api, objectives=objectives)
    for day in (14, 15):
        happened = {"event_name": who, "timestamp": f"2026-02-{day}T01:00:00Z", "properties": {"mail": "a@example.com"}}
        api.post("/events", json={"participant_id": who, **happened}).raise_for_status()
    seen = "SELECT count(*) FROM challenge_state WHERE jsonb_path_exists(state, '$.**.seen.*')"
    [[before]] = query(database_url, seen)
    api.delete(f"/admin/participants/{who}", params={"anonymize": "true"}).raise_for_status()
    assert query(database_url, seen) == [(before - 1,)]
    check(database_url)


def test_everything_can_be_rebuilt(server: Server) -> None:
    assert server.database_url is not None
    check(server.database_url)
