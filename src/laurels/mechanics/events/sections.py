"""The section of events in a participant's profile."""

from laurels.kernel.definition import Definitions
from laurels.mechanics.events.model import EVENTS
from laurels.storage.participants import ParticipantRow
from laurels.web.api import Section
from laurels.web.endpoint import AnyRequest


async def _total(_request: AnyRequest, participant: ParticipantRow, _definitions: Definitions) -> int:
    return participant[EVENTS].total


PROFILE = Section(name="total_events", type=int, read=_total, example=0, description="The number of events.")
