"""Edits of a project's definitions beside one another."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import processes
from tests.support import Server, eventually

MAIN = "tests.held_checks:main"
ROOT = Path(__file__).parents[1]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HELD_CHECKS", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path


@pytest.fixture
def api(folder: Path, database_url: str) -> Iterator[httpx.Client]:
    with Server(database_url, main=MAIN) as running, running.client() as client:
        yield client


def webhook(code: str) -> dict[str, Any]:
    return {"code": code, "name": "CRM", "url": "https://held.example/", "types": ["*"]}


def badge(api: httpx.Client, code: str) -> dict[str, Any]:
    reply = api.post("/admin/badges", json={"code": code, "name": code})
    assert reply.status_code == 201, reply.text
    created: dict[str, Any] = reply.json()
    return created


def create_webhook(api: httpx.Client, _database_url: str, _folder: Path) -> httpx.Response:
    return api.post("/admin/webhooks", json=webhook("created"))


def change_webhook(api: httpx.Client, _database_url: str, _folder: Path) -> httpx.Response:
    reply = api.post("/admin/webhooks", json={**webhook("changed"), "is_active": False})
    assert reply.status_code == 201, reply.text
    return api.patch("/admin/webhooks/changed", json={"is_active": True})


def restore_webhook(api: httpx.Client, _database_url: str, folder: Path) -> httpx.Response:
    (folder / "released").touch()
    assert api.post("/admin/webhooks", json=webhook("restored")).status_code == 201
    assert api.delete("/admin/webhooks/restored").status_code == 200
    (folder / "held").unlink()
    (folder / "released").unlink()
    return api.post("/admin/webhooks/restored/restore")


def change_badge(api: httpx.Client, _database_url: str, _folder: Path) -> httpx.Response:
    badge(api, "held")
    return api.patch("/admin/badges/held", json={"name": "Held"})


def plan(_api: httpx.Client, database_url: str, folder: Path) -> httpx.Response:
    file = folder / "webhooks.yaml"
    file.write_text("webhooks:\n  - {code: planned, name: CRM, url: 'https://held.example/', types: ['*']}\n")
    done = processes.laurels("plan", str(file), main=MAIN, LAURELS_DATABASE_URL=database_url)
    return httpx.Response(200 if "webhooks.planned" in done.stdout else 500, text=done.stdout + done.stderr)


@pytest.mark.parametrize("held", [create_webhook, change_webhook, restore_webhook, change_badge, plan])
def test_an_edit_that_waits_for_its_check_holds_up_no_other(
    api: httpx.Client,
    database_url: str,
    folder: Path,
    held: Callable[[httpx.Client, str, Path], httpx.Response],
) -> None:
    badge(api, f"beside_{held.__name__}")
    with ThreadPoolExecutor(1) as threads:
        waiting: Future[httpx.Response] = threads.submit(held, api, database_url, folder)
        try:
            eventually(lambda: (folder / "held").exists() and not (folder / "released").exists())
            reply = api.delete(f"/admin/badges/beside_{held.__name__}")
            assert reply.status_code == 200, reply.text
            assert not waiting.done()
        finally:
            (folder / "released").touch()
        assert waiting.result().is_success, waiting.result().text


def test_changes_of_one_definition_at_a_time_are_all_kept(api: httpx.Client) -> None:
    badge(api, "shared")
    fields = {"name": "Shared", "description": "For all", "icon_url": "https://x.example/i.png", "display_order": 7}
    with ThreadPoolExecutor(len(fields)) as threads:
        changed = threads.map(lambda field: api.patch("/admin/badges/shared", json=dict([field])), fields.items())
        assert [reply.status_code for reply in changed] == [200] * len(fields)
    now = api.get("/admin/badges/shared").json()
    assert {field: now[field] for field in fields} == fields
