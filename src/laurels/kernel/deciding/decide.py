"""A command and the state it meets give facts and an answer, or a rejection.

How each command is decided, its mechanic says; what the facts bring about, kernel/deciding/cascade.py.
"""

from collections.abc import Iterator
from datetime import datetime

from laurels.kernel.commands import Command
from laurels.kernel.deciding.decision import Decision
from laurels.kernel.deciding.happening import Happening
from laurels.kernel.definition import Definitions
from laurels.kernel.participant import Participant
from laurels.kernel.rejections import ParticipantErased, ParticipantNotFound, Rejection


def decide(
    definitions: Definitions, participant: Participant, command: Command, now: datetime, ids: Iterator[str]
) -> Decision | Rejection:
    """Judges `command` at `now` (the project's clock, UTC); each fact takes the next of `ids`.

    Leaves `participant` as it is when it refuses; otherwise folds the facts into the participant's state.
    """
    deciding = definitions.game.deciding[type(command)]
    # Of those who were anonymised nothing goes on but time.
    is_gone = participant.is_anonymised and not command.is_of_time
    if is_gone or (not participant.exists and not deciding.creates):
        return ParticipantNotFound(command.participant_id)
    if participant.erased_before is not None and _may_be_before(command, participant.erased_before):
        return ParticipantErased(participant.erased_before)
    decided: Decision | Rejection = deciding.decide(Happening(definitions, participant, now, ids), command)
    return decided


def _may_be_before(command: Command, erased_at: datetime) -> bool:
    reported_at = command.reported_at
    return command.is_from_file if reported_at is None else reported_at < erased_at


def has_expired(participant: Participant, now: datetime) -> bool:
    """Whether something of the participant's has ended that no fact tells of yet: that is settled first then."""
    return participant.next_expiry_at is not None and participant.next_expiry_at <= now
