"""The endpoints of webhooks: their definitions, secrets, tests and deliveries."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from laurels.delivery.webhooks import editing, examples
from laurels.delivery.webhooks.definition import Webhook, kind
from laurels.delivery.webhooks.feed import TESTED, DisabledReason
from laurels.delivery.webhooks.results import SendFailure
from laurels.kernel.input.fields import Code, Timestamp
from laurels.kernel.rejections import DefinitionNotFound
from laurels.storage import definitions
from laurels.storage.definitions import DefinitionRow
from laurels.storage.office import audit
from laurels.storage.office.audit import Action, AuditedChange
from laurels.storage.postgres.database import Connection, Fetches
from laurels.storage.postgres.ids import new_id
from laurels.storage.webhooks import deliveries, webhooks
from laurels.storage.webhooks.deliveries import DeliveryRow, DeliveryState
from laurels.storage.webhooks.webhooks import SECRETS_SECONDS, VALID_SECRETS_LIMIT, TooManySecretsError
from laurels.web import pages
from laurels.web.definitions import DeclaredResource
from laurels.web.endpoint import AnyRequest, Reply, Request, Routes
from laurels.web.keys.access import Access
from laurels.web.protocol.errors import Refusal, invalid, refusal_for
from laurels.web.requests.fields import NextCursor, PageQuery, utc

LONGEST_OVERLAP_HOURS = 90 * 24
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")

routes = Routes(
    "Webhooks",
    Access.ADMIN,
    about="Addresses to which Laurels sends events as they happen. These calls need the scope `gamify:admin`. Guide: "
    "[Webhooks](docs/webhooks.md).",
)

_EXTRA_FIELDS = (
    (
        "secret",
        Annotated[
            str | None,
            Meta(description="The secret of the signatures, in the response that creates the webhook; else null."),
        ],
        None,
    ),
    (
        "failing_since",
        Annotated[
            datetime | None,
            Meta(description="The first failed attempt after the last success; null if the last attempt succeeded."),
        ],
        None,
    ),
    (
        "disabled_reason",
        Annotated[
            DisabledReason | None,
            Meta(description="The reason why the server switched the webhook off; null if it did not."),
        ],
        None,
    ),
)

resource = routes.place(
    DeclaredResource(
        kind, check=editing.check, on_edit=editing.on_edit, extras=editing.extras, extra_fields=_EXTRA_FIELDS
    )
)


class Attempt(Struct, frozen=True, kw_only=True):
    """One attempt to deliver an event."""

    at: datetime
    """When the attempt began."""
    duration_ms: int
    """How long it took, in milliseconds."""
    status: int | None = None
    """The status of the response; null if none came. Every 2xx is a success."""
    failure: SendFailure | None = None
    """The reason why no response came; null for a response."""
    response: str | None = None
    """The first 4 KiB of the response's body; null if it was empty, and once the person is erased."""


class Delivery(Struct, frozen=True, kw_only=True):
    """An event for one webhook. `waiting`: a further attempt follows while the webhook is switched on. `failed`: no
    further attempt follows."""

    delivery_number: int
    """The number of the delivery among those of the webhook: 1, 2, 3 …, without gaps."""
    event_id: str
    """The id of the event, which is the header `webhook-id` of all its attempts."""
    type: str
    """The type of the event."""
    state: DeliveryState
    """`waiting`, `delivered` or `failed`."""
    created_at: datetime
    """When the delivery was created."""
    next_attempt_at: datetime | None
    """When the next attempt is due; null while one is in progress, while an earlier event of the participant waits,
    while the webhook is switched off, and after the last one."""
    attempts: list[Attempt]
    """The attempts, in order."""


class DeliveriesAnswer(Struct, frozen=True, kw_only=True):
    """A page of the deliveries of a webhook."""

    items: list[Delivery]
    """The deliveries, the latest first."""
    total: int
    page: int
    page_size: int
    next_cursor: NextCursor


class DeliveriesQuery(PageQuery, frozen=True):
    """The parameters that select deliveries."""

    state: DeliveryState | None = None
    """Only deliveries in this state."""
    type: Annotated[str, Meta(max_length=100)] | None = None
    """Only deliveries of events of this type."""


class RotateSecretRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the old secret ends."""

    valid_hours: Annotated[
        int,
        Meta(
            ge=0,
            le=LONGEST_OVERLAP_HOURS,
            description="For how long requests are signed with the old secret too. 0 ends all old secrets at once.",
        ),
    ] = 24


class RotatedSecret(Struct, frozen=True, kw_only=True):
    """The new secret of a webhook."""

    secret: str
    """The new secret. It is not shown again."""
    old_secret_until: datetime
    """Until when requests are signed with the old secret too."""


class ResendRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The events to send again."""

    since: Timestamp
    """Events that the feed got at this time or later are sent again, in real time also in test projects."""


class ResendAnswer(Struct, frozen=True, kw_only=True):
    """The events that are sent again."""

    since: datetime
    """The time from which events are sent again."""


def _not_found(name: str) -> Refusal:
    return refusal_for(DefinitionNotFound(Webhook.kind, name))


def _delivery_not_found(number: str) -> Refusal:
    return Refusal(404, f"Delivery not found, or no longer kept: {number}", code="delivery_not_found")


def _inactive(code: str) -> Refusal:
    return Refusal(409, f"The webhook {code} is switched off; set is_active first", code="webhook_inactive")


def _too_many_secrets() -> Refusal:
    return invalid(
        "valid_hours", f"must be 0, which ends all old secrets: the webhook has {VALID_SECRETS_LIMIT} valid secrets"
    )


_UNKNOWN = _not_found(examples.EVENT_ID)


@routes.post(
    "/gamify/admin/webhooks/{webhook_id}/rotate",
    summary="Replace the secret of a webhook",
    body=RotateSecretRequest,
    answers={200: RotatedSecret},
    example=examples.ROTATE_REQUEST,
    answer_example=examples.ROTATE_RESPONSE,
    refuses=(404, 503),
    refusals={404: _UNKNOWN},
    operation="rotate_webhook_secret",
)
async def rotate_webhook_secret(request: Request[RotateSecretRequest, None]) -> Reply:
    """Returns a new secret. Requests have a signature of each valid secret: set the new one in the receiver before the
    old one ends. All requests that begin after the response, which takes 1 second, are signed with the new secret. This
    is also the way to get the secret of a webhook from a definitions file."""
    now = datetime.now(UTC)
    until = now + timedelta(hours=request.body.valid_hours)
    secret = editing.new_secret()
    async with request.services.edits.transaction() as connection:
        webhook = await _webhook(request, connection)
        try:
            until = await webhooks.rotate(connection, webhook.id, secret, until, now)
        except TooManySecretsError:
            raise _too_many_secrets() from None
        await audit.record(connection, _audited(request, webhook, "rotate"))
    # Then no process signs with secrets that it has read before.
    await asyncio.sleep(SECRETS_SECONDS)
    return Reply(msgspec.json.encode(RotatedSecret(secret=secret, old_secret_until=until)))


@routes.post(
    "/gamify/admin/webhooks/{webhook_id}/test",
    summary="Send a test event",
    answers={201: Delivery},
    answer_example=examples.TEST,
    refuses=(404, 409, 503),
    refusals={404: _UNKNOWN, 409: _inactive("crm")},
)
async def test_webhook(request: Request[None, None]) -> Reply:
    """Sends an event of the type `webhook.tested` to this webhook alone, whatever its types are. Read the delivery to
    see the result."""
    async with request.services.edits.transaction() as connection:
        webhook = await _active_webhook(request, connection)
        added = await deliveries.add_test(
            connection, request.project_id, webhook.id, TESTED.name, new_id(), datetime.now(UTC)
        )
        await audit.record(connection, _audited(request, webhook, "test"))
    return Reply(msgspec.json.encode(_shown(webhook, added)), 201)


@routes.get(
    "/gamify/admin/webhooks/{webhook_id}/deliveries",
    summary="List the deliveries of a webhook",
    query=DeliveriesQuery,
    answers={200: DeliveriesAnswer},
    answer_example=examples.LIST_DELIVERIES,
    refuses=(404, 503),
    refusals={404: _UNKNOWN},
)
async def list_webhook_deliveries(request: Request[None, DeliveriesQuery]) -> Reply:
    """The deliveries with their attempts, latest first. They are kept as long as the events of the feed."""
    query = request.query
    listing = pages.listing(request, "deliveries", deliveries.DeliveryPosition)
    webhook = await _webhook(request, request.services.readers)
    connection = request.services.surveys
    page = await deliveries.page(connection, webhook.id, query.state, query.type, listing.bounds)
    answer = DeliveriesAnswer(
        items=[_shown(webhook, row) for row in page.rows], **listing.page_fields(page.total, page.last_position)
    )
    return Reply(msgspec.json.encode(answer))


