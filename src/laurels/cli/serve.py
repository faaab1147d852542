"""`laurels serve`: the parent process, which starts and stops the database and the workers. The workers serve
requests."""

import asyncio
import os
import resource
import signal
import socket
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType
from typing import Any

import structlog
import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from laurels.cli import listening, schema_process
from laurels.cli.deliveries import DeliveryProcess
from laurels.cli.options import composition
from laurels.config import demo as demo_definitions
from laurels.console import files as console_files
from laurels.embedded import EmbeddedPostgres, EmbeddedPostgresError, archive, backups
from laurels.settings import Settings, SettingsError, variable
from laurels.storage.erasing import file as erasures_file
from laurels.storage.office import keys, projects
from laurels.storage.postgres.database import connect_one
from laurels.web.protocol.connections import UVICORN_OPTIONS
from laurels.web.protocol.metrics_folder import MetricsFolder
from laurels.web.worker import SERVER_PID_VARIABLE

log = structlog.get_logger("laurels.cli.serve")

PARTITION_UPKEEP_SECONDS = 6 * 3600
START_TIMEOUT_SECONDS = 60
STOP_TIMEOUT_SECONDS = 30
WORKER_TIMEOUT_SECONDS = 60
"""A worker without a sign of life for this time is replaced. On a busy machine a worker can take longer to start than
uvicorn's default of 5 seconds, and replacing it again and again would make the machine even busier."""
FILE_LIMIT = 65_536


def serve(
    *, host: str, port: int, workers: int, data_dir: Path, backup_dir: Path | None, database_url: str | None, demo: bool
) -> None:
    """Serves until SIGINT or SIGTERM. Then it finishes requests in progress, drains the queue and stops PostgreSQL."""
    flags = {"host": host, "port": port, "workers": workers, "data_dir": data_dir, "demo": int(demo)}
    os.environ.update({variable(name): str(value) for name, value in flags.items()})
    if database_url:
        os.environ[variable("database_url")] = database_url
    os.environ[SERVER_PID_VARIABLE] = str(os.getpid())
    settings = Settings.from_environment()
    if settings.erasures_path is not None:
        _refuse_erasures_file(settings.erasures_path)
    sockets = listening.bind(settings.host, settings.port)
    _raise_file_limit()
    # uvicorn stops gracefully and then raises the signal again; both must pass through our `finally`.
    signal.signal(signal.SIGTERM, _exit)
    signal.signal(signal.SIGINT, _exit)
    if settings.database_url:
        _prepare_and_run(settings, settings.database_url, sockets)
        return
    if backup_dir is not None:
        archive.remember(settings.data_path, backup_dir.expanduser().resolve())
    postgres = EmbeddedPostgres(settings.data_path)
    try:
        # A signal may arrive at once; stop() then does nothing.
        postgres.start()
        postgres.supervise()
        threading.Thread(target=_begin_archive, args=(settings.data_path,), daemon=True).start()
        os.environ[variable("database_url")] = postgres.url
        archived_to = archive.backup_dir_of(settings.data_path)
        if archived_to is not None and settings.erasures_path is None:
            file = archived_to / erasures_file.FILE_NAME
            _refuse_erasures_file(file)
            os.environ[variable("erasures_file")] = str(file)
        _prepare_and_run(settings, postgres.url, sockets)
    finally:
        postgres.stop()


def _refuse_erasures_file(path: Path) -> None:
    try:
        erasures_file.refuse_unfit(path)
    except erasures_file.ErasuresFileError as error:
        raise SettingsError(f"{variable('erasures_file')}: {error}.") from None


