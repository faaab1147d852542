"""Deciding a command on the state of its participants: the result is facts and a response, or a rejection.

Each command is decided by its mechanic. The consequences of the facts follow in kernel/deciding/cascade.py.
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
    """A bug in a mechanic: it rejected a command after adding facts, or gave facts only to further participants."""


def decide(
    definitions: Definitions,
    participant: Participant,
    command: Command,
    now: datetime,
    ids: Iterator[str],
    others: Sequence[Participant] = (),
) -> Decision | Rejection:
    """Decides `command` at `now` (the project's clock, UTC). Each fact takes the next of `ids`. `others` are the
    command's further participants.

    A rejection leaves all participants unchanged; otherwise the facts are folded into their states.
    """
    deciding = definitions.game.deciding[type(command)]
    for each in (participant, *others):
        # For an anonymised participant, only the passing of time is still recorded.
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
    """Whether a lot, hold or multiplier of the participant has ended without a fact. It is settled before the next
    command."""
    return participant.next_expiry_at is not None and participant.next_expiry_at <= now
