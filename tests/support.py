"""Real parts for tests: databases cloned from a template, servers in processes of their own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from laurels.embedded import EmbeddedPostgres

ADMIN_KEY = "test_admin_key_0123456789"
START_SECONDS = 30


def tool(name: str) -> str:
    """The path of a program that tests need. Where it is missing the test is skipped, but never in CI."""
    path = shutil.which(name)
    if path is None and os.environ.get("LAURELS_TEST_TOOLS") == "required":
        pytest.fail(f"{name} is not installed")
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Databases:
    """Makes databases on one PostgreSQL: each a clone of a migrated template."""

    def __init__(self, postgres: EmbeddedPostgres) -> None:
        self.postgres = postgres

    def create(self, template: str | None = None) -> str:
        """The url of a new database, empty or a clone."""
        name = f"test_{uuid4().hex}"
        with psycopg.connect(self.postgres.url_for("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
        return self.postgres.url_for(name)


def check(database_url: str, *, rebuild: bool = True) -> None:
    """`laurels check`: fails with what it printed."""
    command = [sys.executable, "-m", "laurels.cli", "check", "--database-url", database_url]
    done = subprocess.run([*command, "--rebuild"] if rebuild else command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


class Server:
    """`laurels serve` as a process of its own."""

    def __init__(
        self,
        database_url: str | None = None,
        *,
        port: int | None = None,
        arguments: tuple[str, ...] = (),
        **settings: str,
    ) -> None:
        self.port = port or free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.database_url = database_url
        self._arguments = arguments
        self._settings = settings
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *, wait: bool = True, log: Path | None = None) -> "Server":
        environment = {name: value for name, value in os.environ.items() if not name.startswith("LAURELS_")}
        environment |= {"LAURELS_ADMIN_KEY": ADMIN_KEY, "LAURELS_LOG_REQUESTS": "0", "LAURELS_RATE_LIMIT": "1000000"}
        environment |= {f"LAURELS_{name.upper()}": value for name, value in self._settings.items()}
        if self.database_url:
            environment["LAURELS_DATABASE_URL"] = self.database_url
        command = [sys.executable, "-m", "laurels.cli", "serve", "--port", str(self.port), "--demo", *self._arguments]
        output: Any = log.open("ab") if log else subprocess.DEVNULL
        self.process = subprocess.Popen(command, env=environment, stdout=output, stderr=output, start_new_session=True)
        if wait:
            try:
                self.wait_until_ready()
            except AssertionError:
                self.kill()
                raise
        return self

    def wait_until_ready(self, seconds: float = START_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process is not None and self.process.poll() is not None:
                raise AssertionError(f"the server ended with {self.process.returncode}")
            try:
                if httpx.get(f"{self.base_url}/readyz", timeout=1).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.05)
        raise AssertionError("the server did not become ready")

    def client(self, key: str = ADMIN_KEY) -> httpx.Client:
        """Speaks to the API below /api/v1/gamify."""
        return httpx.Client(base_url=f"{self.base_url}/api/v1/gamify", headers={"X-API-Key": key}, timeout=30)

    def kill(self) -> None:
        """kill -9 of the whole process group: nothing is tidied up."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def stop(self, number: int = signal.SIGINT, seconds: float = 30) -> int:
        """Ctrl-C; returns the exit code."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            os.killpg(self.process.pid, number)
        return self.process.wait(seconds)

    def __enter__(self) -> "Server":
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def eventually(holds: Callable[[], bool], seconds: float = 15) -> None:
    """Waits until it holds; fails when it does not."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)
