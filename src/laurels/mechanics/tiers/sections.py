"""The sections of tiers in a participant's state and profile."""

from msgspec import Struct, structs

from laurels.kernel.definition import Definitions
from laurels.mechanics.points.purse.model import PURSE
from laurels.mechanics.tiers.api import CurrentTier, NextTier, current_tier, next_tier
from laurels.mechanics.tiers.model import TIER
from laurels.storage.participants import ParticipantRow
from laurels.web.api import Section
from laurels.web.endpoint import AnyRequest


class TierSection(Struct, frozen=True):
    """The tier of a participant."""

    code: str
    """The tier's code."""
    name: str
    """The tier's name."""
    level: int
    """The tier's level; higher is better."""


class ProfileTier(CurrentTier, frozen=True, kw_only=True):
    """The tier of a participant, and the next one."""

    next_tier: NextTier | None
    """The next tier; null if there is none to reach."""


async def _tier(_request: AnyRequest, participant: ParticipantRow, definitions: Definitions) -> TierSection | None:
    current = current_tier(definitions, participant[TIER])
    return TierSection(current.code, current.name, current.level) if current else None


async def _with_next(_request: AnyRequest, participant: ParticipantRow, definitions: Definitions) -> ProfileTier | None:
    current = current_tier(definitions, participant[TIER])
    if current is None:
        return None
    return ProfileTier(
        **structs.asdict(current), next_tier=next_tier(definitions, participant[TIER], participant[PURSE])
    )


STATE = Section(
    name="tier",
    type=TierSection | None,
    read=_tier,
    description="The participant's tier; null for none.",
    example={"code": "silver", "name": "Silver", "level": 2},
)
PROFILE = Section(
    name="tier",
    type=ProfileTier | None,
    read=_with_next,
    description="The participant's tier; null for none.",
    example={
        "code": "silver",
        "name": "Silver",
        "level": 2,
        "color": "#C0C0C0",
        "achieved_at": "2026-03-01T09:30:00Z",
        "next_tier": {"code": "gold", "name": "Gold", "points_required": 5000, "points_remaining": 3400},
    },
)
