"""Requests that wait for new events of their project. They hold no connection: one statement looks for all of them."""

import asyncio
from collections import Counter
from collections.abc import Callable, Hashable

import structlog

from laurels.storage.feed import reading
from laurels.storage.postgres.database import DatabaseUnavailableError, LockedError, ReadsCrowdedError
from laurels.storage.postgres.pools import Readers
from laurels.web.protocol.errors import unavailable

log = structlog.get_logger("laurels.web")

LOOK_SECONDS = 0.025
FAILURE_PAUSE_SECONDS = 1.0
WAITING_LIMIT = 2_000
"""The maximum number of requests that wait in one worker. A single key can use up to half of them."""
RETRY_SECONDS = 5


class News:
    """The waiting requests of one worker."""

    def __init__(self, readers: Readers, is_stopping: Callable[[], bool]) -> None:
        """Each request ends when `is_stopping` is true."""
        self._readers = readers
        self._is_stopping = is_stopping
        self._waiting: dict[int, dict[asyncio.Future[bool], int]] = {}
        """The waiting requests of each project, with the position of the newest event that they know."""
        self._by_holder: Counter[Hashable] = Counter()
        self._task: asyncio.Task[None] | None = None

    async def wait(self, holder: Hashable, project_id: int, position: int, seconds: float) -> bool:
        """Waits until the project's newest event has another position; False if this does not happen in time, or the
        server stops. Raises Refusal 503 if too many requests wait."""
        if self._by_holder.total() >= WAITING_LIMIT or self._by_holder[holder] >= WAITING_LIMIT // 2:
            raise unavailable("Too many readers are waiting for events", RETRY_SECONDS, code="server_busy")
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(project_id, {})[future] = position
        self._by_holder[holder] += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look())
        try:
            async with asyncio.timeout(seconds):
                return await future
        except TimeoutError:
            return False
        finally:
            self._remove(project_id, future)
            self._by_holder[holder] -= 1
            if not self._by_holder[holder]:
                del self._by_holder[holder]

    def _remove(self, project_id: int, future: "asyncio.Future[bool]") -> None:
        waiting = self._waiting.get(project_id, {})
        waiting.pop(future, None)
        if not waiting:
            self._waiting.pop(project_id, None)

    async def _look(self) -> None:
        """Looks for new events as long as requests wait."""
        while self._waiting:
            await asyncio.sleep(LOOK_SECONDS)
            if self._is_stopping():
                for project_id in list(self._waiting):
                    self._end(project_id, None)
                continue
            try:
                newest = await reading.newest(self._readers, list(self._waiting))
            except (DatabaseUnavailableError, LockedError, ReadsCrowdedError) as error:
                log.warning("news_interrupted", error=type(error).__name__)
                await asyncio.sleep(FAILURE_PAUSE_SECONDS)
                continue
            for project_id, position in newest.items():
                self._end(project_id, position)

    def _end(self, project_id: int, newest: int | None) -> None:
        """Ends the requests that do not know the newest event; all requests if it is None."""
        for future, position in self._waiting.get(project_id, {}).items():
            if position != newest and not future.done():
                future.set_result(newest is not None)

    async def close(self) -> None:
        """Ends the search for events."""
        if self._task is not None:
            self._task.cancel()
        await self._readers.close()
