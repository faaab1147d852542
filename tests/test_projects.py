"""Projects and their keys over the API: made, rotated, archived; who may do what."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from laurels.storage.office import keys
from laurels.storage.postgres.database import connect_one
from tests.checks import all_waiting_for_locks, assert_refused, make_key, query, waiting_for_locks
from tests.processes import laurels
from tests.support import Server, eventually


def with_weekly_streak(server: Server, project: dict[str, Any]) -> dict[str, Any]:
    with server.client(project["admin_key"]["key"]) as own:
        own.post("/admin/streaks", json={"code": "w", "name": "W", "period": "weekly"}).raise_for_status()
        # The server keeps the definitions, and the calendar with them, from then on.
        own.get("/challenges").raise_for_status()
    return project


def new_project(api: httpx.Client, **fields: Any) -> dict[str, Any]:
    made = api.post("/admin/projects", json={"code": f"p-{uuid4().hex}", **fields})
    assert made.status_code == 201, made.text
    return made.json()  # type: ignore[no-any-return]


def works(server: Server, key: str) -> bool:
    with server.client(key) as api:
        return api.get("/participants/nobody/points").status_code == 404


def test_a_project_comes_with_its_first_key(server: Server, api: httpx.Client) -> None:
    made = new_project(api, name="Shop", mode="test", time_zone="Europe/Lisbon")
    key = made["admin_key"]["key"]
    assert (made["name"], made["mode"], made["time_zone"], made["archived_at"]) == (
        "Shop",
        "test",
        "Europe/Lisbon",
        None,
    )
    assert key.startswith("lk_test_")
    with server.client(key) as own:
        assert own.get("/admin/badges").json()["total"] == 0
        assert_refused(own.get("/admin/projects"), 403)
        assert [row["name"] for row in own.get("/admin/keys").json()["items"]] == ["first key"]
    listed = api.get("/admin/projects").json()
    assert {name: value for name, value in made.items() if name != "admin_key"} in listed["items"]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"code": "default"}, 409, None),
        ({"code": "no spaces"}, 422, "code"),
        ({"code": "x", "time_zone": "Mars/Olympus"}, 422, "time_zone"),
        ({"code": "x", "mode": "dev"}, 422, "mode"),
        ({"code": "x", "owner": "me"}, 422, "owner"),
        ({}, 422, "code"),
    ],
)
def test_projects_that_cannot_be(api: httpx.Client, body: Any, status: int, field: str | None) -> None:
    assert_refused(api.post("/admin/projects", json=body), status, field=field)


def test_an_archived_project_stops_and_can_go_on(server: Server, api: httpx.Client) -> None:
    made = new_project(api)
    path, key = f"/admin/projects/{made['code']}", made["admin_key"]["key"]
    with server.client(key) as own:
        own.post("/points/award", json={"participant_id": "ada", "amount": 5}).raise_for_status()
        archived = api.post(f"{path}/archive").json()
        assert archived["archived_at"] is not None
        eventually(lambda: not works(server, key), 5)
        api.post(f"{path}/unarchive").raise_for_status()
        eventually(lambda: own.get("/participants/ada/points").status_code == 200, 5)
        assert own.get("/participants/ada/points").json()["balance"] == 5
    assert api.get(path).json()["archived_at"] is None


def test_the_default_project_stays(api: httpx.Client) -> None:
    assert_refused(api.post("/admin/projects/default/archive"), 409)
    assert_refused(api.post("/admin/projects/nowhere/archive"), 404)


def test_a_changed_project(api: httpx.Client) -> None:
    made = new_project(api)
    changed = api.patch(f"/admin/projects/{made['code']}", json={"name": "New", "rate_limit": 7}).json()
    assert (changed["name"], changed["rate_limit"], changed["code"]) == ("New", 7, made["code"])
    assert_refused(api.patch(f"/admin/projects/{made['code']}", json={"mode": "test"}), 422, field="mode")


def test_a_rotated_key_has_a_successor_and_ends_by_itself(server: Server, api: httpx.Client, database_url: str) -> None:
    made = api.post("/admin/keys", json={"scope": "gamify", "name": "shop", "rate_limit": 70}).json()
    rotated = api.post(f"/admin/keys/{made['id']}/rotate", json={}).json()
    assert (rotated["name"], rotated["scope"], rotated["rate_limit"]) == ("shop", "gamify", 70)
    assert rotated["replaces"]["id"] == made["id"]
    assert works(server, made["key"])
    assert works(server, rotated["key"])
    again = api.post(f"/admin/keys/{rotated['id']}/rotate", json={"valid_hours": 0}).json()
    eventually(lambda: not works(server, rotated["key"]), 5)
    assert works(server, again["key"])
    assert_refused(api.post(f"/admin/keys/{rotated['id']}/rotate", json={}), 409)
    # A server that knew the key when it was valid stops taking it without asking again.
    query(database_url, "UPDATE api_key SET expires_at = now() + interval '3 seconds' WHERE id = %s", again["id"])
    time.sleep(2.5)  # longer than a server needs to hear of it
    eventually(lambda: not works(server, again["key"]), 3)


def test_who_may_make_what(server: Server, database_url: str) -> None:
    project = f"p-{uuid4().hex}"
    for scope, allowed in (
        ("gamify", []),
        ("gamify:admin", []),
        ("admin", ["gamify", "gamify:admin", "admin"]),
        ("operator", ["gamify", "gamify:admin", "admin", "operator"]),
    ):
        with server.client(make_key(database_url, scope, project=project)) as api:  # type: ignore[arg-type]
            for wanted in ("gamify", "gamify:admin", "admin", "operator"):
                status = api.post("/admin/keys", json={"scope": wanted}).status_code
                assert (status == 201) == (wanted in allowed), (scope, wanted, status)


def test_no_key_ends_itself_or_the_last_one(server: Server, api: httpx.Client) -> None:
    made = new_project(api)
    with server.client(made["admin_key"]["key"]) as own:
        first = made["admin_key"]["id"]
        assert_refused(own.post(f"/admin/keys/{first}/revoke"), 409)
        other = own.post("/admin/keys", json={"scope": "admin"}).json()
        assert own.post(f"/admin/keys/{other['id']}/revoke").json()["revoked_at"] is not None
        assert_refused(own.post(f"/admin/keys/{other['id']}/revoke"), 409)
        eventually(lambda: not works(server, other["key"]), 5)
        operators = api.post(f"/admin/projects/{made['code']}/keys", json={"scope": "operator"}).json()
        assert_refused(own.post(f"/admin/keys/{operators['id']}/revoke"), 403)
        assert_refused(own.post(f"/admin/keys/{operators['id']}/rotate", json={}), 403)


def test_keys_of_other_projects_are_not_known(server: Server, api: httpx.Client) -> None:
    made, other = new_project(api), new_project(api)
    with server.client(made["admin_key"]["key"]) as own:
        for call in ("revoke", "rotate"):
            assert_refused(own.post(f"/admin/keys/{other['admin_key']['id']}/{call}", json={}), 404)
        assert_refused(own.patch(f"/admin/keys/{other['admin_key']['id']}", json={"name": "mine"}), 404)
        assert_refused(own.patch("/admin/keys/nonsense", json={"name": "mine"}), 404)


def test_a_change_leaves_alone_what_others_change_meanwhile(api: httpx.Client, database_url: str) -> None:
    code = new_project(api)["code"]
    with psycopg.connect(database_url) as connection, ThreadPoolExecutor() as pool:
        connection.execute("UPDATE project SET archived_at = now() WHERE code = %s", (code,))
        rename = partial(pool.submit, api.patch, f"/admin/projects/{code}", json={"name": "New"})
        [renaming] = all_waiting_for_locks(database_url, rename)
        connection.commit()
        renamed = renaming.result().json()
    assert renamed["name"] == "New"
    assert renamed["archived_at"] is not None
    assert api.get(f"/admin/projects/{code}").json() == renamed


def test_of_two_who_revoke_the_last_two_keys_one_is_refused(api: httpx.Client, database_url: str) -> None:
    made = new_project(api)
    first = made["admin_key"]["id"]
    project_id = query(database_url, "SELECT project_id FROM api_key WHERE id = %s", first)[0][0]
    second = api.post(f"/admin/projects/{made['code']}/keys", json={"scope": "admin"}).json()["id"]

    async def revoke(key_id: str) -> bool:
        connection = await connect_one(database_url)
        try:
            async with connection.transaction():
                key = await keys.get(connection, project_id, key_id)
                assert key is not None
                await revoking.wait()
                await keys.revoke(connection, project_id, key)
                await asyncio.sleep(0.2)
        except keys.KeyChangeRefusedError:
            return False
        finally:
            await connection.close()
        return True

    async def both() -> list[bool]:
        return await asyncio.gather(revoke(first), revoke(second))

    revoking = asyncio.Barrier(2)
    assert sorted(asyncio.run(both())) == [False, True]


def test_a_key_that_ends_is_not_one_that_stays(server: Server, api: httpx.Client) -> None:
    made = new_project(api)
    with server.client(made["admin_key"]["key"]) as own:
        successor = own.post(f"/admin/keys/{made['admin_key']['id']}/rotate", json={"valid_hours": 1}).json()
        assert_refused(own.post(f"/admin/keys/{successor['id']}/revoke"), 409)


def test_a_project_with_a_calendar_of_its_own(server: Server, api: httpx.Client) -> None:
    """A week from Sunday on: 2026-02-01 is a Sunday, so the Saturday before is another week."""
    made = with_weekly_streak(server, new_project(api, time_zone="Pacific/Auckland", first_day_of_week="sunday"))
    assert (made["time_zone"], made["first_day_of_week"]) == ("Pacific/Auckland", "sunday")
    assert weeks_recorded(server, made, "2026-01-31T12:00:00+13:00", "2026-02-01T12:00:00+13:00") == 2


def weeks_recorded(server: Server, project: dict[str, Any], *times: str) -> int:
    """How long a weekly streak these records make."""
    with server.client(project["admin_key"]["key"]) as own:
        for time_ in times:
            record = own.post("/streaks/record", json={"participant_id": "a", "streak_code": "w", "timestamp": time_})
            assert record.status_code == 200, record.text
    return int(record.json()["new_count"])


def test_the_calendar_can_be_changed_until_there_is_a_participant(server: Server, api: httpx.Client) -> None:
    made = with_weekly_streak(server, new_project(api))
    path = f"/admin/projects/{made['code']}"
    assert (made["time_zone"], made["first_day_of_week"]) == ("UTC", "monday")
    changed = api.patch(path, json={"time_zone": "Europe/Lisbon", "first_day_of_week": "saturday"}).json()
    assert (changed["time_zone"], changed["first_day_of_week"]) == ("Europe/Lisbon", "saturday")
    with server.client(made["admin_key"]["key"]) as own:
        [entry] = own.get("/admin/audit-log", params={"kind": "project", "action": "change"}).json()["items"]
    assert entry["before"] == {"time_zone": "UTC", "first_day_of_week": "monday"}
    assert entry["after"] == {"time_zone": "Europe/Lisbon", "first_day_of_week": "saturday"}
    # The 2nd of January 2026 is a Friday, the last day of its week.
    assert weeks_recorded(server, made, "2026-01-02T12:00:00Z", "2026-01-03T12:00:00Z") == 2
    for field, value in (("time_zone", "UTC"), ("first_day_of_week", "monday")):
        refused = api.patch(path, json={field: value, "name": "Another"})
        assert_refused(refused, 409)
        assert refused.json()["code"] == "calendar_in_use"
    assert api.get(path).json() == changed, "nothing of a refused change was done"
    assert api.patch(path, json={**changed, "name": "Same calendar"}).status_code == 200
    with server.client(made["admin_key"]["key"]) as own:
        own.delete("/admin/participants/a").raise_for_status()
    assert_refused(api.patch(path, json={"time_zone": "UTC"}), 409)


@pytest.mark.parametrize(
    ("field", "value"),
    [("time_zone", "Mars/Olympus"), ("time_zone", 5), ("first_day_of_week", "someday"), ("first_day_of_week", 1)],
)
def test_calendars_that_cannot_be(api: httpx.Client, field: str, value: Any) -> None:
    assert_refused(api.patch("/admin/projects/default", json={field: value}), 422, field=field)
    assert_refused(api.post("/admin/projects", json={"code": "x", field: value}), 422, field=field)


def test_a_change_of_the_calendar_and_the_first_participant(
    server: Server, api: httpx.Client, database_url: str
) -> None:
    """Whoever comes second sees what the first one did: the batch the new calendar, or the change the participant."""
    made = with_weekly_streak(server, new_project(api))
    path = f"/admin/projects/{made['code']}"
    with psycopg.connect(database_url) as holder, ThreadPoolExecutor() as threads:
        holder.execute("SELECT FROM project WHERE code = %s FOR UPDATE", (made["code"],))
        holder.execute(
            "UPDATE project SET first_day_of_week = 7, definitions_version = definitions_version + 1 WHERE code = %s",
            (made["code"],),
        )
        recorded = threads.submit(
            weeks_recorded, server, made, "2026-01-31T12:00:00+00:00", "2026-02-01T12:00:00+00:00"
        )
        eventually(lambda: waiting_for_locks(database_url) > 0, 5)
        holder.commit()
        assert recorded.result() == 2
    assert_refused(api.patch(path, json={"first_day_of_week": "monday"}), 409)


def test_the_calendar_by_command(server: Server, api: httpx.Client, database_url: str) -> None:
    code = f"p-{uuid4().hex}"
    at = ("--database-url", database_url)
    assert laurels("projects", "create", code, "--first-day-of-week", "Sunday", *at).returncode == 0
    shown = laurels("projects", "calendar", code, *at)
    assert shown.stdout == f"The days of {code} begin in the time zone UTC, its weeks on Sunday.\n"
    changed = laurels("projects", "calendar", code, "--time-zone", "Asia/Tokyo", "--first-day-of-week", "friday", *at)
    assert changed.stdout == f"The days of {code} begin in the time zone Asia/Tokyo, its weeks on Friday.\n"
    assert api.get(f"/admin/projects/{code}").json()["first_day_of_week"] == "friday"
    exported = laurels("export", "--project", code, *at).stdout
    calendar = "laurels projects calendar CODE --time-zone Asia/Tokyo --first-day-of-week friday"
    assert f"# The project's calendar: {calendar}\n" in exported
    for wrong in (("--time-zone", "Mars"), ("--first-day-of-week", "someday")):
        refused = laurels("projects", "calendar", code, *wrong, *at)
        assert refused.returncode == 1
        assert "There is no" in refused.stderr
    api.post("/points/award", json={"participant_id": "a", "amount": 1}).raise_for_status()
    refused = laurels("projects", "calendar", "default", "--time-zone", "Asia/Tokyo", *at)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "already has participants" in refused.stderr
