"""The backlog: commands that wait for a batch, in the order in which each participant's commands are decided.

A participant is *in flight* while a command of the participant is in a batch or was put off. Later commands of the
participant are held back until then. A command is taken when it is the next one of all its participants. Until then it
is held back behind each participant who is in flight, and its other participants *rest*: they are in flight without
being in a batch. A command is held back behind all its participants at the same time, and returns to the front of all
of them at the same time, so that commands never wait for one another in a circle.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from laurels.engine.errors import BusyError, UnsettledError
from laurels.engine.metrics import EngineMetrics
from laurels.engine.queue import Holder, QueueShares, Turns
from laurels.engine.run import Pending, PutOff, fail
from laurels.engine.settings import EngineSettings
from laurels.engine.waiting import TURN_MS, LockLine, Suspects
from laurels.storage import locks
from laurels.storage.batches import LeftOut, ParticipantKey
from laurels.storage.lanes import lane_of
from laurels.storage.locks import LockedRow
from laurels.storage.postgres.database import LockedError
from laurels.storage.room import NoRoom

PUT_OFF_SECONDS = 2.0
"""The longest wait of a command that was put off, except for commands that need a batch alone."""

ALONE_COMMANDS = 8
"""The most commands in one batch of a participant who needs a batch alone."""

PUT_OFF_LIMIT = 500
"""The most commands of one participant that wait after one was put off, so that others have room in the queue."""

TURNS_TRIED = 8
"""The most turns of the line to try, while their next commands wait for participants of other batches."""


class Turn(NamedTuple):
    """The next work of a runner: commands, and the row to wait for before them."""

    pendings: list[Pending]
    row: LockedRow | None = None
    lock_timeout_ms: int = TURN_MS


class Backlog:
    """All queued and held-back commands of a process. Not thread-safe."""

    def __init__(
        self,
        shares: QueueShares,
        wake: Callable[[], None],
        metrics: EngineMetrics,
        settings: EngineSettings,
    ) -> None:
        """`wake` wakes all runners, since there may be commands to take."""
        self._shares = shares
        self._wake = wake
        self._metrics = metrics
        self._settings = settings
        # On Citus one per lane, otherwise a single one. The first has waited longest.
        self._queues: dict[int, Turns[Pending]] = {}
        # The commands held back behind each participant in flight.
        self._in_flight: dict[ParticipantKey, deque[Pending]] = {}
        # The participants in flight without a batch. Each has commands held back.
        self._resting: dict[ParticipantKey, None] = {}
        # The participants in flight who were put off, by reason, in the order of their turns.
        self._unsettled: dict[ParticipantKey, None] = {}
        self._alone: dict[ParticipantKey, None] = {}
        self._line = LockLine(self._queue_key)
        self._suspects = Suspects()
        self._is_ones_turn = False

    def __bool__(self) -> bool:
        """Whether there are any commands, including those in batches."""
        return bool(self._in_flight) or any(self._queues.values())

    @property
    def has_put_off(self) -> bool:
        """Whether any participant was put off."""
        return bool(self._unsettled or self._alone or self._line)

    def add(self, pendings: Sequence[Pending], holder: Holder) -> None:
        """Adds commands of one holder, in order."""
        for pending in pendings:
            self._queue_of(pending.participants[0]).append(pending)
        self._shares.take(holder, len(pendings))

    def is_put_off_enough(self, participant: ParticipantKey) -> bool:
        """Whether the limit of commands that wait for a participant who was put off is reached."""
        waiting = self._in_flight.get(participant)
        if waiting is None or len(waiting) < PUT_OFF_LIMIT:
            return False
        # They may also wait behind a command that waits for another of its participants.
        is_resting = participant in self._resting
        return self._is_put_off(participant) or (is_resting and any(map(self._is_put_off, waiting[0].participants)))

    def _is_put_off(self, participant: ParticipantKey) -> bool:
        return participant in self._unsettled or participant in self._alone or participant in self._line

    def _is_held(self, participant: ParticipantKey) -> bool:
        """Whether the participant rests for a command, without having been put off."""
        return participant in self._resting and not self._is_put_off(participant)

    def _is_resting(self, participant: ParticipantKey) -> bool:
        return participant in self._resting

    def _queue_key(self, participant: ParticipantKey) -> int:
        return lane_of(*participant) if self._settings.on_citus else 0

    def _queue_of(self, participant: ParticipantKey) -> Turns[Pending]:
        key = self._queue_key(participant)
        queue = self._queues.get(key)
        if queue is None:
            queue = self._queues[key] = Turns()
        return queue

    def take(self) -> Turn:
        """The next batch: held-back commands that can now be decided, up to half of the batch, and then commands of the
        first queue that is not empty. This queue then moves to the end."""
        taken: list[Pending] = []
        keys: Iterable[int] = list(self._queues)
        if self._resting:
            held = [participant for participant in self._resting if self._is_held(participant)]
            taken = self._take_waiting(held, max(1, self._settings.batch_limit // 2), self._is_held)
            if taken:
                keys = (self._queue_key(taken[0].participants[0]),)
        for key in keys:
            queue = self._queues.pop(key, None) or Turns()
            self._take_from(queue, taken)
            if queue:
                self._queues[key] = queue
            if taken:
                break
        return Turn(taken)

    def _take_from(self, queue: Turns[Pending], taken: list[Pending]) -> None:
        """Adds commands to the batch. Commands of participants who are in another batch are held back."""
        mine = {participant for pending in taken for participant in pending.participants}
        while queue and len(taken) < self._settings.batch_limit:
            pending = queue.popleft()
            if pending.future.done():
                self._shares.leave(pending.holder)
                continue
            for participant in pending.participants:
                waiting = self._in_flight.get(participant)
                if participant in self._suspects if waiting is None else (waiting or participant not in mine):
                    self._hold_back(pending)
                    break
            else:
                for participant in pending.participants:
                    if participant not in mine:
                        self._in_flight[participant] = deque()
                        mine.add(participant)
                self._shares.leave(pending.holder)
                taken.append(pending)

    def _hold_back(self, pending: Pending) -> None:
        """Holds the command back. Participants who needed a locked row a moment ago go into the line at once."""
        for participant in pending.participants:
            waiting = self._in_flight.get(participant)
            if waiting is None:
                waiting = self._in_flight[participant] = deque()
                self._resting[participant] = None
                if participant in self._suspects:
                    self._line.put(participant, locks.person(*participant))
                    self._wake()
            waiting.append(pending)

    def take_much(self) -> Turn:
        """Alternately a participant who needs a batch alone, and a batch of participants with too many expired lots."""
        self._give_up(self._unsettled, UnsettledError(), PUT_OFF_SECONDS)
        self._give_up(self._alone, BusyError(), self._settings.patience_seconds)
        self._is_ones_turn = not self._is_ones_turn
        takes = (self._take_one, self._take_unsettled)
        for take in takes if self._is_ones_turn else reversed(takes):
            if taken := take():
                return Turn(taken)
        return Turn([])

    def _take_one(self) -> list[Pending]:
        """The commands of one participant who needs a batch alone. A command of several participants is taken alone, so
        that it has room for all of them."""
        for participant in filter(self._is_resting, self._alone):
            most = ALONE_COMMANDS if len(self._in_flight[participant][0].participants) == 1 else 1
            if taken := self._take_waiting([participant], most, self._is_resting):
                return taken
        return []

    def _take_unsettled(self) -> list[Pending]:
        """A batch of participants with too many expired lots; on Citus of one lane."""
        people: list[ParticipantKey] = []
        commands = 0
        for participant in self._unsettled:
            if commands >= self._settings.batch_limit:
                break
            if self._queue_key(participant) == self._queue_key((*people, participant)[0]):
                people.append(participant)
                commands += len(self._in_flight[participant])
        for participant in people:
            self._unsettled[participant] = self._unsettled.pop(participant)
        return self._take_waiting(people, self._settings.batch_limit, self._is_resting)

    def take_in_line(self) -> Turn:
        """The next batch of participants who need a row that another session has locked."""
        self._give_up(self._line, LockedError(), PUT_OFF_SECONDS)
        for _ in range(TURNS_TRIED):
            turn = self._line.turn(self._settings.batch_limit, lambda participant: len(self._in_flight[participant]))
            if turn is None:
                break
            if taken := self._take_waiting(turn.people, self._settings.batch_limit, self._is_resting):
                return Turn(taken, turn.row, turn.lock_timeout_ms)
        return Turn([])

    def _take_waiting(
        self, participants: Iterable[ParticipantKey], most: int, is_free: Callable[[ParticipantKey], bool]
    ) -> list[Pending]:
        """Takes held-back commands of these participants that are the next of all their participants, if all of these
        are free."""
        taken: list[Pending] = []
        for participant in participants:
            if taken and self._queue_key(participant) != self._queue_key(taken[0].participants[0]):
                continue
            waiting = self._in_flight[participant]
            while waiting and len(taken) < most:
                pending = waiting[0]
                if not all(self._in_flight[each][0] is pending and is_free(each) for each in pending.participants):
                    break
                for each in pending.participants:
                    self._in_flight[each].popleft()
                self._shares.leave(pending.holder)
                taken.append(pending)
        for pending in taken:
            for participant in pending.participants:
                self._resting.pop(participant, None)
        return taken

    def _give_up(self, participants: Iterable[ParticipantKey], error: Exception, seconds: float) -> None:
        """Fails the commands that have waited too long."""
        now = time.monotonic()
        for participant in list(participants):
            for pending in list(self._in_flight.get(participant, ())):
                pending.put_off_at = pending.put_off_at or now
                if pending.future.done() or now - pending.put_off_at > seconds:
                    self._drop(pending)
                    fail([pending], error)

    def _drop(self, pending: Pending) -> None:
        self._shares.leave(pending.holder)
        for participant in pending.participants:
            waiting = self._in_flight[participant]
            waiting.remove(pending)
            if participant in self._resting and not (waiting and self._is_put_off(participant)):
                self._land(participant)
        self._wake()

    def _land(self, participant: ParticipantKey) -> None:
        """Ends the participant's flight and queues the held-back commands first. If one of them has several
        participants, they stay held back, and the participant rests."""
        self._forget_put_off(participant)
        waiting = self._in_flight[participant]
        if waiting and any(len(pending.participants) > 1 for pending in waiting):
            self._resting[participant] = None
            return
        del self._in_flight[participant]
        self._resting.pop(participant, None)
        if waiting:
            self._queue_of(participant).put_back(waiting)

    def release(self, taken: list[Pending], put_off: PutOff) -> None:
        """Takes commands back after a batch. Commands that were put off become the first of their participants."""
        if put_off.pendings:
            self._step_back(taken, put_off)
        overdue: dict[ParticipantKey, None] = {}
        for participant in {participant: None for pending in taken for participant in pending.participants}:
            reason = put_off.reasons.get(participant)
            if reason is None or (reason is NoRoom.BEYOND and self._is_alone_of_its_command(participant)):
                self._land(participant)
            else:
                self._put_off(participant, reason)
                if reason is NoRoom.UNSETTLED:
                    overdue[participant] = None
        if overdue:
            self._unsettled = {**overdue, **self._unsettled}
        self._suspects.add(
            key for key, reason in put_off.reasons.items() if isinstance(reason, LockedRow) and reason.table == "person"
        )

    def _step_back(self, taken: list[Pending], put_off: PutOff) -> None:
        undone = set(map(id, put_off.pendings))
        for pending in reversed(taken):
            if id(pending) in undone:
                for participant in pending.participants:
                    self._in_flight[participant].appendleft(pending)
                self._shares.take(pending.holder)

    def _is_alone_of_its_command(self, participant: ParticipantKey) -> bool:
        """Whether the next command has no further participants. A command's participants may together be too large for
        any batch with others."""
        return len(self._in_flight[participant][0].participants) == 1

    def _put_off(self, participant: ParticipantKey, reason: LeftOut) -> None:
        self._resting[participant] = None
        if isinstance(reason, LockedRow):
            self._forget_put_off(participant, but=self._line)
            self._line.put(participant, reason)
            self._metrics.left_out.inc()
        elif reason is NoRoom.UNSETTLED:
            self._forget_put_off(participant, but=self._unsettled)
        else:
            self._forget_put_off(participant, but=self._alone)
            self._alone.setdefault(participant)

    def _forget_put_off(self, participant: ParticipantKey, but: object = None) -> None:
        """Removes the participant from the lists of participants put off, except for the list `but`."""
        for people in (self._unsettled, self._alone):
            if people is not but:
                people.pop(participant, None)
        if self._line is not but:
            self._line.discard(participant)
