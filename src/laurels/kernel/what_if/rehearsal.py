"""Reconstructing the commands behind facts of the journal: commands themselves are not stored."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from laurels.kernel.commands import Command, JudgeAnew
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry
from laurels.kernel.participant import Participant


class Past(Struct, frozen=True):
    """A fact of the journal. `command_id` is the id of the first fact of its command."""

    entry: Entry
    recorded_at: datetime
    command_id: str


Memory = dict[Any, Any]
"""The notes of mechanics, each under a key that its mechanic defines."""


class Rehearsal:
    """Reconstructs the commands of one participant for a draft, whose facts may differ: where a command refers to a
    fact, the reconstructed command refers to the fact that replaces it in the draft. Facts are passed in order.

    `memory` holds the notes of mechanics. `is_guessed` means that facts of an older version did not identify the
    original command, and that this makes a difference."""

    def __init__(self, draft: Definitions, participant: Participant, facts: Sequence[Past]) -> None:
        self.draft = draft
        self.participant = participant
        self.is_guessed = False
        self.memory: Memory = {}
        self._replacements: dict[str, str] = {}
        self._hooks = draft.game.rehearsing
        entries = [past.entry for past in facts]
        for each in self._hooks:
            if each.prepare is not None:
                each.prepare(draft, participant, entries, self.memory)

    @property
    def who(self) -> dict[str, Any]:
        """The fields that identify the participant in a command."""
        return {"project_id": self.participant.project_id, "participant_id": self.participant.participant_id}

    def name_of(self, name: str) -> str:
        """The id of the fact that replaces the fact with this id in the draft, or the same id."""
        return self._replacements.get(name, name)

    def tell(self, brought: Sequence[Past]) -> None:
        """Passes the live facts of a command to the mechanics, after the command was reconstructed."""
        for past in brought:
            for each in self._hooks:
                if each.told is not None:
                    each.told(self.memory, past.entry)

    def decided(self, entry: Entry) -> None:
        """Passes a fact of the draft to the mechanics."""
        for each in self._hooks:
            if each.decided is not None:
                each.decided(self.memory, self.participant, entry)

    def match(self, alike: Mapping[str, str]) -> None:
        """Notes facts of the draft that replace live facts: the new id for each old id."""
        self._replacements |= alike
        for each in self._hooks:
            if each.alike is not None:
                each.alike(self.memory, alike)

    def asked(self, brought: Sequence[Past]) -> Command | None:
        """The command that caused these facts; None if no caller sent one, as for an expiry."""
        replaying = self.draft.game.replaying.get(type(brought[0].entry.fact))
        return replaying.asked(self, brought) if replaying is not None and replaying.asked is not None else None


def asked_to_judge(rehearsal: Rehearsal, brought: Sequence[Past]) -> Command:
    """The command that judged the participant again and caused these facts."""
    return JudgeAnew(definition_ids=tuple(_judged(rehearsal, brought)), silent=True, **rehearsal.who)


def _judged(rehearsal: Rehearsal, brought: Sequence[Past]) -> Iterator[str]:
    """The ids of the definitions that JudgeAnew itself gave."""
    for past in brought:
        replaying = rehearsal.draft.game.replaying.get(type(past.entry.fact))
        if past.entry.cause_id is None and replaying is not None and replaying.judged_id is not None:
            yield replaying.judged_id(past.entry.fact)
