"""Rows that somebody else has locked: who needs them waits and is told in time, and nobody else waits."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import psycopg
import pytest

from laurels.app import COMPOSITION, TABLES
from laurels.engine import backlog
from laurels.engine.backlog import PUT_OFF_LIMIT
from laurels.engine.batch import CommandResponse, Outcome
from laurels.engine.engine import Engine
from laurels.engine.errors import BusyError
from laurels.engine.settings import EngineSettings
from laurels.kernel.commands import Command
from laurels.kernel.rejections import Rejection
from laurels.mechanics.events.model import RecordEvent
from laurels.mechanics.participants.model import SaveProfile
from laurels.mechanics.points.purse.commands import AwardPoints
from laurels.mechanics.points.purse.model import GivePoints
from laurels.mechanics.rewards.model import ClaimReward
from laurels.mechanics.rules.definition import RuleDefinition, RuleLimit, RuleLimitPeriods
from laurels.storage import definitions
from laurels.storage.definitions import DefinitionsCache
from laurels.storage.lanes import lane_of
from laurels.storage.postgres import database
from laurels.storage.postgres.database import LockedError
from laurels.storage.postgres.pools import Edits, Readers
from tests.checks import query
from tests.conftest import TEMPLATE
from tests.leaves import give_each_score_a_leaf
from tests.support import ON_CITUS, Databases, check

SECONDS = 60
"""Enough on a crowded machine, and far less than until the locks of these tests are released by themselves: never."""


pytestmark = pytest.mark.skipif(ON_CITUS, reason="Citus refuses the statements that lock rows here")


@pytest.fixture
def url(databases: Databases) -> str:
    return databases.create(TEMPLATE)


def with_engine(url: str, work: Callable[[Engine], Awaitable[Any]], **options: Any) -> Any:
    async def run() -> Any:
        engine = Engine(url, DefinitionsCache(TABLES), EngineSettings(on_citus=ON_CITUS, **options))
        engine.start()
        try:
            async with asyncio.timeout(SECONDS * 2):
                return await work(engine)
        finally:
            await engine.drain()

    return asyncio.run(run())


def award(name: str, amount: int = 1, key: str | None = None) -> AwardPoints:
    return AwardPoints(project_id=1, participant_id=name, amount=amount, idempotency_key=key)


async def served(engine: Engine, commands: list[Command]) -> list[Outcome]:
    outcomes = await asyncio.gather(*engine.submit_all(commands))
    assert all(isinstance(outcome, CommandResponse) for outcome in outcomes)
    return outcomes


@contextmanager
def locked(url: str, statement: str, *arguments: Any) -> Iterator[psycopg.Connection[Any]]:
    """Holds what the statement locks until the end, or until the connection that this gives is rolled back."""
    with psycopg.connect(url) as connection:
        assert connection.execute(statement.encode(), arguments).fetchall()
        yield connection
        connection.rollback()


ACCOUNT = """
SELECT 1 FROM participant p JOIN account a USING (lane, subject) WHERE p.participant_id = ANY (%s) FOR UPDATE OF a
"""


def test_those_beside_a_locked_account_do_not_wait_and_its_own_commands_keep_their_order(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "PUT_OFF_SECONDS", SECONDS)

    async def work(engine: Engine) -> None:
        await served(engine, [award("a"), award("b")])
        with locked(url, ACCOUNT, ["a"]) as holder:
            # One batch: the first two of the locked account stand in the line, the third steps aside when it comes.
            lined_up = engine.submit_all([award("a"), award("a")])
            await served(engine, [award("b"), award("new"), award("b")])
            lined_up += engine.submit_all([award("a")])
            await served(engine, [award("b")])
            assert not any(future.done() for future in lined_up)
            holder.rollback()
            done = await asyncio.gather(*lined_up)
        assert [f'"new_balance":{number}'.encode() in outcome.body for number, outcome in enumerate(done, 2)] == [
            True
        ] * 3

    with_engine(url, work, connections=1)
    assert query(url, "SELECT participant_id FROM participant ORDER BY 1") == [("a",), ("b",), ("new",)]
    check(url)


def test_more_locked_accounts_than_connections_stop_nobody_and_are_told_in_time(url: str) -> None:
    names = [f"locked{number}" for number in range(5)]

    async def work(engine: Engine) -> None:
        await served(engine, [award(name) for name in names])
        with locked(url, ACCOUNT, names):
            lined_up = [engine.submit(award(name)) for name in names]
            for number in range(30):
                await served(engine, [award(f"p{number}"), award("p")])
            endings = await asyncio.gather(*lined_up, return_exceptions=True)
        assert [type(ending) for ending in endings] == [LockedError] * 5
        assert engine.queue_depth == 0
        await served(engine, [award(name) for name in names])

    with_engine(url, work, connections=2)
    assert query(
        url,
        "SELECT DISTINCT balance FROM account a JOIN participant USING (lane, subject)"
        " WHERE participant_id LIKE 'locked%%'",
    ) == [(2,)]
    check(url)


def test_one_person_who_waits_cannot_fill_the_queue(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "PUT_OFF_SECONDS", SECONDS)
    many = PUT_OFF_LIMIT + 200

    async def work(engine: Engine) -> None:
        await served(engine, [award("a")])
        with locked(url, ACCOUNT, ["a"]) as holder:
            lined_up = engine.submit_all([award("a")])
            await served(engine, [award("b")])
            # More than wait while a batch of them has its turn.
            lined_up += engine.submit_all([award("a") for _ in range(many)])
            await served(engine, [award("b")])
            with pytest.raises(BusyError):
                engine.submit(award("a"))
            await served(engine, [award("b")])
            holder.rollback()
            await asyncio.gather(*lined_up)

    with_engine(url, work)
    assert query(url, "SELECT balance FROM account ORDER BY balance") == [(3,), (many + 2,)]


def event(name: str, event_name: str) -> RecordEvent:
    return RecordEvent(project_id=1, participant_id=name, event_name=event_name)


def claim(name: str, reward: str) -> ClaimReward:
    return ClaimReward(project_id=1, participant_id=name, reward=reward)


REWARD = "SELECT 1 FROM reward_stock JOIN definition ON definition.id = reward_id WHERE code = 'gift_card' FOR UPDATE"
LEAF = "SELECT 1 FROM board_leaf WHERE low = 7 AND is_tie FOR UPDATE"
PART = "SELECT 1 FROM board_part WHERE low = 7 FOR UPDATE"
SHARED_ROWS: dict[str, tuple[str, list[Command], list[Command]]] = {
    "a rule's total": (
        "SELECT 1 FROM rule_total FOR UPDATE",
        [event("needy", "limited"), event("other", "limited")],
        [event("free", "not_limited"), award("free")],
    ),
    "a reward": (
        REWARD,
        [claim("needy", "gift_card"), claim("other", "gift_card")],
        [award("free"), event("free", "limited")],
    ),
    "a leaf": (LEAF, [award("needy"), award("other")], [award("free"), event("free", "not_limited")]),
    "a part": (PART, [award("needy"), award("other")], [award("free"), event("free", "not_limited")]),
    "the project": ("SELECT 1 FROM project FOR UPDATE", [], [award("newcomer"), award("free")]),
    "a newcomer": (
        "INSERT INTO participant (lane, subject, project_id, participant_id, created_at)"
        f" VALUES ({lane_of(1, 'newcomer')}, gen_random_uuid(), 1, 'newcomer', now()) RETURNING 1",
        [award("newcomer")],
        [award("another"), award("free")],
    ),
    "a profile": (
        "SELECT 1 FROM participant WHERE participant_id IN ('needy', 'other') FOR UPDATE",
        [SaveProfile(project_id=1, participant_id=name, create=False, display_name="N") for name in ("needy", "other")],
        [
            award("free"),
            SaveProfile(project_id=1, participant_id="free", create=False, display_name="F"),
        ],
    ),
}


@pytest.fixture
def shared_url(url: str) -> str:
    return limited_url(url)


def limited_url(url: str) -> str:
    """Two people with 7 points each, one with 1,000; a rule with a limit in total that has acted once."""
    limited = RuleDefinition(
        code="limited",
        name="Limited",
        event_name="limited",
        actions=(GivePoints(amount=1_000),),
        limit=RuleLimit(in_total=RuleLimitPeriods(ever=1_000)),
    )

    async def add_rule() -> None:
        connection = await database.connect_one(url)
        async with connection.transaction():
            version = await definitions.lock(connection, 1)
            [rules] = [resource for resource in COMPOSITION.resources if resource.kind.name == "rule"]
            await rules.editor.insert(connection, 1, limited, version, datetime.now(UTC))
        await connection.close()

    asyncio.run(add_rule())
    people = [award("needy", 7), award("other", 7), event("free", "limited")]
    with_engine(url, lambda engine: served(engine, people))
    give_each_score_a_leaf(url)
    return url


@pytest.mark.parametrize("shared", SHARED_ROWS)
def test_who_does_not_need_a_shared_row_does_not_wait_for_it(
    shared_url: str, shared: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "PUT_OFF_SECONDS", SECONDS)
    statement, needy, free = SHARED_ROWS[shared]

    async def work(engine: Engine) -> None:
        with locked(shared_url, statement) as holder:
            lined_up = engine.submit_all(needy)
            for _ in range(10):
                # In one batch with those who need it, too.
                lined_up += engine.submit_all(needy[:1])
                await served(engine, free)
            assert [future for future in lined_up if future.done()] == []
            holder.rollback()
            assert all(isinstance(outcome, CommandResponse | Rejection) for outcome in await asyncio.gather(*lined_up))

    with_engine(shared_url, work, connections=2)
    check(shared_url)


def test_a_shared_row_that_stays_locked_is_told_in_time(shared_url: str) -> None:
    async def work(engine: Engine) -> None:
        with locked(shared_url, REWARD):
            endings = await asyncio.gather(
                *engine.submit_all([claim("needy", "gift_card"), claim("other", "gift_card")]), return_exceptions=True
            )
        assert [type(ending) for ending in endings] == [LockedError] * 2
        await served(engine, [claim("needy", "gift_card")])

    with_engine(shared_url, work)
    check(shared_url)


def test_a_locked_table_is_waited_for_as_long_as_the_database(url: str) -> None:
    """A migration that changes a table must fail no request."""

    async def work(engine: Engine) -> None:
        with psycopg.connect(url) as holder:
            holder.execute("LOCK TABLE journal")
            waiting_ones = engine.submit_all([award("a"), award("b")])
            done, _ = await asyncio.wait(waiting_ones, timeout=backlog.PUT_OFF_SECONDS + 1)
            assert not done
        assert all(isinstance(outcome, CommandResponse) for outcome in await asyncio.gather(*waiting_ones))

    with_engine(url, work, patience_seconds=SECONDS)
    check(url)


@pytest.mark.all_cases
def test_deletions_that_wait_for_one_account_take_no_connection_from_reads(
    api: httpx.Client, database_url: str
) -> None:
    for name in ("held", "bystander"):
        api.post("/points/award", json={"participant_id": name, "amount": 1}).raise_for_status()
    blocked = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s AND wait_event_type = 'Lock'"
    with locked(database_url, ACCOUNT, ["held"]), ThreadPoolExecutor(4) as pool:
        deletions = [pool.submit(api.delete, "/admin/participants/held") for _ in range(4)]
        while not all(deletion.done() for deletion in deletions):
            assert api.get("/participants/held/points").status_code == 200
            assert api.post("/points/award", json={"participant_id": "bystander", "amount": 1}).status_code == 200
            assert query(database_url, blocked, "laurels reader") == [(0,)]
        refused = [deletion.result() for deletion in deletions]
        award_refused = api.post("/points/award", json={"participant_id": "held", "amount": 1})
    for reply in (*refused, award_refused):
        assert reply.status_code == 503
        assert reply.headers["Retry-After"] == "1"
        assert "Outcome-Unknown" not in reply.headers
        assert reply.json()["detail"].startswith("Another request is changing the same data")
    assert api.delete("/admin/participants/held").status_code == 200


def test_every_connection_has_a_lock_timeout_of_its_own(url: str) -> None:
    query(url, "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET lock_timeout = 1', current_database()); END $$")

    async def timeouts() -> list[str]:
        readers, edits = Readers(url, 1), Edits(url)
        found = [(await readers.fetch("SHOW lock_timeout"))[0][0]]
        async with edits.transaction() as connection:
            found.append(await connection.fetchval("SHOW lock_timeout"))
        for connect in (database.connect_writer, database.connect_job, database.connect_one):
            connection = await connect(url)
            found.append(await connection.fetchval("SHOW lock_timeout"))
            await connection.close()
        await readers.close()
        await edits.close()
        return found

    assert asyncio.run(timeouts()) == ["10s", "2s", "250ms", "2s", "30s"]
