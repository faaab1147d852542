"""The feed: what happened, in one order, for applications that follow it."""

import asyncio
import json
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import httpx
import pytest

from laurels.delivery import retention_job
from laurels.engine.jobs.job import Left, Tools
from laurels.storage.postgres.database import connect_one
from tests.checks import assert_refused, make_key, query
from tests.processes import laurels
from tests.support import Server, check


@pytest.fixture
def project(database_url: str) -> str:
    """A test project of its own, which nobody listens to."""
    code = f"feed_{uuid4().hex[:8]}"
    make_key(database_url, project=code, mode="test")
    return code


@pytest.fixture
def api(server: Server, database_url: str, project: str) -> Iterator[httpx.Client]:
    with server.client(make_key(database_url, "admin", project=project)) as client:
        yield client


START = "kgDEAA"
"""The cursor of the beginning."""


def read(api: httpx.Client, **parameters: Any) -> Any:
    reply = api.get("/feed", params=parameters)
    assert reply.status_code == 200, reply.text
    return reply.json()


def follow(api: httpx.Client, cursor: str, events: int, **parameters: Any) -> list[Any]:
    """So many events after the cursor."""
    found: list[Any] = []
    while len(found) < events:
        answer = read(api, after=cursor, wait_seconds=10, **parameters)
        assert answer["events"] or answer["has_more"], f"only {len(found)} events: {found}"
        found += answer["events"]
        cursor = answer["cursor"]
    assert len(found) == events, found
    return found


def create(api: httpx.Client, kind: str, **body: Any) -> None:
    reply = api.post(f"/admin/{kind}", json=body)
    assert reply.status_code == 201, reply.text


def failed_check(database_url: str) -> str:
    done = laurels("check", "--database-url", database_url)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


def award(api: httpx.Client, who: str, amount: int = 100, **more: Any) -> Any:
    reply = api.post("/points/award", json={"participant_id": who, "amount": amount, **more})
    assert reply.status_code == 200, reply.text
    return reply.json()


def test_the_first_read_begins_the_feed(api: httpx.Client, database_url: str, project: str, name: str) -> None:
    award(api, name)
    begun = read(api)
    assert begun["events"] == []
    [entry] = api.get("/admin/audit-log", params={"kind": "feed"}).json()["items"]
    assert (entry["action"], entry["after"]) == ("create", {"types": ["*"]})

    answer = award(api, name, 40, reason="Order 2", metadata={"order": 2})
    [event] = follow(api, begun["cursor"], 1)
    assert event["id"] == answer["transaction_id"]
    assert (event["type"], event["participant_id"], event["sequence"]) == ("points.awarded", name, 2)
    assert event["data"] == {"amount": 40, "balance_after": 140, "reason": "Order 2", "metadata": {"order": 2}}
    assert event["historical"] is False
    assert event["cause"]["command_id"] == event["id"]
    assert read(api)["events"] == [event]
    assert len(api.get("/admin/audit-log", params={"kind": "feed"}).json()["items"]) == 1


def test_a_project_without_listeners_writes_nothing(
    api: httpx.Client, database_url: str, project: str, name: str
) -> None:
    award(api, name)
    for table in ("outbox", "feed_event"):
        statement = f"SELECT count(*) FROM {table} e JOIN project p ON p.id = e.project_id WHERE p.code = %s"
        assert query(database_url, statement, project) == [(0,)]


