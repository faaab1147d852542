"""Badges: definition, commands, facts and rejections."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from msgspec import UNSET, Struct, UnsetType

from laurels.kernel.actions import Action, Code, Named
from laurels.kernel.commands import Command
from laurels.kernel.definition import Definition
from laurels.kernel.facts import Fact
from laurels.kernel.participant import Slice
from laurels.kernel.rejections import Rejection
from laurels.kernel.responses import Answer, AnyEffects


class Badge(Definition, frozen=True, kw_only=True):
    """A badge. If it `is_hidden`, it is shown only to participants who have earned it. `criteria` is a CEL expression
    over the participant; the badge is earned as soon as it is true."""

    kind: ClassVar[str] = "badge"

    description: str | None = None
    icon_url: str | None = None
    rarity: str = "common"
    display_order: int = 0
    is_hidden: bool = False
    criteria: str | None = None


class BadgeEarned(Fact, frozen=True, kw_only=True):
    """A badge was earned. `by_criteria`: by its criteria, and not by a call or an action; None in older facts."""

    kind: ClassVar[str] = "badge_earned"

    badge_id: str
    badge_code: str
    metadata: dict[str, Any] | None = None
    by_criteria: bool | None = None
    silent: bool = False
    reason: str | None = None


class BadgeRevoked(Fact, frozen=True, kw_only=True):
    kind: ClassVar[str] = "badge_revoked"

    badge_id: str
    badge_code: str
    reason: str | None = None


class AwardBadge(Command, frozen=True, kw_only=True):
    operation: ClassVar[str] = "award_badge"

    badge_code: str
    metadata: dict[str, Any] | None = None
    reason: str | None = None

    @property
    def named(self) -> Mapping[str, str | int | None]:
        return {"badge_code": self.badge_code}


class RevokeBadge(Command, frozen=True, kw_only=True):
    operation: ClassVar[str] = "revoke_badge"
    is_activity: ClassVar[bool] = False

    badge_code: str
    reason: str | None = None

    @property
    def named(self) -> Mapping[str, str | int | None]:
        return {"badge_code": self.badge_code}


class BadgeNotEarned(Rejection, frozen=True):
    code: str

    def sentence(self) -> str:
        return f"The participant has not earned this badge: {self.code}"


class BadgeEffect(Struct, frozen=True, kw_only=True):
    """A badge that was earned."""

    badge_code: str
    """The badge's code."""
    badge_name: str
    """The badge's name."""
    icon: str | None
    """The address of the badge's image; null if it has none."""
    rarity: str
    """How rare the badge is, in the project's own words."""
    due_to: str | None
    """The code of the rule or challenge that awarded it; null for a badge earned by its criteria."""


class BadgeAwardedAnswer(Answer, frozen=True, kw_only=True):
    """The badge that the participant now has."""

    participant_id: str
    badge_code: str
    """The badge's code."""
    badge_name: str
    """The badge's name."""
    icon: str | None
    """The address of the badge's image; null if it has none."""
    rarity: str
    """How rare the badge is, in the project's own words."""
    earned_at: datetime
    """When the participant earned the badge."""
    already_earned: bool
    """Whether the participant had the badge before; then nothing was changed."""
    effects: AnyEffects | UnsetType = UNSET


class BadgeRevokedAnswer(Answer, frozen=True, kw_only=True):
    """The badge that the participant no longer has."""

    participant_id: str
    badge_code: str
    """The badge's code."""
    badge_name: str
    """The badge's name."""
    earned_at: datetime
    """When the participant had earned the badge."""
    revoked_at: datetime
    """When the badge was taken away."""
    effects: AnyEffects | UnsetType = UNSET


class GiveBadge(Action, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="award_badge"):
    """An action that awards a badge. It changes nothing if the badge is already earned or is not active."""

    badge_code: Code
    """The badge's code."""

    def named(self) -> Named:
        return Named("badge_code", "badge", self.badge_code)


def _no_badges() -> dict[str, datetime]:
    return {}


BADGES = Slice[dict[str, datetime]]("badges", _no_badges, dict)
"""The time when each badge was earned, by badge id."""
