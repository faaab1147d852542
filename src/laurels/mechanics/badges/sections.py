"""The sections of badges in a participant's state and profile."""

from datetime import datetime

from msgspec import Struct

from laurels.kernel.definition import Definitions
from laurels.mechanics.badges import rules, store
from laurels.storage.participants import ParticipantRow
from laurels.web.api import Section
from laurels.web.endpoint import AnyRequest


class BadgeSection(Struct, frozen=True, kw_only=True):
    """A badge that the participant can see, earned or not."""

    code: str
    """The badge's code."""
    name: str
    """The badge's name."""
    earned: bool
    """Whether the participant has the badge now."""
    earned_at: datetime | None
    """When the participant earned it; null if not earned."""


class ProfileBadge(BadgeSection, frozen=True, kw_only=True):
    """A badge that the participant has earned."""

    rarity: str
    """How rare the badge is, in the project's own words."""


async def _visible(request: AnyRequest, participant: ParticipantRow, definitions: Definitions) -> list[BadgeSection]:
    """All badges that the participant can see, earned or not."""
    earned = await store.earned(request.services.readers, participant.lane, participant.subject)
    return [
        BadgeSection(code=badge.code, name=badge.name, earned=badge.id in earned, earned_at=earned.get(badge.id))
        for badge in rules.visible(definitions, earned)
    ]


async def _earned(request: AnyRequest, participant: ParticipantRow, definitions: Definitions) -> list[ProfileBadge]:
    """The earned badges."""
    earned = await store.earned(request.services.readers, participant.lane, participant.subject)
    return [
        ProfileBadge(code=badge.code, name=badge.name, rarity=badge.rarity, earned=True, earned_at=earned[badge.id])
        for badge in rules.visible(definitions, earned)
        if badge.id in earned
    ]


STATE = Section(
    name="badges",
    type=list[BadgeSection],
    read=_visible,
    description="The badges that the participant can see, earned or not.",
    example=[
        {"code": "first_steps", "name": "First Steps", "earned": True, "earned_at": "2026-01-08T12:00:00Z"},
        {"code": "power_user", "name": "Power User", "earned": False, "earned_at": None},
    ],
)
PROFILE = Section(
    name="badges",
    type=list[ProfileBadge],
    read=_earned,
    description="The badges that the participant has earned.",
    example=[
        {
            "code": "first_steps",
            "name": "First Steps",
            "rarity": "common",
            "earned": True,
            "earned_at": "2026-01-08T12:00:00Z",
        }
    ],
)
