"""Runs the jobs of one process, one after another, for ever. A failure is logged and tried again, and keeps no other
job from its turn."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

import asyncpg
import structlog

from laurels.engine.engine import Engine
from laurels.mechanics.leaderboards import jobs as leaderboards
from laurels.mechanics.points import jobs as expiries
from laurels.office import erasure_job as erasures
from laurels.office import judging_job as judgings
from laurels.office import retention_job as retention
from laurels.storage.database import CONNECTION_ERRORS, Connection, LockedError, connect_job
from laurels.storage.definitions import DefinitionsCache

log = structlog.get_logger("laurels.engine.jobs")

ROUND_SECONDS = 1.0
FAILURE_PAUSE_SECONDS = 5.0
SWEEP_SECONDS = 3_600.0

Job = Callable[[Connection], Awaitable[None]]


class Jobs:
    def __init__(self, database_url: str, cache: DefinitionsCache, engine: Engine) -> None:
        self._url = database_url
        self._cache = cache
        self._engine = engine
        self._connection: Connection | None = None
        self._wake = asyncio.Event()
        self._waiting: list[asyncio.Future[None]] = []
        self._sweep_due = time.monotonic() + SWEEP_SECONDS
        self._forgetting = retention.Forgetting()
        self._retention_due = time.monotonic()
        self._jobs: tuple[Job, ...] = (
            self._fill_boards,
            self._tick_boards,
            self._sweep_expiries,
            self._judge_anew,
            leaderboards.remove_retired,
            self._forget_events,
            self._erase,
            self._tidy,
        )

    def wake(self) -> None:
        """There is something to do now."""
        self._wake.set()

    async def catch_up(self) -> None:
        """Ends when a whole round, begun after the call, is done."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append(done)
        self.wake()
        await done

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                pause_seconds = ROUND_SECONDS
                waiting = list(self._waiting)
                try:
                    if await self._round():
                        self._tell(waiting)
                    else:
                        pause_seconds = FAILURE_PAUSE_SECONDS
                except CONNECTION_ERRORS as error:
                    log.warning("job_connection_lost", error=type(error).__name__)
                    self._drop_connection()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), pause_seconds)
                self._wake.clear()
        finally:
            self._drop_connection()

    async def _round(self) -> bool:
        """False if a job failed. A lost connection ends the round."""
        return all([await self._succeeds(job) for job in self._jobs])

    async def _succeeds(self, job: Job) -> bool:
        try:
            if self._connection is None or self._connection.is_closed():
                self._connection = await connect_job(self._url)
            await job(self._connection)
        except CONNECTION_ERRORS:
            raise
        except (LockedError, asyncpg.LockNotAvailableError):
            log.warning("job_waits_for_lock", job=job.__name__)
            return False
        except Exception:
            log.exception("job_failed")
            self._drop_connection()
            return False
        return True

    async def _fill_boards(self, connection: Connection) -> None:
        await leaderboards.fill(connection, self._cache)

    async def _tick_boards(self, connection: Connection) -> None:
        await leaderboards.tick(connection, self._cache)

    async def _sweep_expiries(self, connection: Connection) -> None:
        await expiries.sweep(connection, self._engine)

    async def _judge_anew(self, connection: Connection) -> None:
        await judgings.go_on(connection, self._engine)

    async def _forget_events(self, connection: Connection) -> None:
        if time.monotonic() > self._retention_due and not await self._forgetting.go_on(connection):
            self._retention_due = time.monotonic() + SWEEP_SECONDS

    async def _erase(self, connection: Connection) -> None:
        if await erasures.go_on(connection, self._cache.tables):
            self.wake()

    async def _tidy(self, connection: Connection) -> None:
        if time.monotonic() > self._sweep_due:
            self._sweep_due = time.monotonic() + SWEEP_SECONDS
            await leaderboards.remove_empty_counts(connection)
            await erasures.forget_old_keys(connection)

    def _tell(self, waiting: list[asyncio.Future[None]]) -> None:
        for done in waiting:
            self._waiting.remove(done)
            if not done.done():
                done.set_result(None)

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None
