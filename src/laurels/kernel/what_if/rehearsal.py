"""Which command brought facts of the journal about: told from the facts, as commands themselves are not kept."""

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
"""What mechanics note for themselves, by keys of their own."""


class Rehearsal:
    """The commands of one participant, under definitions that may have brought something else about: where a command
    named a fact, it names what has taken the fact's place. All facts are told in their order.

    `memory` is what mechanics note for themselves; `is_guessed` tells that facts of an older version left open what was
    asked for, where that makes a difference."""

    def __init__(self, draft: Definitions, participant: Participant, facts: Sequence[Past]) -> None:
        self.draft = draft
        self.participant = participant
        self.is_guessed = False
        self.memory: Memory = {}
        self._alike: dict[str, str] = {}
        self._hooks = draft.game.rehearsing
        entries = [past.entry for past in facts]
        for each in self._hooks:
            if each.prepare is not None:
                each.prepare(draft, participant, entries, self.memory)

    @property
    def who(self) -> dict[str, Any]:
        """What all commands name."""
        return {"project_id": self.participant.project_id, "participant_id": self.participant.participant_id}

    def name_of(self, name: str) -> str:
        """The id of the fact that has taken the place of the one of this id."""
        return self._alike.get(name, name)

    def tell(self, brought: Sequence[Past]) -> None:
        """What a command brought, after it has been asked for here."""
        for past in brought:
            for each in self._hooks:
                if each.told is not None:
                    each.told(self.memory, past.entry)

    def decided(self, entry: Entry) -> None:
        """A fact of the draft."""
        for each in self._hooks:
            if each.decided is not None:
                each.decided(self.memory, self.participant, entry)

    def match(self, alike: Mapping[str, str]) -> None:
        """Which facts have taken the places of others."""
        self._alike |= alike
        for each in self._hooks:
            if each.alike is not None:
                each.alike(self.memory, alike)

    def asked(self, brought: Sequence[Past]) -> Command | None:
        """The command that brought these facts; None for what nobody asked for, such as an expiry."""
        replaying = self.draft.game.replaying.get(type(brought[0].entry.fact))
        return replaying.asked(self, brought) if replaying is not None and replaying.asked is not None else None


def asked_to_judge(rehearsal: Rehearsal, brought: Sequence[Past]) -> Command:
    """The judging anew that brought the facts."""
    return JudgeAnew(definition_ids=tuple(_judged(rehearsal, brought)), silent=True, **rehearsal.who)


def _judged(rehearsal: Rehearsal, brought: Sequence[Past]) -> Iterator[str]:
    """The ids of what JudgeAnew gave by itself."""
    for past in brought:
        replaying = rehearsal.draft.game.replaying.get(type(past.entry.fact))
        if past.entry.cause_id is None and replaying is not None and replaying.judged_id is not None:
            yield replaying.judged_id(past.entry.fact)
