"""The step about events that leave Laurels: awards without listeners, with a reader of the feed, and with a webhook."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import NamedTuple

import psycopg

from bench import load, stack
from bench.bench import PORT, Bench, Ratio, Settings, Step
from bench.processes import usage

RECEIVER_PORT = 8472
RATE = 500
"""Events per second of the measurement of delays."""
SPARE_SECONDS = 10.0
"""The time for the start of the server, before its load makes the backlog."""
DRAIN_SECONDS = 300.0
_IS_READY = "SELECT EXISTS (SELECT FROM feed_listener) AND NOT EXISTS (SELECT FROM alarm_filling)"
"""Whether somebody listens, and the alarms of all participants are set, which happens once."""
_POSITION = "SELECT position FROM feed_sequencer"


class Arrived(NamedTuple):
    """The requests at the receiver, and their delays in milliseconds since the last look."""

    requests: int
    p50_ms: float
    p99_ms: float


def feed(bench: Bench) -> None:
    """The contestants take turns; each has a database."""
    urls = {}
    for name in ("plain", "read", "pushed"):
        urls[name] = bench.database(name)
        stack.prepare(urls[name], bench.settings.participants)
    for number in range(bench.settings.rounds):
        print(f" round {number + 1}", flush=True)
        bench.measure("awards", stack.laurels, 1, url=urls["plain"])
        _measure(bench, "awards with a reader", _reader, urls["read"])
        with receiver():
            _measure(bench, "awards with a webhook", webhook, urls["pushed"])
            _deliver(bench, urls["pushed"])
        for name in ("awards", "awards with a reader", "awards with a webhook"):
            parts = [bench.findings.samples[f"{name} {part} CPU us"][-1] for part in ("server", "PostgreSQL")]
            bench.findings.add(f"{name} cost", sum(parts))


def _measure(bench: Bench, name: str, listener: Callable[[str], AbstractContextManager[None]], url: str) -> None:
    """Measures awards, and how many events each has: a participant's first award also has that of the first tier."""
    before = _position(url)
    awards = bench.measure(name, _with(listener), 1, url=url)
    bench.findings.add(f"{name} events", (_position(url) - before) / awards)


def _position(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(_POSITION).fetchone()
    assert row is not None
    return int(row[0])


def _deliver(bench: Bench, url: str) -> None:
    """Measures the sending of a backlog, which awards in batches make while no process sends, and then the delay of
    events."""
    with stack.laurels(url, PORT, 1, webhook_networks="127.0.0.0/8"):
        wait_for_end(url)
    hold = "UPDATE webhook SET holder = gen_random_uuid(), held_until = now() + %s * interval '1 second'"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(hold, (bench.settings.seconds + SPARE_SECONDS,))
    with stack.laurels(url, PORT, 1, webhook_networks="127.0.0.0/8") as pid:
        path = "/api/v1/gamify/points/award-batch"
        load.wrk(PORT, bench.settings.seconds, bench.settings.participants, path=path, batch=100)
        before = arrived().requests
        while (first := arrived().requests) == before:
            time.sleep(0.05)
        began, used = time.monotonic(), _cpu_seconds(bench, pid)
        wait_for_end(url)
        number = arrived().requests - first
        bench.findings.add("deliveries /s", number / (time.monotonic() - began))
        bench.findings.add("delivery CPU us", (_cpu_seconds(bench, pid) - used) / number * 1e6)
        load.percentiles(load.open_loop(PORT, RATE, bench.settings.seconds, load.awards(bench.settings.participants)))
        wait_for_end(url)
        delays = arrived()
    bench.findings.add("delay p50 ms", delays.p50_ms)
    bench.findings.add("delay p99 ms", delays.p99_ms)


def _cpu_seconds(bench: Bench, pid: int) -> float:
    """The CPU time of the server and of PostgreSQL, without that of the receiver."""
    return usage(pid).cpu_seconds + usage(bench.postmaster()).cpu_seconds


def wait_for_end(url: str) -> None:
    """Waits until every event has been delivered."""
    waiting = """
    SELECT EXISTS (SELECT FROM outbox) OR EXISTS (SELECT FROM webhook_delivery WHERE state = 'waiting')
        OR EXISTS (SELECT FROM webhook w JOIN feed_event e USING (project_id) WHERE e.position > w.position)
    """
    deadline = time.monotonic() + DRAIN_SECONDS
    with psycopg.connect(url, autocommit=True) as connection:
        while connection.execute(waiting).fetchone() != (False,):
            if time.monotonic() > deadline:
                raise RuntimeError("deliveries still wait")
            time.sleep(0.2)


def arrived() -> Arrived:
    """The requests that the receiver has counted."""
    with urllib.request.urlopen(f"http://127.0.0.1:{RECEIVER_PORT}/", timeout=10) as response:
        requests, p50_ms, p99_ms = response.read().split()
    return Arrived(int(requests), float(p50_ms), float(p99_ms))


def _with(
    listener: Callable[[str], AbstractContextManager[None]],
) -> Callable[[str, int, int], AbstractContextManager[int]]:
    """A server to which somebody listens."""

    @contextmanager
    def served(url: str, port: int, workers: int) -> Iterator[int]:
        server = stack.laurels(url, port, workers, webhook_networks="127.0.0.0/8")
        with server as pid, listener(f"http://127.0.0.1:{port}/api/v1/gamify"):
            wait_for_listener(url)
            yield pid

    return served


def wait_for_listener(url: str) -> None:
    """Waits until somebody listens, and all participants have their alarms."""
    with psycopg.connect(url, autocommit=True) as connection:
        while connection.execute(_IS_READY).fetchone() != (True,):
            time.sleep(0.1)


@contextmanager
def _reader(api: str) -> Iterator[None]:
    with _process("bench.reader", api):
        yield


@contextmanager
def webhook(api: str) -> Iterator[None]:
    """The webhook, which stays for later rounds."""
    body = {"code": "bench", "name": "Bench", "url": f"http://127.0.0.1:{RECEIVER_PORT}/", "types": ["*"]}
    headers = {"X-API-Key": stack.KEY, "Content-Type": "application/json"}
    request = urllib.request.Request(f"{api}/admin/webhooks", json.dumps(body).encode(), headers)
    with suppress(urllib.error.HTTPError):
        urllib.request.urlopen(request, timeout=10).close()
    yield


def receiver() -> AbstractContextManager[None]:
    """Runs the receiver of the webhook."""
    return _process("bench.receiver", str(RECEIVER_PORT))


@contextmanager
def _process(module: str, argument: str) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-m", module, argument], stderr=subprocess.DEVNULL)
    try:
        time.sleep(1)
        if process.poll() is not None:
            raise RuntimeError(f"{module} ended with {process.returncode}")
        yield
        if process.poll() is not None:
            raise RuntimeError(f"{module} ended with {process.returncode}")
    finally:
        process.kill()
        process.wait()


def _ratios(_: Settings) -> list[Ratio]:
    return [
        Ratio("awards with a reader ÷ without", "awards with a reader /s", "awards /s", "0.85"),
        Ratio("awards with a webhook ÷ without", "awards with a webhook /s", "awards /s", "0.7"),
        Ratio("CPU per award with a reader ÷ without", "awards with a reader cost", "awards cost"),
        Ratio("CPU per award with a webhook ÷ without", "awards with a webhook cost", "awards cost"),
    ]


STEPS = {"feed": Step(feed, _ratios)}
