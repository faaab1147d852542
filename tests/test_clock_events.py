"""Feed events about time: streaks that are at risk, lost or recovered, points that expire soon, holds that expire."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.checks import make_key, query
from tests.support import Server
from tests.test_feed import START, award, create, follow, read

STREAK = "streak.extended,streak.at_risk,streak.lost,streak.recovered"


@pytest.fixture
def api(server: Server, database_url: str) -> Iterator[httpx.Client]:
    """A test project of its own, whose clock shows noon, with a feed."""
    code = f"clock_{uuid4().hex[:8]}"
    with server.client(make_key(database_url, "admin", project=code, mode="test")) as client:
        read(client)
        noon = datetime.fromisoformat(client.get("/admin/clock").json()["now"]) + timedelta(days=1)
        move(client, noon.replace(hour=12, minute=0, second=0, microsecond=0))
        yield client


def move(api: httpx.Client, to: datetime) -> None:
    reply = api.post("/admin/clock", json={"now": to.isoformat()})
    assert reply.status_code == 200, reply.text


def now(api: httpx.Client) -> datetime:
    return datetime.fromisoformat(api.get("/admin/clock").json()["now"])


def record(api: httpx.Client, who: str, at: datetime | None = None) -> None:
    body = {"participant_id": who, "streak_code": "daily", **({"timestamp": at.isoformat()} if at else {})}
    reply = api.post("/streaks/record", json=body)
    assert reply.status_code == 200, reply.text


def streak_events(api: httpx.Client, who: str, events: int) -> list[Any]:
    """All events about streaks of the participant."""
    found = follow(api, START, events, types=STREAK, participant_id=who)
    assert read(api, types=STREAK, participant_id=who)["events"] == found
    return found


def test_a_streak_is_at_risk_once_and_then_lost(api: httpx.Client, name: str) -> None:
    create(api, "streaks", code="daily", name="Daily", period="daily", at_risk_hours=4)
    record(api, name)
    day = now(api).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    move(api, day + timedelta(hours=19, minutes=59))
    assert [event["type"] for event in streak_events(api, name, 1)] == ["streak.extended"]
    move(api, day + timedelta(hours=20))
    move(api, day + timedelta(hours=21))
    at_risk = streak_events(api, name, 2)[1]
    lost_at = (day + timedelta(days=1)).isoformat().replace("+00:00", "Z")
    assert at_risk["type"] == "streak.at_risk"
    assert at_risk["data"] == {"streak_code": "daily", "streak_name": "Daily", "count": 1, "lost_at": lost_at}
    assert (at_risk["participant_id"], at_risk["sequence"], at_risk["historical"]) == (name, 1, False)
    assert datetime.fromisoformat(at_risk["occurred_at"]) == day + timedelta(hours=20)

    record(api, name)
    move(api, day + timedelta(days=1, hours=20))
    assert [event["type"] for event in streak_events(api, name, 4)[2:]] == ["streak.extended", "streak.at_risk"]
    move(api, day + timedelta(days=2))
    move(api, day + timedelta(days=9))
    lost = streak_events(api, name, 5)[4]
    assert lost["type"] == "streak.lost"
    assert lost["data"] == {"streak_code": "daily", "streak_name": "Daily", "count": 2}
    assert lost["occurred_at"] == (day + timedelta(days=2)).isoformat().replace("+00:00", "Z")
    assert lost["historical"] is False
    record(api, name)
    assert [event["type"] for event in streak_events(api, name, 6)[5:]] == ["streak.extended"]


def test_after_a_long_time_only_the_loss_is_announced_and_marked(api: httpx.Client, name: str) -> None:
    create(api, "streaks", code="daily", name="Daily", period="daily", at_risk_hours=4)
    record(api, name)
    move(api, now(api) + timedelta(days=30))
    lost = streak_events(api, name, 2)[1]
    assert (lost["type"], lost["historical"]) == ("streak.lost", True)


def test_the_day_is_the_participants(api: httpx.Client, name: str) -> None:
    create(api, "streaks", code="daily", name="Daily", period="daily", at_risk_hours=4, grace_period_hours=2)
    created = api.post("/participants", json={"participant_id": name, "attributes": {"timezone": "Asia/Tokyo"}})
    assert created.status_code in {200, 201}, created.text
    record(api, name)
    # Noon in UTC is 21:00 in Tokyo, and the next day there ends at 15:00 in UTC.
    noon = now(api).replace(minute=0, second=0, microsecond=0)
    move(api, noon + timedelta(days=1, hours=-2))
    assert len(streak_events(api, name, 1)) == 1
    move(api, noon + timedelta(days=1, hours=-1))
    assert [event["type"] for event in streak_events(api, name, 2)[1:]] == ["streak.at_risk"]
    move(api, noon + timedelta(days=1, hours=4, minutes=59))
    assert len(streak_events(api, name, 2)) == 2
    move(api, noon + timedelta(days=1, hours=5))
    assert [event["type"] for event in streak_events(api, name, 3)[2:]] == ["streak.lost"]


def begin_daily_streak(api: httpx.Client, name: str) -> datetime:
    """Creates the streak and records it once; returns the time."""
    create(api, "streaks", code="daily", name="Daily", period="daily")
    record(api, name)
    return now(api)


def test_a_late_record_recovers_a_streak(api: httpx.Client, name: str) -> None:
    day = begin_daily_streak(api, name)
    move(api, day + timedelta(days=2))
    assert [event["type"] for event in streak_events(api, name, 2)] == ["streak.extended", "streak.lost"]
    record(api, name, day + timedelta(days=1))
    recovered = streak_events(api, name, 4)[3]
    assert recovered["type"] == "streak.recovered"
    assert recovered["data"]["count"] == 2
    move(api, day + timedelta(days=3, hours=12))
    lost = streak_events(api, name, 5)[4]
    assert (lost["type"], lost["data"]["count"]) == ("streak.lost", 2)


def test_a_streak_is_recovered_and_lost_again_at_once(api: httpx.Client, name: str) -> None:
    """Before an alarm can ring."""
    day = begin_daily_streak(api, name)
    move(api, day + timedelta(days=2))
    streak_events(api, name, 2)
    before = now(api)
    record(api, name, day + timedelta(days=1))
    move(api, day + timedelta(days=3))
    events = streak_events(api, name, 5)
    assert [event["type"] for event in events[1:]] == [
        "streak.lost",
        "streak.extended",
        "streak.recovered",
        "streak.lost",
    ]
    assert [event["data"]["count"] for event in events[1:]] == [1, 2, 2, 2]
    assert before <= datetime.fromisoformat(events[3]["occurred_at"]) < before + timedelta(minutes=1)
    assert datetime.fromisoformat(events[4]["occurred_at"]) == day.replace(hour=0, microsecond=0) + timedelta(days=3)


def test_a_late_record_of_a_streak_that_stays_lost_repairs_nothing(api: httpx.Client, name: str) -> None:
    day = begin_daily_streak(api, name)
    move(api, day + timedelta(days=5))
    streak_events(api, name, 2)
    record(api, name, day + timedelta(days=1))
    move(api, day + timedelta(days=5, hours=1))
    assert [event["type"] for event in streak_events(api, name, 3)] == [
        "streak.extended",
        "streak.lost",
        "streak.extended",
    ]
    for days in 2, 3, 4:
        record(api, name, day + timedelta(days=days))
    move(api, day + timedelta(days=5, hours=2))
    assert [event["type"] for event in streak_events(api, name, 7)[3:]] == ["streak.extended"] * 3 + [
        "streak.recovered"
    ]


def test_a_new_feed_has_the_events_of_older_facts(api: httpx.Client, database_url: str, name: str) -> None:
    create(api, "streaks", code="daily", name="Daily", period="daily", at_risk_hours=4)
    newest = "(SELECT max(id) FROM project)"
    unlistened = "UPDATE project SET listened_types = '{}', definitions_version = definitions_version + 1"
    query(database_url, f"DELETE FROM feed_listener WHERE project_id = {newest} RETURNING 1")
    query(database_url, f"{unlistened} WHERE id = {newest} RETURNING 1")
    record(api, f"{name} lost")
    day = now(api)
    move(api, day + timedelta(days=3))
    record(api, name)
    award(api, name, 40, expires_at=(day + timedelta(days=8)).isoformat())
    assert query(database_url, f"SELECT count(*) FROM alarm WHERE project_id = {newest}") == [(0,)]
    read(api)
    move(api, day + timedelta(days=4, hours=11))
    events = follow(api, START, 2, types="streak.at_risk,streak.lost,points.expiring")
    assert {(event["type"], event["participant_id"]) for event in events} == {
        ("streak.at_risk", name),
        ("points.expiring", name),
    }


def test_points_expire_in_some_days(api: httpx.Client, name: str) -> None:
    begin = now(api)
    later, soon = begin + timedelta(days=10), begin + timedelta(days=20)
    award(api, name, 40, expires_at=later.isoformat())
    award(api, name, 30, expires_at=soon.isoformat())
    award(api, name, 5)
    move(api, later - timedelta(days=7, minutes=1))
    assert read(api, types="points.expiring")["events"] == []
    move(api, later - timedelta(days=7) + timedelta(minutes=1))
    move(api, later - timedelta(days=6))
    [event] = follow(api, START, 1, types="points.expiring")
    assert event["data"]["amount"] == 40
    assert event["data"]["balance"] == 75
    assert datetime.fromisoformat(event["data"]["expires_at"]) == later
    assert event["sequence"] == 3
    assert datetime.fromisoformat(event["occurred_at"]) == later - timedelta(days=7)
    assert datetime.fromisoformat(event["recorded_at"]) >= later - timedelta(days=7) + timedelta(minutes=1)
    assert event["historical"] is False
    deducted = api.post("/points/deduct", json={"participant_id": name, "amount": 75})
    assert deducted.status_code == 200
    move(api, soon)
    assert len(read(api, types="points.expiring")["events"]) == 1


def test_an_event_about_time_is_not_earlier_than_its_fact(api: httpx.Client, name: str) -> None:
    """Points that expire tomorrow, and a late record of a streak that is at risk at once."""
    create(api, "streaks", code="daily", name="Daily", period="daily", at_risk_hours=23)
    award(api, f"{name} points", 40, expires_at=(now(api) + timedelta(days=1)).isoformat())
    record(api, name, now(api) - timedelta(days=1))
    for event in follow(api, START, 2, types="streak.at_risk,points.expiring"):
        [fact] = follow(api, START, 1, types="points.awarded,streak.extended", participant_id=event["participant_id"])
        assert event["occurred_at"] == fact["recorded_at"]
        assert event["historical"] is False


def test_late_events_about_time_are_marked(api: httpx.Client, name: str) -> None:
    create(api, "streaks", code="daily", name="Daily", period="daily", at_risk_hours=20)
    award(api, f"{name} points", 40, expires_at=(now(api) + timedelta(days=8)).isoformat())
    record(api, name)
    day = now(api).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    move(api, day + timedelta(hours=15))
    at_risk, expiring = follow(api, START, 2, types="streak.at_risk,points.expiring")
    if at_risk["type"] != "streak.at_risk":
        at_risk, expiring = expiring, at_risk
    assert datetime.fromisoformat(at_risk["occurred_at"]) == day + timedelta(hours=4)
    expires_at = datetime.fromisoformat(expiring["data"]["expires_at"])
    assert datetime.fromisoformat(expiring["occurred_at"]) == expires_at - timedelta(days=7)
    assert (at_risk["historical"], expiring["historical"]) == (True, True)


def test_a_hold_expires(api: httpx.Client, name: str) -> None:
    award(api, name, 100)
    held = api.post("/points/hold", json={"participant_id": name, "amount": 60, "expires_in_minutes": 30}).json()
    move(api, now(api) + timedelta(minutes=131))
    created, expired = follow(api, START, 2, types="hold.created,hold.expired")
    assert (created["type"], expired["type"]) == ("hold.created", "hold.expired")
    assert created["data"]["hold_id"] == expired["data"]["hold_id"] == held["hold_id"]
    assert expired["data"]["balance_after"] == 100
    assert expired["occurred_at"] == created["data"]["expires_at"] < expired["recorded_at"]
    assert expired["historical"] is False


def test_an_erased_person_has_no_alarms(api: httpx.Client, database_url: str, name: str) -> None:
    create(api, "streaks", code="daily", name="Daily", period="daily")
    record(api, name)
    statement = "SELECT count(*) FROM alarm JOIN participant USING (lane, subject) WHERE participant_id = %s"
    assert query(database_url, statement, name) == [(1,)]
    before = query(database_url, "SELECT count(*) FROM alarm")
    assert api.delete(f"/admin/participants/{name}").status_code == 200
    assert query(database_url, "SELECT count(*) FROM alarm") == [(before[0][0] - 1,)]
