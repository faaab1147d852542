"""What a worker writes about itself keeps nobody waiting, whoever has locked the rows."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import psycopg
import pytest

from laurels.storage.postgres.ids import new_id
from laurels.storage.postgres.pools import Edits, Readers
from laurels.web.keys import presence
from laurels.web.keys.auth import KeyRing
from laurels.web.keys.presence import Presence
from tests.checks import query
from tests.conftest import TEMPLATE
from tests.support import ADMIN_KEY, ON_CITUS, Databases, Server, eventually

pytestmark = pytest.mark.skipif(ON_CITUS, reason="the tables are where they are without Citus")

STALE = "INSERT INTO worker VALUES (gen_random_uuid(), now() - interval '1 day')"


END_HANGING = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'
"""


@pytest.fixture
def url(databases: Databases) -> str:
    return databases.create(TEMPLATE)


def with_presence(url: str, work: Callable[[KeyRing, Presence], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        ring = KeyRing(Readers(url, 1), ADMIN_KEY, 0)
        noting = Presence(Edits(url), ring)
        try:
            await noting.note()
            await ring.open()
            return await work(ring, noting)
        finally:
            await noting.leave()
            await ring.close()

    return asyncio.run(run())


def test_keys_are_read_and_the_living_counted_while_a_workers_row_is_locked(url: str) -> None:
    async def work(ring: KeyRing, noting: Presence) -> None:
        query(url, STALE)
        with psycopg.connect(url) as locking:
            locking.execute("SELECT FROM worker WHERE seen_at < now() - interval '1 hour' FOR UPDATE")
            query(url, STALE)
            await noting.note()
            assert query(url, "SELECT count(*) FROM worker") == [(2,)]
            query(url, "INSERT INTO worker VALUES (gen_random_uuid(), now())")
            await noting.note()
            assert ring.sharing_workers == 2
            locking.execute("SELECT FROM worker FOR UPDATE")
            await noting.note()
            await ring.refresh()
            assert not noting.is_hanging

    with_presence(url, work)
    assert query(url, "SELECT count(*) FROM worker") == [(2,)]


def test_the_use_of_a_key_is_noted_though_that_of_another_is_locked(url: str) -> None:
    first, second = new_id(), new_id()

    async def work(ring: KeyRing, noting: Presence) -> None:
        ring.uses.note(first)
        await noting.note()
        query(url, "UPDATE key_use SET used_at = now() - interval '1 hour'")
        with psycopg.connect(url) as locking:
            locking.execute("SELECT FROM key_use FOR UPDATE")
            ring.uses.note(first)
            ring.uses.note(second)
            await noting.note()
            assert query(url, "SELECT key_id::text FROM key_use WHERE used_at > now() - interval '1 minute'") == [
                (second,)
            ]
        await noting.note()

    with_presence(url, work)
    assert query(url, "SELECT count(*) FROM key_use WHERE used_at > now() - interval '1 minute'") == [(2,)]


HANGING_COMMITS = """
CREATE FUNCTION hang() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(600); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER hanging AFTER INSERT OR UPDATE ON worker
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hang()
"""


def test_commits_that_hang_are_told_from_locks(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(_: KeyRing, noting: Presence) -> None:
        query(url, HANGING_COMMITS)
        with monkeypatch.context() as impatient:
            impatient.setattr(presence, "PATIENCE_SECONDS", 0.5)
            impatient.setattr(presence, "HANGING_SECONDS", 0.0)
            await noting.note()
            assert noting.is_hanging
        query(url, "CREATE OR REPLACE FUNCTION hang() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
        query(url, END_HANGING)
        await noting.note()
        assert not noting.is_hanging

    with_presence(url, work)


@pytest.mark.all_cases
def test_a_server_whose_commits_hang_is_not_ready(url: str) -> None:
    with Server(url) as server:
        query(url, HANGING_COMMITS)
        refused = "Transactions of the database do not finish"
        eventually(lambda: refused in httpx.get(f"{server.base_url}/readyz").text)
        query(url, "CREATE OR REPLACE FUNCTION hang() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
        query(url, END_HANGING)
        eventually(lambda: httpx.get(f"{server.base_url}/readyz").status_code == 200)
