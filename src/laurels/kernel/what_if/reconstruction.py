"""Reconstructing the commands behind facts of the journal: commands themselves are not stored."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from laurels.kernel.commands import Command, JudgeAnew
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry
from laurels.kernel.participant import Participant


class PastFact(Struct, frozen=True):
    """A fact of the journal. `command_id` is the id of the first fact of its command."""

    entry: Entry
    recorded_at: datetime
    command_id: str


Memory = dict[Any, Any]
"""The notes of mechanics, each under a key that its mechanic defines."""


class Reconstruction:
    """The reconstruction of one participant's commands for a draft, whose facts may differ: where a command refers to a
    fact, the reconstructed command refers to the fact that replaces it in the draft. Facts are passed in order.

    `memory` holds the notes of mechanics. `is_guessed` means that facts of an older version did not identify the
    original command, and that this makes a difference."""

    def __init__(self, draft: Definitions, participant: Participant, facts: Sequence[PastFact]) -> None:
        self.draft = draft
        self.participant = participant
        self.is_guessed = False
        self.memory: Memory = {}
        self._replacements: dict[str, str] = {}
        self._hooks = draft.game.what_if_hooks
        entries = [past.entry for past in facts]
        for each in self._hooks:
            if each.prepare is not None:
                each.prepare(draft, participant, entries, self.memory)

    @property
    def participant_fields(self) -> dict[str, Any]:
        """The fields that identify the participant in a command."""
        return {"project_id": self.participant.project_id, "participant_id": self.participant.participant_id}

    def current_id(self, fact_id: str) -> str:
        """The id of the fact that replaces the fact with this id in the draft, or else the same id."""
        return self._replacements.get(fact_id, fact_id)

    def note_live(self, command_facts: Sequence[PastFact]) -> None:
        """Passes the live facts of a command to the mechanics, after the command was reconstructed."""
        for past in command_facts:
            for each in self._hooks:
                if each.after_live_fact is not None:
                    each.after_live_fact(self.memory, past.entry)

    def note_draft(self, entry: Entry) -> None:
        """Passes a fact of the draft to the mechanics."""
        for each in self._hooks:
            if each.after_draft_fact is not None:
                each.after_draft_fact(self.memory, self.participant, entry)

    def note_replacements(self, replacements: Mapping[str, str]) -> None:
        """Notes facts of the draft that replace live facts: the new id for each old id."""
        self._replacements |= replacements
        for each in self._hooks:
            if each.after_replacements is not None:
                each.after_replacements(self.memory, replacements)

    def command(self, command_facts: Sequence[PastFact]) -> Command | None:
        """The command that caused these facts; None if no caller sent one, as for an expiry."""
        fact_replay = self.draft.game.fact_replays.get(type(command_facts[0].entry.fact))
        if fact_replay is None or fact_replay.reconstruct is None:
            return None
        return fact_replay.reconstruct(self, command_facts)


def reconstruct_rejudging(reconstruction: Reconstruction, command_facts: Sequence[PastFact]) -> Command:
    """The command that judged the participant again and caused these facts."""
    return JudgeAnew(
        definition_ids=tuple(_judged(reconstruction, command_facts)), silent=True, **reconstruction.participant_fields
    )


def _judged(reconstruction: Reconstruction, command_facts: Sequence[PastFact]) -> Iterator[str]:
    """The ids of the definitions that JudgeAnew itself gave."""
    for past in command_facts:
        fact_replay = reconstruction.draft.game.fact_replays.get(type(past.entry.fact))
        if past.entry.cause_id is None and fact_replay is not None and fact_replay.judged_id is not None:
            yield fact_replay.judged_id(past.entry.fact)
