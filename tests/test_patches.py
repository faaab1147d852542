"""What an administrator has read may come back whole, and a definition is found by its id or its code."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from laurels.app import COMPOSITION
from tests.checks import assert_refused
from tests.support import Server
from tests.test_leaderboards import until_ready

EXAMPLES = {
    endpoint.path.rsplit("/", 1)[1]: endpoint.example
    for endpoint in COMPOSITION.endpoints
    if endpoint.method == "POST" and endpoint.operation.startswith("create_")
}
KINDS = ["tiers", "badges", "streaks", "leaderboards", "rewards", "challenges", "rules", "earning-caps"]


@pytest.fixture(params=KINDS)
def path(request: pytest.FixtureRequest) -> str:
    return f"/admin/{request.param}"


@pytest.fixture
def made(api: httpx.Client, path: str) -> Any:
    """A definition of the kind, as a response shows it."""
    code = f"c-{uuid4().hex[:12]}"
    body = {**EXAMPLES[path.rsplit("/", 1)[1]], "code": code}
    reply = api.post(path, json=body)
    assert reply.status_code == 201, reply.text
    return reply.json()


def test_a_definition_that_was_read_may_come_back_whole(api: httpx.Client, path: str, made: Any) -> None:
    reply = api.patch(f"{path}/{made['id']}", json={**made, "display_order": 7})
    assert reply.status_code == 200, reply.text
    changed = reply.json()
    moving = ("updated_at", "display_order", "status", "progress")
    assert {name: value for name, value in changed.items() if name not in moving} == {
        name: value for name, value in made.items() if name not in moving
    }
    assert changed["display_order"] == 7
    refused = api.patch(f"{path}/{made['id']}", json={**made, "display_order": 8})
    assert_refused(refused, 422, field="updated_at")
    assert changed["updated_at"] in refused.json()["detail"], "it says what it is by now"


def test_what_cannot_be_changed_is_named(api: httpx.Client, path: str, made: Any) -> None:
    where = f"{path}/{made['id']}"
    other = {**made, "id": str(uuid4()), "created_at": "2020-01-01T00:00:00Z", "deleted_at": "2020-01-01T00:00:00Z"}
    reply = api.patch(where, json=other)
    assert_refused(reply, 422)
    assert [error["field"] for error in reply.json()["errors"]] == ["id", "created_at", "deleted_at"]
    assert_refused(api.patch(where, json={**made, "code": "other"}), 422, field="code")
    assert_refused(api.patch(where, json={"created_at": [1]}), 422, field="created_at")
    assert api.get(where).json()["updated_at"] == made["updated_at"]


def test_a_definition_is_found_by_its_code(api: httpx.Client, path: str, made: Any) -> None:
    where, by_code = f"{path}/{made['id']}", f"{path}/{made['code']}"
    settled = ("status", "progress")
    found = api.get(by_code).json()
    assert {name: value for name, value in found.items() if name not in settled} == {
        name: value for name, value in made.items() if name not in settled
    }
    assert api.patch(by_code, json={"display_order": 5}).json()["id"] == made["id"]
    assert api.delete(by_code).json()["deleted_at"]
    assert_refused(api.get(by_code), 404)
    assert_refused(api.patch(by_code, json={}), 404)
    assert api.post(f"{by_code}/restore").json()["id"] == made["id"]
    assert_refused(api.post(f"{by_code}/restore"), 404)
    assert api.get(where).json()["deleted_at"] is None


@pytest.mark.parametrize("name", ["%00", "a%00b", "nope", "%FF", "a%0Ab", "x" * 101, str(UUID(int=1))])
def test_names_that_nothing_has(api: httpx.Client, name: str) -> None:
    for suffix, method in (("", "GET"), ("", "PATCH"), ("", "DELETE"), ("/restore", "POST")):
        reply = api.request(method, f"/admin/badges/{name}{suffix}", json={} if method == "PATCH" else None)
        assert_refused(reply, 422 if name == "%FF" else 404)


def test_an_id_comes_before_the_same_code(api: httpx.Client) -> None:
    first = api.post("/admin/badges", json={"code": uuid4().hex, "name": "First"}).json()
    second = api.post("/admin/badges", json={"code": first["id"], "name": "Second"}).json()
    assert api.get(f"/admin/badges/{first['id']}").json()["name"] == "First"
    api.delete(f"/admin/badges/{first['id']}")
    assert api.get(f"/admin/badges/{first['id']}").json()["name"] == "Second"
    assert api.get(f"/admin/badges/{second['id']}").json()["name"] == "Second"


def test_a_board_that_is_being_filled_may_come_back(api: httpx.Client) -> None:
    code = f"c-{uuid4().hex[:12]}"
    made = api.post("/admin/leaderboards", json={"code": code, "name": "B", "metric": "points_earned"}).json()
    until_ready(api, made["id"])
    reply = api.patch(f"/admin/leaderboards/{code}", json={**made, "status": "filling", "progress": 0.0})
    assert reply.status_code == 200, reply.text
    assert_refused(api.patch(f"/admin/leaderboards/{code}", json={"status": "filling"}), 422, field="status")


def test_a_key_that_was_read_may_come_back_whole(api: httpx.Client) -> None:
    made = api.post("/admin/keys", json={"name": "one"}).json()
    del made["key"]
    reply = api.patch(f"/admin/keys/{made['id']}", json={**made, "name": "two"})
    assert (reply.status_code, reply.json()) == (200, {**made, "name": "two"})
    assert_refused(api.patch(f"/admin/keys/{made['id']}", json={**made, "scope": "admin"}), 422, field="scope")
    assert_refused(api.patch(f"/admin/keys/{made['id']}", json={"nmae": "x"}), 422, field="nmae")
    assert_refused(api.patch(f"/admin/keys/{made['id']}", json={"rate_limit": -1}), 422, field="rate_limit")
    assert_refused(api.patch(f"/admin/keys/{made['id']}", json=[]), 422)


def test_a_project_that_was_read_may_come_back_whole(server: Server, api: httpx.Client) -> None:
    code = f"p-{uuid4().hex[:12]}"
    api.post("/admin/projects", json={"code": code})
    made = api.get(f"/admin/projects/{code}").json()
    reply = api.patch(f"/admin/projects/{code}", json={**made, "rate_limit": 9})
    assert (reply.status_code, reply.json()) == (200, {**made, "rate_limit": 9})
    refused = api.patch(f"/admin/projects/{code}", json={**made, "mode": "test"})
    assert_refused(refused, 422, field="mode", detail='mode cannot be changed; it is "live".')
