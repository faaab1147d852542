"""One open stream: the events of a project as they happen, for one reader.

A stream keeps no events while it waits for its reader. At the end of the feed, all streams of a project share one read
of each new page, and select their events from it. A stream that is far behind reads only its own.
"""

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, NamedTuple

import asyncpg
import msgspec
from prometheus_client import Gauge

from laurels.delivery import cursors
from laurels.delivery.cursors import cursor_of
from laurels.delivery.event_types import stored_event
from laurels.delivery.selection import page_after
from laurels.storage.feed import reading
from laurels.storage.feed.reading import FeedFilter, FeedPosition, PageLimits, position_of
from laurels.storage.postgres.database import DatabaseUnavailableError, LockedError, ReadsCrowdedError
from laurels.web.endpoint import Request
from laurels.web.keys.access import Access, scope_named, scopes_for
from laurels.web.protocol.errors import Refusal, scope_missing, unavailable
from laurels.web.services import Services

HEARTBEAT_SECONDS = 15.0
LONGEST_SECONDS = 3600.0
"""The age at which a stream ends, so that streams spread over the workers again after one was restarted."""
SPREAD = 0.1
"""The part of this age by which streams differ, so that they do not all begin again at once."""
RETRY_MILLISECONDS = 2_000
PAGE = PageLimits(events=500, bytes=32 * 1024)
"""Small: each slow reader keeps one such page in memory."""
FAR_BEHIND = 10_000
"""The number of positions from which a stream reads only its own events."""
PIECES_PER_SECOND = 2_000
"""About the number of pieces that one worker sends per second: with many streams, events come in groups."""
FAILURE_PAUSE_SECONDS = 1.0

EVERYTHING = FeedFilter()
_READS = scopes_for(Access.ADMIN, is_read=True)
_OPEN = Gauge("laurels_feed_streams", "Open streams of the feed", multiprocess_mode="livesum")
_encoder = msgspec.json.Encoder()


class _Message(NamedTuple):
    """An event as a stream sends it, with the values by which it is selected."""

    type: str
    participant_id: str | None
    cursor: str
    text: bytes


class _Page(NamedTuple):
    """Consecutive events, with the newest event of the feed at the time of the read."""

    messages: list[_Message]
    end: FeedPosition
    has_more: bool
    head: FeedPosition


def message(cursor: str, event: bytes) -> bytes:
    """An event as a stream sends it. Its JSON has no line breaks."""
    return b"id: %s\ndata: %s\n\n" % (cursor.encode(), event)


def stopping() -> Refusal:
    return unavailable("The server is stopping; try again shortly", code="server_stopping")


