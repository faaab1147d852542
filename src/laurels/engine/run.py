"""A batch on its way to its outcomes: what is pending, put off or searched for."""

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
"""Of a turn in the line, and of a batch that waits for nothing that it can look at first."""

SEARCH_LOCK_TIMEOUT_MS = 25
SEARCH_RUNS = 20
"""While a batch is halved to find whose row is locked: how long each part waits for a lock, and how many parts may do
so in vain. Half a second is the most that a search costs the people who are in the batch by chance."""


class Pending(Struct, eq=False):
    command: Command
    participants: tuple[ParticipantKey, ...]
    future: asyncio.Future[Outcome]
    holder: Holder = None
    put_off_at: float | None = None


class PutOff(NamedTuple):
    """Commands that a batch had to leave undone. `reasons` names the row that is locked elsewhere, or says that there
    was no room for what would have to be loaded, or that more has expired than the batch could settle. Participants
    without a reason only wait behind a command that another one of its participants has put off."""

    pendings: list[Pending]
    reasons: dict[ParticipantKey, LeftOut]


class Caution:
    """Rows that people share are waited for, as they change hands quickly: until one did not, and for a while after."""

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
        """Somebody was locked out a moment ago: more are likely to be, as in a range of rows that is being deleted."""
        return time.monotonic() < self._searches_until

    def search(self) -> None:
        self.heed()
        self._searches_until = self._until


class Search(Struct):
    """Halving a batch until the people stand alone who are locked out. `begun_at` is when the batch began."""

    begun_at: float
    runs_left: int = SEARCH_RUNS


class SomebodyLockedOut(Exception):  # noqa: N818
    """A row that is locked elsewhere is needed by people of the batch, it is not known by whom."""


class Run(Struct):
    """A batch on its way to its outcomes."""

    pendings: list[Pending]
    row: LockedRow | None
    begun_at: float
    deadline: float
    put_off: list[Pending] = []
    reasons: dict[ParticipantKey, LeftOut] = {}
    doubtful: Batch | None = None
    """Decided, and perhaps committed: the COMMIT got no answer."""
    lock_timeout_ms: int = BRIEF_LOCK_TIMEOUT_MS
    search: Search | None = None

    @property
    def participants(self) -> list[ParticipantKey]:
        """All, each once."""
        return list(dict.fromkeys(chain.from_iterable(pending.participants for pending in self.pendings)))

    @property
    def accounts_with_row(self) -> LockedRow | None:
        """Where `row` is an account, and a command of several participants waits for it: the accounts of all."""
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
        """Leaves people out who need a row that is not known, and have waited since then."""
        rows = {participant: locks.person(*participant) for participant in people}
        for pending in self.pendings:
            if not rows.keys().isdisjoint(pending.participants):
                pending.put_off_at = pending.put_off_at or begun_at
        self.leave_out(rows)

    def require_time(self, error: Exception, ending: type[Exception]) -> None:
        """Raises the ending when patience is over."""
        if time.monotonic() > self.deadline:
            raise (OutcomeUnknownError if self.doubtful else ending) from error

    def answer(self, done: Batch) -> None:
        for pending, outcome in zip(self.pendings, done.outcomes, strict=True):
            if outcome is None:
                self.put_off.append(pending)
            elif not pending.future.done():
                pending.future.set_result(outcome)
        for participant in done.unsettled:
            self.reasons[participant] = NoRoom.UNSETTLED


def halves(pendings: Sequence[Pending]) -> list[list[Pending]]:
    """Two parts that have no participant in common. Where there are none: the earlier commands, and the later ones."""
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
