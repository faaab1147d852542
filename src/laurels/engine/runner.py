"""A runner: one connection that runs batches, each as many times as it takes."""

import asyncio
import time
from collections.abc import Iterable
from contextlib import suppress
from itertools import chain

import asyncpg
import structlog

from laurels.engine import batch
from laurels.engine.batch import Batch
from laurels.engine.behind import Behind
from laurels.engine.errors import CommandFailedError, OutcomeUnknownError
from laurels.engine.metrics import EngineMetrics
from laurels.engine.run import (
    BRIEF_LOCK_TIMEOUT_MS,
    SEARCH_LOCK_TIMEOUT_MS,
    Caution,
    Pending,
    PutOff,
    Run,
    Search,
    SomebodyLockedOut,
    fail,
    halves,
)
from laurels.engine.settings import EngineSettings
from laurels.storage import load, locks, save
from laurels.storage.batches import LeftOut, ParticipantKey
from laurels.storage.definitions import DefinitionsCache
from laurels.storage.locks import LockedOut, LockedRow, Locking
from laurels.storage.postgres.database import (
    CONNECTION_ERRORS,
    TRANSIENT_ERRORS,
    Connection,
    DatabaseUnavailableError,
    LockedError,
    connect_writer,
    forget_plans,
)

log = structlog.get_logger("laurels.engine")

PLAN_LIFETIME_SECONDS = 1.0
"""The lifetime of prepared plans. PostgreSQL plans statements by the current sizes of tables, and the tables of a new
project grow quickly."""

RETRY_PAUSES_SECONDS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.5)
"""Pauses before a batch runs again; the last one repeats."""

LONG_LOCK_TIMEOUT_MS = 2_000
"""The timeout of locks that everything waits for: a locked table, and the locks that settle a commit in doubt."""


