import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import settings

from laurels import demo
from laurels.embedded import EmbeddedPostgres
from laurels.store import projects, schema
from laurels.store.database import connect_one
from tests.support import Databases, Server

TEMPLATE = "laurels"

# How long an example takes says nothing on a machine that others use, too.
settings.register_profile("laurels", deadline=None)
settings.load_profile("laurels")


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """One PostgreSQL for the whole run. Its template database is migrated and holds the demo project."""
    folder: Path = tmp_path_factory.mktemp("postgres")
    # What is durable is tested by tests that bring their own PostgreSQL.
    postgres = EmbeddedPostgres(folder, settings={"fsync": "off", "max_connections": "200"})
    postgres.start()
    try:
        schema.migrate(postgres.url)
        asyncio.run(_prepare(postgres.url))
        yield Databases(postgres)
    finally:
        postgres.stop()


async def _prepare(url: str) -> None:
    connection = await connect_one(url)
    try:
        project = await projects.create(connection, "default", "Default", "live", "UTC")
        assert project is not None
        await demo.add(connection, project.id)
    finally:
        await connection.close()


@pytest.fixture(scope="module")
def database_url(databases: Databases) -> str:
    """A database of this module's own."""
    return databases.create(TEMPLATE)


@pytest.fixture(scope="module")
def server(database_url: str) -> Iterator[Server]:
    with Server(database_url) as running:
        yield running


@pytest.fixture(scope="module")
def api(server: Server) -> Iterator[httpx.Client]:
    """The API below /api/v1/gamify, as an admin."""
    with server.client() as client:
        yield client


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A participant's id that no other test uses."""
    return f"{request.node.name}_{id(request)}"
