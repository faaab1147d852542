"""The section `points` of profiles and states."""

from msgspec import Struct

from laurels.kernel.definition import Definitions
from laurels.mechanics.points.purse.model import PURSE
from laurels.storage.participants import ParticipantRow
from laurels.web.api import Section
from laurels.web.endpoint import AnyRequest


class PointsSection(Struct, frozen=True):
    """The points of a participant."""

    balance: int
    """Points that can be spent now."""
    total_earned: int
    """All points ever awarded, less reversed awards."""
    total_spent: int
    """All points ever spent, less reversed deductions."""


async def _points(_request: AnyRequest, found: ParticipantRow, _definitions: Definitions) -> PointsSection:
    return PointsSection(found[PURSE].balance, found[PURSE].total_earned, found[PURSE].total_spent)


POINTS = Section(
    name="points",
    type=PointsSection,
    read=_points,
    description="The participant's points.",
    example={"balance": 1500, "total_earned": 1600, "total_spent": 100},
)
