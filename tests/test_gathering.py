"""When a batch begins beside another one (engine/gathering.py)."""

import asyncio

import pytest

from laurels.engine.gathering import GATHER_SECONDS, CommandGathering


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_commands_gather_while_a_batch_is_in_progress() -> None:
    gathering = CommandGathering(64, Clock())
    assert gathering.seconds_left(1) == 0
    gathering.begin()
    assert gathering.seconds_left(1) == pytest.approx(GATHER_SECONDS)
    gathering.end()
    assert gathering.seconds_left(1) == 0


def test_a_large_batch_begins_at_once() -> None:
    gathering = CommandGathering(64, Clock())
    gathering.begin()
    assert gathering.seconds_left(63) > 0
    assert gathering.seconds_left(64) == 0


def test_nothing_waits_longer_than_the_limit_for_a_slow_batch() -> None:
    clock = Clock()
    gathering = CommandGathering(64, clock)
    gathering.begin()
    clock.now += GATHER_SECONDS
    assert gathering.seconds_left(1) == 0
    gathering.begin()
    assert gathering.seconds_left(1) == pytest.approx(GATHER_SECONDS), "counts from the last batch that began"
    gathering.end()
    assert gathering.seconds_left(1) > 0, "the first batch is still in progress"


def test_the_wait_ends_as_soon_as_many_commands_wait() -> None:
    async def waited() -> bool:
        gathering = CommandGathering(64)
        waiting = asyncio.create_task(gathering.wait(60))
        await asyncio.sleep(0)
        gathering.added(63)
        await asyncio.sleep(0)
        was_waiting = not waiting.done()
        gathering.added(64)
        await asyncio.wait_for(waiting, 10)
        return was_waiting

    assert asyncio.run(waited())


def test_the_wait_ends_by_itself() -> None:
    asyncio.run(asyncio.wait_for(CommandGathering(64).wait(0.001), 10))
