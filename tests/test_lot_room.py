"""People with very many lots hold nobody else up: a batch loads as many as it may, and none for what is refused."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from laurels.engine import batch
from laurels.engine.batch import CommandResponse
from laurels.engine.engine import Engine
from laurels.kernel.commands import Command
from laurels.mechanics.points.deciding.responses import PointsDeductedAnswer, PointsHeldAnswer
from laurels.mechanics.points.purse.commands import (
    CaptureHold,
    HoldClosed,
    HoldNotFound,
    HoldPoints,
    ReleaseHold,
    ReversePoints,
    TransactionNotFound,
)
from laurels.mechanics.points.purse.model import PURSE
from laurels.mechanics.points.storage import loading
from laurels.mechanics.rewards.model import CancelClaim, ClaimNotFound
from laurels.storage.postgres.database import Connection
from laurels.storage.postgres.ids import new_id
from laurels.storage.room import ROWS_OF_ONE, ROWS_TOGETHER, NoRoom, Room
from tests.many_lots import give_lots
from tests.support import check
from tests.test_settling import DAY, PROJECT, award, deduct, run
from tests.test_settling import url as url  # noqa: PLC0414

MANY = 2 * ROWS_OF_ONE


def test_one_person_has_no_more_than_one_may() -> None:
    room = Room()
    assert room.take("ada", ROWS_OF_ONE)
    assert not room.take("ada", 1)
    assert not room.take("ada", 0)
    assert room.refused == {"ada": NoRoom.ALONE}
    assert Room.alone().take("ada", 1_000_000)


def test_people_have_no_more_than_they_may_together_and_who_is_refused_leaves_room() -> None:
    room = Room()
    people = [f"p{number}" for number in range(ROWS_TOGETHER // 64)]
    assert all(room.take(name, 64) for name in people)
    assert not room.take("p0", 64)
    assert room.take("p1", 64)
    assert not room.take("p2", 64)
    assert room.refused == {"p0": NoRoom.BEYOND, "p2": NoRoom.BEYOND}


def test_who_is_alone_always_has_room() -> None:
    room = Room.alone()
    assert room.take("ada", 10 * ROWS_TOGETHER)
    assert not room.take("bob", 1)


def hold(name: str, amount: int) -> HoldPoints:
    return HoldPoints(project_id=PROJECT, participant_id=name, amount=amount)


def given(url: str, names: list[str], lots: int, first: datetime | None = None) -> None:
    run(url, lambda _, engine: _award_all(engine, names))
    for name in names:
        give_lots(url, name, lots, first or datetime.now(UTC) + 10 * DAY)


async def _award_all(engine: Engine, names: list[str]) -> None:
    await asyncio.gather(*engine.submit_all([award(name) for name in names]))


def counted(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """Of each batch how many lots it has loaded of each of its people that it decided about."""
    loaded: list[list[int]] = []
    load_state = batch.load_state

    async def counting(*arguments: Any, **options: Any) -> Any:
        state = await load_state(*arguments, **options)
        loaded.append(
            [
                len(who[PURSE].lots) + sum(len(each.lots) for each in who[PURSE].holds.values())
                for key, who in state.participants.items()
                if key not in state.left_out
            ]
        )
        return state

    monkeypatch.setattr(batch, "load_state", counting)
    return loaded


def test_what_is_refused_loads_no_lots(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given(url, ["ada"], MANY)
    loaded = counted(monkeypatch)

    async def work(_: Connection, engine: Engine) -> None:
        answered = await engine.submit(hold("ada", 1))
        assert isinstance(answered, CommandResponse)
        closed = msgspec.json.decode(answered.body, type=PointsHeldAnswer).hold_id
        await engine.submit(ReleaseHold(project_id=PROJECT, participant_id="ada", hold_id=closed))
        loaded.clear()
        named: dict[str, Any] = {"project_id": PROJECT, "participant_id": "ada"}
        refused = {
            TransactionNotFound: ReversePoints(transaction_id=new_id(), **named),
            HoldNotFound: CaptureHold(hold_id=new_id(), **named),
            HoldClosed: ReleaseHold(hold_id=closed, **named),
            ClaimNotFound: CancelClaim(claim_id=new_id(), **named),
        }
        for rejection, command in refused.items():
            assert isinstance(await engine.submit(command), rejection)

    run(url, work)
    assert loaded == [[0]] * 4


def test_a_reversal_loads_the_lots_that_it_names(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the first ones, for the next end. Points that never expire are what is in no lot."""
    given(url, ["ada"], MANY)
    loaded = counted(monkeypatch)

    async def work(_: Connection, engine: Engine) -> None:
        for amount, lots, more in ((100, 0, {}), (5, 1, {"expires_at": datetime.now(UTC) + 20 * DAY})):
            awarded = await engine.submit(award("ada", amount, **more))
            assert isinstance(awarded, CommandResponse)
            transaction = msgspec.json.decode(awarded.body)["transaction_id"]
            loaded.clear()
            reverse = ReversePoints(project_id=PROJECT, participant_id="ada", transaction_id=transaction)
            assert isinstance(await engine.submit(reverse), CommandResponse)
            assert loaded == [[loading.FIRST_LOTS + lots]]

    run(url, work)
    check(url)


def test_a_batch_loads_as_many_lots_as_it_may(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One person's may be more, but then that person is alone. Each person's commands keep their order."""
    people = [f"p{number}" for number in range(12)]
    given(url, people, MANY)
    loaded = counted(monkeypatch)

    async def work(_: Connection, engine: Engine) -> None:
        for amount in (400, 600):
            held = await asyncio.gather(*engine.submit_all([hold(name, amount) for name in people]))
            assert all(isinstance(each, CommandResponse) for each in held)
            ids = [msgspec.json.decode(each.body, type=PointsHeldAnswer).hold_id for each in held]
            commands: list[Command] = []
            for name, hold_id in zip(people, ids, strict=True):
                commands += [
                    deduct(name, 1),
                    ReleaseHold(project_id=PROJECT, participant_id=name, hold_id=hold_id),
                    award(name),
                ]
            done = await asyncio.gather(*engine.submit_all(commands), return_exceptions=True)
            assert all(isinstance(each, CommandResponse) for each in done)
            balances = [msgspec.json.decode(each.body)["new_balance"] for each in done]
            assert [after - before for before, after in zip(balances[::3], balances[1::3], strict=True)] == [
                amount
            ] * 12
            assert [after - before for before, after in zip(balances[1::3], balances[2::3], strict=True)] == [1] * 12

    run(url, work)
    assert any(sum(of_batch) > ROWS_OF_ONE for of_batch in loaded)
    assert all(len(of_batch) == 1 or sum(of_batch) <= ROWS_TOGETHER + ROWS_OF_ONE for of_batch in loaded)
    check(url)


def test_lots_that_are_due_do_not_stand_for_those_that_are_taken(url: str) -> None:
    """The next ones have to be loaded, too, though the due ones have as many points."""
    soon = datetime.now(UTC) + timedelta(seconds=1)
    given(url, ["ada"], 100, datetime.now(UTC) + 10 * DAY)

    async def work(_: Connection, engine: Engine) -> None:
        await asyncio.gather(
            *engine.submit_all(
                [award("ada", 1_000, expires_at=soon + timedelta(microseconds=each)) for each in range(90)]
            )
        )
        await asyncio.sleep(1.1)
        deducted = await engine.submit(deduct("ada", 60))
        assert isinstance(deducted, CommandResponse)
        assert msgspec.json.decode(deducted.body, type=PointsDeductedAnswer).new_balance == 41

    run(url, work)
    check(url)
