"""A participant's state, of which each mechanic has its own slice."""

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Any, Generic, TypeVar

from msgspec import Struct

from laurels.kernel.limits import LimitWindow

State = TypeVar("State")
Row = TypeVar("Row")


class Slice(Generic[State]):
    """A mechanic's part of a participant's state. `empty` makes that of somebody new. Folding replaces what a state
    holds, so that `copied`, a shallow copy, is one to come back to."""

    def __init__(self, name: str, empty: Callable[[], State], copied: Callable[[State], State]) -> None:
        self.name = name
        self.empty = empty
        self.copied = copied


class Shared(Generic[Row]):
    """Rows by their names that all participants of a batch share."""

    def __init__(self, name: str) -> None:
        self.name = name


Slices = dict[Slice[Any], Any]
"""The state of each slice. `participant[STREAKS]` gives it with its type."""

SharedRows = dict[Shared[Any], dict[str, Any]]


def unchanging(state: State) -> State:
    """The copy of a state that is replaced as a whole."""
    return state


class Participant(Struct):
    """One participant's state as a batch sees it: `participant[STREAKS]`.

    `seq` counts all facts of the participant without gaps. `next_expiry_at` is when the first of what ends by itself
    does, None if nothing will. `limit_uses` and `zone`, and what is in the slices, are loaded when the command needs
    them. `limit_totals`, how often limited definitions have acted for anyone, and `shared` are the same dictionaries
    for all participants of a batch. `erased_before` is when the last person of the same id was erased.
    """

    project_id: int
    participant_id: str
    lane: int
    subject: str
    exists: bool
    seq: int = 0
    next_expiry_at: datetime | None = None
    slices: Slices = {}
    shared: SharedRows = {}
    limit_uses: dict[LimitWindow, int] = {}
    limit_totals: dict[LimitWindow, int] = {}
    zone: tzinfo | None = None
    is_anonymised: bool = False
    erased_before: datetime | None = None

    def __getitem__(self, part: Slice[State]) -> State:
        try:
            state: State = self.slices[part]
        except KeyError:
            state = self.slices[part] = part.empty()
        return state

    def __setitem__(self, part: Slice[State], state: State) -> None:
        self.slices[part] = state

    def rows(self, kind: Shared[Row]) -> dict[str, Row]:
        """The shared rows of one kind, by their names."""
        return self.shared.setdefault(kind, {})


class Snapshot(Struct, frozen=True):
    """A participant's state at one moment, to come back to: of all that the actions of a definition can change."""

    seq: int
    next_expiry_at: datetime | None
    slices: Slices
    shared: SharedRows
    limit_uses: dict[LimitWindow, int]

    @classmethod
    def of(cls, participant: Participant) -> "Snapshot":
        return cls(
            participant.seq,
            participant.next_expiry_at,
            {part: part.copied(state) for part, state in participant.slices.items()},
            {kind: dict(rows) for kind, rows in participant.shared.items()},
            dict(participant.limit_uses),
        )

    def restore(self, participant: Participant) -> None:
        participant.seq = self.seq
        participant.next_expiry_at = self.next_expiry_at
        participant.slices = self.slices
        participant.limit_uses = self.limit_uses
        # The dictionaries of all participants stay the same objects.
        for kind, rows in self.shared.items():
            participant.shared[kind].update(rows)
