"""Runs the jobs of one process, one after another, until the process ends. A failed step is logged and retried, and
does not stop other jobs."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import asyncpg
import structlog

from laurels.engine.engine import Engine
from laurels.engine.jobs.job import Job, Left, Tools
from laurels.storage.definitions import DefinitionsCache
from laurels.storage.postgres.database import CONNECTION_ERRORS, Connection, LockedError, connect_job

log = structlog.get_logger("laurels.engine.jobs")

ROUND_SECONDS = 1.0
FAILURE_PAUSE_SECONDS = 5.0


class Jobs:
    def __init__(self, database_url: str, cache: DefinitionsCache, engine: Engine, jobs: Sequence[Job]) -> None:
        """`jobs` are given in the order of their turns."""
        self._url = database_url
        self._tools = Tools(cache, engine)
        self._connection: Connection | None = None
        self._wake = asyncio.Event()
        self._waiting: list[asyncio.Future[None]] = []
        now = time.monotonic()
        self._turns = [_ScheduledJob(job, now + job.begins_after_seconds) for job in jobs]

    def wake(self) -> None:
        """Begins the next round at once."""
        self._wake.set()

    async def catch_up(self) -> None:
        """Waits for a whole round that begins after the call."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append(done)
        self.wake()
        await done

    async def run(self) -> None:
        """Runs rounds until cancelled."""
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
        """Runs the due jobs. False if a job failed. A lost connection ends the round."""
        return all([await self._succeeds(turn) for turn in self._turns if time.monotonic() >= turn.due])

    async def _succeeds(self, turn: "_ScheduledJob") -> bool:
        job = turn.job
        if job.rests_after_failure:
            turn.due = time.monotonic() + job.rests_seconds
        try:
            if self._connection is None or self._connection.is_closed():
                self._connection = await connect_job(self._url)
            left = await job.step(self._connection, self._tools)
        except CONNECTION_ERRORS:
            raise
        except (LockedError, asyncpg.LockNotAvailableError):
            log.warning("job_waits_for_lock", job=job.name)
            return False
        except Exception:
            log.exception("job_failed")
            self._drop_connection()
            return False
        if left is Left.NOTHING:
            turn.due = time.monotonic() + job.rests_seconds
        elif left is Left.AT_ONCE:
            self.wake()
        return True

    def _tell(self, waiting: list[asyncio.Future[None]]) -> None:
        for done in waiting:
            self._waiting.remove(done)
            if not done.done():
                done.set_result(None)

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None


@dataclass
class _ScheduledJob:
    """A job and the time of its next step, by the process's monotonic clock."""

    job: Job
    due: float
