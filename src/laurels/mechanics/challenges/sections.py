"""The section of challenges in a participant's state."""

from msgspec import Struct

from laurels.kernel.definition import Definitions
from laurels.mechanics.challenges.api import summaries
from laurels.storage.participants import ParticipantRow
from laurels.web.api import Section
from laurels.web.endpoint import AnyRequest


class ChallengesSection(Struct, frozen=True):
    """The number of the participant's challenges."""

    active: int
    """The number of challenges in progress."""
    completed: int
    """The number of challenges that were completed at least once."""


async def _challenges(request: AnyRequest, participant: ParticipantRow, _definitions: Definitions) -> ChallengesSection:
    """The numbers of active and completed challenges. Each challenge counts once, however often it was completed."""
    standing = [summary for _, summary in await summaries(request, participant)]
    return ChallengesSection(
        sum(summary.status == "active" for summary in standing),
        sum(summary.completions > 0 for summary in standing),
    )


STATE = Section(
    name="challenges",
    type=ChallengesSection,
    read=_challenges,
    description="The number of the participant's challenges.",
    example={"active": 0, "completed": 0},
)
