"""The sections of rewards in a participant's state and profile. Cancelled claims do not count."""

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


async def _rewards(request: AnyRequest, participant: ParticipantRow, definitions: Definitions) -> RewardsSection:
    return RewardsSection(await _claims(request, participant, definitions))


async def _claims(request: AnyRequest, participant: ParticipantRow, _definitions: Definitions) -> int:
    return await claim_lists.count(request.services.readers, participant.lane, participant.subject, standing=True)


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
