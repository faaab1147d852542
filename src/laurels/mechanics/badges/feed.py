"""The feed events of badges."""

from typing import Any

from laurels.kernel.deciding.listing import announces
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry
from laurels.kernel.feed import FeedData
from laurels.mechanics.badges.model import Badge, BadgeEarned, BadgeRevoked


class BadgeEarnedData(FeedData, frozen=True, kw_only=True):
    """The badge that a participant earned."""

    badge_code: str
    """The badge's code."""
    badge_name: str
    """The badge's name."""
    description: str | None = None
    """The badge's description; null for none."""
    icon_url: str | None = None
    """The address of the badge's image; null for none."""
    rarity: str
    """How rare the badge is, in the project's own words."""
    reason: str | None = None
    """The reason that was given with the award; null for none."""
    metadata: dict[str, Any] | None = None
    """Your own data, as sent with the request; null for none."""


class BadgeRevokedData(FeedData, frozen=True, kw_only=True):
    """The badge that was taken away from a participant."""

    badge_code: str
    """The badge's code."""
    badge_name: str
    """The badge's name."""
    reason: str | None = None
    """The reason; null for none."""


def _earned(definitions: Definitions, _: Entry, fact: BadgeEarned) -> BadgeEarnedData:
    badge = definitions[Badge].by_id[fact.badge_id]
    return BadgeEarnedData(
        badge_code=badge.code,
        badge_name=badge.name,
        description=badge.description,
        icon_url=badge.icon_url,
        rarity=badge.rarity,
        reason=fact.reason,
        metadata=fact.metadata,
    )


def _revoked(definitions: Definitions, _: Entry, fact: BadgeRevoked) -> BadgeRevokedData:
    badge = definitions[Badge].by_id[fact.badge_id]
    return BadgeRevokedData(badge_code=badge.code, badge_name=badge.name, reason=fact.reason)


FEED = (
    announces(
        "badge.earned",
        BadgeEarned,
        _earned,
        about="A participant earned a badge.",
        example=BadgeEarnedData(
            badge_code="first_order",
            badge_name="First order",
            icon_url="https://cdn.example.com/first_order.png",
            rarity="common",
        ),
    ),
    announces(
        "badge.revoked",
        BadgeRevoked,
        _revoked,
        about="A badge was taken away from a participant.",
        example=BadgeRevokedData(badge_code="first_order", badge_name="First order", reason="Order returned"),
    ),
)
