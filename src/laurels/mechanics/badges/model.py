"""Badges: definition, commands, facts and rejections."""

from typing import Any, ClassVar

from laurels.kernel.commands import Command
from laurels.kernel.definition import Definition
from laurels.kernel.facts import Fact
from laurels.kernel.rejections import Rejection


class Badge(Definition, frozen=True, kw_only=True):
    """`is_hidden`: shown to those alone who have earned it. `criteria`, a CEL expression over the participant, earns it
    as soon as it holds."""

    kind: ClassVar[str] = "badge"

    description: str | None = None
    icon_url: str | None = None
    rarity: str = "common"
    display_order: int = 0
    is_hidden: bool = False
    criteria: str | None = None
    version: int = 0


class BadgeEarned(Fact, frozen=True, kw_only=True):
    """`by_criteria`: as they held, and not by a call or an action; None in older facts."""

    kind: ClassVar[str] = "badge_earned"

    badge_id: str
    badge_code: str
    metadata: dict[str, Any] | None = None
    by_criteria: bool | None = None
    silent: bool = False


class BadgeRevoked(Fact, frozen=True, kw_only=True):
    kind: ClassVar[str] = "badge_revoked"

    badge_id: str
    badge_code: str
    reason: str | None = None


class AwardBadge(Command, frozen=True, kw_only=True):
    operation: ClassVar[str] = "award_badge"

    badge_code: str
    metadata: dict[str, Any] | None = None


class RevokeBadge(Command, frozen=True, kw_only=True):
    operation: ClassVar[str] = "revoke_badge"
    is_activity: ClassVar[bool] = False

    badge_code: str
    reason: str | None = None


class BadgeNotEarned(Rejection, frozen=True):
    code: str

    def sentence(self) -> str:
        return f"The participant has not earned this badge: {self.code}"
