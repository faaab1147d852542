"""Streaks over HTTP, and the real commits as streaks in two time zones."""

import csv
import gzip
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.checks import ID, Maybe, Moment, assert_answer, assert_refused, make_key, query, unchanged
from tests.processes import laurels
from tests.support import Server, check

COMMITS = Path(__file__).parents[1] / "examples" / "commits" / "commits.csv.gz"
RECORDED = {
    "streak_code": str,
    "new_count": int,
    "longest_count": int,
    "is_new_record": bool,
    "already_recorded": bool,
}
STREAKS = {
    "participant_id": str,
    "streaks": [
        {
            "code": str,
            "name": str,
            "current_count": int,
            "longest_count": int,
            "last_recorded_at": Maybe(Moment),
            "period": str,
            "is_at_risk": bool,
            "expires_at": Maybe(Moment),
        }
    ],
}
DEFINITION = {
    "id": ID,
    "code": str,
    "name": str,
    "description": Maybe(str),
    "period": str,
    "grace_period_hours": int,
    "at_risk_hours": Maybe(int),
    "display_order": int,
    "is_active": bool,
}


def record(api: httpx.Client, name: str, timestamp: str | None = None, code: str = "daily_login") -> Any:
    body = {"participant_id": name, "streak_code": code} | ({"timestamp": timestamp} if timestamp else {})
    return assert_answer(api.post("/streaks/record", json=body), RECORDED)


def streak(api: httpx.Client, name: str, code: str = "daily_login") -> Any:
    answer = assert_answer(api.get(f"/participants/{name}/streaks"), STREAKS)
    return next(found for found in answer["streaks"] if found["code"] == code)


def test_the_contracts_days(api: httpx.Client, database_url: str) -> None:
    answers = [record(api, "user_123", time) for time in ("2026-02-14T08:15:00Z", "2026-02-14T09:00:00Z")]
    assert answers[0] == {
        "streak_code": "daily_login",
        "new_count": 1,
        "longest_count": 1,
        "is_new_record": True,
        "already_recorded": False,
    }
    assert answers[1] == {**answers[0], "is_new_record": False, "already_recorded": True}
    with unchanged(database_url):
        record(api, "user_123", "2026-02-14T10:00:00Z")
    assert record(api, "user_123", "2026-02-15T08:15:00Z")["new_count"] == 2
    check(database_url)


def test_reading_a_live_and_a_lapsed_streak(api: httpx.Client) -> None:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=1, microsecond=0)
    yesterday = (today - timedelta(days=1)).isoformat()
    record(api, "reader", (today - timedelta(days=2)).isoformat())
    record(api, "reader", yesterday)
    found = streak(api, "reader")
    assert (found["current_count"], found["longest_count"], found["is_at_risk"]) == (2, 2, True)
    # Today and its grace of 24 hours.
    assert datetime.fromisoformat(found["expires_at"]) == (today + timedelta(days=2)).replace(second=0)
    assert datetime.fromisoformat(found["last_recorded_at"]) == datetime.fromisoformat(yesterday)
    record(api, "reader")
    assert (streak(api, "reader")["current_count"], streak(api, "reader")["is_at_risk"]) == (3, False)
    record(api, "lapsed", "2026-02-14T08:15:00Z")
    assert (streak(api, "lapsed")["current_count"], streak(api, "lapsed")["longest_count"]) == (0, 1)
    assert streak(api, "lapsed")["expires_at"] is None


def test_lost_streaks_until_a_late_record_repairs_them(api: httpx.Client) -> None:
    for day in (14, 15, 20):
        record(api, "loser", f"2026-02-{day}T08:00:00Z")
    record(api, "loser", "2026-02-19T08:00:00Z", code="daily_purchase")
    record(api, "loser")

    def lost() -> list[dict[str, Any]]:
        return api.get("/participants/loser/streaks/lost").json()["lost"]  # type: ignore[no-any-return]

    assert [(each["code"], each["count"], each["lost_at"]) for each in lost()] == [
        ("daily_login", 1, "2026-02-23T00:00:00Z"),
        ("daily_purchase", 1, "2026-02-21T00:00:00Z"),
        ("daily_login", 2, "2026-02-18T00:00:00Z"),
    ]
    assert (lost()[2]["first_period"], lost()[2]["last_period"]) == ("2026-02-14", "2026-02-15")
    record(api, "loser", "2026-02-17T08:00:00Z")
    assert [each["count"] for each in lost()] == [1, 1, 3]
    record(api, "loser", "2026-02-18T08:00:00Z")
    assert [(each["code"], each["count"]) for each in lost()] == [("daily_login", 5), ("daily_purchase", 1)]


def test_state_and_profile_show_the_best(api: httpx.Client) -> None:
    api.post("/participants", json={"participant_id": "best"}).raise_for_status()
    assert api.get("/participants/best").json()["streaks"] is None
    for day in (14, 15, 16):
        record(api, "best", f"2026-02-{day}T08:00:00Z")
    record(api, "best", code="daily_purchase")
    assert api.get("/participants/best/state?include=streaks").json()["streaks"] == {"current": 1, "longest": 3}
    profile = api.get("/participants/best").json()["streaks"]
    assert (profile["current"], profile["longest"]) == (1, 3)
    assert profile["last_activity_at"] > "2026-02-16T08:00:00Z"


