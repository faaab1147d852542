"""Jobs: one that fails keeps no other from its turn, and what is due is done however much it is."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import psycopg
import pytest

from laurels.app import COMPOSITION, TABLES
from laurels.engine.engine import Engine
from laurels.engine.errors import CommandFailedError
from laurels.engine.jobs.runner import Jobs
from laurels.engine.settings import EngineSettings
from laurels.kernel.commands import JudgeAnew
from laurels.mechanics.leaderboards import jobs as leaderboards
from laurels.mechanics.points import jobs as expiries
from laurels.mechanics.points.purse.commands import AwardPoints, SettleExpiries
from laurels.office import erasure_job as erasures
from laurels.office import judging_job as judgings
from laurels.storage import judgings as stored_judgings
from laurels.storage.definitions import DefinitionsCache
from laurels.storage.postgres.database import Connection, LockedError, connect_job
from tests.checks import query
from tests.conftest import TEMPLATE
from tests.support import ON_CITUS, Databases

PEOPLE = 250


@pytest.fixture
def url(databases: Databases) -> str:
    """People whose points have expired without their having done anything since."""
    url = databases.create(TEMPLATE)

    async def award(_: Connection, engine: Engine) -> None:
        soon = datetime.now(UTC) + timedelta(minutes=1)
        awards = [AwardPoints(project_id=1, participant_id=f"p{n}", amount=5, expires_at=soon) for n in range(PEOPLE)]
        await asyncio.gather(*engine.submit_all(awards))

    run(url, award)
    query(url, "UPDATE project SET clock_offset_ms = 120000")
    return url


def run(url: str, work: Callable[[Connection, Engine], Awaitable[None]], **options: Any) -> None:
    async def running() -> None:
        connection = await connect_job(url)
        engine = Engine(url, DefinitionsCache(TABLES), EngineSettings(on_citus=ON_CITUS, **options))
        engine.start()
        try:
            await work(connection, engine)
        finally:
            await engine.drain()
            await connection.close()

    asyncio.run(running())


def left(url: str) -> int:
    return int(query(url, "SELECT count(*) FROM point_lot")[0][0])


def test_more_expiries_are_due_than_the_queue_takes(url: str) -> None:
    run(url, expiries.sweep, queue_limit=100)
    assert left(url) == 0


def test_who_cannot_be_settled_keeps_no_other_waiting(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And is tried once a round."""
    asked = failing_for(monkeypatch, SettleExpiries, "p7")
    run(url, expiries.sweep)
    assert left(url) == 1
    assert asked.count("p7") <= 2 + PEOPLE // 100