@routes.get(
    "/gamify/admin/webhooks/{webhook_id}/deliveries/{delivery_number}",
    summary="Get a delivery",
    answers={200: Delivery},
    answer_example=examples.DELIVERY,
    refuses=(404, 503),
    refusals={404: _UNKNOWN},
)
async def get_webhook_delivery(request: Request[None, None]) -> Reply:
    """One delivery with its attempts."""
    webhook = await _webhook(request, request.services.readers)
    row = await deliveries.one(request.services.readers, webhook.id, _number(request))
    if row is None:
        raise _delivery_not_found(request.path[1])
    return Reply(msgspec.json.encode(_shown(webhook, row)))


@routes.post(
    "/gamify/admin/webhooks/{webhook_id}/deliveries/{delivery_number}/resend",
    summary="Send an event again",
    answers={201: Delivery},
    answer_example=examples.NEW_DELIVERY,
    refuses=(404, 409, 503),
    refusals={404: _UNKNOWN, 409: _inactive("crm")},
)
async def resend_webhook_delivery(request: Request[None, None]) -> Reply:
    """Creates a further delivery of the same event, with the same id, at once and outside the order of the
    participant's events."""
    async with request.services.edits.transaction() as connection:
        webhook = await _active_webhook(request, connection)
        number, now = _number(request), datetime.now(UTC)
        added = await deliveries.repeat(connection, request.project_id, webhook.id, number, now)
        if added is None:
            raise _delivery_not_found(request.path[1])
        await audit.record(connection, _audited(request, webhook, "resend"))
    return Reply(msgspec.json.encode(_shown(webhook, added)), 201)


@routes.post(
    "/gamify/admin/webhooks/{webhook_id}/resend",
    summary="Send all events since a time again",
    body=ResendRequest,
    answers={200: ResendAnswer},
    example=examples.RESEND_REQUEST,
    answer_example=examples.RESEND_REQUEST,
    refuses=(404, 409, 503),
    refusals={404: _UNKNOWN, 409: _inactive("crm")},
)
async def resend_webhook_events(request: Request[ResendRequest, None]) -> Reply:
    """Sends all events of the webhook's types that the feed got since then, as far as it keeps them, also those from
    before the webhook was created. They have the same ids and further delivery numbers."""
    since = utc(request.body.since, "since") or request.body.since
    async with request.services.edits.transaction() as connection:
        webhook = await _active_webhook(request, connection)
        await webhooks.rewind(connection, request.project_id, webhook.id, since)
        done = _audited(request, webhook, "resend")
        await audit.record(connection, msgspec.structs.replace(done, after={"since": since.isoformat()}))
    return Reply(msgspec.json.encode(ResendAnswer(since=since)))


def _audited(request: AnyRequest, webhook: DefinitionRow, action: Action) -> AuditedChange:
    return AuditedChange(
        project_id=request.project_id, action=action, kind=Webhook.kind, object_id=webhook.id, code=webhook.code
    )


async def _webhook(request: AnyRequest, connection: Fetches) -> DefinitionRow:
    """The webhook with the id or code in the path. Raises Refusal 404."""
    name = request.path[0]
    try:
        code = msgspec.convert(name, Code)
    except msgspec.ValidationError:
        raise _not_found(name) from None
    try:
        webhook_id = str(UUID(code))
    except ValueError:
        webhook_id = None
    row = await definitions.get(connection, request.project_id, Webhook.kind, webhook_id, code)
    if row is None:
        raise _not_found(name)
    return row


async def _active_webhook(request: AnyRequest, connection: Connection) -> DefinitionRow:
    """The same. Raises Refusal 409 if it is switched off."""
    webhook = await _webhook(request, connection)
    if not webhook.is_active:
        raise _inactive(webhook.code)
    return webhook


def _number(request: AnyRequest) -> int:
    """The number of the delivery in the path, which has one spelling. Raises Refusal 404."""
    text = request.path[1]
    if not _NUMBER.fullmatch(text):
        raise _delivery_not_found(text)
    return int(text)


def _shown(webhook: DefinitionRow, row: DeliveryRow) -> Delivery:
    """The delivery as the response shows it. Its plan is kept while the webhook is switched off, but not followed."""
    return Delivery(
        delivery_number=row.number,
        event_id=row.event_id,
        type=row.type,
        state=row.state,
        created_at=row.created_at,
        next_attempt_at=row.due_at if webhook.is_active and row.state == "waiting" else None,
        attempts=msgspec.convert(row.attempts, list[Attempt], from_attributes=True),
    )
