"""The endpoint that reads the feed."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from laurels.delivery import cursors
from laurels.delivery.cursors import LATEST, LONGEST_CURSOR, cursor_of
from laurels.delivery.event_types import list_of_events, stored_event
from laurels.kernel.feed import FeedType
from laurels.kernel.input.fields import ParticipantId
from laurels.storage.feed import listeners, reading
from laurels.storage.feed.reading import FeedFilter, FeedPage, FeedPosition, FeedStanding
from laurels.web.documentation.openapi import DocumentedEvent
from laurels.web.endpoint import Reply, Request, Routes
from laurels.web.keys.access import Access, scopes_for
from laurels.web.protocol.errors import Refusal, invalid
from laurels.web.requests.fields import comma_separated

LONGEST_WAIT_SECONDS = 25
"""Less than the time-out of one attempt of the clients."""
NOTED_EVERY = timedelta(hours=1)
"""How often it is noted that somebody reads the feed."""

_ABOUT = "Everything that happens, in one order, for applications that follow it. Guide: [Feed](docs/feed.md)."


class FeedQuery(Struct, frozen=True):
    """The parameters that select a part of the feed."""

    after: Annotated[
        Annotated[str, Meta(min_length=1, max_length=LONGEST_CURSOR)] | None,
        Meta(
            description="The `cursor` of the previous response: the events after it are returned. `latest` stands for "
            "the newest event. Without it, the response begins with the oldest event that is kept."
        ),
    ] = None
    types: Annotated[
        Annotated[str, Meta(min_length=1, max_length=2_000), comma_separated({"type": "string"})] | None,
        Meta(description="Only events of these types, separated by commas."),
    ] = None
    participant_id: Annotated[ParticipantId | None, Meta(description="Only events of this participant.")] = None
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


def _unavailable() -> Refusal:
    detail = "This server runs on Citus, where Laurels has no feed yet; see docs/feed.md"
    return Refusal(409, detail, code="feed_unavailable")


def _not_begun() -> Refusal:
    detail = "Nobody follows this project yet: a first request with a key of the scope gamify:admin begins the feed"
    return Refusal(409, detail, code="feed_not_begun")


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
        if request.services.on_citus:
            raise _unavailable()
        wanted = _filter(request.query, feed)
        page, state = await _page(request, wanted)
        deadline = asyncio.get_running_loop().time() + request.query.wait_seconds
        while not page.rows and not page.has_more:
            left_seconds = deadline - asyncio.get_running_loop().time()
            if left_seconds <= 0:
                break
            holder, project_id = request.principal.holder, request.project_id
            if not await request.services.news.wait(holder, project_id, state.head.position, left_seconds):
                break
            after = page.end
            state = await reading.standing(request.services.readers, project_id, after.position)
            cursors.check(after, state)
            page = await _next(request, after, state, wanted)
        encoded = EncodedFeed(
            events=[stored_event(row) for row in page.rows], cursor=cursor_of(page.end), has_more=page.has_more
        )
        return Reply(msgspec.json.encode(encoded))

    return routes


async def _page(request: Request[None, FeedQuery], wanted: FeedFilter) -> tuple[FeedPage, FeedStanding]:
    """The events that are stored, and the state of the feed. Raises Refusal 409."""
    after, readers = request.query.after, request.services.readers
    position = None if after in (None, LATEST) else cursors.position_from(str(after))
    state = await reading.standing(readers, request.project_id, position.position if position else 0)
    if state.used_at is None:
        await _begin(request)
        state = await reading.standing(readers, request.project_id, position.position if position else 0)
    elif datetime.now(UTC) - state.used_at > NOTED_EVERY:
        async with request.services.edits.transaction() as connection:
            await listeners.note_use(connection, request.project_id, listeners.FEED)
    if position is not None:
        cursors.check(position, state)
    elif after == LATEST:
        position = state.head
    else:
        position = FeedPosition(state.floor, b"")
    return await _next(request, position, state, wanted), state


async def _next(
    request: Request[None, FeedQuery], after: FeedPosition, state: FeedStanding, wanted: FeedFilter
) -> FeedPage:
    readers, limit = request.services.readers, request.query.limit
    page = await reading.page(readers, request.project_id, after, state.head, wanted, limit)
    if after.position < page.floor:
        raise cursors.cursor_expired()
    return page


async def _begin(request: Request[None, FeedQuery]) -> None:
    """Begins the feed of the project, with an entry in the audit log. Raises Refusal 409 for a key that may only
    read."""
    if request.principal.scope not in scopes_for(Access.ADMIN):
        raise _not_begun()
    async with request.services.edits.transaction() as connection:
        await listeners.begin_feed(connection, request.project_id)


def _filter(query: FeedQuery, feed: dict[str, FeedType]) -> FeedFilter:
    """The wanted events. Raises Refusal 422."""
    types = None if query.types is None else [name.strip() for name in query.types.split(",")]
    for name in types or ():
        if name not in feed:
            raise invalid("types", f"has an unknown type: {name}.{_suggestion(name, list(feed))}")
    return FeedFilter(types=types, participant_id=query.participant_id)


def _suggestion(name: str, known: Sequence[str]) -> str:
    nearest = get_close_matches(name, known, 1)
    return f" Did you mean {nearest[0]}?" if nearest else f" The types are {', '.join(sorted(known))}"
