"""The request of an attempt: its body and its headers. Pure."""

from collections.abc import Sequence

import msgspec

from laurels.delivery.event_types import StoredEvent, stored_event
from laurels.delivery.webhooks.feed import TESTED, WebhookTestedData
from laurels.delivery.webhooks.signing import body_signature, signed_headers
from laurels.kernel.feed import FeedCause
from laurels.storage.webhooks.holding import HeldWebhook
from laurels.storage.webhooks.sending import TakenDelivery

NUMBER_HEADER = "laurels-delivery-number"

_json = msgspec.json.Encoder()


def body_of(webhook: HeldWebhook, taken: TakenDelivery) -> bytes:
    """The event, as the feed has it. Raises EventForgottenError."""
    if taken.event is not None:
        return _json.encode(stored_event(taken.event))
    if not taken.is_test:
        raise EventForgottenError
    event = StoredEvent(
        type=TESTED.name,
        id=taken.event_id,
        occurred_at=taken.created_at,
        recorded_at=taken.created_at,
        participant_id=None,
        sequence=None,
        historical=False,
        cause=msgspec.Raw(_json.encode(FeedCause())),
        data=msgspec.Raw(_json.encode(WebhookTestedData(webhook_code=webhook.code))),
    )
    return _json.encode(event)


def headers_of(
    webhook: HeldWebhook, secrets: Sequence[str], taken: TakenDelivery, body: bytes, timestamp: int
) -> dict[str, str]:
    """All headers of the request, signed with these secrets. The second signature is by the first secret alone."""
    headers = {
        **webhook.headers,
        "content-type": "application/json",
        NUMBER_HEADER: str(taken.number),
        **signed_headers(secrets, taken.event_id, timestamp, body),
    }
    if webhook.signature_header is not None:
        headers[webhook.signature_header] = body_signature(secrets[0], body)
    return headers


class EventForgottenError(Exception):
    """The feed no longer has the event."""
