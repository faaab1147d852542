"""kill -9 under load: of the server, of PostgreSQL, of both. Nothing acknowledged is lost, nothing counts twice, and
service comes back by itself."""

import asyncio
import itertools
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from laurels.embedded import running
from tests.hammer import Connection
from tests.support import Server, check

CLIENTS = 32
LOAD_SECONDS = 2.5
BOTH = "server and postgres"


class Load:
    """Clients that award with fresh keys and, like a careful application, retry with the same key until answered."""

    def __init__(self, base_urls: list[str]) -> None:
        self._base_urls = base_urls
        self._numbers = itertools.count()
        self.acknowledged: dict[str, int] = {}
        self.unanswered = 0
        self.last_answer_at = 0.0
        self.is_over = False

    async def client(self, number: int) -> None:
        connection = Connection(self._base_urls[number % len(self._base_urls)])
        while not self.is_over:
            award = next(self._numbers)
            amount = 1 + award % 5
            body = {"participant_id": f"p{award % 100}", "amount": amount, "idempotency_key": f"k{award}"}
            while True:
                reply = await connection.post("/points/award", body)
                if reply.status == 200:
                    self.acknowledged[f"k{award}"] = amount
                    self.last_answer_at = time.monotonic()
                    break
                assert reply.status in (0, 503), reply.body
                self.unanswered += 1
                await asyncio.sleep(0.05)
        connection.close()

    def total(self) -> int:
        return sum(self.acknowledged.values())


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[list[Server]]:
    """One server that owns an embedded PostgreSQL, fully durable, and a second one on the same database."""
    first = Server(arguments=("--data-dir", str(tmp_path))).start(log=tmp_path / "first.log")
    with running(tmp_path) as url:
        second = Server(url).start(log=tmp_path / "second.log")
    yield [first, second]
    second.stop()
    first.stop()


def postmaster(folder: Path) -> int:
    return int((folder / "postgres" / "postmaster.pid").read_text().split()[0])


@pytest.mark.parametrize(
    "what",
    [pytest.param("server", marks=pytest.mark.all_cases), pytest.param("postgres", marks=pytest.mark.all_cases), BOTH],
)
def test_nothing_acknowledged_is_lost_or_counted_twice(what: str, servers: list[Server], tmp_path: Path) -> None:
    first, second = servers
    load = Load([first.base_url, second.base_url])
    processes = (first.process, postmaster(tmp_path))

    async def kill() -> None:
        await asyncio.sleep(LOAD_SECONDS / 2)
        if "postgres" in what:
            os.kill(postmaster(tmp_path), signal.SIGKILL)
        if "server" in what:
            await asyncio.to_thread(first.kill)
            await asyncio.to_thread(first.start, wait=False, log=tmp_path / "first.log")
            await asyncio.to_thread(first.wait_until_ready)
        await asyncio.sleep(LOAD_SECONDS / 2)
        load.is_over = True

    async def work() -> None:
        await asyncio.gather(kill(), *(load.client(number) for number in range(CLIENTS)))

    asyncio.run(work())
    # Callers may not even notice that PostgreSQL was away, so ask the processes whether the fault was real.
    assert (first.process is not processes[0]) == ("server" in what)
    assert (postmaster(tmp_path) != processes[1]) == ("postgres" in what)
    with running(tmp_path) as url:
        check(url)
    with second.client() as api:
        stored = sum(api.get(f"/participants/p{number}/points").json()["total_earned"] for number in range(100))
    assert stored == load.total()
    assert first.process is not None
    assert first.process.poll() is None
    assert second.process is not None
    assert second.process.poll() is None
    # Both serve on after PostgreSQL is back, without a restart of their own.
    for server in servers:
        with server.client() as api:
            assert api.post("/points/award", json={"participant_id": "after", "amount": 1}).status_code == 200


@pytest.mark.all_cases
def test_ctrl_c_stops_everything_also_after_an_earlier_kill(tmp_path: Path) -> None:
    server = Server(arguments=("--data-dir", str(tmp_path))).start(log=tmp_path / "log")
    with server.client() as api:
        api.post("/points/award", json={"participant_id": "p", "amount": 7})
    server.kill()
    again = Server(arguments=("--data-dir", str(tmp_path))).start(log=tmp_path / "log")
    with again.client() as api:
        assert api.get("/participants/p/points").json()["balance"] == 7
    process = postmaster(tmp_path)
    assert again.stop() == 0
    # A zombie is an ended process that nobody has asked for yet.
    assert not psutil.pid_exists(process) or psutil.Process(process).status() == psutil.STATUS_ZOMBIE
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()
