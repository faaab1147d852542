"""Tiers: definition, state, commands and facts."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Literal

from msgspec import UNSET, Struct, UnsetType

from laurels.kernel.actions import Action, Code, Named
from laurels.kernel.commands import Command
from laurels.kernel.definition import Definition
from laurels.kernel.facts import Fact
from laurels.kernel.participant import Slice, unchanging
from laurels.kernel.responses import Answer, AnyEffects, AnyRise

PointsBasis = Literal["total_earned", "balance"]


class Tier(Definition, frozen=True, kw_only=True):
    """A tier of a project, including withdrawn tiers (inactive or deleted), which participants keep."""

    kind: ClassVar[str] = "tier"

    level: int
    color: str | None = None
    automatic: bool = True
    min_points: int = 0
    basis: PointsBasis = "total_earned"


class TierStanding(Struct):
    """The tier of a participant.

    After a manual assignment, `held_earned` and `held_balance` are the points at that time: only thresholds above them
    can lift the participant again.
    """

    tier_id: str
    since: datetime
    held_earned: int | None = None
    held_balance: int | None = None


class TierReached(Fact, frozen=True, kw_only=True):
    """The points lifted the participant into a tier. It is `silent` for the entry tier, and for a tier given silently
    after a change of definitions: applications announce nothing then."""

    kind: ClassVar[str] = "tier_reached"

    tier_id: str
    tier_code: str
    previous_tier_id: str | None = None
    silent: bool = False


class TierAssigned(Fact, frozen=True, kw_only=True):
    """The participant was assigned to a tier by a call or an action. The held values are the points at that time."""

    kind: ClassVar[str] = "tier_assigned"

    tier_id: str
    tier_code: str
    held_earned: int
    held_balance: int
    previous_tier_id: str | None = None
    reason: str | None = None


class AssignTier(Command, frozen=True, kw_only=True):
    operation: ClassVar[str] = "assign_tier"

    tier_code: str
    reason: str | None = None

    @property
    def named(self) -> Mapping[str, str | int | None]:
        return {"tier_code": self.tier_code}


class TierUpgrade(AnyRise, frozen=True, kw_only=True):
    """The tier just reached, and the previous tier, if any."""

    code: str
    """The tier's code."""
    name: str
    """The tier's name."""
    level: int
    """The tier's level; higher is better."""
    previous_code: str | None
    """The code of the tier before; null for none."""
    previous_level: int | None
    """The level of the tier before; null for none."""


class TierAssignedAnswer(Answer, frozen=True, kw_only=True):
    """The tier that the participant is now in."""

    participant_id: str
    tier_code: str
    """The tier's code."""
    tier_name: str
    """The tier's name."""
    level: int
    """The tier's level; higher is better."""
    previous_code: str | None
    """The code of the tier before; null for none."""
    previous_level: int | None
    """The level of the tier before; null for none."""
    assigned_at: datetime
    """When the tier was assigned."""
    effects: AnyEffects | UnsetType = UNSET


class PutInTier(Action, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="assign_tier"):
    """An action that assigns a tier. It changes nothing if the participant is already in the tier."""

    tier_code: Code
    """The tier's code."""

    def named(self) -> Named:
        return Named("tier_code", "tier", self.tier_code)


def _no_tier() -> TierStanding | None:
    return None


TIER = Slice("tier", _no_tier, unchanging)
"""The tier of a participant, if any."""
