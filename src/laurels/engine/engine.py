"""The queue in front of the database: while the current batches commit, waiting commands form the next batch.

Invariants:
1. Commands of one participant from one key are decided in the order in which they were submitted. Commands from
   different keys that wait at the same time have no order. While a participant is in a batch or was put off, the
   participant's later commands wait, so that batches of one process never wait for one another's accounts. A command of
   several participants counts for each of them (engine/backlog.py).
2. Every future is resolved exactly once: with an outcome, or with an error that shows whether a retry is safe.
3. A batch whose COMMIT got no response is settled before any of its commands gets a response or runs again.
4. Commands are put off if a participant has more expired lots than a batch can settle, or more rows to load than one
   participant may load in a shared batch. They are also put off if a participant needs a row that another session has
   locked. Each of the two groups has its own connection, so that no other command waits for them.
"""

import asyncio
from collections.abc import Callable, Sequence
from itertools import chain

import structlog

from laurels.engine.backlog import Backlog, Turn
from laurels.engine.batch import SETTLED_ALONE, SETTLED_WITH_OTHERS, Outcome
from laurels.engine.errors import BusyError
from laurels.engine.gathering import CommandGathering
from laurels.engine.metrics import EngineMetrics
from laurels.engine.queue import Holder, QueueShares
from laurels.engine.run import Caution, Pending, PutOff
from laurels.engine.runner import Runner
from laurels.engine.settings import DEFAULTS, EngineSettings
from laurels.kernel.commands import MOST_PARTICIPANTS, Command
from laurels.kernel.rejections import ParticipantsApart, Rejection, TooManyParticipants
from laurels.storage.batches import ParticipantKey, participants_of
from laurels.storage.definitions import DefinitionsCache
from laurels.storage.lanes import lane_of, single_lane

log = structlog.get_logger("laurels.engine")

RECONNECT_SECONDS = 1.0
"""The pause between two attempts of an idle runner to connect."""

COMMANDS_A_REQUEST = 100
"""The most commands of one request: those of a full batch request."""


class Engine:
    """Runs commands in batches over a few connections. Each process has one engine. Not thread-safe."""

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
        self._wake = asyncio.Event()
        self._wake_put_off = asyncio.Event()
        self._backlog = Backlog(self._shares, self._wake_all, self._metrics, settings)
        self._gathering = CommandGathering(settings.batch_limit)
        self._caution = Caution()
        self._is_closing = False
        self._runners: list[Runner] = []
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._runners = [self._new_runner(SETTLED_WITH_OTHERS) for _ in range(self._settings.connections)]
        runs = [self._run(runner, self._backlog.take, self._wake) for runner in self._runners]
        runs.append(self._run(self._new_runner(SETTLED_ALONE), self._backlog.take_much, self._wake_put_off))
        runs.append(self._run(self._new_runner(SETTLED_WITH_OTHERS), self._backlog.take_in_line, self._wake_put_off))
        self._tasks = [asyncio.create_task(run) for run in runs]

    def _new_runner(self, max_settled: int) -> Runner:
        return Runner(self._url, self._cache, self._settings, self._metrics, self._caution, max_settled)

    async def drain(self) -> None:
        """Refuses new commands, finishes the waiting ones and closes the connections."""
        self._is_closing = True
        self._wake_all()
        await asyncio.gather(*self._tasks)

    @property
    def is_away(self) -> bool:
        """Whether no runner has a connection for batches, as far as is known. The runners keep trying to connect."""
        return bool(self._runners) and all(runner.is_away for runner in self._runners)

    @property
    def queue_depth(self) -> int:
        return self._shares.taken

    def is_full(self, holder: Holder) -> bool:
        """Whether requests of the holder can be refused before they are read."""
        return self._shares.is_full(holder)

    def submit(self, command: Command, holder: Holder = None) -> asyncio.Future[Outcome]:
        """A future of the command's outcome. Raises BusyError at once if the queue, the holder's share or the
        participant's share is full. `holder` is the caller's key, or None for the server's own commands."""
        return self.submit_all((command,), holder)[0]

    def submit_all(self, commands: Sequence[Command], holder: Holder = None) -> list[asyncio.Future[Outcome]]:
        """Futures of the outcomes, in order. Raises BusyError if there is no room for all commands."""
        participants = [participants_of(command) for command in commands]
        is_put_off = self._backlog.has_put_off and any(
            map(self._backlog.is_put_off_enough, chain.from_iterable(participants))
        )
        if self._is_closing or is_put_off or not self._shares.has_room(holder, len(commands)):
            self._metrics.refused.inc(len(commands))
            raise BusyError
        loop = asyncio.get_running_loop()
        futures: list[asyncio.Future[Outcome]] = []
        pendings: list[Pending] = []
        for command, named in zip(commands, participants, strict=True):
            futures.append(loop.create_future())
            rejection = self._rejection(named) if len(named) > 1 else None
            if rejection is None:
                pendings.append(Pending(command, named, futures[-1], holder))
            else:
                futures[-1].set_result(rejection)
        if pendings:
            self._backlog.add(pendings, holder)
            self._gathering.added(self.queue_depth)
            self._wake.set()
        return futures

    def _rejection(self, participants: Sequence[ParticipantKey]) -> Rejection | None:
        """The rejection of a command whose participants cannot be in one batch."""
        if len(participants) > MOST_PARTICIPANTS:
            return TooManyParticipants(MOST_PARTICIPANTS)
        if self._settings.on_citus and single_lane(lane_of(*participant) for participant in participants) is None:
            return ParticipantsApart()
        return None

    def _release(self, taken: list[Pending], put_off: PutOff) -> None:
        self._backlog.release(taken, put_off)
        self._wake.set()
        if self._backlog.has_put_off or self._is_closing:
            self._wake_put_off.set()

    def _wake_all(self) -> None:
        self._wake.set()
        self._wake_put_off.set()

    @property
    def _is_done(self) -> bool:
        return self._is_closing and not self._backlog

    async def _run(self, runner: Runner, take: Callable[[], Turn], wake: asyncio.Event) -> None:
        is_shared = runner in self._runners
        while not self._is_done:
            if runner.is_away and is_shared and not self.is_away:
                # Other runners can run the commands, which would fail here.
                await runner.reconnect()
                await asyncio.sleep(RECONNECT_SECONDS if runner.is_away else 0)
                continue
            if is_shared and (seconds := self._gathering_seconds()):
                await self._gathering.wait(seconds)
                continue
            turn = take()
            if not turn.pendings:
                await self._rest(runner, wake)
                continue
            put_off = PutOff([], {})
            if is_shared:
                self._gathering.begin(len(turn.pendings))
            try:
                put_off = await runner.settle(*turn)
            finally:
                if is_shared:
                    self._gathering.end(len(turn.pendings))
                self._release(turn.pendings, put_off)
        self._wake_all()
        await runner.close()

    def _gathering_seconds(self) -> float:
        """The time for which the waiting commands should gather. On Citus each lane has separate batches."""
        if self._is_closing or self._settings.on_citus:
            return 0
        return self._gathering.seconds_left(self.queue_depth)

    async def _rest(self, runner: Runner, wake: asyncio.Event) -> None:
        """Waits until there is work; without a connection, waits for a while and tries to connect."""
        wake.clear()
        if self._is_done:
            return
        try:
            async with asyncio.timeout(RECONNECT_SECONDS if runner.is_away else None):
                await wake.wait()
        except TimeoutError:
            await runner.reconnect()
