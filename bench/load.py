"""The load: wrk over HTTP, pgbench at the database, and an open loop for latencies at a fixed rate."""

import asyncio
import itertools
import os
import random
import re
import resource
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from bench.stack import HERE, KEY

CONNECTIONS = 64
BATCH_CONNECTIONS = 16  # times 100 awards: fits into the server's queue
_runs = itertools.count(1)


@dataclass(frozen=True)
class Load:
    """A closed loop's result. `awards` counts items of batches, `generator_cpu_seconds` is the generator's own cost."""

    awards: int
    seconds: float
    p50_ms: float
    p99_ms: float
    generator_cpu_seconds: float

    @property
    def per_second(self) -> float:
        return self.awards / self.seconds


def wrk(
    port: int,
    seconds: float,
    participants: int,
    *,
    path: str = "",
    batch: int = 1,
    largest_amount: int = 100,
    script: str = "award.lua",
    rewards: int = 1,
) -> Load:
    """Awards, or what else `script` sends, from one thread of wrk. Raises RuntimeError when anything but 2xx came
    back."""
    environment = os.environ | {
        "KEY": KEY,
        "PARTICIPANTS": str(participants),
        "BATCH": str(batch),
        "LARGEST_AMOUNT": str(largest_amount),
        "REWARDS": str(rewards),
        "SEED": str(random.randrange(1 << 30)),
        "KEY_PREFIX": f"{time.time_ns()}_{next(_runs)}",
    }
    if path:
        environment["AWARD_PATH"] = path
    return _wrk(port, seconds, script, environment, BATCH_CONNECTIONS if batch > 1 else CONNECTIONS, batch)


def wrk_reads(port: int, seconds: float, participants: int, path: str, connections: int) -> Load:
    """GETs of `path`, in which %d stands for a random participant's number."""
    environment = os.environ | {
        "KEY": KEY,
        "PARTICIPANTS": str(participants),
        "READ_PATH": path,
        "SEED": str(random.randrange(1 << 30)),
    }
    return _wrk(port, seconds, "ranks.lua", environment, connections, 1)


def _wrk(port: int, seconds: float, script: str, environment: dict[str, str], connections: int, batch: int) -> Load:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [
            "wrk",
            "-t1",
            f"-c{connections}",
            f"-d{seconds:g}s",
            "--timeout=30s",  # slow is a result, not an error
            "-s",
            str(HERE / script),
            f"http://127.0.0.1:{port}",
        ],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    numbers = re.search(r"^RESULT (.+)$", done.stdout, re.MULTILINE)
    assert numbers is not None, done.stdout
    requests, microseconds, bad, broken, p50_us, p99_us = map(int, numbers[1].split())
    if bad or broken:
        raise RuntimeError(f"{bad} answers were not 2xx, {broken} connections broke:\n{done.stdout}")
    cpu_seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Load(requests * batch, microseconds / 1e6, p50_us / 1e3, p99_us / 1e3, cpu_seconds)


def pgbench(
    bin_dir: Path, url: str, clients: int, seconds: float, participants: int, script: str = "award_pgbench.sql"
) -> float:
    """Transactions a second of the stored procedure that the script calls."""
    done = subprocess.run(
        [
            str(bin_dir / "pgbench"),
            *("--no-vacuum", "--protocol", "prepared", "--client", str(clients), "--jobs", "2"),
            *("--time", str(max(1, round(seconds))), "--define", f"participants={participants}"),
            *("--file", str(HERE / script), url),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    rate = re.search(r"tps = ([\d.]+)", done.stdout)
    failed = re.search(r"number of failed transactions: (\d+)", done.stdout)
    if rate is None or failed is None or int(failed[1]):
        raise RuntimeError(done.stdout)
    return float(rate[1])


def open_loop(port: int, rate: float, seconds: float, participants: int) -> tuple[float, float]:
    """p50 and p99 in ms when `rate` awards a second are sent whether or not the earlier ones are answered.

    A latency counts from the moment at which the request was due, so that a stall is felt by all who come in it.
    """
    latencies = sorted(asyncio.run(_open_loop(port, rate, seconds, participants)))
    return latencies[len(latencies) // 2], latencies[int(len(latencies) * 0.99)]


async def _open_loop(port: int, rate: float, seconds: float, participants: int) -> list[float]:
    latencies: list[float] = []
    due: asyncio.Queue[float] = asyncio.Queue()
    prefix = f"{time.time_ns()}_open"
    numbers = itertools.count()

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (due_at := await due.get()) >= 0:
            body = (
                f'{{"participant_id":"user_{random.randint(1, participants)}","amount":5,'
                f'"reason":"Purchase completed","idempotency_key":"{prefix}_{next(numbers)}"}}'
            )
            writer.write(
                f"POST /api/v1/gamify/points/award HTTP/1.1\r\nHost: b\r\nX-API-Key: {KEY}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
            )
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            length = re.search(rb"content-length: (\d+)", head)
            assert length is not None
            await reader.readexactly(int(length[1]))
            latencies.append((time.perf_counter() - due_at) * 1000)
        writer.close()

    clients = [asyncio.create_task(client()) for _ in range(CONNECTIONS)]
    started = time.perf_counter()
    for number in range(int(rate * seconds)):
        due_at = started + number / rate
        if (wait := due_at - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        due.put_nowait(due_at)
    for _ in clients:
        due.put_nowait(-1)
    await asyncio.gather(*clients)
    return latencies
