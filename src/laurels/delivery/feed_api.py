"""The endpoints that read the feed."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from laurels.delivery import cursors, feed_stream
from laurels.delivery.cursors import LATEST, cursor_of
from laurels.delivery.event_types import list_of_events, stored_event
from laurels.delivery.selection import FeedSelection, filter_of, opened, page_after
from laurels.kernel.feed import FeedType
from laurels.storage.feed import reading
from laurels.storage.feed.reading import FeedPosition, PageLimits
from laurels.web.documentation.openapi import DocumentedEvent
from laurels.web.endpoint import Reply, Request, Routes
from laurels.web.keys.access import Access

LONGEST_WAIT_SECONDS = 25
"""Less than the time-out of one attempt of the clients."""

_ABOUT = "Everything that happens, in one order, for applications that follow it. Guide: [Feed](docs/feed.md)."


class FeedQuery(FeedSelection, frozen=True):
    """The parameters that select a part of the feed, and the form of the response."""

    limit: Annotated[int, Meta(ge=1, le=1_000, description="The largest number of events in the response.")] = 1_000
    wait_seconds: Annotated[
        int,
        Meta(
            ge=0,
            le=LONGEST_WAIT_SECONDS,
            description="How long to wait for an event if there is none. The response comes with the first event, or "
            "without one after this time.",
        ),
    ] = 0


class EncodedFeed(Struct, frozen=True, kw_only=True):
    """The response, with events that are encoded already."""

    events: list[Any]
    cursor: str
    has_more: bool


def routes_for(feed: dict[str, FeedType], documented: Sequence[DocumentedEvent]) -> Routes:
    """The endpoints of the feed with these types of events."""
    routes = Routes("Feed", Access.ADMIN, about=_ABOUT)
    events = list_of_events(documented)
    answer = msgspec.defstruct(
        "FeedAnswer",
        [
            ("events", Annotated[events, Meta(description="The events, in order.")]),
            ("cursor", Annotated[str, Meta(description="The value of `after` for the next request. Store it.")]),
            ("has_more", Annotated[bool, Meta(description="Whether to read on at once. `events` may be empty then.")]),
        ],
        namespace={"__doc__": "A part of the feed."},
    )
    example = {
        "events": [each.example for each in documented if each.name == "points.awarded"],
        "cursor": cursor_of(FeedPosition(4_711, b"\x7c\x8d\x9e\x0f")),
        "has_more": False,
    }

    @routes.get(
        "/gamify/feed",
        summary="Read the feed",
        query=FeedQuery,
        answers={200: answer},
        answer_example=example,
        refuses=(409, 503),
        refusals={409: cursors.cursor_expired()},
    )
    async def read_feed(request: Request[None, FeedQuery]) -> Reply:
        """The events after a cursor, in an order that never changes. Nothing is skipped: read on with the `cursor` of
        each response. The first call begins the feed of the project: it has the events of every request that is sent
        after its response. If nobody reads it for as long as events are kept, the feed ends."""
        services, project_id, query = request.services, request.project_id, request.query
        wanted, limits = filter_of(query, feed), PageLimits(query.limit)
        after = query.after if query.after in (None, LATEST) else cursors.position_from(str(query.after))
        position, state = await opened(request, after)
        page = await page_after(services, project_id, position, state, wanted, limits)
        deadline = asyncio.get_running_loop().time() + query.wait_seconds
        while not page.rows and not page.has_more:
            left_seconds = deadline - asyncio.get_running_loop().time()
            if left_seconds <= 0:
                break
            if not await services.news.wait(request.principal.holder, project_id, state.head.position, left_seconds):
                break
            position = page.end
            state = await reading.standing(services.readers, project_id, position.position)
            cursors.check(position, state)
            page = await page_after(services, project_id, position, state, wanted, limits)
        encoded = EncodedFeed(
            events=[stored_event(row) for row in page.rows], cursor=cursor_of(page.end), has_more=page.has_more
        )
        return Reply(msgspec.json.encode(encoded))

    feed_stream.add_to(routes, feed, documented)
    return routes
