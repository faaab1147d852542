"""When a batch begins beside others (engine/gathering.py)."""

import asyncio

import pytest

from laurels.engine.gathering import GATHER_SECONDS, CommandGathering


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_commands_gather_until_they_are_as_many_as_those_in_progress() -> None:
    gathering = CommandGathering(128, Clock())
    assert gathering.seconds_left(1) == 0
    gathering.begin(30)
    assert gathering.seconds_left(29) == pytest.approx(GATHER_SECONDS)
    assert gathering.seconds_left(30) == 0
    gathering.begin(30)
    assert gathering.seconds_left(59) > 0
    assert gathering.seconds_left(60) == 0
    gathering.end(30)
    assert gathering.seconds_left(29) > 0
    gathering.end(30)
    assert gathering.seconds_left(1) == 0


def test_a_full_batch_begins_at_once() -> None:
    gathering = CommandGathering(128, Clock())
    gathering.begin(128)
    gathering.begin(128)
    assert gathering.seconds_left(127) > 0
    assert gathering.seconds_left(128) == 0


def test_nothing_waits_longer_than_the_limit_for_a_slow_batch() -> None:
    clock = Clock()
    gathering = CommandGathering(128, clock)
    gathering.begin(30)
    clock.now += GATHER_SECONDS
    assert gathering.seconds_left(1) == 0
    gathering.begin(1)
    assert gathering.seconds_left(1) == pytest.approx(GATHER_SECONDS), "counts from the last batch that began"
    gathering.end(1)
    assert gathering.seconds_left(1) > 0, "the first batch is still in progress"


def test_the_wait_ends_as_soon_as_enough_commands_wait() -> None:
    async def waited() -> bool:
        gathering = CommandGathering(128)
        gathering.begin(30)
        waiting = asyncio.create_task(gathering.wait(60))
        await asyncio.sleep(0)
        gathering.added(29)
        await asyncio.sleep(0)
        was_waiting = not waiting.done()
        gathering.added(30)
        await asyncio.wait_for(waiting, 10)
        return was_waiting

    assert asyncio.run(waited())


def test_the_wait_ends_by_itself() -> None:
    asyncio.run(asyncio.wait_for(CommandGathering(128).wait(0.001), 10))
