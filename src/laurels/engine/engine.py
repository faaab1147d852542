"""The queue in front of the database: what is waiting becomes the next batch while the present ones commit.

Invariants:
1. Commands of one participant that one key brings are decided in the order in which they were submitted; those of
   several keys that wait at the same time have no order. Whoever is in a batch in flight, or was put off, keeps later
   commands of the same participant waiting, so that batches of this process never wait for one another's accounts.
2. Every future is resolved exactly once: with an outcome, or with an error that says whether trying again is safe.
3. A batch whose COMMIT got no answer is settled before anything of it is answered or run again.
4. Commands are put off of people of whom more has expired than a batch can settle or more has to be loaded than one
   person may have among others, and of people who need a row that somebody else has locked. For the former and for the
   latter there is a connection each, and nobody else waits for them.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import structlog

from laurels.engine.batch import SETTLED_ALONE, SETTLED_WITH_OTHERS, Outcome
from laurels.engine.errors import BusyError, UnsettledError
from laurels.engine.metrics import EngineMetrics
from laurels.engine.queue import Holder, QueueShares, Turns
from laurels.engine.run import Caution, Pending, PutOff, fail
from laurels.engine.runner import Runner
from laurels.engine.settings import DEFAULTS, EngineSettings
from laurels.engine.waiting import TURN_MS, Line, Suspects
from laurels.kernel.commands import Command
from laurels.storage import locks
from laurels.storage.batches import ParticipantKey
from laurels.storage.definitions import DefinitionsCache
from laurels.storage.lanes import lane_of
from laurels.storage.locks import LockedRow
from laurels.storage.postgres.database import LockedError
from laurels.storage.room import NoRoom

log = structlog.get_logger("laurels.engine")

RECONNECT_SECONDS = 1.0
"""Between two attempts of one connection, while there is nothing to do for it."""

COMMANDS_A_REQUEST = 100
"""The most that one request brings: a whole batch."""

PUT_OFF_SECONDS = 2.0
"""How long a command waits that was put off, but for those that need a batch alone: they move on all the time."""

ALONE_COMMANDS = 8
"""The most commands at once of a person who needs a batch alone."""

PUT_OFF_LIMIT = 500
"""The most commands of one participant that wait so, so that they leave room for others."""


class Turn(NamedTuple):
    """What a runner does next, and the row that it first waits for."""

    pendings: list[Pending]
    row: LockedRow | None = None
    lock_timeout_ms: int = TURN_MS


class Engine:
    """Runs commands in batches over a few connections. One a process; not thread-safe."""

    def __init__(
        self,
        database_url: str,
        cache: DefinitionsCache,
        settings: EngineSettings = DEFAULTS,
        metrics: EngineMetrics | None = None,
    ) -> None:
        self._url = database_url
        self._cache = cache
        self._settings = settings
        self._shares = QueueShares(settings.queue_limit, min(COMMANDS_A_REQUEST, settings.queue_limit // 50))
        self._metrics = metrics or EngineMetrics()
        # By lane on Citus, else one for all; the one that comes first has waited longest.
        self._queues: dict[int, Turns[Pending]] = {}
        # With what is held back behind them.
        self._in_flight: dict[ParticipantKey, deque[Pending]] = {}
        # Those who were put off, a part of those in flight; each in the order of their turns.
        self._unsettled: dict[ParticipantKey, None] = {}
        self._alone: dict[ParticipantKey, None] = {}
        self._line = Line(self._queue_key)
        self._suspects = Suspects()
        self._is_ones_turn = False
        self._caution = Caution()
        self._wake = asyncio.Event()
        self._wake_put_off = asyncio.Event()
        self._is_closing = False
        self._runners: list[Runner] = []
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._runners = [self._new_runner(SETTLED_WITH_OTHERS) for _ in range(self._settings.connections)]
        runs = [self._run(runner, self._take, self._wake) for runner in self._runners]
        runs.append(self._run(self._new_runner(SETTLED_ALONE), self._take_much, self._wake_put_off))
        runs.append(self._run(self._new_runner(SETTLED_WITH_OTHERS), self._take_in_line, self._wake_put_off))
        self._tasks = [asyncio.create_task(run) for run in runs]

    def _new_runner(self, settled_at_most: int) -> Runner:
        return Runner(self._url, self._cache, self._settings, self._metrics, self._caution, settled_at_most)

    async def drain(self) -> None:
        """Takes no new commands, finishes the waiting ones, closes the connections."""
        self._is_closing = True
        self._wake_all()
        await asyncio.gather(*self._tasks)

    @property
    def is_away(self) -> bool:
        """Whether no connection for batches can be had, as far as is known. They are looked for until there is one."""
        return bool(self._runners) and all(runner.is_away for runner in self._runners)

    @property
    def queue_depth(self) -> int:
        return self._shares.taken

    def is_full(self, holder: Holder) -> bool:
        """Whether requests of the holder's can be refused before they are read."""
        return self._shares.is_full(holder)

    def submit(self, command: Command, holder: Holder = None) -> asyncio.Future[Outcome]:
        """The command's outcome, later. Raises BusyError at once when the queue is full, the holder's share of it, or
        that of the participant. `holder` is the caller's key, None for the server's own commands."""
        return self.submit_all((command,), holder)[0]

    def submit_all(self, commands: Sequence[Command], holder: Holder = None) -> list[asyncio.Future[Outcome]]:
        """Room for all or for none (BusyError); they keep their order."""
        participants = [ParticipantKey(command.project_id, command.participant_id) for command in commands]
        is_put_off = (self._unsettled or self._alone or self._line) and any(map(self._is_put_off_enough, participants))
        if self._is_closing or is_put_off or not self._shares.has_room(holder, len(commands)):
            self._metrics.refused.inc(len(commands))
            raise BusyError
        loop = asyncio.get_running_loop()
        futures = []
        for command, participant in zip(commands, participants, strict=True):
            future: asyncio.Future[Outcome] = loop.create_future()
            self._queue_of(participant).append(Pending(command, participant, future, holder))
            futures.append(future)
        self._shares.take(holder, len(commands))
        self._wake.set()
        return futures

    def _is_put_off(self, participant: ParticipantKey) -> bool:
        return participant in self._unsettled or participant in self._alone or participant in self._line

    def _is_put_off_enough(self, participant: ParticipantKey) -> bool:
        return self._is_put_off(participant) and len(self._in_flight[participant]) >= PUT_OFF_LIMIT

    def _queue_key(self, participant: ParticipantKey) -> int:
        return lane_of(*participant) if self._settings.on_citus else 0

    def _queue_of(self, participant: ParticipantKey) -> Turns[Pending]:
        return self._queues.setdefault(self._queue_key(participant), Turns())

    def _take(self) -> Turn:
        """The next batch, from the first queue that has one; the queue then goes to the end."""
        for key in list(self._queues):
            queue = self._queues.pop(key)
            taken = self._take_from(queue)
            if queue:
                self._queues[key] = queue
            if taken:
                return Turn(taken)
        return Turn([])

    def _take_from(self, queue: Turns[Pending]) -> list[Pending]:
        """Commands whose participant is in flight step aside until that batch is done."""
        taken: list[Pending] = []
        mine: set[ParticipantKey] = set()
        while queue and len(taken) < self._settings.batch_limit:
            pending = queue.popleft()
            if pending.future.done():
                self._shares.leave(pending.holder)
                continue
            waiting = self._in_flight.get(pending.participant)
            if waiting is not None and pending.participant not in mine:
                waiting.append(pending)
                continue
            if waiting is None and pending.participant in self._suspects:
                self._line_up(pending)
                continue
            if waiting is None:
                self._in_flight[pending.participant] = deque()
                mine.add(pending.participant)
            self._shares.leave(pending.holder)
            taken.append(pending)
        return taken

    def _line_up(self, pending: Pending) -> None:
        """One who was found to need a row that is locked elsewhere a moment ago."""
        self._in_flight[pending.participant] = deque([pending])
        self._line.put(pending.participant, locks.person(*pending.participant))
        self._wake_put_off.set()

    def _take_much(self) -> Turn:
        """By turns one of those who need a batch alone, and a batch of those of whom too much has expired."""
        self._give_up(self._unsettled, UnsettledError(), PUT_OFF_SECONDS)
        self._give_up(self._alone, BusyError(), self._settings.patience_seconds)
        self._is_ones_turn = not self._is_ones_turn
        if self._alone and (self._is_ones_turn or not self._unsettled):
            return Turn(self._take_put_off([next(iter(self._alone))], ALONE_COMMANDS))
        return self._take_unsettled()

    def _take_unsettled(self) -> Turn:
        """On Citus it is one lane's."""
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
        return Turn(self._take_put_off(people, self._settings.batch_limit))

    def _take_in_line(self) -> Turn:
        """The next batch of those who need a row that is locked elsewhere."""
        self._give_up(self._line, LockedError(), PUT_OFF_SECONDS)
        turn = self._line.turn(self._settings.batch_limit, lambda participant: len(self._in_flight[participant]))
        if turn is None:
            return Turn([])
        return Turn(self._take_put_off(turn.people, self._settings.batch_limit), turn.row, turn.lock_timeout_ms)

    def _take_put_off(self, participants: Iterable[ParticipantKey], most: int) -> list[Pending]:
        taken: list[Pending] = []
        for participant in participants:
            waiting = self._in_flight[participant]
            while waiting and len(taken) < most:
                taken.append(waiting.popleft())
                self._shares.leave(taken[-1].holder)
        return taken

    def _give_up(self, participants: Iterable[ParticipantKey], error: Exception, seconds: float) -> None:
        """Tells those whose patience is over."""
        now = time.monotonic()
        for participant in list(participants):
            waiting = self._in_flight[participant]
            for _ in range(len(waiting)):
                pending = waiting.popleft()
                pending.put_off_at = pending.put_off_at or now
                if pending.future.done() or now - pending.put_off_at > seconds:
                    self._shares.leave(pending.holder)
                    fail([pending], error)
                else:
                    waiting.append(pending)
            if not waiting:
                self._land(participant)

    def _land(self, participant: ParticipantKey) -> None:
        """Ends being in flight; what was held back behind it comes first."""
        self._forget_put_off(participant)
        waiting = self._in_flight.pop(participant)
        if waiting:
            self._queue_of(participant).put_back(waiting)

    def _release(self, taken: list[Pending], put_off: PutOff) -> None:
        for pending in reversed(put_off.pendings):
            self._in_flight[pending.participant].appendleft(pending)
            self._shares.take(pending.holder)
        people = dict.fromkeys(pending.participant for pending in put_off.pendings)
        overdue = {participant: None for participant in people if participant not in put_off.reasons}
        for participant in people:
            reason = put_off.reasons.get(participant)
            if reason is NoRoom.BEYOND:
                self._land(participant)
                continue
            if isinstance(reason, LockedRow):
                self._forget_put_off(participant, but=self._line)
                self._line.put(participant, reason)
                self._metrics.left_out.inc()
            elif reason is NoRoom.ALONE:
                self._forget_put_off(participant, but=self._alone)
                self._alone.setdefault(participant)
            else:
                self._forget_put_off(participant, but=self._unsettled)
        if overdue:
            self._unsettled = {**overdue, **self._unsettled}
        for participant in {pending.participant for pending in taken} - people.keys():
            self._land(participant)
        self._suspects.add(
            key for key, reason in put_off.reasons.items() if isinstance(reason, LockedRow) and reason.table == "person"
        )
        self._wake.set()
        if people or self._is_closing:
            self._wake_put_off.set()

    def _forget_put_off(self, participant: ParticipantKey, but: object = None) -> None:
        """The participant waits for nothing, or at most for one thing."""
        for people in (self._unsettled, self._alone):
            if people is not but:
                people.pop(participant, None)
        if self._line is not but:
            self._line.discard(participant)

    def _wake_all(self) -> None:
        self._wake.set()
        self._wake_put_off.set()

    @property
    def _is_done(self) -> bool:
        return self._is_closing and not self._in_flight and not any(self._queues.values())

    async def _run(self, runner: Runner, take: Callable[[], Turn], wake: asyncio.Event) -> None:
        while not self._is_done:
            if runner.is_away and runner in self._runners and not self.is_away:
                # Others serve: to fail commands here would be for nothing.
                await runner.reconnect()
                await asyncio.sleep(RECONNECT_SECONDS if runner.is_away else 0)
                continue
            turn = take()
            if not turn.pendings:
                await self._rest(runner, wake)
                continue
            put_off = PutOff([], {})
            try:
                put_off = await runner.settle(*turn)
            finally:
                self._release(turn.pendings, put_off)
        self._wake_all()
        await runner.close()

    async def _rest(self, runner: Runner, wake: asyncio.Event) -> None:
        """Until there is something to do, or for a while if there is a connection to look for meanwhile."""
        wake.clear()
        if self._is_done:
            return
        try:
            async with asyncio.timeout(RECONNECT_SECONDS if runner.is_away else None):
                await wake.wait()
        except TimeoutError:
            await runner.reconnect()
