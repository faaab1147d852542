"""A participant's state, in which each mechanic has its own slice."""

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Any, Generic, TypeVar

from msgspec import Struct

from laurels.kernel.limits import LimitWindow

State = TypeVar("State")
Row = TypeVar("Row")


class Slice(Generic[State]):
    """A mechanic's part of a participant's state. `empty` builds the slice of a new participant. Folding replaces the
    elements of a state and does not change them, so `copied`, a shallow copy, is enough to restore a slice."""

    def __init__(self, name: str, empty: Callable[[], State], copied: Callable[[State], State]) -> None:
        self.name = name
        self.empty = empty
        self.copied = copied


class Shared(Generic[Row]):
    """A kind of rows, by name, that all participants of a batch share."""

    def __init__(self, name: str) -> None:
        self.name = name


Slices = dict[Slice[Any], Any]
"""The state of each slice. `participant[STREAKS]` gives it with its type."""

SharedRows = dict[Shared[Any], dict[str, Any]]


def unchanging(state: State) -> State:
    """Copies a state that is only ever replaced as a whole: no copy is needed."""
    return state


class Participant(Struct):
    """One participant's state as a batch sees it: `participant[STREAKS]`.

    `seq` counts all facts of the participant without gaps. `next_expiry_at` is the time of the first end of a lot, hold
    or multiplier; None if there is none. `limit_uses`, `zone` and the contents of slices are loaded if the command
    needs them. `limit_totals` (the uses of limited definitions by all participants) and `shared` are the same
    dictionaries for all participants of a batch. `erased_before` is the time when the last person with the same id was
    erased.
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
        """The shared rows of one kind, by name."""
        return self.shared.setdefault(kind, {})


class Snapshot(Struct, frozen=True):
    """A copy of all state that the actions of a definition can change, for restoring it."""

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
        # The shared dictionaries must stay the same objects.
        for kind, rows in self.shared.items():
            participant.shared[kind].update(rows)
