"""The feed events about webhooks."""

from datetime import UTC, datetime
from typing import Literal

from laurels.kernel.feed import FeedData, FeedType

DisabledReason = Literal["gone", "no_success_in_five_days"]


class WebhookDisabledData(FeedData, frozen=True, kw_only=True):
    """A webhook that the server switched off."""

    webhook_code: str
    """The webhook's code."""
    reason: DisabledReason
    """`gone`: the receiver responded with 410. `no_success_in_five_days`: no attempt of five days succeeded."""
    failing_since: datetime
    """The first failed attempt after the last success."""


class WebhookTestedData(FeedData, frozen=True, kw_only=True):
    """A test of a webhook."""

    webhook_code: str
    """The webhook's code."""


DISABLED = FeedType(
    name="webhook.disabled",
    is_of_participant=False,
    about="A webhook was switched off by the server, because its receiver failed for too long or asked for it.",
    example=WebhookDisabledData(
        webhook_code="crm", reason="no_success_in_five_days", failing_since=datetime(2026, 2, 24, 9, 30, tzinfo=UTC)
    ),
)

TESTED = FeedType(
    name="webhook.tested",
    is_of_participant=False,
    about="An administrator asked for a test. Only the tested webhook receives this event; the feed does not have it.",
    example=WebhookTestedData(webhook_code="crm"),
)

FEED = (DISABLED, TESTED)
