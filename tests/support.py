"""Real parts for tests: databases cloned from a template, servers in processes of their own."""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import httpx
import psycopg
import pytest

from tests.processes import LAURELS, Forked, laurels, without_settings

ADMIN_KEY = "test_admin_key_0123456789"
START_SECONDS = 120  # a machine may have other work


def tool(name: str) -> str:
    """The path of a program that tests need. Where it is missing the test is skipped, but never in CI."""
    path = shutil.which(name)
    if path is None and os.environ.get("LAURELS_TEST_TOOLS") == "required":
        pytest.fail(f"{name} is not installed")
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


def free_port() -> int:
    """One that the system gives to no connection of its own accord, of which tests open thousands."""
    while True:
        port = random.randrange(10_000, 32_000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


ON_CITUS = bool(os.environ.get("LAURELS_TEST_CITUS"))
SERVER_URLS = os.environ.get("LAURELS_TEST_CITUS") or os.environ.get("LAURELS_TEST_DATABASE_URL") or ""
"""PostgreSQL servers to test with instead of the embedded one: one, or a Citus cluster with its coordinator first."""
CITUS_SHARDS = 8


def is_on_citus(database_url: str | None) -> bool:
    """Whether `Databases` made it on a cluster: some tests bring a PostgreSQL of their own."""
    return ON_CITUS and urlsplit(database_url or "").path.startswith("/test_")


class Databases:
    """Makes databases on one PostgreSQL, or on all machines of a Citus cluster: each a clone of a migrated template."""

    def __init__(self, server_urls: Sequence[str], template: str, *, data_dir: Path | None = None) -> None:
        """`data_dir` is the embedded PostgreSQL's, None for servers that run elsewhere."""
        self._servers = server_urls
        self.data_dir = data_dir
        self._template = template
        self._of_module: list[str] = []
        self._of_run: list[str] = [template]

    def create(self, template: str | None = None, *, is_kept: bool = False) -> str:
        """The url of a new database, empty or a clone; `is_kept` for the tests of more than one module."""
        name = f"test_{uuid4().hex}"
        (self._of_run if is_kept else self._of_module).append(name)
        for server in self._servers:
            self._run(server, f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{self._template}"' if template else ""))
        if not template:
            self._form_cluster(name)
        return self._url(self._servers[0], name)

    def make_template(self, prepare: Callable[[str], None]) -> None:
        """A database that is prepared and then left alone, as only such a one can be cloned."""
        for server in self._servers:
            self._run(server, f'CREATE DATABASE "{self._template}"')
        self._form_cluster(self._template)
        prepare(self._url(self._servers[0], self._template))
        for server in self._servers:
            # So that what the driver asks of the catalogues is planned well from the first moment.
            self._run(self._url(server, self._template), "ANALYZE")
        for server in self._servers:
            self._run(server, f'ALTER DATABASE "{self._template}" ALLOW_CONNECTIONS false')
            self._run(
                server, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self._template}'"
            )

    def drop_those_of_module(self) -> None:
        self._drop(self._of_module)

    def drop_all(self) -> None:
        self._drop(self._of_module)
        self._drop(self._of_run)

    def _drop(self, names: list[str]) -> None:
        while names:
            name = names.pop()
            for server in self._servers:
                self._run(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _form_cluster(self, name: str) -> None:
        if not ON_CITUS:
            return
        urls = [self._url(server, name) for server in self._servers]
        for url in urls:
            self._run(url, "CREATE EXTENSION citus")
        places = [(parts.hostname, parts.port) for parts in map(urlsplit, urls)]
        self._run(urls[0], "SELECT citus_set_coordinator_host('{}', {})".format(*places[0]))
        for place in places[1:]:
            self._run(urls[0], "SELECT citus_add_node('{}', {})".format(*place))

    @staticmethod
    def _run(url: str, statement: str) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement.encode())

    @staticmethod
    def _url(server: str, name: str) -> str:
        return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


def check(database_url: str, *, rebuild: bool = True) -> str:
    """What `laurels check` prints; fails with it."""
    done = laurels("check", "--database-url", database_url, *(["--rebuild"] if rebuild else []))
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class Server:
    """`laurels serve` as a process of its own: forked, or started anew with several workers, which are started so, or
    with a library that is loaded before all others."""

    def __init__(
        self,
        database_url: str | None = None,
        *,
        port: int | None = None,
        arguments: tuple[str, ...] = (),
        main: str = LAURELS,
        **settings: str,
    ) -> None:
        self.port = free_port() if port is None else port
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.database_url = database_url
        self._arguments = arguments
        self._settings = settings
        self._main = main
        self.process: subprocess.Popen[bytes] | Forked | None = None

    def start(self, *, wait: bool = True, log: Path | None = None) -> "Server":
        environment = without_settings()
        environment |= {"LAURELS_ADMIN_KEY": ADMIN_KEY, "LAURELS_LOG_REQUESTS": "0", "LAURELS_RATE_LIMIT": "1000000"}
        if is_on_citus(self.database_url):
            environment["LAURELS_CITUS"] = "1"
        environment |= {f"LAURELS_{name.upper()}": value for name, value in self._settings.items()}
        if self.database_url:
            environment["LAURELS_DATABASE_URL"] = self.database_url
        arguments = ["serve", "--port", str(self.port), "--demo", *self._arguments]
        output = str(log or os.devnull)
        if self._settings.get("workers", "1") == "1" and "LD_PRELOAD" not in environment:
            self.process = Forked(arguments, environment=environment, stdout=output, stderr=output, main=self._main)
        else:
            self.process = _started_anew(self._main, arguments, environment, output)
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
                raise AssertionError(f"the server ended with {self.process.poll()}")
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

    def stop(self, number: int = signal.SIGINT, seconds: float = START_SECONDS) -> int:
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


def _started_anew(main: str, arguments: list[str], environment: dict[str, str], output: str) -> subprocess.Popen[bytes]:
    with open(output, "ab") as stream:
        return subprocess.Popen(
            [sys.executable, "-c", f"import pkgutil; pkgutil.resolve_name({main!r})()", *arguments],
            env=environment,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )


def eventually(holds: Callable[[], bool], seconds: float = 60) -> None:
    """Waits until it holds; fails when it does not."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)
