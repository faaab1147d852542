"""The claims of a participant in responses about everything. Cancelled ones do not count."""

from msgspec import Struct

from laurels.kernel.definition import Definitions
from laurels.mechanics.rewards import claim_lists
from laurels.storage.participants import ParticipantRow
from laurels.web.api import Section
from laurels.web.endpoint import AnyRequest


class RewardsSection(Struct, frozen=True):
    """The number of the participant's claims."""

    total_claimed: int
    """The number of claims, without cancelled ones."""


async def _rewards(request: AnyRequest, found: ParticipantRow, definitions: Definitions) -> RewardsSection:
    return RewardsSection(await _claims(request, found, definitions))


async def _claims(request: AnyRequest, found: ParticipantRow, _definitions: Definitions) -> int:
    return await claim_lists.count(request.services.readers, found.lane, found.subject, standing=True)


STATE = Section(
    name="rewards",
    type=RewardsSection,
    read=_rewards,
    example={"total_claimed": 0},
    description="The number of the participant's claims.",
)
PROFILE = Section(
    name="rewards_claimed",
    type=int,
    read=_claims,
    example=0,
    description="The number of claims, without cancelled ones.",
)
