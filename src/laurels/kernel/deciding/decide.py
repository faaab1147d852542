"""A command and the state it meets give facts and an answer, or a rejection.

How each command is decided, its mechanic says; what the facts bring about, kernel/deciding/cascade.py.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from laurels.kernel.commands import Command
from laurels.kernel.deciding.decision import Decision
from laurels.kernel.deciding.happening import Happening
from laurels.kernel.definition import Definitions
from laurels.kernel.participant import Participant
from laurels.kernel.rejections import ParticipantErased, ParticipantNotFound, Rejection


class UnfitDecisionError(Exception):
    """A mechanic refused a command after a fact of it, or left its first participant without a fact of its own."""


def decide(
    definitions: Definitions,
    participant: Participant,
    command: Command,
    now: datetime,
    ids: Iterator[str],
    others: Sequence[Participant] = (),
) -> Decision | Rejection:
    """Judges `command` at `now` (the project's clock, UTC); each fact takes the next of `ids`. `others` are the further
    participants that it names.

    Leaves all participants as they are when it refuses; otherwise folds the facts into their states.
    """
    deciding = definitions.game.deciding[type(command)]
    for each in (participant, *others):
        # Of those who were anonymised nothing goes on but time.
        is_gone = each.is_anonymised and not command.is_of_time
        if is_gone or (not each.exists and not deciding.creates):
            return ParticipantNotFound(each.participant_id)
        if each.erased_before is not None and _may_be_before(command, each.erased_before):
            return ParticipantErased(each.erased_before)
    happening = Happening(definitions, participant, now, ids, others)
    decided: Decision | Rejection = deciding.decide(happening, command)
    return _with_others(happening, decided) if others else decided


def _with_others(happening: Happening, decided: Decision | Rejection) -> Decision | Rejection:
    """Raises UnfitDecisionError."""
    parts = [(other.participant, other.entries) for other in happening.others]
    if isinstance(decided, Rejection):
        is_fit = not happening.entries and not any(entries for _, entries in parts)
    else:
        is_fit = bool(decided.entries) or not any(entries for _, entries in parts)
        decided = msgspec.structs.replace(decided, others=parts)
    if not is_fit:
        raise UnfitDecisionError(type(decided).__name__)
    return decided


def _may_be_before(command: Command, erased_at: datetime) -> bool:
    reported_at = command.reported_at
    return command.is_from_file if reported_at is None else reported_at < erased_at


def has_expired(participant: Participant, now: datetime) -> bool:
    """Whether something of the participant's has ended that no fact tells of yet: that is settled first then."""
    return participant.next_expiry_at is not None and participant.next_expiry_at <= now
