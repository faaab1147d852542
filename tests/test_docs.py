"""The worked examples in the docs are true: each is run, in its page's order, in a project with the demo."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from laurels.app import resources
from laurels.config import demo
from laurels.storage import projects
from laurels.storage.database import connect_one
from tests.checks import make_key
from tests.support import Server
from tests.test_leaderboards import until_ready

DOCS = Path(__file__).parents[1] / "docs"
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
    await demo.add(connection, project.id, resources())
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
