"""Shares of a few connections among holders, which are the callers' API keys.

A holder never has more than half of the connections, rounded up. Further requests of the holder wait in its own bounded
queue, and waiting holders take turns. So the reads of one key, however many and slow, leave connections for the reads
of other keys.
"""

import asyncio
from collections import deque
from collections.abc import Hashable
from contextvars import ContextVar

reading_for: ContextVar[Hashable | None] = ContextVar("reading_for", default=None)
"""The key for which the current task reads; None for the server itself, whose reads are not limited to a share."""


class QueueFullError(Exception):
    """The holder's queue is full; the queues of other holders may have room."""


class ConnectionShares:
    """`size` connections, of which each holder gets a share."""

    def __init__(self, size: int, queue_limit: int | None = None) -> None:
        """`queue_limit` is the maximum length of a holder's queue; None for no limit."""
        self.limit_of_one = (size + 1) // 2
        self._free = size
        self._queue_limit = queue_limit
        self._taken: dict[Hashable, int] = {}
        self._waiting: dict[Hashable | None, deque[asyncio.Future[None]]] = {}
        """In the order of their turns: the next one is first."""

    async def acquire(self, holder: Hashable | None) -> None:
        """Waits for a connection. Raises QueueFullError at once if the holder's queue is full."""
        if self._free and holder not in self._waiting and self._may(holder):
            self._give(holder)
            return
        queue = self._waiting.setdefault(holder, deque())
        if self._queue_limit is not None and len(queue) >= self._queue_limit:
            raise QueueFullError
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._forget(holder, turn)
            else:
                self.release(holder)
            raise

    def release(self, holder: Hashable | None) -> None:
        self._free += 1
        if holder is not None:
            self._taken[holder] -= 1
            if not self._taken[holder]:
                del self._taken[holder]
        self._serve_next()

    def _may(self, holder: Hashable | None) -> bool:
        return holder is None or self._taken.get(holder, 0) < self.limit_of_one

    def _give(self, holder: Hashable | None) -> None:
        self._free -= 1
        if holder is not None:
            self._taken[holder] = self._taken.get(holder, 0) + 1

    def _serve_next(self) -> None:
        while self._free:
            holder = next((each for each in self._waiting if self._may(each)), _NOBODY)
            if holder is _NOBODY:
                return
            queue = self._waiting.pop(holder)
            turn = queue.popleft()
            if queue:
                self._waiting[holder] = queue
            if not turn.done():
                self._give(holder)
                turn.set_result(None)

    def _forget(self, holder: Hashable | None, turn: asyncio.Future[None]) -> None:
        """Removes a cancelled turn from the queue. The turn may have come, and been skipped, in the meantime."""
        queue = self._waiting.get(holder)
        if queue is None or turn not in queue:
            return
        queue.remove(turn)
        if not queue:
            del self._waiting[holder]


_NOBODY = object()