def test_a_participants_own_time_zone(api: httpx.Client) -> None:
    api.post("/participants", json={"participant_id": "tokyo", "attributes": {"timezone": "Asia/Tokyo"}})
    assert record(api, "tokyo", "2026-02-14T14:59:00Z")["new_count"] == 1
    assert record(api, "tokyo", "2026-02-14T15:00:00Z")["new_count"] == 2
    assert record(api, "utc", "2026-02-14T14:59:00Z")["new_count"] == 1
    assert record(api, "utc", "2026-02-14T15:00:00Z")["already_recorded"] is True


@pytest.mark.parametrize(
    ("change", "status", "expected"),
    [
        ({"streak_code": "nope"}, 404, "Streak definition not found: nope"),
        ({"timestamp": "2999-01-01T00:00:00Z"}, 422, None),
        ({"timestamp": "1969-12-31T23:59:59Z"}, 422, None),
        ({"timestamp": "yesterday"}, 422, None),
        ({"participant_id": ""}, 422, None),
    ],
)
def test_refused_records_create_nobody(
    api: httpx.Client, database_url: str, change: Any, status: int, expected: str | None
) -> None:
    with unchanged(database_url):
        body = {"participant_id": "nobody", "streak_code": "daily_login", **change}
        assert_refused(api.post("/streaks/record", json=body), status, detail=expected)


def test_the_definitions_period_is_fixed_and_its_grace_is_not(api: httpx.Client) -> None:
    body = {"code": "workout", "name": "Workout", "period": "weekly", "grace_period_hours": 24}
    made = assert_answer(api.post("/admin/streaks", json=body), DEFINITION, 201)
    where = f"/admin/streaks/{made['id']}"
    assert_refused(api.patch(where, json={"period": "daily"}), 422, field="period")
    changed = assert_answer(api.patch(where, json={"period": "weekly", "grace_period_hours": 12}), DEFINITION)
    assert changed["grace_period_hours"] == 12
    for wrong in ({"period": "hourly"}, {"grace_period_hours": -1}, {"grace_period_hours": 1.5}, {"period": None}):
        assert_refused(api.post("/admin/streaks", json={**body, "code": "other", **wrong}), 422)
    api.patch(where, json={"is_active": False})
    reply = api.post("/streaks/record", json={"participant_id": "late", "streak_code": "workout"})
    assert_refused(reply, 400, detail="Streak is not active: workout")


# The real commits, by plain reading of dates.


def authors_days(zone: ZoneInfo) -> dict[str, set[date]]:
    days = defaultdict(set)
    with gzip.open(COMMITS, "rt", newline="") as file:
        for row in csv.DictReader(file):
            days[row["participant_id"]].add(datetime.fromisoformat(row["timestamp"]).astimezone(zone).date())
    return days


def in_a_row(numbers: list[int], present: int) -> tuple[int, int]:
    """Current and longest: neighbouring numbers; a streak is current if it reaches the present or the one before."""
    lengths = [1]
    for before, after in pairwise(numbers):
        lengths.append(lengths[-1] + 1 if after == before + 1 else 1)
    return (lengths[-1] if numbers[-1] >= present - 1 else 0), max(lengths)


@pytest.mark.all_cases
@pytest.mark.parametrize("zone_name", ["UTC", "America/New_York"])
def test_commits_as_daily_and_weekly_streaks(server: Server, database_url: str, zone_name: str) -> None:
    zone = ZoneInfo(zone_name)
    project = f"commits-{zone_name.rpartition('/')[2]}"
    where = ["--database-url", database_url]
    laurels("projects", "create", project, "--time-zone", zone_name, *where).check_returncode()
    # The clock stands a minute after the last commit.
    days = authors_days(zone)
    now = datetime(2026, 8, 21, 16, 58, 37, tzinfo=UTC)
    offset_ms = round((now - datetime.now(UTC)).total_seconds() * 1000)
    query(
        database_url,
        "UPDATE project SET clock_offset_ms = %s, definitions_version = definitions_version + 1 WHERE code = %s",
        offset_ms,
        project,
    )
    with server.client(make_key(database_url, project=project, scope="admin")) as client:
        for period in ("daily", "weekly"):
            body = {"code": period, "name": period, "period": period}
            client.post("/admin/streaks", json=body).raise_for_status()
            options = ["--streak", period, "--timestamp", "timestamp", "--project", project, *where]
            done = laurels("import", str(COMMITS), *options)
            assert (done.returncode, " 0 rejected" in done.stdout) == (0, True)
        assert len(days) == 481
        today = now.astimezone(zone).date()
        for name, active in days.items():
            found = {s["code"]: s for s in client.get(f"/participants/{name}/streaks").json()["streaks"]}
            daily = in_a_row(sorted(day.toordinal() for day in active), today.toordinal())
            mondays = sorted({day.toordinal() - day.weekday() for day in active})
            weekly = in_a_row([monday // 7 for monday in mondays], (today.toordinal() - today.weekday()) // 7)
            assert (found["daily"]["current_count"], found["daily"]["longest_count"]) == daily, name
            assert (found["weekly"]["current_count"], found["weekly"]["longest_count"]) == weekly, name
    check(database_url)
