"""The part of a request that selects events of the feed, and the beginning of reading."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import Annotated, Any

from msgspec import Meta, Struct

from laurels.delivery import cursors
from laurels.delivery.cursors import LATEST, LONGEST_CURSOR
from laurels.kernel.feed import FeedType
from laurels.kernel.input.fields import ParticipantId
from laurels.storage.feed import listeners, reading
from laurels.storage.feed.reading import FeedFilter, FeedPage, FeedPosition, FeedStanding, PageLimits
from laurels.web.endpoint import Request
from laurels.web.keys.access import Access, scopes_for
from laurels.web.protocol.errors import Refusal, invalid
from laurels.web.requests.fields import comma_separated
from laurels.web.services import Services

NOTED_EVERY = timedelta(hours=1)
"""How often it is noted that somebody reads the feed."""


class FeedSelection(Struct, frozen=True):
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


def _unavailable() -> Refusal:
    detail = "This server runs on Citus, where Laurels has no feed yet; see docs/feed.md"
    return Refusal(409, detail, code="feed_unavailable")


def _not_begun() -> Refusal:
    detail = "Nobody follows this project yet: a first request with a key of the scope gamify:admin begins the feed"
    return Refusal(409, detail, code="feed_not_begun")


async def opened(request: Request[None, Any], after: FeedPosition | str | None) -> tuple[FeedPosition, FeedStanding]:
    """The place to read from, and the state of the feed, which begins if this is its first read. `after` is a place,
    LATEST, or None for everything that is kept. Raises Refusal 409."""
    services, project_id = request.services, request.project_id
    if services.on_citus:
        raise _unavailable()
    asked = after.position if isinstance(after, FeedPosition) else 0
    state = await reading.standing(services.readers, project_id, asked)
    if state.used_at is None:
        await _begin(request)
        state = await reading.standing(services.readers, project_id, asked)
    elif datetime.now(UTC) - state.used_at > NOTED_EVERY:
        async with services.edits.transaction() as connection:
            await listeners.note_use(connection, project_id, listeners.FEED)
    if isinstance(after, FeedPosition):
        cursors.check(after, state)
        return after, state
    return state.head if after == LATEST else FeedPosition(state.floor, b""), state


async def page_after(
    services: Services,
    project_id: int,
    after: FeedPosition,
    state: FeedStanding,
    wanted: FeedFilter,
    limits: PageLimits,
) -> FeedPage:
    """The next events. Raises Refusal 409 if some have been removed."""
    page = await reading.page(services.readers, project_id, after, state.head, wanted, limits)
    if after.position < page.floor:
        raise cursors.cursor_expired()
    return page


async def _begin(request: Request[None, Any]) -> None:
    """Begins the feed of the project, with an entry in the audit log. Raises Refusal 409 for a key that may only
    read."""
    if request.principal.scope not in scopes_for(Access.ADMIN):
        raise _not_begun()
    async with request.services.edits.transaction() as connection:
        await listeners.begin_feed(connection, request.project_id)


def filter_of(query: FeedSelection, feed: dict[str, FeedType]) -> FeedFilter:
    """The wanted events. Raises Refusal 422."""
    types = None if query.types is None else tuple(name.strip() for name in query.types.split(","))
    for name in types or ():
        if name not in feed:
            raise invalid("types", f"has an unknown type: {name}.{_suggestion(name, list(feed))}")
    return FeedFilter(types=types, participant_id=query.participant_id)


def _suggestion(name: str, known: Sequence[str]) -> str:
    nearest = get_close_matches(name, known, 1)
    return f" Did you mean {nearest[0]}?" if nearest else f" The types are {', '.join(sorted(known))}"
