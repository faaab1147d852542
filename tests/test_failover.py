"""PostgreSQL in an odd state is away: refusals say so, `/readyz` too, and service comes back by itself."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from laurels.app import TABLES
from laurels.engine.batch import CommandResponse
from laurels.engine.engine import Engine
from laurels.engine.settings import EngineSettings
from laurels.mechanics.points.purse.commands import AwardPoints
from laurels.storage.definitions import DefinitionsCache
from laurels.storage.office import projects
from laurels.storage.postgres import revisions
from laurels.storage.postgres.database import DatabaseUnavailableError, addresses, connect_one
from laurels.storage.postgres.pools import Edits, Readers
from laurels.storage.schema import migrate as schema
from laurels.storage.schema import state
from tests.postgres_nodes import Node
from tests.support import START_SECONDS, Server, check, eventually

CUT_OFF = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'laurels'"
ODD_STATES = {
    "read-only": ("ALTER ROLE laurels SET default_transaction_read_only = on", "ALTER ROLE laurels RESET ALL"),
    "no connection left": ("ALTER ROLE laurels CONNECTION LIMIT 0", "ALTER ROLE laurels CONNECTION LIMIT -1"),
    "no login": ("ALTER ROLE laurels NOLOGIN", "ALTER ROLE laurels LOGIN"),
    "no such database": ("ALTER DATABASE laurels RENAME TO gone", "ALTER DATABASE gone RENAME TO laurels"),
    "closed database": (
        "ALTER DATABASE laurels ALLOW_CONNECTIONS false",
        "ALTER DATABASE laurels ALLOW_CONNECTIONS true",
    ),
    "no privileges": (
        "REVOKE INSERT, UPDATE ON ALL TABLES IN SCHEMA public FROM laurels",
        "GRANT INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO laurels",
    ),
}


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    node = Node.new(tmp_path_factory.mktemp("node")).start()
    try:
        node.query("CREATE ROLE laurels LOGIN")
        node.query("CREATE DATABASE laurels OWNER laurels")
        yield node
    finally:
        node.stop()


@pytest.fixture(scope="module")
def url(node: Node) -> str:
    url = f"postgresql://laurels@{node.host}/laurels"
    schema.migrate(url)
    asyncio.run(_add_project(url))
    return url


async def _add_project(url: str) -> None:
    connection = await connect_one(url)
    try:
        await projects.create(connection, "default", "Default", "live", "UTC")
    finally:
        await connection.close()


@pytest.mark.parametrize(
    "state",
    [
        state if state in ("read-only", "no login") else pytest.param(state, marks=pytest.mark.all_cases)
        for state in ODD_STATES
    ],
)
def test_an_odd_state_is_an_outage_and_ends_by_itself(node: Node, url: str, state: str) -> None:
    asyncio.run(_meets(node, url, *ODD_STATES[state]))


async def _meets(node: Node, url: str, begin: str, end: str) -> None:
    award = AwardPoints(project_id=1, participant_id="ada", amount=1)
    engine = Engine(url, DefinitionsCache(TABLES), EngineSettings(connections=2, patience_seconds=0.3))
    readers, edits = Readers(url, 1), Edits(url)
    engine.start()
    try:
        await _is_served(engine, award)
        assert (await state.read(readers)).is_writable
        for statement in (CUT_OFF, begin, CUT_OFF):
            with suppress(Exception):
                node.query(statement, _database_of(statement))
        for _ in range(4):
            with pytest.raises(DatabaseUnavailableError):
                await engine.submit(award)
        assert await _is_away(engine, award)
        with pytest.raises(DatabaseUnavailableError):
            async with edits.transaction() as connection:
                await connection.execute("UPDATE project SET name = name")
        await _reads_say_so(readers)
        node.query(end, _database_of(end))
        # Nobody asks for anything, and so nothing but the engine itself can find out.
        async with asyncio.timeout(START_SECONDS):
            while engine.is_away:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        await _is_served(engine, award)
        async with edits.transaction() as connection:
            await connection.execute("UPDATE project SET name = name")
        await state.read(readers)
        assert (await state.read(readers)).is_writable
    finally:
        await engine.drain()
        await edits.close()
        await readers.close()


async def _is_served(engine: Engine, award: AwardPoints) -> None:
    """Sooner or later: the engine's little patience may end on a busy machine, too."""
    async with asyncio.timeout(START_SECONDS):
        while True:
            with suppress(DatabaseUnavailableError):
                assert isinstance(await engine.submit(award), CommandResponse)
                return


