"""Large batches instead of many: while batches are in progress, later commands gather for the next one.

A batch has a fixed cost, which its commands share. So a batch beside others begins only if it is as large as they are
together: while the database works on one half of the commands, the server prepares the other half. It also begins if
the others take long, such as on a slow disk or behind a lock.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

GATHER_SECONDS = 0.02
"""The longest time for which commands gather beside a batch. Most batches are committed earlier, also on a busy
machine, where further small batches would make all of them slower."""


class CommandGathering:
    """The batches in progress on connections that share one queue. `batch_limit` is the size of the largest batch."""

    def __init__(self, batch_limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._batch_limit = batch_limit
        self._clock = clock
        self._has_enough = asyncio.Event()
        self._in_progress = 0
        """The number of commands in the batches."""
        self._begun_at = 0.0

    def begin(self, commands: int) -> None:
        """A batch with this number of commands begins."""
        self._in_progress += commands
        self._begun_at = self._clock()

    def end(self, commands: int) -> None:
        """A batch with this number of commands has ended."""
        self._in_progress -= commands

    def added(self, waiting: int) -> None:
        """There are now this many waiting commands."""
        if self._is_enough(waiting):
            self._has_enough.set()

    def seconds_left(self, waiting: int) -> float:
        """The time for which this many waiting commands should still gather."""
        if not self._in_progress or self._is_enough(waiting):
            return 0
        return max(0.0, self._begun_at + GATHER_SECONDS - self._clock())

    async def wait(self, seconds: float) -> None:
        """Waits for this time, or until enough commands are waiting."""
        self._has_enough.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._has_enough.wait()

    def _is_enough(self, waiting: int) -> bool:
        return waiting >= min(self._in_progress, self._batch_limit)
