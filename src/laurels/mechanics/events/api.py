"""Endpoints of events: record, batch, history."""

from datetime import datetime
from typing import Annotated, Any, cast

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from laurels.kernel.input.fields import EventName, IdempotencyKey, ParticipantId, Timestamp, check_size
from laurels.kernel.responses import AnyEffects
from laurels.mechanics.events import store as events
from laurels.mechanics.events.examples import (
    PARTICIPANT_EVENTS_RESPONSE,
    RECORD_EVENT_BATCH_REQUEST,
    RECORD_EVENT_BATCH_RESPONSE,
    RECORD_EVENT_REQUEST,
    RECORD_EVENT_RESPONSE,
)
from laurels.mechanics.events.model import EVENTS, EventRecordedAnswer, RecordEvent
from laurels.web import batches, outcomes, pages
from laurels.web.endpoint import Reply, Request, Routes, StreamedReply
from laurels.web.lookup import find_participant
from laurels.web.requests.fields import NextCursor, PageQuery, utc
from laurels.web.requests.forms import Form

routes = Routes(
    "Events",
    about="Report what happens in your application. One call records an event, applies all its consequences and "
    "returns them. Guides: [Events](docs/events.md), [Explain](docs/explain.md).",
)

Properties = Annotated[
    dict[str, Any],
    Meta(description="Data for rules, challenges and leaderboards: at most 65,536 bytes of JSON."),
]


class EventRequest(Struct, frozen=True, kw_only=True):
    """An event to record."""

    participant_id: ParticipantId
    event_name: EventName
    properties: Properties = {}
    timestamp: Timestamp | None = None
    idempotency_key: IdempotencyKey | None = None

    def __post_init__(self) -> None:
        check_size("properties", self.properties)

    def command(self, project_id: int, idempotency_key: str | None) -> RecordEvent:
        return RecordEvent(
            project_id=project_id,
            participant_id=self.participant_id,
            idempotency_key=idempotency_key,
            event_name=self.event_name,
            properties=self.properties,
            occurred_at=utc(self.timestamp),
        )


class EventBatchRaw(Struct, frozen=True):
    events: Annotated[list[msgspec.Raw], Meta(min_length=1, max_length=100)]


class EventBatchRequest(Struct, frozen=True):
    """1 to 100 events; each is processed independently."""

    events: Annotated[list[EventRequest], Meta(min_length=1, max_length=100)]
    """The events. Each is judged by itself."""


class EventBatchResult(Struct, frozen=True, kw_only=True):
    """The result for one item: the response for a single event, or an error as a sentence, and its code.
    `idempotency_differs` names the fields that were different in the first request with this key."""

    participant_id: str | None
    event_id: str | None = None
    """The id of the event; null if it failed."""
    fact_id: str | None = None
    """The same id, as the id of the fact in the journal; null if it failed."""
    status: str | None = None
    """`processed`; null if the event failed."""
    effects: AnyEffects | None = None
    """Everything that the event caused."""
    error: str | None = None
    error_code: str | None = None
    idempotency_differs: list[str] | UnsetType = UNSET
    """The fields whose values differ from those of the first request with this idempotency key; left out if there are
    none."""


class EventBatchAnswer(Struct, frozen=True):
    """The results of a batch of events."""

    processed: int
    """The number of events that were recorded."""
    failed: int
    """The number of events with an error."""
    results: list[EventBatchResult]
    """One result for each event, in their order."""


class EventsQuery(PageQuery, frozen=True, rename={"since": "from", "until": "to"}):
    """Filters of the history. `from` is inclusive, `to` is exclusive."""

    event_name: EventName | None = None
    since: Timestamp | None = None
    until: Timestamp | None = None


class EventShown(Struct, frozen=True, kw_only=True):
    """A recorded event."""

    id: str
    """The id of the event."""
    event_name: str
    """The name of the event."""
    properties: dict[str, Any]
    """The properties as they were sent; empty if they are no longer kept."""
    occurred_at: datetime
    """When it occurred: the given `timestamp`, or the time of the call."""


