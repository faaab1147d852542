"""Keeping the order of each participant's commands when some commands of a batch are left undone."""

from collections.abc import Collection, Iterable

from laurels.storage.batches import ParticipantKey


class Behind:
    """Participants with a command that is left undone. Their later commands wait, too."""

    def __init__(self, participants: Iterable[ParticipantKey] = ()) -> None:
        self._participants = set(participants)

    def add(self, participants: Iterable[ParticipantKey]) -> None:
        self._participants.update(participants)

    def holds(self, participants: Collection[ParticipantKey]) -> bool:
        """Whether the next command has to wait. If so, the later commands of all its participants wait, too."""
        if self._participants.isdisjoint(participants):
            return False
        self._participants.update(participants)
        return True
