"""Looks up the participant in a path, and the definitions for a response about the participant."""

import msgspec

from laurels.kernel.definition import Definitions
from laurels.kernel.input.fields import ParticipantId
from laurels.kernel.rejections import ParticipantNotFound
from laurels.storage import participants
from laurels.storage.participants import ParticipantRow
from laurels.web.endpoint import AnyRequest
from laurels.web.protocol.errors import invalid, invalid_value, refusal_for, unavailable

ERASING_SECONDS = 30
"""The Retry-After of requests about a participant who is being erased."""


def participant_id(request: AnyRequest) -> str:
    """The participant id in the path. Raises Refusal 422."""
    try:
        return msgspec.convert(request.path[0], ParticipantId)
    except msgspec.ValidationError as error:
        refusal = invalid_value(error)
        raise invalid("participant_id", refusal.errors[0].message) from None


async def find_participant(request: AnyRequest) -> ParticipantRow:
    """The participant in the path. Raises Refusal 404, and 503 while the facts of an anonymized participant are being
    cleared."""
    name = participant_id(request)
    row = await participants.find(
        request.services.readers, request.services.definitions.tables, request.project_id, name
    )
    if row is None:
        raise refusal_for(ParticipantNotFound(name))
    if row.is_being_erased:
        detail = f"The participant is being anonymized; try again later: {name}"
        raise unavailable(detail, ERASING_SECONDS, code="participant_being_erased")
    return row


async def definitions_for(request: AnyRequest, row: ParticipantRow) -> Definitions:
    """The project's definitions, at least as new as the participant's row."""
    services = request.services
    return await services.definitions.at(services.readers, request.project_id, row.definitions_version)
