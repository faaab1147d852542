"""The worker process: creates the application with its services, and ends them."""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import structlog

from laurels import logs
from laurels.engine.engine import Engine
from laurels.engine.jobs.job import Job
from laurels.engine.jobs.runner import Jobs
from laurels.engine.settings import EngineSettings
from laurels.settings import Settings
from laurels.storage.definitions import DefinitionsCache
from laurels.storage.erasing.file import ErasuresFile
from laurels.storage.postgres.database import CONNECTION_ERRORS, DatabaseUnavailableError
from laurels.storage.postgres.pools import Edits, Readers, Surveys
from laurels.storage.tables import AllTables
from laurels.web.application import Application
from laurels.web.aside import SWITCH_SECONDS, Aside
from laurels.web.endpoint import Endpoint
from laurels.web.keys.auth import KeyRing
from laurels.web.keys.presence import Presence
from laurels.web.keys.sessions import Sessions
from laurels.web.news import STREAM_LIMIT, News
from laurels.web.protocol.connections import Connection, Limits, Roster
from laurels.web.protocol.draining import Draining
from laurels.web.protocol.memory import Budget
from laurels.web.protocol.request_log import RequestLog
from laurels.web.services import Services

log = structlog.get_logger("laurels.app")

DATABASE_WAIT_SECONDS = 60
SERVER_WATCH_SECONDS = 0.5
SERVER_PID_VARIABLE = "LAURELS_SERVER_PID"
GARBAGE_THRESHOLD = 50_000
BACKGROUND_END_SECONDS = 2
"""The time in which cancelled background work has to end."""


Background = Callable[[str], Coroutine[Any, Any, None]]
"""Work beside the requests until it is cancelled, on the database with this URL."""


def application(
    endpoints: list[Endpoint],
    jobs: Sequence[Job],
    tables: AllTables,
    place: str,
    background: Sequence[Background] = (),
) -> Application:
    """The ASGI application of one worker, configured by environment variables. `place` is the place of the composition,
    as "module:name". `background` runs beside the jobs, without turns; not on Citus."""
    logs.configure()
    settings = Settings.from_environment()
    limits = Limits(connections=settings.connection_limit, request_seconds=settings.request_seconds)
    Connection.roster = Roster(limits.within_files())
    worker = _Worker(settings, jobs, tables, place, () if settings.citus else background)
    stream = sys.stderr.buffer if settings.log_requests else None
    return Application(endpoints, worker.open, worker.close, RequestLog(stream))


class _Worker:
    """Opens and closes the services of one process."""

    def __init__(
        self,
        settings: Settings,
        jobs: Sequence[Job],
        tables: AllTables,
        place: str,
        background: Sequence[Background],
    ) -> None:
        self._settings = settings
        self._jobs = jobs
        self._tables = tables
        self._place = place
        self._background = background
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> Services:
        settings = self._settings
        url = settings.database_url or ""
        readers = Readers(url, settings.reader_connections, on_citus=settings.citus)
        surveys = Surveys(url, settings.survey_seconds, on_citus=settings.citus)
        probe = Readers(url, 1, on_citus=settings.citus)
        edits = Edits(url, on_citus=settings.citus)
        keys = KeyRing(Readers(url, 1, on_citus=settings.citus), settings.admin_key, settings.rate_limit, spare=readers)
        presence = Presence(Edits(url, on_citus=settings.citus), keys)
        await _wait_for_database(readers, keys, presence)
        definitions = DefinitionsCache(self._tables)
        of_engine = EngineSettings(
            connections=settings.writer_connections_per_worker,
            batch_limit=settings.batch_limit,
            queue_limit=settings.queue_limit,
            on_citus=settings.citus,
        )
        engine = Engine(url, definitions, of_engine)
        engine.start()
        # The objects that exist now live as long as the process, and requests leave hardly any cycles behind.
        gc.collect()
        gc.freeze()
        gc.set_threshold(GARBAGE_THRESHOLD)
        sys.setswitchinterval(SWITCH_SECONDS)
        running_jobs = Jobs(url, definitions, engine, self._jobs)
        draining = Draining()
        draining.on_sigterm(settings.drain_seconds)
        running = (keys.keep_fresh(), presence.keep_noting(), running_jobs.run(), _stop_with_server(draining))
        self._tasks = [asyncio.create_task(task) for task in running]
        self._tasks += [asyncio.create_task(work(url)) for work in self._background]
        memory = Budget(settings.request_memory_mb * 1024 * 1024)
        return Services(
            engine,
            readers,
            surveys,
            probe,
            edits,
            definitions,
            keys,
            Sessions(keys, readers, edits),
            running_jobs,
            url,
            draining,
            memory,
            Aside(),
            Aside(),
            ErasuresFile(settings.erasures_path) if settings.erasures_path else None,
            presence,
            _news(Readers(url, 1, on_citus=settings.citus), draining),
            self._tables,
            self._place,
            settings.citus,
        )

    async def close(self, services: Services) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks, timeout=BACKGROUND_END_SECONDS)
        services.checking.close()
        services.decoding.close()
        await services.engine.drain()
        await services.presence.leave()
        await services.keys.close()
        await services.news.close()
        for pool in (services.edits, services.surveys, services.readers, services.probe):
            await pool.close()


def _news(readers: Readers, draining: Draining) -> News:
    # Streams stay open: they must leave connections to others.
    stream_limit = min(STREAM_LIMIT, Connection.roster.limits.connections // 2)
    return News(readers, lambda: draining.has_begun or Connection.roster.is_stopping, stream_limit)


async def _wait_for_database(readers: Readers, keys: KeyRing, presence: Presence) -> None:
    deadline = asyncio.get_running_loop().time() + DATABASE_WAIT_SECONDS
    while True:
        try:
            await readers.open()
            # Before the keys are read, so that a new worker takes only its share of the rate limits.
            await presence.note()
            await keys.open()
            return
        except (DatabaseUnavailableError, *CONNECTION_ERRORS) as error:
            if asyncio.get_running_loop().time() > deadline:
                raise
            log.warning("waiting_for_database", error=type(error).__name__)
            await asyncio.sleep(0.5)


async def _stop_with_server(draining: Draining) -> None:
    """Stops the worker if its `laurels serve` was killed, as the worker would otherwise keep the port."""
    server = int(os.environ.get(SERVER_PID_VARIABLE, os.getppid()))
    if server == os.getpid():
        return
    while os.getppid() == server:  # noqa: ASYNC110
        await asyncio.sleep(SERVER_WATCH_SECONDS)
    log.warning("parent_process_ended")
    draining.has_begun = True
    os.kill(os.getpid(), signal.SIGTERM)