def _raise_file_limit() -> None:
    """Raises the limit of open files. Each connection is a file, and the default limit of many systems is 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = FILE_LIMIT if hard == resource.RLIM_INFINITY else min(FILE_LIMIT, hard)
    if soft != resource.RLIM_INFINITY and soft < limit:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))


def _exit(_number: int, _frame: FrameType | None) -> None:
    _ignore_signals()
    raise SystemExit(0)


def _ignore_signals() -> None:
    """Ignores signals during the shutdown, so that they neither interrupt the cleanup nor change the exit code."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _prepare_and_run(settings: Settings, url: str, sockets: list[socket.socket]) -> None:
    schema_process.migrate(url, on_citus=settings.citus)
    first_key = asyncio.run(_prepare_project(settings, url))
    threading.Thread(target=_keep_partitions, args=(url,), daemon=True).start()
    base = listening.base_url(settings.host, sockets)
    threading.Thread(target=_announce, args=(base, settings, first_key), daemon=True).start()
    metrics_folder = MetricsFolder("laurels-metrics-") if settings.workers > 1 else None
    if metrics_folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = metrics_folder.path
    deliveries = None if settings.citus else DeliveryProcess(url)
    if deliveries is not None:
        deliveries.start()
    try:
        _run(
            sockets,
            workers=settings.workers,
            log_config=None,
            timeout_graceful_shutdown=STOP_TIMEOUT_SECONDS,
            timeout_worker_healthcheck=WORKER_TIMEOUT_SECONDS,
            **UVICORN_OPTIONS,
        )
    finally:
        _ignore_signals()
        if deliveries is not None:
            deliveries.stop()
        if metrics_folder:
            metrics_folder.remove()


def _run(sockets: list[socket.socket], **settings: Any) -> None:
    """The same as uvicorn.run(), but with our own sockets."""
    config = uvicorn.Config(f"{composition().place}.create", factory=True, **settings)
    if config.workers > 1:
        supervisor = Multiprocess(config, sockets=sockets)
        supervisor.run()
        has_started = STARTUP_FAILURE not in {worker.exitcode for worker in supervisor.processes}
    else:
        server = uvicorn.Server(config)
        server.run(sockets)
        has_started = server.started
    if not has_started:
        raise SystemExit(STARTUP_FAILURE)


async def _prepare_project(settings: Settings, url: str) -> str | None:
    """Creates the default project if it is missing. Returns its first admin key if one was created, as it can be shown
    only now."""
    connection = await connect_one(url)
    try:
        project = await projects.create(connection, "default", "Default", "live", "UTC")
        is_new = project is not None
        project = project or await projects.by_code(connection, "default")
        if project is None:
            return None
        if settings.demo:
            await demo_definitions.add(connection, project.id, composition().resources)
        if is_new and not settings.admin_key:
            return await keys.create(connection, project, "operator", "first start")
        return None
    finally:
        await connection.close()


def _begin_archive(data_dir: Path) -> None:
    try:
        backups.begin(data_dir)
    except EmbeddedPostgresError as error:
        log.error("backup_failed", error=str(error))


def _announce(base: str, settings: Settings, first_key: str | None) -> None:
    if not _is_ready(base):
        return
    if first_key:
        key, note = (
            first_key,
            f"Admin key:  {first_key}\n            (shown only once; create more with `laurels keys create`)",
        )
    elif settings.admin_key:
        key, note = "$LAURELS_ADMIN_KEY", "Admin key:  the value of LAURELS_ADMIN_KEY"
    else:
        key = "YOUR_KEY"
        note = "Admin key:  was shown at the first start; create another with `laurels keys create --scope admin`"
    console = f"{base}/console" if console_files.built() else "not built; `make console` builds it"
    text = f"""
Laurels is ready.

Base URL:   {base}/api/v1
{note}
Try it:
  curl -X POST {base}/api/v1/gamify/points/award \\
    -H "X-API-Key: {key}" -H "Content-Type: application/json" \\
    -d '{{"participant_id": "user_123", "amount": 250, "reason": "Onboarding done"}}'
Console:    {console}
Browse it:  {base}/docs
Stop it:    Ctrl-C
"""
    print(text, flush=True)


def _is_ready(base: str) -> bool:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{base}/readyz", timeout=1):  # noqa: S310
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    return False


def _keep_partitions(url: str) -> None:
    while True:
        try:
            schema_process.keep_partitions(url)
        except Exception:
            log.exception("partition_upkeep_failed")
        time.sleep(PARTITION_UPKEEP_SECONDS)