def test_who_cannot_be_judged_keeps_no_other_waiting(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tier_id = str(query(url, "SELECT id FROM definition WHERE kind = 'tier' LIMIT 1")[0][0])

    async def judge(connection: Connection, engine: Engine) -> None:
        await stored_judgings.begin(connection, 1, [tier_id], silent=True, now=datetime.now(UTC))
        await judgings.run_round(connection, engine)

    asked = failing_for(monkeypatch, JudgeAnew, "p7")
    run(url, judge)
    assert len(asked) == PEOPLE
    assert query(url, "SELECT finished_at IS NOT NULL FROM judging") == [(True,)]


def failing_for(monkeypatch: pytest.MonkeyPatch, kind: type, name: str) -> list[str]:
    """Gives whom commands of the kind were about."""
    asked: list[str] = []
    submit_all = Engine.submit_all

    def submit(engine: Engine, commands: Any) -> Any:
        futures = submit_all(engine, [c for c in commands if not (isinstance(c, kind) and c.participant_id == name)])
        for place, command in enumerate(commands):
            asked.extend([command.participant_id] if isinstance(command, kind) else [])
            if isinstance(command, kind) and command.participant_id == name:
                failed = asyncio.get_running_loop().create_future()
                failed.set_exception(CommandFailedError("of its own"))
                futures.insert(place, failed)
        return futures

    monkeypatch.setattr(Engine, "submit_all", submit)
    return asked


@pytest.mark.all_cases
def test_a_job_that_fails_keeps_no_other_from_its_turn(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: Any) -> None:
        raise ValueError("a board that cannot be filled")

    monkeypatch.setattr(leaderboards, "fill", fail)

    async def some_rounds(_: Connection, engine: Engine) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(Jobs(url, DefinitionsCache(TABLES), engine, COMPOSITION.jobs).run(), 8)

    run(url, some_rounds)
    assert left(url) == 0


def test_a_locked_row_keeps_no_other_tick_waiting(databases: Databases) -> None:
    url = databases.create(TEMPLATE)
    cache = DefinitionsCache(TABLES)

    async def work(connection: Connection, _: Engine) -> None:
        await leaderboards.tick(connection, cache)
        ticked = query(url, "UPDATE board_tick SET number = number - 1 RETURNING window_key, number")
        with psycopg.connect(url) as locking:
            locking.execute("SELECT FROM board_tick ORDER BY window_key LIMIT 1 FOR UPDATE")
            await connection.execute("SET lock_timeout = '50ms'")
            with pytest.raises(LockedError):
                await leaderboards.tick(connection, cache)
        # Only the locked one is still as it was.
        before = dict(ticked)
        after = dict(query(url, "SELECT window_key, number FROM board_tick"))
        assert len(before) > 1
        assert [key for key in before if after[key] == before[key]] == [min(before)]

    run(url, work)


@pytest.mark.parametrize(
    ("listing", "step", "job"),
    [
        (
            "laurels.mechanics.leaderboards.filling.unfinished",
            "laurels.mechanics.leaderboards.jobs._fill_step",
            "fill",
        ),
        ("laurels.storage.erasing.erasures.unfinished", "laurels.office.erasure_job._step", "erase"),
    ],
)
def test_a_locked_row_keeps_nothing_else_of_a_job_waiting(
    monkeypatch: pytest.MonkeyPatch, listing: str, step: str, job: str
) -> None:
    done = []

    async def unfinished(_: object) -> list[Any]:
        return [(0, "a"), (0, "b")] if job == "erase" else [1, 2]

    async def run_round(_: object, *about: Any) -> bool:
        if about[-1] in ("a", 1):
            raise asyncpg.LockNotAvailableError
        done.append(about[-1])
        return False

    async def move_nobody(*_: object) -> None:
        pass

    monkeypatch.setattr(listing, unfinished)
    monkeypatch.setattr(step, run_round)
    monkeypatch.setattr("laurels.mechanics.leaderboards.jobs._move_opened", move_nobody)
    nowhere: Any = None
    with pytest.raises(LockedError):
        asyncio.run(
            erasures.run_round(nowhere, TABLES)
            if job == "erase"
            else leaderboards.fill(nowhere, DefinitionsCache(TABLES))
        )
    assert done in (["b"], [2])


def test_filling_a_board_leaves_other_jobs_their_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step ends after some time; the next one goes on, and comes to the other boards."""
    left = {1: 3, 2: 1}

    async def unfinished(_: object) -> list[int]:
        return [generation for generation, steps in left.items() if steps]

    async def fill_step(_: object, __: object, generation: int) -> bool:
        left[generation] -= 1
        return left[generation] > 0

    async def move_nobody(*_: object) -> None:
        pass

    monkeypatch.setattr(leaderboards.fillings, "unfinished", unfinished)
    monkeypatch.setattr(leaderboards, "_fill_step", fill_step)
    monkeypatch.setattr(leaderboards, "_move_opened", move_nobody)
    monkeypatch.setattr(leaderboards, "FILLED_SECONDS", 0.0)
    nowhere: Any = None
    found = []
    while not found or not found[-1]:
        found.append(asyncio.run(leaderboards.fill(nowhere, DefinitionsCache(TABLES))))
    assert found == [False, False, True]
    assert left == {1: 0, 2: 0}
