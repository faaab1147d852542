"""Upgrades without a lost request: two nodes on one database, restarted one after the other under load."""

import asyncio
import itertools
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from laurels.storage.schema import migrate as schema
from tests.conftest import TEMPLATE
from tests.hammer import Connection
from tests.support import ON_CITUS, Databases, Server, check, free_port, tool
from tests.test_serve import wait_for

DEPLOY = Path(__file__).parents[1] / "deploy"
CLIENTS = 16
RETRY_SECONDS = 20
DRAIN_SECONDS = 3

MIGRATING = "-c lock_timeout=2s" + (" -c citus.multi_shard_modify_mode=sequential" if ON_CITUS else "")
# What a migration of a next version may do while this one serves: the answers of prepared statements change their form.
# In the order in which batches take the tables; in another, a cluster would find it in a deadlock every time.
MIGRATION = """
ALTER TABLE participant ADD COLUMN of_next_version text;
ALTER TABLE account ADD COLUMN of_next_version text;
ALTER TABLE project ADD COLUMN of_next_version integer NOT NULL DEFAULT 0;
UPDATE alembic_version SET version_num = '9999';
"""


class Load:
    """Clients that award 1 point at a time, each award with a key of its own, until told to stop.

    With `retries` a client tries again, at the next address, as a careful client does; without, every answer counts.
    """

    def __init__(self, base_urls: list[str], *, retries: bool) -> None:
        self._base_urls = base_urls
        self._retries = retries
        self._is_over = False
        self._numbers = itertools.count()
        self.acknowledged: list[str] = []
        self.failed: list[tuple[int, str]] = []
        self.retried = 0

    async def run(self, work: Any) -> None:
        """Sends until `work`, a function that blocks, is done."""
        clients = [asyncio.create_task(self._client(number)) for number in range(CLIENTS)]
        try:
            await asyncio.to_thread(work)
        finally:
            self._is_over = True
            await asyncio.gather(*clients)

    async def _client(self, number: int) -> None:
        connections = [Connection(url) for url in self._base_urls]
        while not self._is_over:
            key = f"award-{next(self._numbers)}"
            body = {"participant_id": f"client-{number}", "amount": 1, "idempotency_key": key}
            await self._award(connections, number, body)
        for connection in connections:
            connection.close()

    async def _award(self, connections: list[Connection], number: int, body: dict[str, Any]) -> None:
        deadline = time.monotonic() + RETRY_SECONDS
        for attempt in itertools.count():
            reply = await connections[(number + attempt) % len(connections)].post("/points/award", body)
            if reply.headers.get("connection") == "close":
                connections[(number + attempt) % len(connections)].close()
            if reply.status == 200:
                self.acknowledged.append(body["idempotency_key"])
                return
            if not self._retries or time.monotonic() > deadline:
                self.failed.append((reply.status, reply.body.decode()))
                return
            self.retried += 1
            await asyncio.sleep(0.02)


def assert_all_are_there_once(database_url: str, load: Load) -> None:
    assert load.failed == []
    assert len(load.acknowledged) > 100
    with psycopg.connect(database_url) as connection:
        stored = [key for (key,) in connection.execute("SELECT key FROM idempotency").fetchall()]
        balance = connection.execute("SELECT sum(balance) FROM account").fetchone()
    assert sorted(stored) == sorted(load.acknowledged)
    assert balance == (len(load.acknowledged),)
    check(database_url)


