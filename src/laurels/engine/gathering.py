"""Large batches instead of many: while a batch is in progress, later commands gather for the next one.

A batch has a fixed cost, which its commands share. So a batch beside another one begins only if it is large, or if the
other one takes long, such as on a slow disk or behind a lock.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

GATHER_SECONDS = 0.02
"""The longest time for which commands gather beside a batch. Most batches are committed earlier, also on a busy
machine, where further small batches would make all of them slower."""


class CommandGathering:
    """The batches in progress on connections that share one queue. `large` is the number of waiting commands that
    begin a batch at once."""

    def __init__(self, large: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._large = large
        self._clock = clock
        self._has_many = asyncio.Event()
        self._in_progress = 0
        self._begun_at = 0.0

    def begin(self) -> None:
        """A batch begins."""
        self._in_progress += 1
        self._begun_at = self._clock()

    def end(self) -> None:
        """A batch has ended."""
        self._in_progress -= 1

    def added(self, waiting: int) -> None:
        """There are now this many waiting commands."""
        if waiting >= self._large:
            self._has_many.set()

    def seconds_left(self, waiting: int) -> float:
        """The time for which this many waiting commands should still gather."""
        if not self._in_progress or waiting >= self._large:
            return 0
        return max(0.0, self._begun_at + GATHER_SECONDS - self._clock())

    async def wait(self, seconds: float) -> None:
        """Waits for this time, or until many commands are waiting."""
        self._has_many.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._has_many.wait()
