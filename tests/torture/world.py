"""The parts that are tortured: two servers, the PostgreSQL that the first one owns, and the disk below it."""

import asyncio
import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import asyncpg
import psutil  # type: ignore[import-untyped]

from laurels.embedded import running
from tests.support import Server
from tests.torture.receivers import NETWORKS
from tests.torture.report import Report

DISK_MEGABYTES = 4_096
START_SECONDS = 60
RESTART_PAUSE_SECONDS = 0.5
POLL_SECONDS = 0.02
MARGIN_BYTES = 64 * 1024


class Disk:
    """A tmpfs of its own, which is full as soon as it is made no larger than what it holds. Mounting needs root;
    without it the folder is an ordinary one and never full."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()
        self.is_mounted = os.geteuid() == 0 and self._mount(f"size={DISK_MEGABYTES}m,mode=755")

    def describe(self) -> str:
        if self.is_mounted:
            return f"the data folder is a tmpfs of {DISK_MEGABYTES} MB, filled by making it smaller"
        return "an ordinary folder, never full: mounting a tmpfs was not permitted"

    def fill(self) -> None:
        for _ in range(20):
            stat = os.statvfs(self._folder)
            used_bytes = (stat.f_blocks - stat.f_bfree) * stat.f_frsize
            # Refused when it has grown meanwhile.
            if self._mount(f"remount,size={(used_bytes + MARGIN_BYTES) // 1024}k"):
                return

    def free(self) -> None:
        self._mount(f"remount,size={DISK_MEGABYTES}m")

    def unmount(self) -> None:
        if self.is_mounted:
            subprocess.run(["umount", "-l", str(self._folder)], check=False)

    def _mount(self, options: str) -> bool:
        command = ["mount", "-t", "tmpfs", "-o", options, "laurels-torture", str(self._folder)]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


class World:
    def __init__(self, folder: Path, report: Report) -> None:
        self._report = report
        self._logs = folder
        self.disk = Disk(folder / "disk")
        report.disk = self.disk.describe()
        self.data_dir = folder / "disk" / "data"
        self.servers: list[Server] = []
        self.url = ""

    def start(self) -> None:
        first = Server(arguments=("--data-dir", str(self.data_dir)), webhook_networks=NETWORKS).start(
            log=self._logs / "server0.log"
        )
        self.servers.append(first)
        with running(self.data_dir) as url:
            self.url = url
        self.servers.append(Server(self.url, webhook_networks=NETWORKS).start(log=self._logs / "server1.log"))

    def stop(self) -> None:
        for server in reversed(self.servers):
            with suppress(subprocess.TimeoutExpired):
                server.stop()
            server.kill()
        with suppress(psutil.Error, OSError, ValueError):
            os.kill(self.postmaster(), signal.SIGKILL)
        self.disk.unmount()

    def log_text(self) -> str:
        return "".join(path.read_text(errors="replace") for path in sorted(self._logs.glob("server*.log")))

    # Servers

    async def restart(self, server: Server) -> None:
        """As a service manager does it: started at once, and again when it ends by itself."""
        number = self.servers.index(server)
        began = time.monotonic()
        while True:
            # Not in a thread: a kill must not find it half begun.
            server.start(wait=False, log=self._logs / f"server{number}.log")
            try:
                await asyncio.to_thread(server.wait_until_ready, START_SECONDS)
            except AssertionError as error:
                if server.process is not None and server.process.poll() is None:
                    self._report.find("a started server was not ready in a minute", error)
                    return
                self._report.counts["starts given up by a server"] += 1
                await asyncio.sleep(RESTART_PAUSE_SECONDS)
            else:
                self._report.start_seconds.append(time.monotonic() - began)
                return

    # PostgreSQL

    def postmaster(self) -> int:
        return int((self.data_dir / "postgres" / "postmaster.pid").read_text().split()[0])

    def postgres_processes(self) -> list[psutil.Process]:
        """The postmaster first; empty if it is not running."""
        try:
            process = psutil.Process(self.postmaster())
            return [process, *process.children()] if process.name() == "postgres" else []
        except (psutil.Error, OSError, ValueError, IndexError):
            return []

    async def database_back(self, seconds: float = 120) -> float:
        """When it answered a query."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                connection = await asyncpg.connect(self.url, timeout=2)
                try:
                    await connection.fetchval("SELECT 1", timeout=2)
                    return time.monotonic()
                finally:
                    connection.terminate()
            await asyncio.sleep(POLL_SECONDS)
        self._report.find("PostgreSQL did not come back in two minutes")
        return time.monotonic()
