"""The steps `scale` and `topologies`: projects of several sizes, and servers with several workers and nodes."""

import os
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Callable
from contextlib import ExitStack

import psycopg

from bench import dataset, events, load, simulations, stack
from bench.bench import PORT, Bench, Ratio, Settings, Step

FACTS_PER_PARTICIPANT = 20
LARGEST_SIMULATED = 100_000
"""The largest number of participants that is simulated. A simulation decides all commands again, so that a million
participants take ten times as long as a hundred thousand."""

TOPOLOGIES = {"1 worker": (1, 1), "2 workers": (1, 2), "4 workers": (1, 4), "2 nodes": (2, 1)}
"""The number of nodes, and of workers per node."""

BOARD = {"code": "top_scorers", "name": "Top scorers"}
RULE = {
    "code": "acting",
    "name": "Acting",
    "event_name": events.EVENT_NAME,
    "actions": [{"type": "award_points", "amount": 1}],
}
REWARD = {"code": "stock_1", "name": "Stock", "type": "voucher", "points_cost": 0, "total_inventory": 1_000_000_000}

BATCH_PATH = "/api/v1/gamify/points/award-batch"
READS = {
    "balance": "/api/v1/gamify/participants/user_%d/points",
    "state": "/api/v1/gamify/participants/user_%d/state",
    "history page": "/api/v1/gamify/participants/user_%d/points/transactions",
    "rank": "/api/v1/gamify/leaderboards/top_scorers/rank/user_%d",
    "top 10": "/api/v1/gamify/leaderboards/top_scorers?limit=10",
}
LISTS = {
    "part of a name": "search=abara 99",
    "one letter": "search=a",
    "beginning of an id": "search=user_99&match=prefix",
    "sorted by points": "sort_by=total_points&sort_order=desc",
    "of a tier": "tier=gold",
    "with a badge": "badge=helper",
    "page 1,000": "page=1000",
}


def sizes(bench: Bench) -> None:
    """Measures projects of increasing numbers of participants, each with twenty facts: awards, events, claims, reads
    and lists; the duration of loading, checking, filling a board and, for smaller projects, simulating; and bytes."""
    for size in bench.settings.dataset_sizes:
        name = f"scale_{size}"
        if bench.has_database(name):
            url = bench.postgres.url_for(name)
        else:
            url = bench.database(name)
            _timed(bench, f"{size} load s", lambda url=url, size=size: _load(url, size))  # type: ignore[misc]
        _timed(bench, f"{size} check --rebuild s", lambda url=url: _check(url))  # type: ignore[misc]
        with psycopg.connect(url) as connection:
            row = connection.execute("SELECT count(*), pg_database_size(current_database()) FROM journal").fetchone()
        assert row is not None
        facts, size_bytes = row
        bench.findings.add(f"{size} facts", facts)
        bench.findings.add(f"{size} bytes per fact", size_bytes / facts)
        _write(bench, url, size)
        _read(bench, url, size)
        for _ in range(bench.settings.rounds):
            bench.measure(f"{size} awards on a board", stack.laurels, 1, url=url, participants=size)
        if size <= LARGEST_SIMULATED:
            bench.findings.add(f"{size} simulated events /s", simulations.events_per_second(url))
        _weigh(bench, url, size)
        bench.drop(name)


def _timed(bench: Bench, name: str, work: Callable[[], object]) -> None:
    started = time.monotonic()
    work()
    bench.findings.add(name, time.monotonic() - started)


def _load(url: str, size: int) -> None:
    dataset.load(url, size, size * FACTS_PER_PARTICIPANT)


def _check(url: str) -> None:
    command = [sys.executable, "-m", "laurels.cli.main", "check", "--rebuild", "--database-url", url]
    process = subprocess.run(command, env=dict(os.environ), capture_output=True, text=True, check=False)
    if process.returncode != 0:
        raise RuntimeError(process.stdout + process.stderr)


