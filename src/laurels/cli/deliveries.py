"""The process that sends the deliveries of webhooks, as a child of `laurels serve`."""

import asyncio
import os
import subprocess
import sys
import threading
from contextlib import suppress

import asyncpg
import structlog
from prometheus_client import multiprocess

from laurels.storage.postgres.database import (
    CONNECT_TIMEOUT_SECONDS,
    REFUSALS,
    TRANSIENT_ERRORS,
    connect,
)
from laurels.storage.webhooks.holding import IS_NEEDED
from laurels.web.protocol.metrics import CHILD_FOLDER_VARIABLE
from laurels.web.protocol.metrics_folder import MetricsFolder

log = structlog.get_logger("laurels.cli.serve")

MODULE = "laurels.delivery.webhooks.process"
LOOK_SECONDS = 2.0
"""The time between two looks for a first webhook, and before the process is started again after it has ended."""
COMMAND_SECONDS = 5.0
END_SECONDS = 10.0

_FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


class DeliveryProcess:
    """Starts the process once a webhook exists, and again whenever it has ended."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._process: subprocess.Popen[bytes] | None = None
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._own_folder: MetricsFolder | None = None

    def start(self) -> None:
        """Begins to look for webhooks. Metrics of the process are part of those of the server."""
        if _FOLDER_VARIABLE not in os.environ:
            self._own_folder = MetricsFolder("laurels-delivery-metrics-")
            os.environ[CHILD_FOLDER_VARIABLE] = self._own_folder.path
        self._thread.start()

    def stop(self) -> None:
        """Ends the process, and waits for it."""
        self._ends.set()
        self._thread.join(CONNECT_TIMEOUT_SECONDS + COMMAND_SECONDS + END_SECONDS)
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
        if self._own_folder is not None:
            self._own_folder.remove()

    def _watch(self) -> None:
        while not self._ends.wait(LOOK_SECONDS):
            if self._process is not None and self._process.poll() is not None:
                self._note_end(self._process)
                self._process = None
            if self._process is None and _is_needed(self._url):
                self._process = self._started()

    def _started(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-P", "-m", MODULE, str(os.getpid())]
        return subprocess.Popen(command, env=os.environ | {_FOLDER_VARIABLE: self._folder})  # noqa: S603

    def _note_end(self, process: subprocess.Popen[bytes]) -> None:
        if process.returncode:
            log.warning("delivery_process_ended", exit_code=process.returncode)
        with suppress(OSError):
            multiprocess.mark_process_dead(process.pid, self._folder)  # type: ignore[no-untyped-call]

    @property
    def _folder(self) -> str:
        return self._own_folder.path if self._own_folder else os.environ[_FOLDER_VARIABLE]


def _is_needed(url: str) -> bool:
    """Whether any webhook is switched on; false if the database does not respond."""

    async def found() -> bool:
        connection = await connect(url, {"application_name": "laurels deliveries"}, command_timeout=COMMAND_SECONDS)
        try:
            return bool(await connection.fetchval(IS_NEEDED))
        finally:
            await connection.close(timeout=COMMAND_SECONDS)

    try:
        return asyncio.run(found())
    except (asyncpg.UndefinedTableError, *REFUSALS, *TRANSIENT_ERRORS):
        return False