def test_everything_that_a_request_causes(api: httpx.Client, name: str) -> None:
    cursor = read(api)["cursor"]
    create(api, "tiers", code="member", name="Member", level=1, criteria_config={"min_points": 0})
    create(api, "tiers", code="gold", name="Gold", level=2, criteria_config={"min_points": 500})
    create(api, "badges", code="rich", name="Rich", criteria="participant.balance >= 500")
    create(api, "streaks", code="visits", name="Visits", period="daily")
    actions = [{"type": "award_points", "amount": 600}, {"type": "record_streak", "streak_code": "visits"}]
    create(api, "rules", code="visit", name="Visit", event_name="visit", actions=actions)
    edits = follow(api, cursor, 5)
    assert [event["type"] for event in edits] == ["definition.changed"] * 5
    assert edits[0]["data"]["action"] == "created"
    assert (edits[4]["data"]["kind"], edits[4]["data"]["code"]) == ("rule", "visit")
    assert edits[0]["participant_id"] is edits[0]["sequence"] is None

    cursor = read(api)["cursor"]
    event = api.post("/events", json={"participant_id": name, "event_name": "visit"}).json()
    told = follow(api, cursor, 6)
    assert [each["type"] for each in told] == [
        "participant.created",
        "points.awarded",
        "tier.changed",
        "tier.changed",
        "streak.extended",
        "badge.earned",
    ]
    assert [each["sequence"] for each in told] == sorted(each["sequence"] for each in told)
    created, awarded, entry, gold, streak, badge = told
    assert created["data"] == {}
    assert len({each["cause"]["command_id"] for each in told}) == 1
    by_rule = {"fact_id": event["event_id"], "definition_kind": "rule", "definition_code": "visit"}
    assert awarded["cause"] == {"command_id": event["event_id"], **by_rule}
    assert entry["data"] == {"code": "member", "name": "Member", "level": 1, "is_entry": True}
    assert gold["data"] == {
        "code": "gold",
        "name": "Gold",
        "level": 2,
        "previous_code": "member",
        "previous_name": "Member",
        "previous_level": 1,
    }
    assert streak["data"] == {"streak_code": "visits", "streak_name": "Visits", "count": 1}
    assert badge["data"] == {"badge_code": "rich", "badge_name": "Rich", "rarity": "common"}


def test_filters_and_pages(api: httpx.Client, name: str) -> None:
    cursor = read(api)["cursor"]
    for number in range(5):
        award(api, name, 10 + number)
        award(api, f"{name} other", 1)
    follow(api, cursor, 12)
    mine = read(api, after=cursor, participant_id=name, limit=4)
    assert [event["sequence"] for event in mine["events"]] == [1, 1, 2, 3]
    assert mine["has_more"] is True
    rest = read(api, after=mine["cursor"], participant_id=name)
    assert [event["sequence"] for event in rest["events"]] == [4, 5]
    assert rest["has_more"] is False
    created = read(api, after=cursor, types="participant.created, tier.changed")
    assert [event["participant_id"] for event in created["events"]] == [name, f"{name} other"]
    assert read(api, after=created["cursor"])["events"] == []
    assert read(api, after="latest")["events"] == []
    assert read(api, after=cursor, participant_id="nobody")["events"] == []


def test_errors_say_what_to_do(api: httpx.Client, server: Server, database_url: str, project: str, name: str) -> None:
    cursor = read(api)["cursor"]
    assert_refused(api.get("/feed", params={"types": "badge.earnd"}), 422, field="types")
    assert "Did you mean badge.earned?" in api.get("/feed", params={"types": "badge.earnd"}).json()["detail"]
    assert_refused(api.get("/feed", params={"after": "nonsense"}), 422, field="after")
    assert_refused(api.get("/feed", params={"wait_seconds": 26}), 422, field="wait_seconds")
    award(api, name)
    follow(api, cursor, 2)
    mine = read(api, after="latest")["cursor"]
    with server.client() as other:
        refused = other.get("/feed", params={"after": mine})
    assert_refused(refused, 409)
    assert refused.json()["code"] == "cursor_unknown"
    with server.client(make_key(database_url, "gamify", project=project)) as application:
        assert_refused(application.get("/feed"), 403)


def test_a_key_that_may_only_read_begins_no_feed(
    api: httpx.Client, server: Server, database_url: str, project: str
) -> None:
    with server.client(make_key(database_url, "gamify:read", project=project)) as reader:
        refused = reader.get("/feed")
        assert_refused(refused, 409)
        assert refused.json()["code"] == "feed_not_begun"
        read(api)
        assert read(reader)["events"] == []


