"""The events of a participant in responses about everything."""

from laurels.kernel.definition import Definitions
from laurels.mechanics.events.model import EVENTS
from laurels.storage.participants import ParticipantRow
from laurels.web.api import Section
from laurels.web.endpoint import AnyRequest


async def _total(_request: AnyRequest, found: ParticipantRow, _definitions: Definitions) -> int:
    return found[EVENTS].total


PROFILE = Section(name="total_events", type=int, read=_total, example=0, description="The number of events.")
