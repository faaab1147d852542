"""Open streams of the feed on one worker: their memory, and the time until each has an event.

python -m bench.streams --streams 1000
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil

from bench import stack
from bench.processes import Usage
from laurels.embedded import EmbeddedPostgres

PORT = 18_099
EVENTS = 20
PAUSE_SECONDS = 1.0
API = "/api/v1/gamify"
HEAD = f"GET {API}/feed/stream?after=latest HTTP/1.1\r\nHost: bench\r\nX-API-Key: {stack.KEY}\r\n\r\n"


async def _until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110
        await asyncio.sleep(0.01)


class Readers:
    """Open streams, and the time at which each has got its last event."""

    def __init__(self) -> None:
        self.seen: dict[int, float] = {}
        self.began = 0
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self, streams: int) -> None:
        """Opens them at the same moment."""
        self._tasks = [asyncio.create_task(self._read(number)) for number in range(streams)]
        await _until(lambda: self.began == streams)

    async def _read(self, number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
        writer.write(HEAD.encode())
        if b" 200 " not in await reader.readline():
            raise RuntimeError("a stream was refused")
        while line := await reader.readline():
            if line.startswith(b"retry:"):
                self.began += 1
            elif line.startswith(b"data:"):
                self.seen[number] = time.perf_counter()
        writer.close()

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def usage(worker: int) -> Usage:
    """The usage of the worker alone, without the process that sends deliveries."""
    process = psutil.Process(worker)
    times = process.cpu_times()
    return Usage(times.user + times.system, process.memory_info().rss / 1e6)


async def measure(server: int, streams: int) -> None:
    """Prints the figures."""
    readers = Readers()
    url = f"http://127.0.0.1:{PORT}{API}"
    async with httpx.AsyncClient(base_url=url, headers={"X-API-Key": stack.KEY}, timeout=60) as api:
        (await api.get(f"{url}/feed")).raise_for_status()
        before = usage(server)
        began = time.perf_counter()
        await readers.open(streams)
        print(f"{streams} streams opened at the same moment: {time.perf_counter() - began:.1f} s")
        opened = usage(server)
        delays: list[float] = []
        for _ in range(EVENTS):
            readers.seen.clear()
            asked_at = time.perf_counter()
            answer = await api.post(f"{url}/points/award", json={"participant_id": "user_1", "amount": 1})
            answer.raise_for_status()
            await _until(lambda: len(readers.seen) == streams)
            delays += [at - asked_at for at in readers.seen.values()]
            await asyncio.sleep(PAUSE_SECONDS)
        after = usage(server)
    await readers.close()
    print(f"{streams} streams: {before.memory_mb:.0f} MB without, {opened.memory_mb:.0f} MB open, ", end="")
    print(f"{after.memory_mb:.0f} MB after {EVENTS} events for each")
    cuts = statistics.quantiles(delays, n=100)
    print(f"award sent -> event received: p50 {cuts[49] * 1000:.0f} ms, p99 {cuts[98] * 1000:.0f} ms")
    print(f"CPU per event and stream: {(after.cpu_seconds - opened.cpu_seconds) / EVENTS / streams * 1e6:.0f} us")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=1_000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        postgres = EmbeddedPostgres(Path(folder) / "postgres")
        postgres.start()
        try:
            url = postgres.url_for("laurels")
            stack.prepare(url, 10)
            with stack.laurels(url, PORT, 1) as server:
                asyncio.run(measure(server, chosen.streams))
        finally:
            postgres.stop()


if __name__ == "__main__":
    main()