class EventStream:
    """The wanted events of one project from a place on, for one reader."""

    def __init__(
        self, request: Request[None, Any], wanted: FeedFilter, after: FeedPosition, head: FeedPosition
    ) -> None:
        """`head` is the newest event at the moment."""
        self._services: Services = request.services
        self._project_id = request.project_id
        self._headers = request.headers
        self._is_session = request.is_session
        self._wanted = wanted
        self._after = after
        self._head = head
        self._last_id = cursor_of(after)
        """The last id that was sent."""
        self._left: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._now = asyncio.get_running_loop().time
        self._sent_at = self._checked_at = self._now()
        self._ends_at = self._now() + LONGEST_SECONDS * random.uniform(1 - SPREAD, 1 + SPREAD)  # noqa: S311

    def leave(self) -> None:
        """Ends the stream soon, as its reader has disconnected."""
        if not self._left.done():
            self._left.set_result(True)

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The bytes of the response. The first ones give the reader an id to resume from before any event."""
        with self._services.news.streams.taken(self._project_id), _OPEN.track_inprogress():
            yield b"retry: %d\nid: %s\n\n" % (RETRY_MILLISECONDS, self._last_id.encode())
            try:
                async with aclosing(self._pieces()) as pieces:
                    async for piece in pieces:
                        yield piece
                        # A slow reader was not without a sign of life meanwhile.
                        self._sent_at = self._now()
            except Refusal as refusal:
                yield b": %s\n\n" % refusal.detail.encode()

    async def _pieces(self) -> AsyncGenerator[bytes, None]:
        """Events and heartbeats until the reader disconnects or the stream is old. Raises Refusal if it must end."""
        is_due = True
        while not self._left.done():
            if self._now() >= self._ends_at:
                yield b": This stream has reached its age; continue with Last-Event-ID\n\n"
                return
            try:
                await self._check_access()
                page = await self._read() if is_due else None
            except (DatabaseUnavailableError, LockedError, ReadsCrowdedError):
                is_due = True
                await self._pause(FAILURE_PAUSE_SECONDS)
            else:
                if page is not None and (events := self._take(page)):
                    yield events
                if page is not None and page.has_more:
                    continue
                is_due = await self._wait(is_calm=page is None)
            if self._now() - self._sent_at >= HEARTBEAT_SECONDS:
                yield self._heartbeat()

    async def _check_access(self) -> None:
        """Raises Refusal if the server stops, and if the key or the session of the request has ended."""
        if self._services.news.is_stopping():
            raise stopping()
        # Keys are in memory. A session is a read.
        if self._is_session and self._now() - self._checked_at < HEARTBEAT_SECONDS:
            return
        self._checked_at = self._now()
        principal = await self._services.principal(self._headers)
        if principal.scope not in _READS:
            raise scope_missing(scope_named(Access.ADMIN), _READS)

    async def _read(self) -> _Page:
        """The next events: all of them near the end of the feed, where streams share reads. Raises Refusal."""
        services, project_id, after = self._services, self._project_id, self._after
        is_near = self._head.position - after.position < FAR_BEHIND
        wanted = EVERYTHING if is_near else self._wanted
        name = (project_id, after, wanted.types, wanted.participant_id)
        return await services.news.share(name, lambda: _page_of(services, project_id, after, wanted))

    def _take(self, page: _Page) -> bytes:
        """The wanted events of the page, which is behind the stream now."""
        self._after, self._head = page.end, page.head
        taken = [each for each in page.messages if self._wants(each)]
        if taken:
            self._last_id = taken[-1].cursor
        return b"".join(each.text for each in taken)

    def _wants(self, event: _Message) -> bool:
        types, participant_id = self._wanted.types, self._wanted.participant_id
        return (types is None or event.type in types) and participant_id in (None, event.participant_id)

    async def _wait(self, *, is_calm: bool) -> bool:
        """Waits for newer events until the next heartbeat is due; whether there are any. `is_calm`: there were none
        before, so that the next ones are sent without a pause."""
        news = self._services.news
        if not is_calm:
            await self._pause(news.streams.held_by(self._project_id) / PIECES_PER_SECOND)
        seconds = min(self._sent_at + HEARTBEAT_SECONDS, self._ends_at) - self._now()
        with news.awaited(self._project_id, self._head.position) as newer:
            await asyncio.wait([newer, self._left], timeout=max(0, seconds), return_when=asyncio.FIRST_COMPLETED)
            return newer.done()

    async def _pause(self, seconds: float) -> None:
        await asyncio.wait([self._left], timeout=seconds)

    def _heartbeat(self) -> bytes:
        """A comment, with the id of the place up to which no event is wanted."""
        cursor = cursor_of(self._after)
        if cursor == self._last_id:
            return b": heartbeat\n\n"
        self._last_id = cursor
        return b": heartbeat\nid: %s\n\n" % cursor.encode()


async def _page_of(services: Services, project_id: int, after: FeedPosition, wanted: FeedFilter) -> _Page:
    """The next events that are wanted, up to the size of a piece. Raises Refusal 409 and the errors of a read."""
    state = await reading.standing(services.readers, project_id, after.position)
    cursors.check(after, state)
    page = await page_after(services, project_id, after, state, wanted, PAGE)
    return _Page([_message_of(row) for row in page.rows], page.end, page.has_more, state.head)


def _message_of(row: asyncpg.Record) -> _Message:
    cursor = cursor_of(position_of(row))
    text = message(cursor, _encoder.encode(stored_event(row)))
    return _Message(row["type"], row["participant_id"], cursor, text)