def is_ready(server: Server) -> bool:
    try:
        return httpx.get(f"{server.base_url}/readyz", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def acknowledge_more(load: Load, count: int = 30) -> None:
    """The load goes on meanwhile."""
    before = len(load.acknowledged)
    wait_for(lambda: load.failed != [] or len(load.acknowledged) >= before + count)


def migrate_to_next_version(database_url: str) -> None:
    """As `laurels migrate` does it: it steps back from locks that others hold."""
    while True:
        try:
            with psycopg.connect(database_url, options=MIGRATING) as connection:
                connection.execute(MIGRATION)
        except schema.LOCK_ERRORS:
            continue
        return


def restart_one_after_the_other(
    load: Load, nodes: list[Server], *, migrate: bool, until_seen: Callable[[], None] = lambda: None
) -> None:
    acknowledge_more(load)
    for number, node in enumerate(nodes):
        assert node.stop(signal.SIGTERM) == 0
        acknowledge_more(load)
        if migrate and number == 0:
            migrate_to_next_version(nodes[0].database_url or "")
            acknowledge_more(load)
        node.start()
        until_seen()
        acknowledge_more(load)


class Proxy:
    """HAProxy with the configuration that the docs name."""

    def __init__(self, folder: Path, nodes: list[Server]) -> None:
        self._folder = folder
        self._socket = folder / "haproxy.sock"
        port = free_port()
        self.base_url = f"https://localhost:{port}"
        self._environment = os.environ | {
            "LAURELS_PROXY_BIND": f"127.0.0.1:{port}",
            "LAURELS_PROXY_CERTIFICATE": str(self._certificate()),
            **{f"LAURELS_NODE_{number}": f"127.0.0.1:{node.port}" for number, node in enumerate(nodes, 1)},
        }
        self._command = [tool("haproxy"), "-f", str(DEPLOY / "haproxy.cfg"), "-f", str(self._statistics())]

    def __enter__(self) -> "Proxy":
        checked = subprocess.run(
            [*self._command, "-c"], env=self._environment, capture_output=True, text=True, check=False
        )
        assert checked.returncode == 0, checked.stderr
        assert "WARNING" not in checked.stderr, checked.stderr
        self._process = subprocess.Popen([*self._command, "-db"], env=self._environment, stderr=subprocess.DEVNULL)
        wait_for(self._socket.exists)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def has_both(self) -> bool:
        """Whether it sees both nodes up."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self._socket))
            connection.sendall(b"show stat -1 4 -1\n")
            table = b"".join(iter(lambda: connection.recv(65_536), b"")).decode()
        return sum(line.split(",")[17] == "UP" for line in table.splitlines()[1:] if line) == 2

    def _certificate(self) -> Path:
        certificate, key = self._folder / "laurels.pem", self._folder / "key.pem"
        command = [tool("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"]
        subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
        certificate.write_bytes(certificate.read_bytes() + key.read_bytes())
        return certificate

    def _statistics(self) -> Path:
        file = self._folder / "statistics.cfg"
        file.write_text(f"global\n    stats socket {self._socket}\n")
        return file


@pytest.mark.all_cases
def test_behind_the_proxy_no_client_notices(databases: Databases) -> None:
    """Clients that do not even retry. Each node is back in the proxy's eyes before the other one goes."""
    url = databases.create(TEMPLATE)
    drain = {"drain_seconds": str(DRAIN_SECONDS)}
    with (
        tempfile.TemporaryDirectory() as folder,  # a socket's path has to be short
        Server(url, **drain) as one,
        Server(url, **drain) as other,
        Proxy(Path(folder), [one, other]) as proxy,
    ):

        def until_seen() -> None:
            wait_for(proxy.has_both)

        until_seen()
        assert httpx.get(f"{proxy.base_url}/readyz", verify=False).json() == {"status": "ready"}
        assert httpx.get(f"{proxy.base_url}/metrics", verify=False).status_code == 404
        load = Load([proxy.base_url], retries=False)
        asyncio.run(
            load.run(lambda: restart_one_after_the_other(load, [one, other], migrate=True, until_seen=until_seen))
        )
    assert_all_are_there_once(url, load)


@pytest.mark.all_cases
def test_clients_that_retry_lose_nothing(databases: Databases) -> None:
    """The new version's migration comes while the old one serves; the old one goes on, and could start anew."""
    url = databases.create(TEMPLATE)
    with Server(url) as one, Server(url) as other:
        load = Load([one.base_url, other.base_url], retries=True)
        asyncio.run(load.run(lambda: restart_one_after_the_other(load, [one, other], migrate=True)))
        assert is_ready(one)
        assert is_ready(other)
    assert load.retried > 0
    assert_all_are_there_once(url, load)


def test_a_server_says_that_it_will_stop_and_serves_on(databases: Databases) -> None:
    with Server(databases.create(TEMPLATE), drain_seconds="2") as server, server.client() as api:
        assert server.process is not None
        server.process.send_signal(signal.SIGTERM)
        wait_for(lambda: not is_ready(server))
        reply = api.post("/points/award", json={"participant_id": "late", "amount": 1})
        assert reply.status_code == 200
        assert reply.headers["connection"] == "close"
        reply = httpx.get(f"{server.base_url}/readyz")
        assert (reply.status_code, reply.json()["code"]) == (503, "server_stopping")
        assert server.process.wait(15) == 0


@pytest.mark.parametrize("workers", ["1", pytest.param("2", marks=pytest.mark.all_cases)])
def test_a_second_signal_ends_the_draining(databases: Databases, workers: str) -> None:
    server = Server(databases.create(TEMPLATE), drain_seconds="300", workers=workers).start()
    assert server.process is not None
    began = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    wait_for(lambda: not is_ready(server))
    assert server.stop(signal.SIGTERM) == 0
    assert time.monotonic() - began < 60