def test_a_cursor_of_events_that_a_restore_has_lost(api: httpx.Client, database_url: str, name: str) -> None:
    cursor = read(api)["cursor"]
    award(api, name)
    follow(api, cursor, 2)
    lost = read(api, after="latest")["cursor"]
    query(database_url, "UPDATE feed_event SET id = gen_random_uuid() WHERE participant_id = %s RETURNING 1", name)
    refused = api.get("/feed", params={"after": lost})
    query(database_url, "DELETE FROM feed_listener RETURNING 1")
    assert_refused(refused, 409)
    assert refused.json()["code"] == "cursor_unknown"


def test_a_waiting_reader_gets_the_first_event(api: httpx.Client, name: str) -> None:
    cursor = read(api)["cursor"]
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(read, api, after=cursor, wait_seconds=20, types="points.awarded")
        time.sleep(0.5)
        assert not waiting.done()
        began = time.monotonic()
        award(api, name)
        answer = waiting.result(20)
    assert time.monotonic() - began < 10
    assert [event["type"] for event in answer["events"]] == ["points.awarded"]
    began = time.monotonic()
    assert read(api, after=answer["cursor"], wait_seconds=1)["events"] == []
    assert time.monotonic() - began >= 1


def test_a_server_that_stops_ends_the_requests_that_wait(database_url: str) -> None:
    with Server(database_url) as server, server.client() as api, ThreadPoolExecutor() as threads:
        cursor = read(api, after="latest")["cursor"]
        waiting = threads.submit(read, api, after=cursor, wait_seconds=25)
        time.sleep(1)
        began = time.monotonic()
        server.stop(signal.SIGTERM)
        assert time.monotonic() - began < 20
        assert waiting.result(1) == {"events": [], "cursor": cursor, "has_more": False}


def test_an_import_is_historical(api: httpx.Client, database_url: str, project: str, name: str, tmp_path: Path) -> None:
    cursor = read(api)["cursor"]
    file = tmp_path / "awards.csv"
    file.write_text(f"participant_id,amount\n{name},70\n")
    options = ("--amount", "amount", "--project", project, "--database-url", database_url)
    done = laurels("import", str(file), *options)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [event["historical"] for event in follow(api, cursor, 2)] == [True, True]
    cursor = read(api, after="latest")["cursor"]
    award(api, name)
    assert [event["historical"] for event in follow(api, cursor, 1)] == [False]


@pytest.mark.parametrize("how", ["anonymised", "deleted"])
def test_an_erasure_redacts_events_in_their_places(api: httpx.Client, database_url: str, name: str, how: str) -> None:
    cursor = read(api)["cursor"]
    award(api, name, reason="Secret", metadata={"who": "Secret"})
    award(api, f"{name} other", reason="Open")
    before = follow(api, cursor, 4)
    erased = api.delete(f"/admin/participants/{name}", params={"anonymize": how == "anonymised"})
    assert erased.status_code == 200, erased.text
    after = follow(api, cursor, 5)
    assert [event["id"] for event in after[:4]] == [event["id"] for event in before]
    assert after[2:4] == before[2:4]
    assert after[1]["participant_id"] is after[1]["sequence"] is None
    assert after[1]["data"] == {"amount": 100, "balance_after": 100}
    assert (after[4]["type"], after[4]["participant_id"]) == (f"participant.{how}", name)
    assert "Secret" not in str(after)
    assert query(database_url, "SELECT count(*) FROM feed_event WHERE participant_id = %s", name) == [(1,)]


def forget(database_url: str) -> Left:
    """Runs the job that removes old events."""

    async def work() -> Left:
        connection = await connect_one(database_url)
        try:
            return await retention_job.forget(connection, cast(Tools, None))
        finally:
            await connection.close()

    return asyncio.run(work())


def age(database_url: str, project: str, table: str, column: str) -> None:
    """Makes the rows of the project 31 days older."""
    of_project = "project_id = (SELECT id FROM project WHERE code = %s)"
    statement = f"UPDATE {table} SET {column} = {column} - interval '31 days' WHERE {of_project} RETURNING 1"
    query(database_url, statement, project)


