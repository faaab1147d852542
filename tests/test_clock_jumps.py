"""A machine's clock that jumps forward and back: what it leaves behind, and what it does not."""

import asyncio
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from laurels.storage.office import workers
from laurels.storage.postgres.database import connect_one
from laurels.storage.postgres.ids import new_id
from laurels.storage.schema import migrate as schema
from tests.checks import query
from tests.conftest import TEMPLATE
from tests.support import ON_CITUS, Databases, Server, check, eventually, tool

AHEAD = timedelta(days=400)


@pytest.fixture(scope="module")
def url(databases: Databases) -> str:
    return databases.create(TEMPLATE)


def alive(url: str) -> int:
    async def ask() -> int:
        connection = await connect_one(url)
        try:
            await workers.forget(connection)
            return await workers.alive(connection, new_id())
        finally:
            await connection.close()

    return asyncio.run(ask())


@pytest.mark.parametrize(("seen", "is_alive"), [(0, True), (-5, True), (5, True), (-60, False), (60, False)])
def test_a_worker_is_alive_by_the_databases_clock(url: str, seen: int, is_alive: bool) -> None:
    """Also one that an older version, or another clock, has seen: in the future nobody was seen."""
    query(url, "DELETE FROM worker")
    query(url, "INSERT INTO worker VALUES (gen_random_uuid(), now() + make_interval(secs => %s))", seen)
    assert alive(url) == 1 + is_alive


@pytest.mark.parametrize("days", [-1, 1])
def test_a_worker_that_nobody_can_have_seen_is_forgotten(url: str, days: int) -> None:
    query(url, "DELETE FROM worker")
    query(url, "INSERT INTO worker VALUES (gen_random_uuid(), now() + make_interval(days => %s))", days)
    alive(url)
    assert query(url, "SELECT count(*) FROM worker") == [(1,)]


class MovedClock:
    """A server's clock, which a file of libfaketime's moves. PostgreSQL's stays right."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        tool("faketime")
        told = subprocess.run(["faketime", "-f", "+0d", "env"], capture_output=True, text=True, check=True).stdout
        library = next(line for line in told.splitlines() if line.startswith("LD_PRELOAD=")).partition("=")[2]
        self._file = folder / "clock"
        self.move(timedelta())
        for name, value in {
            "LD_PRELOAD": library,
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }.items():
            monkeypatch.setenv(name, value)

    def move(self, by: timedelta) -> None:
        self._file.write_text(f"{by.total_seconds():+.0f}")


@pytest.mark.all_cases
@pytest.mark.skipif(ON_CITUS, reason="partitions of a cluster are those of its parts")
def test_what_was_written_while_the_clock_was_ahead(
    databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = databases.create(TEMPLATE)
    with monkeypatch.context() as moved:
        clock = MovedClock(tmp_path, moved)
        server = Server(url).start()
    with server.client() as api:

        def award(who: str) -> None:
            api.post("/points/award", json={"participant_id": who, "amount": 10}).raise_for_status()

        award("before")
        clock.move(AHEAD)
        award("ahead")
        clock.move(timedelta())
        award("after")
        assert tables(url) == {"before": THIS_MONTH, "ahead": "journal_default", "after": THIS_MONTH}
        later = f"journal_{datetime.now(UTC) + AHEAD:%Y_%m}"
        assert schema.keep_partitions(url).filled == [later]
        assert tables(url) == {"before": THIS_MONTH, "ahead": later, "after": THIS_MONTH}
        told = check(url)
        assert "note  no fact is from the future\n        ahead: fact " in told
        assert "of " + f"{datetime.now(UTC) + AHEAD:%Y-%m}" in told
        assert "before: fact" not in told
        assert "after: fact" not in told
        # A clock that is ahead makes nobody else's share smaller for long: it tells the database's time.
        eventually(lambda: query(url, "SELECT count(*) FROM worker WHERE seen_at > now()") == [(0,)])
    assert server.stop() == 0


THIS_MONTH = f"journal_{datetime.now(UTC):%Y_%m}"


def tables(url: str) -> dict[str, str]:
    """In which the facts of each participant are."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            """
            SELECT participant_id, string_agg(DISTINCT j.tableoid::regclass::text, ' ')
            FROM journal j JOIN participant USING (lane, subject) GROUP BY 1
            """
        ).fetchall()
    return dict(rows)
