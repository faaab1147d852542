"""What others rely on is as it was, or a file in tests/frozen says what has changed."""

import asyncio
from uuid import uuid4

import httpx
import pytest

from laurels.storage.office import projects
from laurels.storage.postgres.database import connect_one
from tests import frozen
from tests.checks import make_key
from tests.frozen import recording
from tests.support import Server


def same(name: str, lines: list[str], *, is_written: bool) -> None:
    if is_written:
        frozen.write(name, lines)
    assert lines == frozen.read(name), f"tests/frozen/{name}.txt says otherwise; `make frozen` writes it anew"


@pytest.fixture(scope="session")
def is_written(pytestconfig: pytest.Config) -> bool:
    return bool(pytestconfig.getoption("--write-frozen"))


def test_facts_and_commands(is_written: bool) -> None:
    same("facts", frozen.lines(frozen.fact_schemas()), is_written=is_written)
    same("commands", frozen.lines(frozen.command_schemas()), is_written=is_written)


def test_metrics(server: Server, is_written: bool) -> None:
    shown = httpx.get(f"{server.base_url}/metrics").text.splitlines()
    same("metrics", sorted(line for line in shown if line.startswith("# TYPE laurels_")), is_written=is_written)


def test_the_api(server: Server, is_written: bool) -> None:
    document = httpx.get(f"{server.base_url}/openapi.json").json()
    same("api", frozen.lines(frozen.operations(document)), is_written=is_written)


@pytest.mark.parametrize("seed", recording.SEEDS)
def test_histories(server: Server, database_url: str, seed: int, is_written: bool) -> None:
    code = f"frozen_{uuid4().hex[:8]}"

    async def create() -> None:
        connection = await connect_one(database_url)
        await projects.create(connection, code, code, "test", "UTC")
        await connection.close()

    asyncio.run(create())
    with server.client(make_key(database_url, "admin", project=code)) as api:
        lines = recording.record(api, database_url, code, seed)
    same(f"history_{seed}", lines, is_written=is_written)