def _database_of(statement: str) -> str:
    return "laurels" if "SCHEMA" in statement else "postgres"


def test_a_role_that_finds_no_schema_is_not_ready_and_reads_are_an_outage(node: Node, url: str) -> None:
    async def work() -> None:
        readers = Readers(url, 1)
        try:
            await readers.fetch("SELECT 1")
            node.query("ALTER ROLE laurels SET search_path = 'nowhere'")
            node.query(CUT_OFF)
            assert (await state.read(readers)).revision is None
            with pytest.raises(DatabaseUnavailableError):
                await readers.fetch("SELECT FROM account")
            with pytest.raises(DatabaseUnavailableError):
                async with readers.transaction() as connection:
                    await connection.fetch("SELECT FROM account")
            node.query("ALTER ROLE laurels RESET search_path")
            # A session with the old setting is not kept.
            await readers.fetch("SELECT FROM account")
            assert (await state.read(readers)).revision == revisions.newest()
        finally:
            node.query("ALTER ROLE laurels RESET search_path")
            await readers.close()

    asyncio.run(work())


async def _is_away(engine: Engine, award: AwardPoints) -> bool:
    """As soon as each of its connections has been tried."""
    for _ in range(20):
        if engine.is_away:
            return True
        with suppress(DatabaseUnavailableError):
            await engine.submit(award)
    return engine.is_away


async def _reads_say_so(readers: Readers) -> None:
    with suppress(DatabaseUnavailableError):
        assert not (await state.read(readers)).is_writable


@pytest.mark.all_cases
def test_a_standby_takes_over(tmp_path: Path) -> None:
    """One server, two PostgreSQLs: the primary dies, the standby is promoted, and nobody restarts anything."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first = Node.new(tmp_path / "a").start()
    nodes = [first]
    try:
        first.query("CREATE DATABASE laurels")
        second = Node.standby_of(first, tmp_path / "b")
        second.start()
        nodes.append(second)
        hosts = f"{first.host},{second.host}"
        url = f"postgresql://postgres@{hosts}/laurels?target_session_attrs=read-write"
        with Server(url) as server, server.client() as api:
            assert _award(api).json()["new_balance"] == 1
            at = first.query("SELECT pg_current_wal_lsn()")[0][0]
            eventually(lambda: second.query(f"SELECT pg_last_wal_replay_lsn() >= '{at}'")[0][0], START_SECONDS)
            _refuses_a_standby(second)

            nodes.remove(first)
            first.stop()
            refused = _award(api)
            assert refused.status_code == 503
            assert "Retry-After" in refused.headers
            assert api.get("/participants/ada/points").status_code == 503
            assert not _is_ready(server)

            second.promote()
            eventually(lambda: _award(api).status_code == 200, START_SECONDS)
            eventually(lambda: _is_ready(server), START_SECONDS)
            assert api.post("/admin/badges", json={"code": "after", "name": "After"}).status_code == 201
            assert api.get("/participants/ada/points").json()["balance"] == 2
        check(url)
    finally:
        for node in nodes:
            node.stop()


def _award(api: httpx.Client) -> httpx.Response:
    return api.post("/points/award", json={"participant_id": "ada", "amount": 1})


def _is_ready(server: Server) -> bool:
    return httpx.get(f"{server.base_url}/readyz", timeout=30).status_code == 200


def _refuses_a_standby(standby: Node) -> None:
    url = f"postgresql://postgres@{standby.host}/laurels"
    done = subprocess.run(
        [sys.executable, "-m", "laurels.cli.main", "migrate", "--database-url", url],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "The database is read-only" in done.stderr


@pytest.mark.parametrize(
    ("url", "of_hosts"),
    [
        ("postgresql://laurels@db/laurels", ["postgresql://laurels@db/laurels"]),
        ("postgresql:///laurels?host=/run/postgresql", ["postgresql:///laurels?host=/run/postgresql"]),
        (
            "postgresql://laurels:a%2Cb@db1,db2:5433/laurels?target_session_attrs=read-write",
            [
                "postgresql://laurels:a%2Cb@db1/laurels?target_session_attrs=read-write",
                "postgresql://laurels:a%2Cb@db2:5433/laurels?target_session_attrs=read-write",
            ],
        ),
    ],
)
def test_each_host_of_an_address_is_tried(url: str, of_hosts: list[str]) -> None:
    assert addresses(url) == of_hosts
