"""The load generators: wrk over HTTP, pgbench for the database, and an open loop for latencies at a fixed rate."""

import asyncio
import itertools
import json
import os
import random
import re
import resource
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bench.stack import HERE, KEY

CONNECTIONS = 64
AWARDS_IN_BATCH = 100
ATTEMPTS = 10
BATCH_CONNECTIONS = 16  # times 100 awards fit into the server's queue
_runs = itertools.count(1)


@dataclass(frozen=True)
class Load:
    """The result of a closed loop. `awards` counts the items of batches. `generator_cpu_seconds` is the CPU time of the
    generator itself. `refused` counts the 503 responses, where these are allowed."""

    awards: int
    seconds: float
    p50_ms: float
    p99_ms: float
    generator_cpu_seconds: float
    refused: int = 0

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
    connections: int = 0,
    allow_busy: bool = False,
) -> Load:
    """Sends awards, or the requests of another `script`, from one thread of wrk. Raises RuntimeError for any status
    other than 2xx."""
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
    if allow_busy:
        environment["ALLOW_BUSY"] = "1"
    connections = connections or (BATCH_CONNECTIONS if batch > 1 else CONNECTIONS)
    return _wrk(port, seconds, script, environment, connections, batch)


def wrk_all(ports: Sequence[int], seconds: float, participants: int) -> list[Load]:
    """Sends awards to several servers at once, over CONNECTIONS connections in total."""
    with ThreadPoolExecutor(len(ports)) as threads:
        each = CONNECTIONS // len(ports)
        running = [threads.submit(wrk, port, seconds, participants, connections=each) for port in ports]
        return [future.result() for future in running]


def wrk_rpc(url: str, path: str, body: str, ids_file: str, seconds: float, connections: int) -> Load:
    """Sends POST requests with `body`, in which %s stands for a random line of the file, and a %d after it for a random
    amount."""
    environment = os.environ | {
        "RPC_PATH": path,
        "BODY": body,
        "IDS_FILE": ids_file,
        "SEED": str(random.randrange(1 << 30)),
    }
    return _wrk(url, seconds, "peers/rpc.lua", environment, connections, 1)


def wrk_reads(port: int, seconds: float, participants: int, path: str, connections: int) -> Load:
    """Sends GET requests to `path`, in which %d stands for the number of a random participant."""
    environment = os.environ | {
        "KEY": KEY,
        "PARTICIPANTS": str(participants),
        "READ_PATH": path,
        "SEED": str(random.randrange(1 << 30)),
    }
    return _wrk(port, seconds, "ranks.lua", environment, connections, 1)


def _wrk(
    server: int | str, seconds: float, script: str, environment: dict[str, str], connections: int, batch: int
) -> Load:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.run(
        [
            "wrk",
            "-t1",
            f"-c{connections}",
            f"-d{seconds:g}s",
            "--timeout=30s",  # a slow response is a result, not an error
            "-s",
            str(HERE / script),
            server if isinstance(server, str) else f"http://127.0.0.1:{server}",
        ],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    numbers = re.search(r"^RESULT (.+)$", process.stdout, re.MULTILINE)
    assert numbers is not None, process.stdout
    requests, microseconds, bad, broken, p50_us, p99_us, *busy = map(int, numbers[1].split())
    refused = sum(busy)
    if bad or broken:
        raise RuntimeError(f"{bad} responses were not 2xx, {broken} connections broke:\n{process.stdout}")
    cpu_seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Load((requests - refused) * batch, microseconds / 1e6, p50_us / 1e3, p99_us / 1e3, cpu_seconds, refused)


def pgbench(
    bin_dir: Path, url: str, clients: int, seconds: float, participants: int, script: str = "award_pgbench.sql"
) -> float:
    """Transactions per second of the stored procedure that the script calls."""
    process = subprocess.run(
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
    rate = re.search(r"tps = ([\d.]+)", process.stdout)
    failed = re.search(r"number of failed transactions: (\d+)", process.stdout)
    if rate is None or failed is None or int(failed[1]):
        raise RuntimeError(process.stdout)
    return float(rate[1])


@dataclass(frozen=True)
class TimedResponse:
    """One response of an open loop: the time at which its request was due, the milliseconds from then until it arrived,
    and its status."""

    due_at: float
    milliseconds: float
    status: int


Requests = Callable[[], tuple[str, str, str]]
"""Returns the next request: method, path below /api/v1/gamify, body."""


def awards(participants: int) -> Requests:
    prefix, numbers = f"{time.time_ns()}_open", itertools.count()

    def award() -> tuple[str, str, str]:
        body = (
            f'{{"participant_id":"user_{random.randint(1, participants)}","amount":5,'
            f'"reason":"Purchase completed","idempotency_key":"{prefix}_{next(numbers)}"}}'
        )
        return "POST", "/points/award", body

    return award


def award_each(port: int, participants: int) -> None:
    """Awards points to every participant once, in random order, in batches from a few connections. A refused award is
    sent again. Raises RuntimeError if it is refused each time."""
    prefix = f"{time.time_ns()}_each"
    numbers = random.sample(range(1, participants + 1), participants)

    def send(start: int) -> None:
        awards = [
            {"participant_id": f"user_{n}", "amount": random.randint(1, 100), "idempotency_key": f"{prefix}_{n}"}
            for n in numbers[start : start + AWARDS_IN_BATCH]
        ]
        for _ in range(ATTEMPTS):
            request = urllib.request.Request(
                f"http://127.0.0.1:{port}/api/v1/gamify/points/award-batch",
                data=json.dumps({"awards": awards}).encode(),
                headers={"Content-Type": "application/json", "X-API-Key": KEY},
            )
            with urllib.request.urlopen(request, timeout=60) as response:
                results = json.load(response)["results"]
            errors = [result["error"] for result in results]
            awards = [award for award, error in zip(awards, errors, strict=True) if error]
            if not awards:
                return
        raise RuntimeError(f"awards were refused: {errors}")

    with ThreadPoolExecutor(BATCH_CONNECTIONS) as threads:
        list(threads.map(send, range(0, participants, AWARDS_IN_BATCH)))


def open_loop(port: int, rate: float, seconds: float, requests: Requests) -> list[TimedResponse]:
    """Sends `rate` requests per second, whether or not earlier requests have their responses.

    A latency counts from the moment at which the request was due, so that a stall affects all requests that are due
    during it.
    """
    return asyncio.run(_open_loop(port, rate, seconds, requests))


def percentiles(responses: Iterable[TimedResponse]) -> tuple[float, float]:
    """p50 and p99 in ms. Raises RuntimeError for any status other than 2xx."""
    responses = list(responses)
    if bad := {each.status for each in responses if not 200 <= each.status < 300}:
        raise RuntimeError(f"responses with the status {bad} instead of 2xx")
    latencies = sorted(each.milliseconds for each in responses)
    return latencies[len(latencies) // 2], latencies[int(len(latencies) * 0.99)]


async def _open_loop(port: int, rate: float, seconds: float, requests: Requests) -> list[TimedResponse]:
    responses: list[TimedResponse] = []
    due: asyncio.Queue[float] = asyncio.Queue()

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (due_at := await due.get()) >= 0:
            method, path, body = requests()
            writer.write(
                f"{method} /api/v1/gamify{path} HTTP/1.1\r\nHost: b\r\nX-API-Key: {KEY}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
            )
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head)
            assert length is not None
            await reader.readexactly(int(length[1]))
            responses.append(TimedResponse(due_at, (time.perf_counter() - due_at) * 1000, int(head[9:12])))
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
    return responses
