"""The audit log: every admin endpoint that changes something leaves an entry, with who, what, before and after."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from laurels.app import COMPOSITION, TABLES
from laurels.web.keys.access import OPEN_TO_APPLICATIONS
from tests.checks import make_key, query
from tests.conftest import TEMPLATE
from tests.processes import laurels
from tests.support import Databases, Server

READS_ONLY = {("POST", "/gamify/admin/simulate"), ("POST", "/gamify/admin/rules/validate")}

BODIES: dict[str, dict[str, Any]] = {
    "tier": {"level": 70, "award_type": "manual"},
    "badge": {},
    "streak": {"period": "daily"},
    "leaderboard": {},
    "reward": {"type": "coupon", "points_cost": 0},
    "challenge": {"objectives": [{"code": "o", "event_name": "e", "target": 2}]},
    "rule": {"event_name": "e", "actions": [{"type": "award_points", "amount": 1}]},
    "earning_cap": {"period": "day", "points": 5},
    "webhook": {"url": "https://receiver.example", "types": ["tier.changed"]},
}


class Desk:
    """An operator of a test project of its own, with a key that has a name."""

    def __init__(self, api: httpx.Client) -> None:
        self.api = api

    def post(self, path: str, **body: Any) -> Any:
        done = self.api.post(path, json=body)
        assert done.status_code in (200, 201), done.text
        return done.json()

    def log(self, **filters: Any) -> list[dict[str, Any]]:
        reply = self.api.get("/admin/audit-log", params={"page_size": 100, **filters})
        assert reply.status_code == 200, reply.text
        items: list[dict[str, Any]] = reply.json()["items"]
        return items

    def define(self, kind: str) -> Any:
        path = f"/admin/{kind.replace('_', '-')}s"
        return {"path": path, **self.post(path, code=f"c{uuid4().hex}", name="N", **BODIES[kind])}

    def claim(self) -> dict[str, Any]:
        reward = self.post("/admin/rewards", code=f"c{uuid4().hex}", name="N", type="voucher", points_cost=0)
        claimed = self.post(f"/rewards/{reward['id']}/claim", participant_id="ada")
        return {"participant_id": "ada", "claim_id": claimed["claim_id"]}


@pytest.fixture(scope="module")
def running(databases: Databases) -> Iterator[Server]:
    with Server(databases.create(TEMPLATE)) as server:
        yield server


@pytest.fixture(scope="module")
def desk(running: Server) -> Iterator[Desk]:
    with running.client() as first:
        project = {"code": "desk", "mode": "test"}
        first.post("/admin/projects", json=project).raise_for_status()
        key = {"scope": "operator", "name": "back office"}
        made = first.post("/admin/projects/desk/keys", json=key).json()
    with running.client(made["key"]) as api:
        yield Desk(api)


def _revoke_badge(desk: Desk) -> None:
    badge = desk.define("badge")
    desk.post("/badges/award", participant_id="ada", badge_code=badge["code"])
    desk.post("/admin/badges/revoke", participant_id="ada", badge_code=badge["code"])


def _codes(desk: Desk) -> Any:
    reward = desk.define("reward")
    path = f"/admin/rewards/{reward['id']}/codes"
    desk.post(path, codes=["SECRET-CODE-1", "SECRET-CODE-2"])
    return path


def _erase(desk: Desk) -> None:
    desk.post("/participants", participant_id="somebody-to-erase", display_name="A Name")
    desk.api.delete("/admin/participants/somebody-to-erase").raise_for_status()


def _key(desk: Desk) -> Any:
    return f"/admin/keys/{desk.post('/admin/keys', scope='gamify')['id']}"


def _on_webhook(what: str, **body: Any) -> Callable[[Desk], Any]:
    def post(desk: Desk) -> None:
        path = f"/admin/webhooks/{desk.define('webhook')['id']}"
        desk.post(f"{path}/test")
        desk.post(f"{path}/{what}", **body)

    return post


def _project(desk: Desk) -> Any:
    return f"/admin/projects/{desk.post('/admin/projects', code=f'p{uuid4().hex}')['code']}"


# What to do for each endpoint, and the action and the kind that are to be found.
CALLS: dict[tuple[str, str], tuple[Callable[[Desk], Any], str, str]] = {
    ("POST", "/gamify/admin/badges/revoke"): (_revoke_badge, "revoke_badge", "participant"),
    ("POST", "/gamify/admin/claims/fulfil"): (
        lambda desk: desk.post("/admin/claims/fulfil", **desk.claim()),
        "fulfil_claim",
        "participant",
    ),
    ("POST", "/gamify/admin/claims/cancel"): (
        lambda desk: desk.post("/admin/claims/cancel", **desk.claim()),
        "cancel_claim",
        "participant",
    ),
    ("POST", "/gamify/admin/rewards/{reward_id}/codes"): (_codes, "upload_codes", "reward"),
    ("POST", "/gamify/admin/rewards/{reward_id}/codes/revoke"): (
        lambda desk: desk.post(f"{_codes(desk)}/revoke", all_available=True),
        "revoke_codes",
        "reward",
    ),
    ("DELETE", "/gamify/admin/participants/{participant_id}"): (_erase, "delete", "participant"),
    ("POST", "/gamify/admin/clock"): (lambda desk: desk.post("/admin/clock", advance_seconds=1), "move_clock", "clock"),
    ("POST", "/gamify/admin/keys"): (_key, "create", "key"),
    ("PATCH", "/gamify/admin/keys/{key_id}"): (
        lambda desk: desk.api.patch(_key(desk), json={"name": "N"}).raise_for_status(),
        "change",
        "key",
    ),
    ("POST", "/gamify/admin/keys/{key_id}/rotate"): (lambda desk: desk.post(f"{_key(desk)}/rotate"), "rotate", "key"),
    ("POST", "/gamify/admin/keys/{key_id}/revoke"): (lambda desk: desk.post(f"{_key(desk)}/revoke"), "revoke", "key"),
    ("POST", "/gamify/admin/webhooks/{webhook_id}/rotate"): (_on_webhook("rotate"), "rotate", "webhook"),
    ("POST", "/gamify/admin/webhooks/{webhook_id}/test"): (_on_webhook("test"), "test", "webhook"),
    ("POST", "/gamify/admin/webhooks/{webhook_id}/deliveries/{delivery_number}/resend"): (
        _on_webhook("deliveries/1/resend"),
        "resend",
        "webhook",
    ),
    ("POST", "/gamify/admin/webhooks/{webhook_id}/resend"): (
        _on_webhook("resend", since="2026-03-01T00:00:00Z"),
        "resend",
        "webhook",
    ),
    ("POST", "/gamify/admin/projects"): (_project, "create", "project"),
    ("PATCH", "/gamify/admin/projects/{project_code}"): (
        lambda desk: desk.api.patch(_project(desk), json={"name": "N"}).raise_for_status(),
        "change",
        "project",
    ),
    ("POST", "/gamify/admin/projects/{project_code}/archive"): (
        lambda desk: desk.post(f"{_project(desk)}/archive"),
        "archive",
        "project",
    ),
    ("POST", "/gamify/admin/projects/{project_code}/unarchive"): (
        lambda desk: desk.post(f"{_project(desk)}/unarchive"),
        "unarchive",
        "project",
    ),
    ("POST", "/gamify/admin/projects/{project_code}/keys"): (
        lambda desk: desk.post(f"{_project(desk)}/keys"),
        "create",
        "key",
    ),
}
for _kind in TABLES.kinds:
    _path = f"/gamify/admin/{_kind.name.replace('_', '-')}s"
    _one = f"{_path}/{{{_kind.name}_id}}"

    def _changed(desk: Desk, kind: str = _kind.name) -> None:
        made = desk.define(kind)
        desk.api.patch(f"{made['path']}/{made['id']}", json={"display_order": 5}).raise_for_status()

    def _deleted(desk: Desk, kind: str = _kind.name) -> str:
        made = desk.define(kind)
        desk.api.delete(f"{made['path']}/{made['id']}").raise_for_status()
        return f"{made['path']}/{made['id']}"

    def _restored(desk: Desk, deleted: Callable[[Desk], str] = _deleted) -> None:
        desk.post(f"{deleted(desk)}/restore")

    CALLS[("POST", _path)] = (lambda desk, kind=_kind.name: desk.define(kind), "create", _kind.name)  # type: ignore[misc]
    CALLS[("PATCH", _one)] = (_changed, "change", _kind.name)
    CALLS[("DELETE", _one)] = (_deleted, "delete", _kind.name)
    CALLS[("POST", f"{_one}/restore")] = (_restored, "restore", _kind.name)

CHANGING = [
    (endpoint.method, endpoint.path.removeprefix("/api/v1"))
    for endpoint in COMPOSITION.endpoints
    if endpoint.method != "GET" and endpoint.access not in OPEN_TO_APPLICATIONS
]


@pytest.mark.parametrize(("method", "path"), [call for call in CHANGING if call not in READS_ONLY])
def test_every_change_by_an_administrator_is_logged(desk: Desk, running: Server, method: str, path: str) -> None:
    """An endpoint that is new has to be told here how it is called."""
    do, action, kind = CALLS[(method, path)]
    url = running.database_url or ""
    before = query(url, "SELECT id FROM audit_log")
    do(desk)
    logged = query(
        url,
        "SELECT id, action, kind, actor, key_id IS NOT NULL, request_id IS NOT NULL FROM audit_log ORDER BY id DESC",
    )
    new = [tuple(row[1:]) for row in logged if (row[0],) not in {tuple(known) for known in before}]
    # The id of a request may be made of the person's, who is to be forgotten.
    has_request_id = path != "/gamify/admin/participants/{participant_id}"
    assert (action, kind, "back office", True, has_request_id) in new


def test_what_only_reads_is_not_logged(desk: Desk) -> None:
    before = desk.log()
    desk.post("/admin/rules/validate", expression="true")
    desk.api.post("/admin/simulate", json={"definitions": {}}).raise_for_status()
    desk.api.get("/admin/badges").raise_for_status()
    assert desk.log() == before


def test_an_entry_tells_what_it_was_and_is(desk: Desk) -> None:
    badge = desk.define("badge")
    asked = desk.api.patch(
        f"/admin/badges/{badge['id']}", json={"name": "New", "rarity": "epic"}, headers={"X-Request-ID": "mine-1"}
    )
    asked.raise_for_status()
    [changed, created] = desk.log(code=badge["code"])
    assert (created["action"], created["before"], created["after"]["name"]) == ("create", None, "N")
    assert (changed["action"], changed["object_id"], changed["request_id"]) == ("change", badge["id"], "mine-1")
    assert changed["before"] == {"name": "N", "rarity": badge["rarity"]}
    assert changed["after"] == {"name": "New", "rarity": "epic"}
    assert [entry["id"] for entry in desk.log(code=badge["code"], action="create")] == [created["id"]]
    assert desk.log(code=badge["code"], kind="rule") == []
    assert desk.log(code=badge["code"], to=changed["at"]) == [created]
    assert changed in desk.log(key_id=changed["key_id"])


def test_a_refused_change_is_not_logged(desk: Desk) -> None:
    before = desk.log()
    assert desk.api.post("/admin/badges", json={"code": "x y", "name": "N"}).status_code == 422
    assert desk.api.post("/admin/badges/revoke", json={"participant_id": "ada", "badge_code": "no"}).status_code == 404
    assert desk.api.post("/admin/clock", json={"now": "2001-01-01T00:00:00Z"}).status_code == 422
    assert desk.log() == before


def test_neither_keys_nor_codes_nor_people_are_in_it(desk: Desk, running: Server) -> None:
    _codes(desk)
    _erase(desk)
    key = desk.post("/admin/keys", name="k")["key"]
    everything = str(query(running.database_url or "", "SELECT * FROM audit_log"))
    for secret in (key, key[20:], "SECRET-CODE", "somebody-to-erase", "A Name"):
        assert secret not in everything


def test_the_command_line_is_logged_as_such(running: Server) -> None:
    url = running.database_url or ""
    make_key(url, project="by-hand")
    done = laurels("projects", "archive", "by-hand", "--database-url", url)
    assert done.returncode == 0
    logged = query(url, "SELECT action, kind, code, actor, key_id FROM audit_log ORDER BY id DESC LIMIT 1")
    assert logged == [("archive", "project", "by-hand", "command line", None)]


def test_what_files_change_is_logged(running: Server, tmp_path: Path) -> None:
    url = running.database_url or ""
    make_key(url, project="by-file")
    file = tmp_path / "definitions.yaml"
    options = ["--project", "by-file", "--yes", "--database-url", url]
    for name in ("Old", "New"):
        file.write_text(f"badges:\n  - code: from-a-file\n    name: {name}\n")
        laurels("apply", str(file), *options).check_returncode()
    logged = query(url, "SELECT action, actor, before FROM audit_log WHERE code = 'from-a-file' ORDER BY id")
    assert logged == [("create", "command line", None), ("change", "command line", {"name": "Old"})]


def test_each_project_has_its_own(desk: Desk, running: Server) -> None:
    badge = desk.define("badge")
    with running.client() as other:
        assert other.get("/admin/audit-log", params={"code": badge["code"]}).json()["total"] == 0
