"""The worked examples in the docs are true: each is run, in its page's order, in a project with the demo.

There are two forms. An `example` block has requests and what their responses contain. A *session* is a page that sets
the shell variable U: all its `sh` blocks run one after another in one shell, and a `json` or `text` block right below
one is what that prints. `pytest tests/test_docs.py --write-docs` writes what is printed now into the pages.

Sessions that move the clock of a test project move it into the year 2030, so that every run shows the same dates.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from laurels import __version__
from laurels.app import COMPOSITION
from laurels.config import demo
from laurels.storage.office import projects
from laurels.storage.postgres.database import connect_one
from tests.checks import make_key
from tests.processes import without_settings
from tests.support import Server
from tests.test_leaderboards import until_ready

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
EXAMPLE = re.compile(r"^```example\n(.*?)^```", re.MULTILINE | re.DOTALL)
CALL = re.compile(r"> (?P<method>\w+) (?P<path>\S+) ?(?P<body>.*)\n< (?P<status>\d+) (?P<answer>.*)\n")


def examples(page: Path) -> list[re.Match[str]]:
    return [call for block in EXAMPLE.findall(page.read_text()) for call in CALL.finditer(block)]


PAGES = [page for page in sorted(DOCS.glob("*.md")) if examples(page)]


def assert_holds(found: Any, said: Any) -> None:
    """What the docs say of an answer is there; an answer may say more."""
    if isinstance(said, dict):
        for name, value in said.items():
            assert_holds(found[name], value)
    elif isinstance(said, list):
        assert len(found) == len(said)
        for one, other in zip(found, said, strict=True):
            assert_holds(one, other)
    else:
        assert found == said


async def make_project(database_url: str, code: str) -> None:
    connection = await connect_one(database_url)
    project = await projects.create(connection, code, code, "live", "UTC")
    assert project is not None
    await demo.add(connection, project.id, COMPOSITION.resources)
    await connection.close()


@pytest.fixture
def client(server: Server, database_url: str, request: pytest.FixtureRequest) -> Any:
    code = f"docs-{request.node.callspec.id}"
    asyncio.run(make_project(database_url, code))
    with server.client(make_key(database_url, project=code, scope="admin")) as client:
        until_ready(client, client.get("/admin/leaderboards").json()["items"][0]["id"])
        yield client


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_examples_of_a_page(client: httpx.Client, page: Path) -> None:
    for call in examples(page):
        body = json.loads(call["body"]) if call["body"] else None
        reply = client.request(call["method"], call["path"], json=body)
        assert reply.status_code == int(call["status"]), (call[0], reply.text)
        assert_holds(reply.json(), json.loads(call["answer"]))


def test_every_example_is_understood() -> None:
    assert {page.stem for page in PAGES} >= {"badges", "challenges", "events", "leaderboards", "rules", "streaks"}
    for page in PAGES:
        for block in EXAMPLE.findall(page.read_text()):
            assert len(CALL.findall(block)) == block.count("\n> ") + block.startswith("> "), block


BLOCK = re.compile(r'^```(?P<language>\w+)(?: title="(?P<file>[^"]+)")?\n(?P<text>.*?)^```\n', re.MULTILINE | re.DOTALL)
BASE_URL = "http://127.0.0.1:8080"
KEY = "lk_live_…"
END_OF_STEP = "--- end of a step ---"
BOARDS_ARE_FILLED = """
while curl -s $U/admin/leaderboards -H "X-API-Key: $KEY" | grep -qE '"status":"(waiting|filling)"'; do sleep 0.1; done
"""
VOLATILE = [
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"), "(id)"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "(time)"),
    (re.compile(r"^id: \S+$", re.MULTILINE), "id: (cursor)"),
    (re.compile(r'"offset_ms":\d+'), '"offset_ms":0'),
    # Depends on whether a tick of the board came between two calls.
    (re.compile(r'"change": ?"(?:new|same)"'), '"change":"(new or same)"'),
]


class Step(NamedTuple):
    script: str
    output: re.Match[str] | None


def steps(text: str) -> list[Step]:
    blocks = list(BLOCK.finditer(text))
    following = {
        block.start(): block for block in blocks if block["language"] in {"json", "text"} and not block["file"]
    }
    return [Step(block["text"], following.get(block.end())) for block in blocks if block["language"] == "sh"]


OTHER_SESSIONS = {"facts-and-the-journal"}
SESSIONS = [
    page
    for page in [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
    if page.stem in OTHER_SESSIONS or f"\nU={BASE_URL}" in page.read_text()
]


def outputs(page: Path, folder: Path, server: Server, database_url: str, project: str, key: str) -> list[str]:
    """What each step prints when all run in one shell."""
    text = page.read_text()
    for block in BLOCK.finditer(text):
        if block["file"]:
            (folder / block["file"]).write_text(block["text"])
    script = ""
    for step in steps(text):
        script += step.script.replace(BASE_URL, server.base_url).replace(KEY, key)
        # Pages do not show the moment in which a new board is filled.
        script += (BOARDS_ARE_FILLED if "laurels apply" in step.script else "") + f"\necho; echo '{END_OF_STEP}'\n"
    environment = without_settings() | {"LAURELS_DATABASE_URL": database_url, "LAURELS_PROJECT": project}
    environment["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    command = ["bash", "-euc", script]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return [part.strip("\n") + "\n" for part in done.stdout.split(f"\n{END_OF_STEP}\n")[:-1]]


def assert_same(printed: str, shown: re.Match[str]) -> None:
    printed, said = (_without_volatile(text) for text in (printed, shown["text"]))
    if shown["language"] == "json":
        assert_holds(_documents(printed), _documents(said))
    else:
        assert printed == said


def _without_volatile(text: str) -> str:
    for pattern, replacement in VOLATILE:
        text = pattern.sub(replacement, text)
    return text


def _documents(text: str) -> list[Any]:
    """One JSON document on several lines, or one on each line."""
    try:
        return [json.loads(text)]
    except ValueError:
        return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("page", SESSIONS, ids=lambda page: page.stem)
def test_a_session_prints_what_its_page_shows(
    page: Path, server: Server, database_url: str, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    project = f"session-{page.stem.lower()}"
    asyncio.run(make_project(database_url, project))
    key = make_key(database_url, project=project, scope="admin")
    with server.client(key) as client:
        until_ready(client, client.get("/admin/leaderboards").json()["items"][0]["id"])
    text = page.read_text()
    printed = outputs(page, tmp_path, server, database_url, project, key)
    pairs = [(one, step.output) for one, step in zip(printed, steps(text), strict=True) if step.output]
    if pytestconfig.getoption("--write-docs"):
        _write(page, text, pairs)
        return
    for one, shown in pairs:
        assert_same(one, shown)


def _write(page: Path, text: str, pairs: list[tuple[str, re.Match[str]]]) -> None:
    for printed, shown in reversed(pairs):
        if not _holds(assert_same, printed, shown):
            text = text[: shown.start("text")] + printed + text[shown.end("text") :]
    page.write_text(text)


def _holds(check: Callable[..., None], *arguments: Any) -> bool:
    try:
        check(*arguments)
    except (AssertionError, KeyError, ValueError):
        return False
    return True


def test_every_output_of_a_session_belongs_to_a_step() -> None:
    assert {page.stem for page in SESSIONS} >= {"README", "first-programme"}
    for page in SESSIONS:
        text = page.read_text()
        shown = [block.start() for block in BLOCK.finditer(text) if block["language"] == "json"]
        assert {step.output.start() for step in steps(text) if step.output} >= set(shown), page


def test_the_changelog_has_the_version_with_an_upgrade_note() -> None:
    newest = re.search(r"^## (\d\S*) .*\n\n(.*)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest is not None
    assert newest[1] == __version__
    assert newest[2].startswith("**Upgrade note.**")


def test_every_endpoint_is_on_its_page() -> None:
    rows = re.findall(r"^\| ([A-Z]+) \| `(.*?)` \|", (DOCS / "endpoints.md").read_text(), re.MULTILINE)
    listed = [(method, path) for method, path in rows]
    assert len(set(listed)) == len(listed)
    assert set(listed) == {(each.method, _as_listed(each.path)) for each in COMPOSITION.endpoints}


KIND = re.compile(
    r"^/gamify/admin/(tiers|badges|streaks|leaderboards|rewards|challenges|rules|earning-caps)(/{\w+}(/restore)?)?$"
)


def _as_listed(path: str) -> str:
    path = path.removeprefix("/api/v1")
    kind = KIND.match(path)
    return path if kind is None else "/gamify/admin/{kind}" + ("/{id}" if kind[2] else "") + (kind[3] or "")