class EventsAnswer(Struct, frozen=True, kw_only=True):
    """A page of events. `total` counts all events that match the filters."""

    participant_id: str
    events: list[EventShown]
    """The events, the latest first."""
    total: int
    page: int
    page_size: int
    next_cursor: NextCursor


_item_form = Form(EventRequest, within="events[].", nulls_are_nothing=True)


class _EncodedEvent(Struct):
    """The fields of an event's response that a batch shows, as encoded."""

    event_id: str
    fact_id: str
    status: str
    effects: msgspec.Raw


_recorded_decoder = msgspec.json.Decoder(_EncodedEvent)


@routes.post(
    "/gamify/events",
    summary="Record an event",
    body=EventRequest,
    answers={200: EventRecordedAnswer},
    refuses=(503,),
    takes_idempotency_key=True,
    example=RECORD_EVENT_REQUEST,
    answer_example=RECORD_EVENT_RESPONSE,
)
async def record_event(request: Request[EventRequest, None]) -> Reply:
    """Records an event. Everything that the event sets off happens in the same transaction, and is listed in `effects`.
    Creates the participant if needed."""
    body = request.body
    command = body.command(request.project_id, request.idempotency_key(body.idempotency_key))
    return outcomes.reply(await outcomes.run(request, command))


@routes.post(
    "/gamify/events/batch",
    summary="Record up to 100 events",
    body=EventBatchRaw,
    body_documented=EventBatchRequest,
    answers={200: EventBatchAnswer},
    refuses=(503,),
    example=RECORD_EVENT_BATCH_REQUEST,
    answer_example=RECORD_EVENT_BATCH_RESPONSE,
)
async def record_event_batch(request: Request[EventBatchRaw, None]) -> Reply:
    """Records events. Returns 200 with one result for each event, in the same order; a refused event does not affect
    the others. Idempotency keys are fields of the items."""
    endings = await batches.run(
        request,
        request.body.events,
        _item_form,
        lambda item: item.command(request.project_id, item.idempotency_key),
    )
    results = [_result(ending) for ending in endings]
    failed = sum(result.error is not None for result in results)
    return Reply(msgspec.json.encode(EventBatchAnswer(len(results) - failed, failed, results)))


def _result(ending: batches.ItemOutcome) -> EventBatchResult:
    if ending.error is not None:
        return EventBatchResult(participant_id=ending.participant_id, error=ending.error, error_code=ending.error_code)
    recorded = _recorded_decoder.decode(ending.answer)
    return EventBatchResult(
        participant_id=ending.participant_id,
        event_id=recorded.event_id,
        fact_id=recorded.fact_id,
        status=recorded.status,
        effects=cast(AnyEffects, recorded.effects),
        idempotency_differs=ending.idempotency_differs,
    )


@routes.get(
    "/gamify/participants/{participant_id}/events",
    summary="Event history of a participant",
    query=EventsQuery,
    answers={200: EventsAnswer},
    answer_example=PARTICIPANT_EVENTS_RESPONSE,
    refuses=(404, 503),
)
async def participant_events(request: Request[None, EventsQuery]) -> Reply | StreamedReply:
    """Returns the events of a participant, the latest first, by the time when they occurred."""
    query = request.query
    participant = await find_participant(request)
    listing = pages.listing(request, "events", events.EventPosition)
    filters = events.EventFilters(
        event_name=query.event_name, since=utc(query.since, "from"), until=utc(query.until, "to")
    )
    total = participant[EVENTS].total
    # A filter by name also reads other events; a filter by time uses an index.
    connection = request.services.connections_for(total if query.event_name else 0)
    if filters != events.NO_FILTERS:
        counting = request.services.connections_for(total)
        total = await events.count(counting, participant.lane, participant.subject, filters)
    listed = events.page(connection, participant.lane, participant.subject, filters, listing.bounds)
    answer = EventsAnswer(participant_id=participant.participant_id, events=[], **listing.page_fields(total))
    return await pages.reply(listing, answer, "events", listed, _shown)


def _shown(event: events.Event) -> EventShown:
    return EventShown(
        id=event.id,
        event_name=event.fact.event_name,
        properties=event.fact.properties,
        occurred_at=event.occurred_at,
    )
