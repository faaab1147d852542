import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings

from laurels.app import COMPOSITION, TABLES
from laurels.config import demo
from laurels.embedded import EmbeddedPostgres
from laurels.mechanics.leaderboards import filling
from laurels.mechanics.leaderboards import jobs as leaderboards
from laurels.storage.definitions import DefinitionsCache
from laurels.storage.office import projects
from laurels.storage.postgres import database
from laurels.storage.postgres.database import connect_one
from laurels.storage.schema import citus
from laurels.storage.schema import migrate as schema
from tests import sampling
from tests.support import CITUS_SHARDS, ON_CITUS, SERVER_URLS, Databases, Server

TEMPLATE = "laurels"

# Of what the tests themselves connect to, on a machine that others use, too.
database.CONNECT_TIMEOUT_SECONDS = 60

outliving: list[Databases] = []
"""Those on servers that go on after the tests."""

# How long an example or the making of one takes says nothing on a machine that others use, too. A failing property
# prints its example, and how to reproduce it.
settings.register_profile(
    "sampled", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True, max_examples=40
)
settings.register_profile("all cases", parent=settings.get_profile("sampled"), max_examples=100)
settings.load_profile("sampled")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--only", action="append", default=[], help="only the files whose names hold this")
    parser.addoption("--write-frozen", action="store_true", help="write the files of tests/frozen anew")
    parser.addoption(
        "--write-docs", action="store_true", help="write what the sessions of the docs print into their pages"
    )
    parser.addoption("--all-cases", action="store_true", help="the cases that `make test` leaves out, and they alone")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--all-cases"):
        settings.load_profile("all cases")
    if config.option.basetemp is None:
        # pytest's own folder is closed to others again by each run that starts, PostgreSQL's user among them.
        config.option.basetemp = tempfile.mkdtemp(prefix="laurels-")
        config.add_cleanup(lambda: shutil.rmtree(config.option.basetemp, ignore_errors=True))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    names = config.getoption("--only")
    return True if names and collection_path.is_file() and not any(n in collection_path.stem for n in names) else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`make test` leaves out the tests marked `all_cases`. `make test-all` runs those, and the properties with more
    examples."""
    wanted = _is_case if config.getoption("--all-cases") else _is_sampled
    config.hook.pytest_deselected(items=[item for item in items if not wanted(item)])
    items[:] = [item for item in items if wanted(item)]


def _is_sampled(item: pytest.Item) -> bool:
    return item.get_closest_marker("all_cases") is None and not sampling.is_represented(item)


def _is_case(item: pytest.Item) -> bool:
    is_property = is_hypothesis_test(getattr(item, "obj", None))
    return not _is_sampled(item) or is_property or item.get_closest_marker("more_cases") is not None


@pytest.fixture(scope="session")
def all_cases(pytestconfig: pytest.Config) -> bool:
    """Whether this is `make test-all`. A test marked `more_cases` has fewer cases in `make test`."""
    return bool(pytestconfig.getoption("--all-cases"))


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """One PostgreSQL for the whole run. Its template database is migrated and holds the demo project."""
    if SERVER_URLS:
        databases = Databases(SERVER_URLS.split(","), f"laurels_{uuid4().hex}")
        outliving.append(databases)
        try:
            databases.make_template(_prepare)
            yield databases
        finally:
            databases.drop_all()
        return
    folder: Path = tmp_path_factory.mktemp("postgres")
    # What is durable is tested by tests that bring their own PostgreSQL.
    postgres = EmbeddedPostgres(folder, settings={"fsync": "off", "max_connections": "200"})
    postgres.start()
    try:
        databases = Databases([postgres.url_for("postgres")], f"laurels_{uuid4().hex}", data_dir=folder)
        databases.make_template(_prepare)
        yield databases
    finally:
        postgres.stop()


def _prepare(url: str) -> None:
    if ON_CITUS:
        # For commands that tests run; fewer shards than in earnest are made more quickly.
        os.environ["LAURELS_CITUS"] = "1"
        citus.SHARDS = CITUS_SHARDS
    schema.migrate(url, on_citus=TABLES if ON_CITUS else None)
    asyncio.run(_add_demo(url))


async def _add_demo(url: str) -> None:
    connection = await connect_one(url)
    try:
        project = await projects.create(connection, "default", "Default", "live", "UTC")
        assert project is not None
        await demo.add(connection, project.id, COMPOSITION.resources)
        # So that no server of a test has a board to fill, which changes the project, while something is looked at.
        while await filling.unfinished(connection):
            await leaderboards.fill(connection, DefinitionsCache(TABLES))
    finally:
        await connection.close()


@pytest.fixture(scope="module", autouse=True)
def _tidy() -> Iterator[None]:
    """After all that a module's tests have started. Citus works in the background for each database that there is."""
    yield
    for databases in outliving:
        databases.drop_those_of_module()


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