class Runner:
    def __init__(
        self,
        url: str,
        cache: DefinitionsCache,
        settings: EngineSettings,
        metrics: EngineMetrics,
        caution: Caution,
        max_settled: int,
    ) -> None:
        """`caution` is shared by all runners of the process."""
        self._max_settled = max_settled
        self._url = url
        self._cache = cache
        self._searched = [table.name for table in cache.tables.people if table.is_searched_for_locks]
        self._settings = settings
        self._metrics = metrics
        self._caution = caution
        self._connection: Connection | None = None
        self._away_since: float | None = None
        self._planned_at = 0.0

    @property
    def is_away(self) -> bool:
        """Whether the database was unavailable at the last attempt."""
        return self._away_since is not None

    async def reconnect(self) -> None:
        """Tries to connect. Never raises."""
        with suppress(*TRANSIENT_ERRORS):
            await self._connect()
            self._away_since = None

    async def close(self) -> None:
        if self._connection is not None:
            with suppress(*CONNECTION_ERRORS):
                await self._connection.close(timeout=5)

    async def settle(
        self,
        pendings: list[Pending],
        row: LockedRow | None = None,
        lock_timeout_ms: int = BRIEF_LOCK_TIMEOUT_MS,
        search: Search | None = None,
    ) -> PutOff:
        """Runs a batch until the futures of all commands are resolved, except for commands that are put off. First
        waits for `row` for a while. `search` is the search that the batch is a part of. Never raises."""
        # The deadline counts from the start of an outage, so that commands that arrive later in it fail at once.
        now = time.monotonic()
        if row is None and self._caution.searches_soon:
            lock_timeout_ms = min(lock_timeout_ms, SEARCH_LOCK_TIMEOUT_MS)
        deadline = (self._away_since or now) + self._settings.patience_seconds
        run = Run(pendings, row, now, deadline, lock_timeout_ms=lock_timeout_ms, search=search)
        try:
            return await self._run_until_settled(run)
        except SomebodyLockedOut:
            return await self._set_apart(run)
        except (DatabaseUnavailableError, LockedError, OutcomeUnknownError) as error:
            fail(pendings, error)
        except Exception as error:
            if len(pendings) > 1:
                # One command makes the batch fail. Halving the batch isolates this command.
                middle = len(pendings) // 2
                parts = [pendings[:middle], pendings[middle:]]
                return await self._settle_parts(parts, row, lock_timeout_ms, search)
            log.exception("command_failed", operation=pendings[0].command.operation)
            fail(pendings, CommandFailedError(type(error).__name__))
        return PutOff([], {})

    async def _settle_parts(
        self, parts: Iterable[list[Pending]], row: LockedRow | None, lock_timeout_ms: int, search: Search | None
    ) -> PutOff:
        """Runs the parts one after another. Later commands of a participant who was put off are put off, too."""
        put_off, reasons, behind = list[Pending](), dict[ParticipantKey, LeftOut](), Behind()
        for part in parts:
            ready: list[Pending] = []
            for pending in part:
                (put_off if behind.holds(pending.participants) else ready).append(pending)
            if ready:
                undone, why = await self.settle(ready, row, lock_timeout_ms, search)
                put_off += undone
                reasons |= why
                behind.add(chain.from_iterable(pending.participants for pending in undone))
        return PutOff(put_off, reasons)

    async def _set_apart(self, run: Run) -> PutOff:
        """Halves the batch until a participant, or a command of several, who is locked out is isolated. When the search
        has taken too long, all remaining participants are put off, for turns one by one."""
        people = run.participants
        search = run.search or Search(run.begun_at)
        search.runs_left -= 1
        self._caution.search()
        if len(people) == 1 or len(run.pendings) == 1 or search.runs_left <= 0:
            run.suspect(people, search.begun_at)
            return PutOff(run.put_off, run.reasons)
        if run.search is None and (seen := await self._seen_locked(people)):
            run.suspect(seen, search.begun_at)
            parts = [run.pendings]
        else:
            parts = halves(run.pendings)
        later = await self._settle_parts(parts, None, SEARCH_LOCK_TIMEOUT_MS, search)
        return PutOff(run.put_off + later.pendings, run.reasons | later.reasons)

    async def _seen_locked(self, people: list[ParticipantKey]) -> set[ParticipantKey]:
        """The participants with a locked row that can be found; none if the search fails."""
        try:
            connection = await self._connect()
            await connection.execute(f"BEGIN; SET LOCAL lock_timeout = {SEARCH_LOCK_TIMEOUT_MS}")
            return {ParticipantKey(*key) for key in await locks.locked_people(connection, self._searched, people)}
        except (asyncpg.LockNotAvailableError, *TRANSIENT_ERRORS) as error:
            await self._recover(error)
            return set()
        finally:
            await self._roll_back()

    async def _run_until_settled(self, run: Run) -> PutOff:
        for attempt in range(1_000):
            if attempt:
                self._metrics.retries.inc()
                pause = RETRY_PAUSES_SECONDS[min(attempt - 1, len(RETRY_PAUSES_SECONDS) - 1)]
                await asyncio.sleep(pause)
            done = await self._decide(run)
            if (done is not None and await self._commit(run, done)) or not run.pendings:
                return PutOff(run.put_off, run.reasons)
        raise OutcomeUnknownError if run.doubtful else DatabaseUnavailableError

    async def _decide(self, run: Run) -> Batch | None:
        """The batch, decided and saved in an open transaction; None if it has to run again."""
        locking = self._locking(run)
        try:
            connection = await self._connect()
            async with asyncio.timeout(self._settings.patience_seconds):
                await self._begin(connection, locking, run)
                done = await self._attempt(connection, run, locking)
        except LockedOut as error:
            await self._roll_back()
            run.leave_out({ParticipantKey(*name): row for name, row in error.people.items()})
            return None
        except asyncpg.LockNotAvailableError as error:
            await self._roll_back()
            if locking is Locking.SKIP_ACCOUNTS:
                self._caution.heed()
            elif locking is Locking.SKIP_ALL and not await self._is_table_locked():
                raise SomebodyLockedOut from error
            else:
                run.lock_timeout_ms = LONG_LOCK_TIMEOUT_MS
            run.require_time(error, LockedError)
            return None
        except (save.Overtaken, *TRANSIENT_ERRORS) as error:
            await self._recover(error)
            if isinstance(error, CONNECTION_ERRORS):
                self._away_since = self._away_since or time.monotonic()
            run.require_time(error, DatabaseUnavailableError)
            return None
        except Exception as error:
            await self._recover(None)
            if run.doubtful is not None:
                # Halving would forget the doubt, and committed commands could run again.
                raise OutcomeUnknownError from error
            raise
        self._away_since = None
        run.leave_out(done.left_out)
        return done

    async def _commit(self, run: Run, done: Batch) -> bool:
        """Commits and resolves the futures. False if the batch has to run again."""
        assert self._connection is not None  # noqa: S101
        if done is run.doubtful or done.witness is None:
            await self._roll_back()
            run.resolve(done)
            return True
        started = time.perf_counter()
        try:
            await self._connection.execute("COMMIT")
        except Exception as error:
            if not (self._settings.on_citus or isinstance(error, TRANSIENT_ERRORS)):
                raise
            # Only a lost connection leaves the commit in doubt; an error that PostgreSQL reports means a rollback. On
            # Citus it may be the error of a coordinator that lost a worker which had committed.
            run.doubtful = done if self._settings.on_citus or isinstance(error, CONNECTION_ERRORS) else None
            await self._recover(error)
            if run.doubtful is None:
                run.require_time(error, DatabaseUnavailableError)
            return False
        self._metrics.commit_seconds.observe(time.perf_counter() - started)
        self._metrics.batch_size.observe(len(run.pendings))
        run.resolve(done)
        return True

    def _locking(self, run: Run) -> Locking:
        """The locks to wait for. A commit in doubt is settled by waiting for the end of its transaction."""
        if run.doubtful is not None:
            return Locking.WAIT
        is_cautious = run.row is not None or run.search is not None or self._caution.is_due
        return Locking.SKIP_ALL if is_cautious else Locking.SKIP_ACCOUNTS

    async def _is_table_locked(self) -> bool:
        """Whether a table is locked. True also if this cannot be found out; the batch then runs again."""
        try:
            return await locks.is_table_locked(await self._connect())
        except TRANSIENT_ERRORS as error:
            await self._recover(error)
            return True

    async def _begin(self, connection: Connection, locking: Locking, run: Run) -> None:
        """Opens the transaction, and first waits for the run's row, if it becomes free in time."""
        if locking is Locking.SKIP_ACCOUNTS:
            await connection.execute("BEGIN")
            return
        lock_timeout_ms = LONG_LOCK_TIMEOUT_MS if locking is Locking.WAIT else run.lock_timeout_ms
        begin = f"BEGIN; SET LOCAL lock_timeout = {lock_timeout_ms}"
        await connection.execute(begin)
        if run.row is None or locking is Locking.WAIT:
            return
        try:
            await locks.wait_for(connection, run.row)
            if (accounts := run.accounts_with_row) is not None:
                # All accounts are locked in their order, and none is held while the transaction waits for the first
                # row.
                await connection.execute(f"ROLLBACK; {begin}")
                await locks.wait_for(connection, accounts)
        except asyncpg.LockNotAvailableError:
            if run.row.is_shared:
                self._caution.heed()
            await connection.execute(f"ROLLBACK; {begin}")

    async def _attempt(self, connection: Connection, run: Run, locking: Locking) -> Batch:
        doubtful = run.doubtful
        if doubtful is None:
            return await self._run_batch(connection, run, locking)
        if await self._was_committed(connection, run, doubtful):
            log.warning("commit_settled", committed=True, commands=len(run.pendings))
            return doubtful
        done = await self._run_batch(connection, run, locking)
        # Participants created by the old transaction could not be locked before its commit. Now all are locked.
        if await self._has_witness(connection, doubtful):
            raise save.Overtaken
        return done

    async def _run_batch(self, connection: Connection, run: Run, locking: Locking) -> Batch:
        commands = [pending.command for pending in run.pendings]
        by_command = [pending.participants for pending in run.pendings]
        return await batch.run(connection, self._cache, commands, by_command, locking, max_settled=self._max_settled)

    async def _was_committed(self, connection: Connection, run: Run, doubtful: Batch) -> bool:
        """Waits for the end of the old transaction by locking all its participants, and then looks for one of its
        facts.

        If the batch created participants and the old transaction is still running, the new run conflicts with their
        names, waits there, raises Overtaken and gets here again.
        """
        await load.lock_participants(connection, self._cache.tables.accounts, run.participants)
        return await self._has_witness(connection, doubtful)

    @staticmethod
    async def _has_witness(connection: Connection, doubtful: Batch) -> bool:
        return doubtful.witness is not None and await load.has_fact(connection, *doubtful.witness)

    async def _connect(self) -> Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect_writer(self._url, on_citus=self._settings.on_citus)
        if time.monotonic() - self._planned_at > PLAN_LIFETIME_SECONDS:
            await forget_plans(self._connection)
            self._planned_at = time.monotonic()
        return self._connection

    async def _recover(self, error: BaseException | None) -> None:
        """Ends the failed transaction. A connection on which the rollback fails is closed."""
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
