"""Looking up the participant that a path names, and the definitions that the participant is shown by."""

import msgspec

from laurels.kernel.definition import Definitions
from laurels.kernel.input.fields import ParticipantId
from laurels.kernel.rejections import ParticipantNotFound
from laurels.storage import participants
from laurels.storage.participants import ParticipantRow
from laurels.web.endpoint import AnyRequest
from laurels.web.protocol.errors import invalid, invalid_value, refusal_for, unavailable

ERASING_SECONDS = 30
"""So long a caller should wait before asking again."""


def participant_id(request: AnyRequest) -> str:
    """The path's participant id. Raises Refusal 422."""
    try:
        return msgspec.convert(request.path[0], ParticipantId)
    except msgspec.ValidationError as error:
        refusal = invalid_value(error)
        raise invalid("participant_id", refusal.errors[0].message) from None


async def find_participant(request: AnyRequest) -> ParticipantRow:
    """The participant that the path names. Raises Refusal 404, and 503 as long as an anonymised person's facts are not
    cleared."""
    name = participant_id(request)
    found = await participants.find(
        request.services.readers, request.services.definitions.tables, request.project_id, name
    )
    if found is None:
        raise refusal_for(ParticipantNotFound(name))
    if found.is_being_erased:
        detail = f"The participant is being anonymized; try again later: {name}"
        raise unavailable(detail, ERASING_SECONDS, code="participant_being_erased")
    return found


async def definitions_for(request: AnyRequest, found: ParticipantRow) -> Definitions:
    """The project's definitions, as new as the participant's row at least."""
    services = request.services
    return await services.definitions.at(services.readers, request.project_id, found.definitions_version)
