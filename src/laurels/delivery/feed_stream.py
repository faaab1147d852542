"""The endpoint that sends the feed as Server-Sent Events, https://html.spec.whatwg.org/multipage/server-sent-events.html."""

from collections.abc import Mapping, Sequence

import msgspec

from laurels.delivery import cursors
from laurels.delivery.cursors import LATEST, LONGEST_CURSOR, cursor_of
from laurels.delivery.event_stream import EventStream, message, stopping
from laurels.delivery.selection import FeedSelection, filter_of, opened
from laurels.kernel.feed import FeedType
from laurels.storage.feed.reading import FeedPosition
from laurels.web.documentation.openapi import DocumentedEvent
from laurels.web.endpoint import Request, Routes, StreamedReply

CONTENT_TYPE = b"text/event-stream"
LAST_EVENT_ID = "Last-Event-ID"

_NOT_BUFFERED = ((b"x-accel-buffering", b"no"),)
"""nginx would collect small pieces of a response otherwise."""


def add_to(routes: Routes, feed: dict[str, FeedType], documented: Sequence[DocumentedEvent]) -> None:
    """Adds the stream of these types of events."""
    event = next((each.example for each in documented if each.name == "points.awarded"), None)
    example = message(cursor_of(FeedPosition(4_711, b"\x7c\x8d\x9e\x0f")), msgspec.json.encode(event)).decode()

    @routes.get(
        "/gamify/feed/stream",
        summary="Follow the feed as Server-Sent Events",
        query=FeedSelection,
        request_headers={
            LAST_EVENT_ID: "The last id that was received, which is a cursor: the stream continues after it. It takes "
            "precedence over `after`, so that a request can be repeated with it."
        },
        answers={200: str},
        answer_example=example,
        content_type=CONTENT_TYPE.decode(),
        refuses=(409, 503),
        refusals={409: cursors.cursor_expired(), 422: cursors.not_a_cursor()},
    )
    async def stream_feed(request: Request[None, FeedSelection]) -> StreamedReply:
        """The events after a cursor, as they happen. The `id` of each is its cursor, and its `data` the same JSON as in
        `GET /gamify/feed`. After 15 seconds without an event, a comment is sent. A stream ends after about an hour,
        when the server stops, and when its API key ends; send the last id as `Last-Event-ID` to continue without loss.
        The clients have no method for it: they wait for events with `GET /gamify/feed`."""
        news = request.services.news
        wanted = filter_of(request.query, feed)
        after = _place(request.headers, request.query.after)
        news.streams.refuse_without_room(request.project_id)
        if news.is_stopping():
            raise stopping()
        async with news.opening(request.project_id):
            position, state = await opened(request, after)
        # Nothing waits between this check and the beginning of the stream, which takes the place.
        news.streams.refuse_without_room(request.project_id)
        stream = EventStream(request, wanted, position, state.head)
        return StreamedReply(
            stream.chunks(), CONTENT_TYPE, headers=_NOT_BUFFERED, on_disconnect=stream.leave, weight_bytes=0
        )


def _place(headers: Mapping[bytes, bytes], after: str | None) -> FeedPosition | str | None:
    """The place after which the stream begins. Raises Refusal 422."""
    last = headers.get(LAST_EVENT_ID.lower().encode())
    if last:
        if len(last) > LONGEST_CURSOR or not last.isascii():
            raise cursors.not_a_cursor(LAST_EVENT_ID)
        return cursors.position_from(last.decode(), LAST_EVENT_ID)
    return after if after in (None, LATEST) else cursors.position_from(str(after))
