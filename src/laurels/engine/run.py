"""The run of a batch until each of its commands has an outcome or is put off."""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from msgspec import Struct

from laurels.engine.batch import Batch, Outcome
from laurels.engine.behind import Behind
from laurels.engine.errors import OutcomeUnknownError
from laurels.engine.queue import Holder
from laurels.kernel.commands import Command
from laurels.storage import locks
from laurels.storage.batches import LeftOut, ParticipantKey
from laurels.storage.locks import LockedRow
from laurels.storage.room import NoRoom

CAUTION_SECONDS = 1.0
BRIEF_LOCK_TIMEOUT_MS = 100
"""The lock timeout of a turn in the line, and of a batch that skips all locked rows that it can find first."""

SEARCH_LOCK_TIMEOUT_MS = 25
SEARCH_RUNS = 20
"""The limits of a search, which halves a batch to find the participants whose rows are locked: the lock timeout of each
part, and the number of parts that may time out. A search delays the other participants of the batch by at most half a
second."""


class Pending(Struct, eq=False):
    command: Command
    participants: tuple[ParticipantKey, ...]
    future: asyncio.Future[Outcome]
    holder: Holder = None
    put_off_at: float | None = None


class PutOff(NamedTuple):
    """Commands that a batch left undone. `reasons` gives for a participant the row that another session has locked, or
    the reason why there was no room: too many rows to load, or too many ends to settle. Participants without a reason
    wait behind a command that was put off for another of its participants."""

    pendings: list[Pending]
    reasons: dict[ParticipantKey, LeftOut]


class Caution:
    """Caution about rows that participants share. Batches wait for these rows, which are usually free soon. After one
    was not, batches skip locked shared rows for a while."""

    def __init__(self) -> None:
        self._until = 0.0
        self._searches_until = 0.0

    @property
    def is_due(self) -> bool:
        return time.monotonic() < self._until

    def heed(self) -> None:
        self._until = time.monotonic() + CAUTION_SECONDS

    @property
    def searches_soon(self) -> bool:
        """Whether a search began a moment ago. More participants are then likely to be locked out, such as by a
        deletion of many rows."""
        return time.monotonic() < self._searches_until

    def search(self) -> None:
        self.heed()
        self._searches_until = self._until


class Search(Struct):
    """The search for the participants of a batch who are locked out, by halving the batch. `begun_at` is the time when
    the batch began."""

    begun_at: float
    runs_left: int = SEARCH_RUNS


class SomebodyLockedOut(Exception):  # noqa: N818
    """Unknown participants of the batch need a row that another session has locked."""


class Run(Struct):
    """A batch until each of its commands has an outcome or is put off."""

    pendings: list[Pending]
    row: LockedRow | None
    begun_at: float
    deadline: float
    put_off: list[Pending] = []
    reasons: dict[ParticipantKey, LeftOut] = {}
    doubtful: Batch | None = None
    """The decided batch whose COMMIT got no response, so that it may have been committed."""
    lock_timeout_ms: int = BRIEF_LOCK_TIMEOUT_MS
    search: Search | None = None

    @property
    def participants(self) -> list[ParticipantKey]:
        """All participants, each once."""
        return list(dict.fromkeys(chain.from_iterable(pending.participants for pending in self.pendings)))

    @property
    def accounts_with_row(self) -> LockedRow | None:
        """The accounts of all participants of the command that waits for `row`, if `row` is an account and the command
        has several participants."""
        if self.row is None or self.row.table != "account":
            return None
        waiting = (pending.participants for pending in self.pendings if self.row.key[1:] in pending.participants)
        participants = next(waiting, ())
        return locks.accounts_of(participants) if len(participants) > 1 else None

    def leave_out(self, people: Mapping[ParticipantKey, LeftOut]) -> None:
        if people:
            self.reasons.update(people)
            behind, kept = Behind(people), list[Pending]()
            for pending in self.pendings:
                (self.put_off if behind.holds(pending.participants) else kept).append(pending)
            self.pendings = kept

    def suspect(self, people: Iterable[ParticipantKey], begun_at: float) -> None:
        """Leaves out participants who need an unknown row, and have waited since `begun_at`."""
        rows = {participant: locks.person(*participant) for participant in people}
        for pending in self.pendings:
            if not rows.keys().isdisjoint(pending.participants):
                pending.put_off_at = pending.put_off_at or begun_at
        self.leave_out(rows)

    def require_time(self, error: Exception, ending: type[Exception]) -> None:
        """Raises `ending` after the deadline."""
        if time.monotonic() > self.deadline:
            raise (OutcomeUnknownError if self.doubtful else ending) from error

    def resolve(self, done: Batch) -> None:
        for pending, outcome in zip(self.pendings, done.outcomes, strict=True):
            if outcome is None:
                self.put_off.append(pending)
            elif not pending.future.done():
                pending.future.set_result(outcome)
        for participant in done.unsettled:
            self.reasons[participant] = NoRoom.UNSETTLED


def halves(pendings: Sequence[Pending]) -> list[list[Pending]]:
    """Two parts without common participants. If there are no such parts, the first and the second half of the
    commands."""
    above: dict[ParticipantKey, ParticipantKey] = {}

    def top(participant: ParticipantKey) -> ParticipantKey:
        while (higher := above.setdefault(participant, participant)) != participant:
            participant = higher
        return participant

    for pending in pendings:
        for other in pending.participants[1:]:
            above[top(other)] = top(pending.participants[0])
    tops = [top(pending.participants[0]) for pending in pendings]
    different = list(dict.fromkeys(tops))
    if len(different) == 1:
        middle = len(pendings) // 2
        return [list(pendings[:middle]), list(pendings[middle:])]
    first = set(different[: len(different) // 2])
    of_first = [each in first for each in tops]
    return [
        [pending for pending, is_first in zip(pendings, of_first, strict=True) if is_first is side]
        for side in (True, False)
    ]


def fail(pendings: Iterable[Pending], error: Exception) -> None:
    for pending in pendings:
        if not pending.future.done():
            pending.future.set_exception(error)
