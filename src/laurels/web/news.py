"""Requests that wait for new events of their project. They hold no connection: one statement looks for all of them."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

import structlog

from laurels.storage.feed import reading
from laurels.storage.postgres.database import DatabaseUnavailableError, LockedError, ReadsCrowdedError
from laurels.storage.postgres.pools import Readers
from laurels.web.protocol.errors import Refusal, unavailable

log = structlog.get_logger("laurels.web")

LOOK_SECONDS = 0.025
FAILURE_PAUSE_SECONDS = 1.0
WAITING_LIMIT = 2_000
"""The maximum number of requests that wait in one worker. A single key can use up to half of them."""
STREAM_LIMIT = 2_000
"""The maximum number of open streams in one worker. A single project can have up to half of them."""
OPENING_LIMIT = 50
"""The number of streams of one project that are opened at the same time: each reads where it begins, and the reads of
one key that wait are limited. Others wait for their turn."""
OPENING_SECONDS = 10.0
"""The longest wait for a turn."""
RETRY_SECONDS = 5
_NO_STREAM = "Too many streams are open; close some of them, or read GET /gamify/feed with wait_seconds"

Found = TypeVar("Found")


class Places:
    """A limited number of places, of which one holder can take up to half."""

    def __init__(self, limit: int, sentence: str) -> None:
        """`sentence` is that of the refusal when no place is free."""
        self.limit = limit
        self._sentence = sentence
        self._by_holder: Counter[Hashable] = Counter()

    def refuse_without_room(self, holder: Hashable) -> None:
        """Raises Refusal 503 if the holder can take no place."""
        if self._by_holder.total() >= self.limit or self._by_holder[holder] >= self.limit // 2:
            raise self._full()

    def held_by(self, holder: Hashable) -> int:
        return self._by_holder[holder]

    @contextmanager
    def taken(self, holder: Hashable) -> Iterator[None]:
        """A place while the context lasts."""
        self._by_holder[holder] += 1
        try:
            yield
        finally:
            self._by_holder[holder] -= 1
            if not self._by_holder[holder]:
                del self._by_holder[holder]

    def _full(self) -> Refusal:
        return unavailable(self._sentence, RETRY_SECONDS, code="server_busy")


class News:
    """The waiting requests of one worker."""

    def __init__(self, readers: Readers, is_stopping: Callable[[], bool], stream_limit: int = STREAM_LIMIT) -> None:
        """Each request ends when `is_stopping` is true."""
        self._readers = readers
        self.is_stopping = is_stopping
        self._waiting: dict[int, dict[asyncio.Future[bool], int]] = {}
        """The waiting requests of each project, with the position of the newest event that they know."""
        self._places = Places(WAITING_LIMIT, "Too many readers are waiting for events")
        self.streams = Places(stream_limit, _NO_STREAM)
        """The open streams, by project."""
        self._turns: dict[int, asyncio.Semaphore] = {}
        self._task: asyncio.Task[None] | None = None
        self._shared: dict[Hashable, asyncio.Task[Any]] = {}

    async def wait(self, holder: Hashable, project_id: int, position: int, seconds: float) -> bool:
        """Waits until the project's newest event has another position; False if this does not happen in time, or the
        server stops. Raises Refusal 503 if too many requests wait."""
        self._places.refuse_without_room(holder)
        with self._places.taken(holder), self.awaited(project_id, position) as future:
            try:
                async with asyncio.timeout(seconds):
                    return await future
            except TimeoutError:
                return False

    @contextmanager
    def awaited(self, project_id: int, position: int) -> "Iterator[asyncio.Future[bool]]":
        """A future that is done when the project's newest event has another position. It is False if the server
        stops."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(project_id, {})[future] = position
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look())
        try:
            yield future
        finally:
            self._remove(project_id, future)

    @asynccontextmanager
    async def opening(self, project_id: int) -> AsyncIterator[None]:
        """A turn to open a stream of the project. Raises Refusal 503 if it does not come in time."""
        turns = self._turns.setdefault(project_id, asyncio.Semaphore(OPENING_LIMIT))
        try:
            async with asyncio.timeout(OPENING_SECONDS):
                await turns.acquire()
        except TimeoutError:
            detail = f"Too many streams are being opened; try again in {RETRY_SECONDS} seconds"
            raise unavailable(detail, RETRY_SECONDS, code="server_busy") from None
        try:
            yield
        finally:
            turns.release()

    async def share(self, name: Hashable, read: Callable[[], Awaitable[Found]]) -> Found:
        """The result of `read`, which runs once for all requests that share this name meanwhile."""
        task = self._shared.get(name)
        if task is None:
            task = self._shared[name] = asyncio.create_task(_run(read))
            task.add_done_callback(lambda done: self._end_shared(name, done))
        # A caller that disconnects must not cancel the read of the others.
        found: Found = await asyncio.shield(task)
        return found

    def _end_shared(self, name: Hashable, done: "asyncio.Task[Any]") -> None:
        del self._shared[name]
        if not done.cancelled():
            # Seen here, as perhaps all callers have disconnected.
            done.exception()

    def _remove(self, project_id: int, future: "asyncio.Future[bool]") -> None:
        waiting = self._waiting.get(project_id, {})
        waiting.pop(future, None)
        if not waiting:
            self._waiting.pop(project_id, None)

    async def _look(self) -> None:
        """Looks for new events as long as requests wait."""
        while self._waiting:
            await asyncio.sleep(LOOK_SECONDS)
            if self.is_stopping():
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


async def _run(read: Callable[[], Awaitable[Found]]) -> Found:
    return await read()
