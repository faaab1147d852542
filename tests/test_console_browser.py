"""The console in Chromium, and the unit tests of its source: Node runs both."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from bench import dataset
from laurels.console import files
from tests.conftest import TEMPLATE
from tests.support import ADMIN_KEY, Databases, Server, eventually, tool

CONSOLE = Path(__file__).parents[1] / "console"
# The end of a long output is what a build shows: it is to be the failures.
FAILURES = ("--test", "--test-reporter=./test/failures.mjs")
SCOPES = ("gamify", "gamify:read", "gamify:support", "gamify:admin", "admin", "operator")


def node(*arguments: str, **environment: str) -> None:
    command = [tool("node"), *arguments]
    done = subprocess.run(
        command, cwd=CONSOLE, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-12_000:] + done.stderr[-4_000:]
    print(done.stdout)


@pytest.fixture(scope="module", autouse=True)
def packages() -> None:
    if not (CONSOLE / "node_modules" / "typescript").is_dir():
        tool("the packages of the console, which `make test` installs")


def test_its_types() -> None:
    node("node_modules/typescript/bin/tsc", "--noEmit")


def test_what_it_computes() -> None:
    node("node_modules/vite/bin/vite.js", "build", "--ssr", "test/unit.test.ts", "--logLevel", "error")
    node(*FAILURES, "out/unit.test.js")


@pytest.mark.parametrize("file", ["browser", "keyboard", "long"])
def test_in_a_browser(databases: Databases, file: str) -> None:
    if not files.built():
        tool("the console, which `make console` builds")
    # The receivers of webhooks are on this machine.
    with Server(databases.create(TEMPLATE), webhook_networks="127.0.0.0/8") as server:
        with server.client() as admin:
            made = [admin.post("/admin/keys", json={"scope": scope, "name": scope}).json() for scope in SCOPES]
        keys = {key["scope"]: key["key"] for key in made}
        node(
            *FAILURES,
            f"test/{file}.test.mjs",
            LAURELS_URL=server.base_url,
            LAURELS_KEYS=json.dumps(keys),
            CHROMIUM=tool("chromium"),
        )


@pytest.mark.parametrize(
    ("people", "patience_ms"), [(1_000, 30_000), pytest.param(100_000, 1_000, marks=pytest.mark.slow)]
)
def test_with_many_people(databases: Databases, people: int, patience_ms: int) -> None:
    """With 100,000 people, each step takes less than a second, the first screen included."""
    if not files.built():
        tool("the console, which `make console` builds")
    url = databases.create()
    dataset.load(url, people, 3 * people)
    with Server(url) as server:
        with server.client() as admin:
            admin.post("/admin/leaderboards", json={"code": "top", "name": "Top"}).raise_for_status()
            ranked = filled(admin, "top")
        node(
            *FAILURES,
            "test/many.test.mjs",
            LAURELS_URL=server.base_url,
            LAURELS_KEY=ADMIN_KEY,
            LAURELS_PEOPLE=str(people),
            LAURELS_RANKED=str(ranked),
            LAURELS_PATIENCE=str(patience_ms),
            CHROMIUM=tool("chromium"),
        )


def filled(admin: httpx.Client, code: str) -> int:
    """The number of people on a board, once it is filled from history."""
    standings: dict[str, Any] = {"progress": 0}

    def is_filled() -> bool:
        standings.clear()
        standings.update(admin.get(f"/leaderboards/{code}").json())
        return "progress" not in standings

    eventually(is_filled, seconds=600)
    return int(standings["total_participants"])
