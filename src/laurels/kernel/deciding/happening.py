"""The facts of one command while it is decided. Each is folded at once, so that later steps see the state after it."""

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from typing import Any

import msgspec
from msgspec import Struct

from laurels.kernel.actions import Action
from laurels.kernel.deciding.fold import fold
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry, Fact, Outcome
from laurels.kernel.game import Game
from laurels.kernel.participant import Participant


class Act(Struct, frozen=True):
    """The actions of one definition, caused by one fact, at the time `at` of the fact. `reason` is the reason of points
    whose action gives none; `reads` are the variables in the condition."""

    definition_id: str
    reason: str
    actions: tuple[Action, ...]
    cause_id: str
    at: datetime
    reads: frozenset[str] = frozenset()


class Happening:
    """One participant's part of one command; `others` are the parts of its further participants. `outcomes` are the
    outcomes of all definitions considered, `due` the actions of the next round, and `values` the values of variables in
    expressions. `is_silent` marks facts that are not announced. `memory` holds notes of mechanics."""

    __slots__ = (
        "_ids",
        "definitions",
        "due",
        "entries",
        "game",
        "is_silent",
        "memory",
        "now",
        "others",
        "outcomes",
        "participant",
        "values",
    )

    def __init__(
        self,
        definitions: Definitions,
        participant: Participant,
        now: datetime,
        ids: Iterator[str],
        others: Sequence[Participant] = (),
    ) -> None:
        self.entries: list[Entry] = []
        self.game: Game = definitions.game
        self.definitions = definitions
        self.participant = participant
        self.now = now
        self.outcomes: list[Outcome] = []
        self.due: list[Act] = []
        self.values = definitions.game.expressions.nothing_known
        self.is_silent = False
        self.memory: dict[Any, Any] = {}
        self.others: Sequence[Happening] = ()
        self._ids = ids
        if others:
            self.others = [Happening(definitions, other, now, ids) for other in others]

    @property
    def zone(self) -> tzinfo:
        """The participant's time zone."""
        return self.participant.zone or self.definitions.calendar.zone

    def of(self, participant_id: str) -> "Happening":
        """The part of one of the command's participants."""
        return next(part for part in (self, *self.others) if part.participant.participant_id == participant_id)

    def happen(
        self, fact: Fact, occurred_at: datetime, cause_id: str | None = None, due_to: str | None = None
    ) -> Entry:
        """Adds a fact, folds it and performs the immediate reactions."""
        if due_to is not None:
            fact = msgspec.structs.replace(fact, due_to=due_to)
        entry = Entry(next(self._ids), self.participant.seq + 1, fact, occurred_at, cause_id)
        fold(self.game, self.participant, entry)
        self.entries.append(entry)
        for reaction in self.game.at_once.get(type(fact), ()):
            reaction.react(self, entry, due_to)
        return entry

    def note(self, outcome: Outcome) -> None:
        """Adds an outcome, unless an equal one is there."""
        if outcome not in self.outcomes:
            self.outcomes.append(outcome)
