"""The order of each participant's commands, where some of a batch are left undone."""

from collections.abc import Collection, Iterable

from laurels.storage.batches import ParticipantKey


class Behind:
    """Participants of whom a command is left undone. What comes later of any of them waits, too."""

    def __init__(self, participants: Iterable[ParticipantKey] = ()) -> None:
        self._participants = set(participants)

    def add(self, participants: Iterable[ParticipantKey]) -> None:
        self._participants.update(participants)

    def holds(self, participants: Collection[ParticipantKey]) -> bool:
        """Whether the next command, of these participants, has to wait."""
        if self._participants.isdisjoint(participants):
            return False
        self._participants.update(participants)
        return True
