"""The queue in front of the database: what is waiting becomes the next batch while the present ones commit.

Invariants:
1. Commands of one participant are decided in the order in which they were submitted: whoever is in a batch in flight
   keeps later commands of the same participant waiting, so that batches of this process never wait for one another.
2. Every future is resolved exactly once: with an outcome, or with an error that says whether trying again is safe.
3. A batch whose COMMIT got no answer is settled before anything of it is answered or run again.
4. Commands of people of whom more has expired than a batch can settle are put off: a connection of its own settles it
   step by step, and nobody else waits for that.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress

import structlog
from msgspec import Struct

from laurels.core.commands import Command
from laurels.engine import batch
from laurels.engine.batch import SETTLED_ALONE, SETTLED_WITH_OTHERS, Batch, Outcome
from laurels.engine.metrics import EngineMetrics
from laurels.store import load, save
from laurels.store.database import (
    CONNECTION_ERRORS,
    TRANSIENT_ERRORS,
    Connection,
    DatabaseUnavailableError,
    connect_writer,
)
from laurels.store.definitions import DefinitionsCache
from laurels.store.lanes import lane_of
from laurels.store.load import ParticipantKey

log = structlog.get_logger("laurels.engine")

PLAN_LIFETIME_SECONDS = 1.0
"""PostgreSQL plans our statements by the tables' sizes at that moment, and those of a new project grow quickly."""

COMMANDS_A_REQUEST = 100
"""The most that one request brings: a whole batch."""

SETTLING_SECONDS = 2.0
"""How long a command waits while what has expired of its participant's is settled."""

PUT_OFF_LIMIT = 500
"""The most commands of one participant that wait for that, so that they leave room for others."""

RETRY_PAUSES_SECONDS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.5)
"""Pauses before a batch runs again; the last one repeats."""


class BusyError(Exception):
    """The queue is full: nothing was done. Trying again later is safe."""


class OutcomeUnknownError(Exception):
    """The database went away while committing and has not come back in time: only a retry with the same
    idempotency key is safe."""


class UnsettledError(Exception):
    """So much of the participant's has expired that it is still being settled: the command did nothing. Trying again
    later is safe."""


class CommandFailedError(Exception):
    """The command fails by itself, an error of ours or of the database: nothing was done."""


class Pending(Struct, eq=False):
    command: Command
    participant: ParticipantKey
    future: asyncio.Future[Outcome]
    put_off_at: float | None = None