def _write(bench: Bench, url: str, size: int) -> None:
    for _ in range(bench.settings.rounds):
        bench.measure(f"{size} awards", stack.laurels, 1, url=url, participants=size)
        batches = f"{size} awards in batches"
        bench.measure(batches, stack.laurels, 1, url=url, participants=size, path=BATCH_PATH, batch=100)
    with stack.laurels(url, PORT, 1):
        events.call_admin(PORT, "rules", RULE)
        events.call_admin(PORT, "rewards", REWARD)
    path = "/api/v1/gamify/rewards/stock_%d/claim"
    for _ in range(bench.settings.rounds):
        bench.measure(f"{size} events", stack.laurels, 1, url=url, script="event.lua", participants=size)
        bench.measure(f"{size} claims", stack.laurels, 1, url=url, script="claim.lua", path=path, participants=size)


def _read(bench: Bench, url: str, size: int) -> None:
    with stack.laurels(url, PORT, 1):
        _timed(bench, f"{size} filling a board s", lambda: _fill_board(url))
        stack.settle_database(url)
        for question, path in READS.items():
            bench.read(f"{size} {question}", path, size)
        for question, query in LISTS.items():
            for _ in range(bench.settings.rounds):
                path = f"participants?{urllib.parse.quote(query, safe='=&')}"
                _timed(bench, f"{size} list, {question} s", lambda path=path: events.call_admin(PORT, path))  # type: ignore[misc]


def _fill_board(url: str) -> None:
    events.call_admin(PORT, "leaderboards", BOARD)
    with psycopg.connect(url, autocommit=True) as connection:
        while connection.execute("SELECT FROM board_generation WHERE status = 'ready'").fetchone() is None:
            time.sleep(0.2)


def _weigh(bench: Bench, url: str, size: int) -> None:
    """Measures bytes per participant of the largest tables, including indexes. A partitioned table counts as one
    table."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            """
            SELECT coalesce(pg_partition_root(oid), oid)::regclass::text, sum(pg_total_relation_size(oid))
            FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
            GROUP BY 1 ORDER BY 2 DESC LIMIT 8
            """
        ).fetchall()
    for table, table_bytes in rows:
        bench.findings.add(f"{size} {table}, bytes per participant", float(table_bytes) / size)


def topologies(bench: Bench) -> None:
    """Measures the same awards with one, two and four workers, and with two nodes of one worker each."""
    for _ in range(bench.settings.rounds):
        for name, (nodes, workers) in TOPOLOGIES.items():
            bench.settle()
            with ExitStack() as running:
                ports = [PORT + number for number in range(nodes)]
                for port in ports:
                    running.enter_context(stack.laurels(bench.postgres.url, port, workers))
                load.wrk_all(ports, min(2, bench.settings.seconds), bench.settings.participants)
                results = load.wrk_all(ports, bench.settings.seconds, bench.settings.participants)
            bench.findings.add(f"topology, {name} /s", sum(each.per_second for each in results))
            bench.findings.add(f"topology, {name} p99 ms", max(each.p99_ms for each in results))


def _ratios_of_sizes(settings: Settings) -> list[Ratio]:
    smallest, largest = settings.dataset_sizes[0], settings.dataset_sizes[-1]
    rates = [
        Ratio(f"{name} per second at {largest} ÷ at {smallest}", f"{largest} {name} /s", f"{smallest} {name} /s")
        for name in ("awards", "awards in batches", "awards on a board", "events", "claims", "simulated events")
    ]
    waits = [
        Ratio(f"{name}: p50 at {largest} ÷ at {smallest}", f"{largest} {name} p50 ms", f"{smallest} {name} p50 ms")
        for name in READS
    ]
    return rates + waits


def _ratios_of_topologies(_: Settings) -> list[Ratio]:
    one = "topology, 1 worker /s"
    return [
        Ratio(f"awards, {name} ÷ 1 worker", f"topology, {name} /s", one) for name in TOPOLOGIES if name != "1 worker"
    ]


STEPS = {
    "scale": Step(sizes, _ratios_of_sizes),
    "topologies": Step(topologies, _ratios_of_topologies),
}
