"""What has expired of one person, however much it is, is settled in order and in steps, and keeps nobody else waiting;
what is read is what the settlement makes."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from laurels.app import TABLES
from laurels.engine import backlog
from laurels.engine.backlog import PUT_OFF_LIMIT
from laurels.engine.batch import CommandResponse
from laurels.engine.engine import Engine
from laurels.engine.errors import BusyError, UnsettledError
from laurels.engine.settings import EngineSettings
from laurels.kernel.commands import Command
from laurels.mechanics.points import jobs as expiries
from laurels.mechanics.points.deciding.responses import PointsAwardedAnswer
from laurels.mechanics.points.purse.commands import (
    AwardPoints,
    CaptureHold,
    DeductPoints,
    HoldPoints,
    InsufficientPoints,
    ReleaseHold,
    ReversePoints,
    SettleExpiries,
    TooManyExpiries,
    TooManyHolds,
)
from laurels.mechanics.points.purse.lots import EXACT_LOTS
from laurels.mechanics.points.purse.model import PURSE
from laurels.mechanics.points.storage import expiries as store_expiries
from laurels.mechanics.points.storage import liability, loading
from laurels.mechanics.points.storage import open_holds as holds
from laurels.storage import participants
from laurels.storage.definitions import DefinitionsCache
from laurels.storage.office import projects
from laurels.storage.postgres.database import Connection, connect_job
from laurels.web import outcomes
from tests.checks import query
from tests.conftest import TEMPLATE
from tests.many_lots import give_lots
from tests.support import ON_CITUS, Databases, check

DAY = timedelta(days=1)
MANY = 2_000
PROJECT = 2


@pytest.fixture
def url(databases: Databases) -> str:
    """With a project that has no definitions."""
    url = databases.create(TEMPLATE)

    async def create() -> None:
        connection = await connect_job(url)
        project = await projects.create(connection, "plain", "Plain", "test", "UTC")
        assert project is not None
        assert project.id == PROJECT
        await connection.close()

    asyncio.run(create())
    return url


def run(url: str, work: Callable[[Connection, Engine], Awaitable[None]]) -> None:
    async def running() -> None:
        connection = await connect_job(url)
        engine = Engine(url, DefinitionsCache(TABLES), EngineSettings(on_citus=ON_CITUS))
        engine.start()
        try:
            await work(connection, engine)
        finally:
            await engine.drain()
            await connection.close()

    asyncio.run(running())


def award(name: str, amount: int = 1, **more: Any) -> AwardPoints:
    return AwardPoints(project_id=PROJECT, participant_id=name, amount=amount, **more)


def deduct(name: str, amount: int) -> DeductPoints:
    return DeductPoints(project_id=PROJECT, participant_id=name, amount=amount)


def move_clock(url: str, offset: timedelta) -> None:
    query(
        url,
        "UPDATE project SET clock_offset_ms = %s, definitions_version = definitions_version + 1",
        round(offset.total_seconds() * 1000),
    )


def overdue(url: str, name: str, number: int) -> None:
    """Somebody with one point that stays and so many that have expired."""

    async def begin(_: Connection, engine: Engine) -> None:
        await engine.submit(award(name))

    run(url, begin)
    give_lots(url, name, number, datetime.now(UTC) - DAY)


def expired(url: str, name: str) -> list[tuple[datetime, str]]:
    """When, by the facts in their order, and in which transaction each was written."""
    return [
        (row[0], row[1])
        for row in query(
            url,
            "SELECT occurred_at, j.xmin::text FROM journal j JOIN participant USING (lane, subject) "
            "WHERE participant_id = %s AND kind = 'points_expired' ORDER BY seq",
            name,
        )
    ]


def held_to_order_and_size(facts: list[tuple[datetime, str]]) -> None:
    moments = [moment for moment, _ in facts]
    assert moments == sorted(set(moments))
    written = [transaction for _, transaction in facts]
    assert max(written.count(transaction) for transaction in set(written)) <= 500


@pytest.mark.skipif(ON_CITUS, reason="rows of distributed tables have no transaction to look at")
@pytest.mark.parametrize(
    "number", [MANY, pytest.param(40_000, marks=pytest.mark.slow)], ids=["some", "as many as there were"]
)
def test_many_lots_are_settled_in_order_in_steps_while_others_go_on(url: str, number: int) -> None:
    overdue(url, "ada", number)

    async def work(connection: Connection, engine: Engine) -> None:
        first = [engine.submit(deduct("ada", 1)), engine.submit(award("bob"))]
        assert isinstance(await first[1], CommandResponse)
        assert not first[0].done()
        while await store_expiries.due(connection, datetime.now(UTC), 1):
            found = await participants.find(connection, TABLES, PROJECT, "ada")
            assert found is not None
            assert (found[PURSE].balance, found[PURSE].total_expired) in {(1, number), (0, number)}
            await asyncio.gather(*engine.submit_all([award("bob"), award("eve")]))
            await expiries.sweep(connection, engine)
        ending = (await asyncio.gather(first[0], return_exceptions=True))[0]
        assert isinstance(ending, CommandResponse | UnsettledError)

    run(url, work)
    facts = expired(url, "ada")
    assert len(facts) == number
    held_to_order_and_size(facts)
    check(url)


def test_a_command_waits_for_its_own_person_alone_and_in_order(url: str) -> None:
    overdue(url, "ada", MANY)

    async def work(_: Connection, engine: Engine) -> None:
        mine = engine.submit_all([award("ada", 10), deduct("ada", 11), deduct("ada", 1), award("ada", 5)])
        answers = await asyncio.gather(*mine)
        assert [isinstance(answer, CommandResponse) for answer in answers] == [True, True, False, True]
        assert answers[2] == InsufficientPoints(available=0, requested=1)

    run(url, work)
    check(url)


def test_patience_ends_and_the_command_did_nothing(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    overdue(url, "ada", MANY)
    monkeypatch.setattr(backlog, "PUT_OFF_SECONDS", -1.0)

    async def work(_: Connection, engine: Engine) -> None:
        command = msgspec.structs.replace(award("ada", 7), idempotency_key="once")
        with pytest.raises(UnsettledError):
            await engine.submit(command)
        assert engine.queue_depth == 0
        monkeypatch.setattr(backlog, "PUT_OFF_SECONDS", 60.0)
        done = await engine.submit(command)
        assert isinstance(done, CommandResponse)
        assert not done.replayed
        assert msgspec.json.decode(done.body, type=PointsAwardedAnswer).new_balance == 8

    run(url, work)
    refusal = outcomes.failure(UnsettledError())
    assert (refusal.status, refusal.headers) == (503, {"Retry-After": "1"})


def test_those_who_are_put_off_leave_room_in_the_queue(url: str) -> None:
    overdue(url, "ada", 10 * MANY)

    async def work(_: Connection, engine: Engine) -> None:
        waiting = engine.submit_all([award("ada") for _ in range(PUT_OFF_LIMIT + 200)])
        refused = 0
        while not refused and not waiting[0].done():
            await engine.submit(award("bob"))
            try:
                waiting.append(engine.submit(award("ada")))
            except BusyError:
                refused += 1
        assert refused
        await asyncio.gather(*waiting, return_exceptions=True)

    run(url, work)


def test_many_people_with_a_few_each_need_no_more_than_their_batch(url: str) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)

    async def work(_: Connection, engine: Engine) -> None:
        names = [f"p{number}" for number in range(60)]
        for lot in range(2):
            expires_at = soon + lot * timedelta(seconds=1)
            await asyncio.gather(*engine.submit_all([award(name, expires_at=expires_at) for name in names]))
        move_clock(url, DAY)
        settling = [SettleExpiries(project_id=PROJECT, participant_id=name) for name in names]
        before = query(url, "SELECT count(DISTINCT xmin::text) FROM journal")[0][0]
        await asyncio.gather(*engine.submit_all(settling))
        assert query(url, "SELECT count(DISTINCT xmin::text) FROM journal")[0][0] == before + 1

    run(url, work)
    assert query(url, "SELECT sum(balance)::integer, count(*) FROM account") == [(0, 60)]


def test_points_that_come_back_too_late_are_settled_in_steps(url: str) -> None:
    """A hold, a reversal: each gives back more lots than one command may end; no answer and no read counts them."""
    number = 1_500
    tomorrow = datetime.now(UTC) + DAY

    async def begin(_: Connection, engine: Engine) -> None:
        await engine.submit(award("ada"))

    run(url, begin)
    give_lots(url, "ada", number, tomorrow)

    async def work(connection: Connection, engine: Engine) -> None:
        spent = _id(await engine.submit(deduct("ada", number // 2)))
        held = await engine.submit(
            HoldPoints(project_id=PROJECT, participant_id="ada", amount=number // 2, expires_at=tomorrow + 9 * DAY)
        )
        move_clock(url, 3 * DAY)
        back = [
            ReversePoints(project_id=PROJECT, participant_id="ada", transaction_id=spent),
            ReleaseHold(project_id=PROJECT, participant_id="ada", hold_id=_id(held, "hold_id")),
        ]
        for command in back:
            answer = await engine.submit(command)
            assert isinstance(answer, CommandResponse), answer
            assert msgspec.json.decode(answer.body)["new_balance"] == 1
            found = await participants.find(connection, TABLES, PROJECT, "ada")
            assert found is not None
            assert found[PURSE].balance == 1
        await expiries.sweep(connection, engine)

    run(url, work)
    facts = query(
        url,
        "SELECT max(facts), sum(facts)::integer FROM (SELECT count(*) AS facts FROM journal "
        "WHERE kind = 'points_expired' GROUP BY xmin::text) AS written",
    )
    assert facts[0][0] <= 500
    assert facts[0][1] == number
    check(url)


def _id(outcome: Any, field: str = "transaction_id") -> str:
    assert isinstance(outcome, CommandResponse), outcome
    found: str = msgspec.json.decode(outcome.body)[field]
    return found


def test_a_sweep_loads_of_the_lots_those_that_end_and_no_others(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    overdue(url, "ada", 20)
    others: list[Any] = []
    load_lots = loading.load_lots

    async def counting(connection: Connection, wanted: Any, *arguments: Any) -> None:
        others.extend(wanted)
        await load_lots(connection, wanted, *arguments)

    monkeypatch.setattr(loading, "load_lots", counting)
    run(url, expiries.sweep)
    assert len(expired(url, "ada")) == 20
    assert not others


@pytest.mark.parametrize("seed", range(3))
def test_a_read_shows_what_the_settlement_then_makes(url: str, seed: int) -> None:
    """Random lots, holds and ends of both, looked at before and after."""
    chance = random.Random(seed)
    names = [f"p{number}" for number in range(25)]
    now = datetime.now(UTC)

    def some(name: str, holds: dict[str, list[str]]) -> Command:
        until = now + chance.randint(1, 40) * timedelta(hours=6)
        kind = chance.random()
        if kind < 0.5:
            return award(name, chance.randint(1, 9), expires_at=until)
        if kind < 0.6:
            return award(name, chance.randint(1, 9))
        if kind < 0.7:
            return deduct(name, chance.randint(1, 5))
        if kind < 0.9 or not holds[name]:
            return HoldPoints(project_id=PROJECT, participant_id=name, amount=chance.randint(1, 9), expires_at=until)
        named: dict[str, Any] = {"project_id": PROJECT, "participant_id": name, "hold_id": holds[name].pop()}
        return CaptureHold(**named, amount=1) if chance.random() < 0.5 else ReleaseHold(**named)

    async def look(connection: Connection, name: str) -> tuple[Any, ...]:
        found = await participants.find(connection, TABLES, PROJECT, name)
        assert found is not None
        a = found[PURSE]
        lot = await loading.next_lot(connection, found.lane, found.subject, found.now)
        open_holds = [
            hold
            async for piece in holds.open_holds(connection, found.lane, found.subject, found.now)
            for hold in piece.rows
        ]
        counts = (a.balance, a.total_earned, a.total_spent, a.total_expired, a.held)
        return (*counts, lot, [each.id for each in open_holds])

    async def work(connection: Connection, engine: Engine) -> None:
        holds: dict[str, list[str]] = {name: [] for name in names}
        for _ in range(20):
            commands = [some(name, holds) for name in names]
            for command, outcome in zip(commands, await asyncio.gather(*engine.submit_all(commands)), strict=True):
                if isinstance(command, HoldPoints) and isinstance(outcome, CommandResponse):
                    holds[command.participant_id].append(_id(outcome, "hold_id"))
        offset = chance.randint(1, 9) * DAY
        move_clock(url, offset)
        before = {name: await look(connection, name) for name in names}
        assert await owed(connection, offset) == tuple(sum(each[place] for each in before.values()) for place in (0, 4))
        await expiries.sweep(connection, engine)
        assert not await store_expiries.due(connection, datetime.now(UTC), 1)
        assert before == {name: await look(connection, name) for name in names}
        assert await owed(connection, offset) == tuple(sum(each[place] for each in before.values()) for place in (0, 4))

    async def owed(connection: Connection, offset: timedelta) -> tuple[int, int]:
        async with connection.transaction():
            sums = await liability.liability(connection, PROJECT, datetime.now(UTC) + offset)
        return sums.balance, sums.held

    run(url, work)
    check(url)


def test_the_number_of_lots_and_holds_is_bounded(url: str) -> None:
    async def begin(_: Connection, engine: Engine) -> None:
        await engine.submit(award("ada", 5_000))

    run(url, begin)
    in_a_year = (datetime.now(UTC) + 365 * DAY).replace(hour=12, minute=0, second=0, microsecond=0)
    midnight = in_a_year.replace(hour=0) + DAY
    give_lots(url, "ada", EXACT_LOTS - 1, datetime.now(UTC) + DAY)

    async def rounded(_: Connection, engine: Engine) -> None:
        answers = []
        for number in range(3):
            outcome = await engine.submit(award("ada", expires_at=in_a_year + number * timedelta(seconds=1)))
            assert isinstance(outcome, CommandResponse)
            answers.append(msgspec.json.decode(outcome.body, type=PointsAwardedAnswer))
        assert [each.expires_at for each in answers] == [in_a_year, midnight, midnight]
        assert answers[0].requested_expires_at is msgspec.UNSET
        assert answers[2].requested_expires_at == in_a_year + timedelta(seconds=2)
        never = await engine.submit(award("ada"))
        assert isinstance(never, CommandResponse)
        assert b"expires_at" not in never.body

    run(url, rounded)
    assert query(url, "SELECT count(*) FROM point_lot WHERE expires_at >= %s", in_a_year) == [(2,)]
    give_lots(url, "ada", 4_000, datetime.now(UTC) + 2 * DAY)

    async def refused(_: Connection, engine: Engine) -> None:
        assert await engine.submit(award("ada", expires_at=in_a_year)) == TooManyExpiries(5_000)
        assert isinstance(await engine.submit(award("ada")), CommandResponse)
        spent = _id(await engine.submit(deduct("ada", 10)))
        await engine.submit_all([award("ada", expires_at=in_a_year + each * DAY) for each in range(40)])[-1]
        back = ReversePoints(project_id=PROJECT, participant_id="ada", transaction_id=spent)
        assert await engine.submit(back) == TooManyExpiries(5_000)
        hold = HoldPoints(project_id=PROJECT, participant_id="ada", amount=1)
        holds = await asyncio.gather(*engine.submit_all([hold] * 1_001))
        assert [isinstance(each, CommandResponse) for each in holds] == [True] * 1_000 + [False]
        assert holds[-1] == TooManyHolds(1_000)

    run(url, refused)
    check(url)