class Engine:
    """Runs commands in batches over a few connections. One a process; not thread-safe."""

    def __init__(
        self,
        database_url: str,
        cache: DefinitionsCache,
        *,
        connections: int = 2,
        batch_limit: int = 128,
        queue_limit: int = 5_000,
        patience_seconds: float = 10.0,
        metrics: EngineMetrics | None = None,
        on_citus: bool = False,
    ) -> None:
        """`on_citus`: a batch is one lane's, so that each of its statements asks one machine."""
        self._url = database_url
        self._cache = cache
        self._connections = connections
        self._batch_limit = batch_limit
        self._queue_limit = queue_limit
        self._largest_request = min(COMMANDS_A_REQUEST, queue_limit // 50)
        self._patience_seconds = patience_seconds
        self._metrics = metrics or EngineMetrics()
        self._on_citus = on_citus
        # By lane on Citus, else one for all; the one that comes first has waited longest.
        self._queues: dict[int, deque[Pending]] = {}
        self._in_flight: dict[ParticipantKey, deque[Pending]] = {}
        self._held_back = 0
        # A part of those in flight, in the order of their turns.
        self._unsettled: dict[ParticipantKey, None] = {}
        self._wake = asyncio.Event()
        self._is_closing = False
        self._runners: list[asyncio.Task[None]] = []

    def start(self) -> None:
        runs = [self._run(self._take, SETTLED_WITH_OTHERS) for _ in range(self._connections)]
        runs.append(self._run(self._take_unsettled, SETTLED_ALONE))
        self._runners = [asyncio.create_task(run) for run in runs]

    async def drain(self) -> None:
        """Takes no new commands, finishes the waiting ones, closes the connections."""
        self._is_closing = True
        self._wake.set()
        await asyncio.gather(*self._runners)

    @property
    def queue_depth(self) -> int:
        return sum(map(len, self._queues.values())) + self._held_back

    @property
    def is_full(self) -> bool:
        """No room for the largest request. The last places are given to nobody, so that requests can be refused before
        they are read."""
        return self.queue_depth + self._largest_request > self._queue_limit

    def submit(self, command: Command) -> asyncio.Future[Outcome]:
        """The command's outcome, later. Raises BusyError at once when the queue is full, or that of the participant."""
        return self.submit_all((command,))[0]

    def submit_all(self, commands: Sequence[Command]) -> list[asyncio.Future[Outcome]]:
        """Room for all or for none (BusyError); they keep their order."""
        if self._is_closing or self.queue_depth + len(commands) > self._queue_limit:
            self._metrics.refused.inc(len(commands))
            raise BusyError
        participants = [ParticipantKey(command.project_id, command.participant_id) for command in commands]
        if self._unsettled and any(map(self._is_put_off_enough, participants)):
            self._metrics.refused.inc(len(commands))
            raise BusyError
        loop = asyncio.get_running_loop()
        futures = []
        for command, participant in zip(commands, participants, strict=True):
            future: asyncio.Future[Outcome] = loop.create_future()
            self._queue_of(participant).append(Pending(command, participant, future))
            futures.append(future)
        self._wake.set()
        return futures

    def _is_put_off_enough(self, participant: ParticipantKey) -> bool:
        return participant in self._unsettled and len(self._in_flight[participant]) >= PUT_OFF_LIMIT

    def _queue_of(self, participant: ParticipantKey) -> deque[Pending]:
        return self._queues.setdefault(lane_of(*participant) if self._on_citus else 0, deque())

    def _take(self) -> list[Pending]:
        """The next batch, from the first queue that has one; the queue then goes to the end."""
        for key in list(self._queues):
            queue = self._queues.pop(key)
            taken = self._take_from(queue)
            if queue:
                self._queues[key] = queue
            if taken:
                return taken
        return []

    def _take_from(self, queue: deque[Pending]) -> list[Pending]:
        """Commands whose participant is in flight step aside until that batch is done."""
        taken: list[Pending] = []
        mine: set[ParticipantKey] = set()
        while queue and len(taken) < self._batch_limit:
            pending = queue.popleft()
            if pending.future.done():
                continue
            waiting = self._in_flight.get(pending.participant)
            if waiting is not None and pending.participant not in mine:
                waiting.append(pending)
                self._held_back += 1
                continue
            if waiting is None:
                self._in_flight[pending.participant] = deque()
                mine.add(pending.participant)
            taken.append(pending)
        return taken

    def _take_unsettled(self) -> list[Pending]:
        """The next batch of those who were put off; whose patience is over is told so. On Citus it is one lane's."""
        taken: list[Pending] = []
        now = time.monotonic()
        lane = None
        for participant in list(self._unsettled):
            if len(taken) >= self._batch_limit or (self._on_citus and lane not in (None, lane_of(*participant))):
                continue
            waiting = self._in_flight[participant]
            self._give_up(waiting, now)
            if not waiting:
                del self._unsettled[participant], self._in_flight[participant]
                self._wake.set()
                continue
            lane = lane_of(*participant)
            self._unsettled[participant] = self._unsettled.pop(participant)
            while waiting and len(taken) < self._batch_limit:
                taken.append(waiting.popleft())
                self._held_back -= 1
        return taken

    def _give_up(self, waiting: deque[Pending], now: float) -> None:
        for _ in range(len(waiting)):
            pending = waiting.popleft()
            pending.put_off_at = pending.put_off_at or now
            if pending.future.done() or now - pending.put_off_at > SETTLING_SECONDS:
                self._held_back -= 1
                _fail([pending], UnsettledError())
            else:
                waiting.append(pending)

    def _release(self, taken: list[Pending], put_off: list[Pending]) -> None:
        for pending in reversed(put_off):
            self._in_flight[pending.participant].appendleft(pending)
            self._held_back += 1
        unsettled = dict.fromkeys(pending.participant for pending in put_off)
        self._unsettled = {**unsettled, **self._unsettled}
        for participant in {pending.participant for pending in taken} - unsettled.keys():
            self._unsettled.pop(participant, None)
            waiting = self._in_flight.pop(participant)
            self._held_back -= len(waiting)
            if waiting:
                self._queue_of(participant).extendleft(reversed(waiting))

    async def _run(self, take: Callable[[], list[Pending]], settled_at_most: int) -> None:
        runner = _Runner(
            self._url,
            self._cache,
            self._patience_seconds,
            self._metrics,
            settled_at_most=settled_at_most,
            on_citus=self._on_citus,
        )
        while True:
            taken = take()
            if not taken:
                if self._is_closing and not self._in_flight:
                    break
                self._wake.clear()
                await self._wake.wait()
                continue
            put_off: list[Pending] = []
            try:
                put_off = await runner.settle(taken)
            finally:
                self._release(taken, put_off)
                self._wake.set()
        await runner.close()


class _Runner:
    """One connection and the batches that go over it."""

    def __init__(
        self,
        url: str,
        cache: DefinitionsCache,
        patience_seconds: float,
        metrics: EngineMetrics,
        *,
        settled_at_most: int,
        on_citus: bool,
    ) -> None:
        self._settled_at_most = settled_at_most
        self._on_citus = on_citus
        self._url = url
        self._cache = cache
        self._patience_seconds = patience_seconds
        self._metrics = metrics
        self._connection: Connection | None = None
        self._away_since: float | None = None
        self._planned_at = 0.0

    async def close(self) -> None:
        if self._connection is not None:
            with suppress(*CONNECTION_ERRORS):
                await self._connection.close(timeout=5)

    async def settle(self, pendings: list[Pending]) -> list[Pending]:
        """Resolves the futures of the batch, however often it has to run, but for those that are put off, which it
        returns. Never raises."""
        try:
            outcomes = await self._run_until_settled([pending.command for pending in pendings])
        except (DatabaseUnavailableError, OutcomeUnknownError) as error:
            _fail(pendings, error)
        except Exception as error:
            if len(pendings) > 1:
                # One command spoils the batch: halve it until that one stands alone.
                middle = len(pendings) // 2
                put_off = await self.settle(pendings[:middle])
                behind = {pending.participant for pending in put_off}
                rest = [pending for pending in pendings[middle:] if pending.participant not in behind]
                put_off += [pending for pending in pendings[middle:] if pending.participant in behind]
                return put_off + (await self.settle(rest) if rest else [])
            log.exception("command_failed", operation=pendings[0].command.operation)
            _fail(pendings, CommandFailedError(type(error).__name__))
        else:
            put_off = []
            for pending, outcome in zip(pendings, outcomes, strict=True):
                if outcome is None:
                    put_off.append(pending)
                elif not pending.future.done():
                    pending.future.set_result(outcome)
            return put_off
        return []

    async def _run_until_settled(self, commands: list[Command]) -> list[Outcome | None]:
        # Patience is counted from the start of an outage: those who come later in it are told at once.
        deadline = (self._away_since or time.monotonic()) + self._patience_seconds
        doubtful: Batch | None = None
        for attempt in range(1_000):
            if attempt:
                self._metrics.retries.inc()
                pause = RETRY_PAUSES_SECONDS[min(attempt - 1, len(RETRY_PAUSES_SECONDS) - 1)]
                await asyncio.sleep(pause)
            try:
                connection = await self._connect()
                async with asyncio.timeout(self._patience_seconds):
                    await connection.execute("BEGIN")
                    done = await self._attempt(connection, commands, doubtful)
            except (save.Overtaken, *TRANSIENT_ERRORS) as error:
                await self._recover(error)
                if isinstance(error, CONNECTION_ERRORS):
                    self._away_since = self._away_since or time.monotonic()
                if time.monotonic() > deadline:
                    raise (OutcomeUnknownError if doubtful else DatabaseUnavailableError) from error
                continue
            except Exception as error:
                await self._recover(None)
                if doubtful is not None:
                    # Halving would forget the doubt, and what was committed could run again.
                    raise OutcomeUnknownError from error
                raise
            self._away_since = None
            if done is doubtful or done.witness is None:
                await self._roll_back()
                return done.outcomes
            started = time.perf_counter()
            try:
                await connection.execute("COMMIT")
            except Exception as error:
                if not (self._on_citus or isinstance(error, TRANSIENT_ERRORS)):
                    raise
                # Only a lost connection leaves the commit in doubt; an error that PostgreSQL reports is a rollback. On
                # Citus it may be that of a coordinator whose worker has committed and could not say so.
                doubtful = done if self._on_citus or isinstance(error, CONNECTION_ERRORS) else None
                await self._recover(error)
                if doubtful is None and time.monotonic() > deadline:
                    raise DatabaseUnavailableError from error
                continue
            self._metrics.commit_seconds.observe(time.perf_counter() - started)
            self._metrics.batch_size.observe(len(commands))
            return done.outcomes
        raise OutcomeUnknownError if doubtful else DatabaseUnavailableError

    async def _attempt(self, connection: Connection, commands: list[Command], doubtful: Batch | None) -> Batch:
        if doubtful is None:
            return await self._run_batch(connection, commands)
        if await self._was_committed(connection, commands, doubtful):
            log.warning("commit_settled", committed=True, commands=len(commands))
            return doubtful
        done = await self._run_batch(connection, commands)
        # Participants whom the old transaction created could not be locked before it committed. Now all are.
        if await self._has_witness(connection, doubtful):
            raise save.Overtaken
        return done

    async def _run_batch(self, connection: Connection, commands: list[Command]) -> Batch:
        return await batch.run(connection, self._cache, commands, settled_at_most=self._settled_at_most)

    async def _was_committed(self, connection: Connection, commands: list[Command], doubtful: Batch) -> bool:
        """Waits out the old transaction by taking its locks, then looks for one of its facts.

        If the batch created participants and the old transaction is still running, the batch runs again into their
        names, waits there, is overtaken and comes back here.
        """
        keys = {ParticipantKey(command.project_id, command.participant_id): None for command in commands}
        await load.lock_participants(connection, list(keys))
        return await self._has_witness(connection, doubtful)

    @staticmethod
    async def _has_witness(connection: Connection, doubtful: Batch) -> bool:
        return doubtful.witness is not None and await load.has_fact(connection, *doubtful.witness)

    async def _connect(self) -> Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect_writer(self._url, on_citus=self._on_citus)
        if time.monotonic() - self._planned_at > PLAN_LIFETIME_SECONDS:
            await self._connection.execute("DISCARD PLANS")
            self._planned_at = time.monotonic()
        return self._connection

    async def _recover(self, error: BaseException | None) -> None:
        """Ends the failed transaction. A connection that cannot even do that is given up."""
        if isinstance(error, CONNECTION_ERRORS):
            if self._connection is not None:
                log.warning("database_connection_lost", error=type(error).__name__)
                self._connection.terminate()
                self._connection = None
        else:
            await self._roll_back()

    async def _roll_back(self) -> None:
        if self._connection is None:
            return
        try:
            await self._connection.execute("ROLLBACK")
        except Exception:
            self._connection.terminate()
            self._connection = None


def _fail(pendings: list[Pending], error: Exception) -> None:
    for pending in pendings:
        if not pending.future.done():
            pending.future.set_exception(error)