def test_old_events_are_removed_and_their_cursors_refused(
    api: httpx.Client, database_url: str, project: str, name: str
) -> None:
    begin = read(api)["cursor"]
    award(api, name)
    award(api, name)
    follow(api, begin, 3)
    middle = read(api, after=begin, limit=1)["cursor"]
    end = read(api, after="latest")["cursor"]
    age(database_url, project, "feed_event", "numbered_at")
    assert forget(database_url) is Left.NOTHING
    for lost in (begin, middle):
        refused = api.get("/feed", params={"after": lost})
        assert_refused(refused, 409)
        assert refused.json()["code"] == "cursor_expired"
    assert read(api, after=end)["events"] == read(api)["events"] == []
    award(api, name)
    [event] = follow(api, end, 1)
    assert read(api)["events"] == [event]
    assert read(api, after="latest")["events"] == []
    assert "ok    every fact that a project listens to is in the feed once" in check(database_url, rebuild=False)


def test_a_feed_that_nobody_reads_ends(api: httpx.Client, database_url: str, project: str, name: str) -> None:
    cursor = read(api)["cursor"]
    age(database_url, project, "feed_listener", "used_at")
    read(api)
    forget(database_url)
    award(api, name)
    assert len(follow(api, cursor, 2)) == 2
    age(database_url, project, "feed_listener", "used_at")
    forget(database_url)
    entries = api.get("/admin/audit-log", params={"kind": "feed"}).json()["items"]
    assert (entries[0]["action"], entries[0]["actor"]) == ("delete", "server")
    award(api, name)
    assert len(follow(api, cursor, 2)) == 2
    award(api, name)
    assert len(follow(api, cursor, 3)) == 3


def test_the_command_prints_the_feed(api: httpx.Client, database_url: str, project: str, name: str) -> None:
    options = ("--project", project, "--database-url", database_url)
    assert laurels("feed", *options).stdout == ""
    award(api, name)
    award(api, f"{name} other")
    follow(api, START, 4)
    lines = laurels("feed", "--types", "points.awarded", "--participant", name, *options).stdout.splitlines()
    assert [json.loads(line) for line in lines] == read(api, types="points.awarded", participant_id=name)["events"]
    assert len(lines) == 1
    refused = laurels("feed", "--types", "points", *options)
    assert refused.returncode == 1
    assert "There are no events of the type points; the types are badge.earned" in refused.stderr


def test_the_check_finds_events_out_of_order(api: httpx.Client, database_url: str, name: str) -> None:
    cursor = read(api)["cursor"]
    award(api, name)
    award(api, name)
    *_, first, second = follow(api, cursor, 3)
    found = "the events of each participant are in the feed in their order"
    assert f"ok    {found}" in check(database_url, rebuild=False)
    swap = "UPDATE feed_event SET sequence = %s WHERE id = %s RETURNING position"
    query(database_url, swap, second["sequence"], first["id"])
    position = query(database_url, swap, first["sequence"], second["id"])[0][0]
    assert f"{name}: position {position} has the sequence 1, an earlier one 2" in failed_check(database_url)
    query(database_url, swap, first["sequence"], first["id"])
    query(database_url, swap, second["sequence"], second["id"])
    back = "UPDATE feed_sequencer SET position = position + %s RETURNING 1"
    query(database_url, back, -1)
    assert f"position {position} is ahead of the sequencer's {position - 1}" in failed_check(database_url)
    query(database_url, back, 1)
    check(database_url, rebuild=False)


def test_the_check_finds_missing_and_doubled_events(api: httpx.Client, database_url: str, name: str) -> None:
    cursor = read(api)["cursor"]
    award(api, name)
    award(api, name)
    *_, last = follow(api, cursor, 3)
    found = "every fact that a project listens to is in the feed once"
    assert f"ok    {found}" in check(database_url, rebuild=False)
    query(database_url, "UPDATE feed_event SET id = gen_random_uuid() WHERE id = %s RETURNING 1", last["id"])
    assert f"{last['id']}: fact 2, points_awarded, has no event" in failed_check(database_url)
    query(database_url, "UPDATE feed_event SET id = %s WHERE participant_id = %s RETURNING 1", last["id"], name)
    assert f"{last['id']}: the event is there 3 times" in failed_check(database_url)
    query(database_url, "DELETE FROM feed_event WHERE participant_id = %s RETURNING 1", name)
    query(database_url, "DELETE FROM feed_listener RETURNING 1")
