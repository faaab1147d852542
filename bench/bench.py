"""What the steps share: databases, servers, the load on them, and what was found."""

import statistics
from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import psycopg

from bench import load
from bench.processes import usage
from laurels.embedded import EmbeddedPostgres

PORT = 8471
DATASET_SIZES = (10_000, 100_000, 1_000_000)


@dataclass
class Settings:
    seconds: float
    rounds: int
    participants: int
    journal_rows: int
    only: list[str]
    simulated_events: int = 1_000_000
    upkeep_commands: int = 1_000_000
    plain_tables: bool = False
    board_sizes: tuple[int, ...] = (10_000, 100_000, 1_000_000)
    dataset_sizes: tuple[int, ...] = DATASET_SIZES
    """Participants of the step `scale`, each with twenty facts."""
    overload_seconds: float = 60
    soak_minutes: float = 30


class Ratio(NamedTuple):
    """Of the medians of two samples by their names; `aim` is shown beside it."""

    name: str
    one: str
    other: str
    aim: str = ""


class Step(NamedTuple):
    run: Callable[["Bench"], None]
    ratios: Callable[[Settings], list[Ratio]]


@dataclass
class Findings:
    """Samples by name, one a round."""

    samples: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, name: str, value: float) -> None:
        self.samples[name].append(value)
        print(f"  {name}: {value:,.2f}", flush=True)

    def median(self, name: str) -> float:
        return statistics.median(self.samples[name])


class Bench:
    def __init__(self, settings: Settings, postgres: EmbeddedPostgres) -> None:
        self.settings = settings
        self.postgres = postgres
        self.findings = Findings()

    def pgbench(self, clients: int, seconds: float) -> float:
        self.settle()
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
        participants: int | None = None,
    ) -> int:
        """Awards a second, and the CPU each costs the server, PostgreSQL and the load generator. Gives how many were
        answered, those of the warm-up included."""
        self.settle()
        participants = participants or self.settings.participants
        with served(url or self.postgres.url, PORT, workers) as pid:
            options: dict[str, Any] = {
                "path": path,
                "batch": batch,
                "largest_amount": largest_amount,
                "script": script,
                "rewards": rewards,
            }
            warm_up = load.wrk(PORT, min(2, self.settings.seconds), participants, **options)
            before, before_postgres = usage(pid), usage(self.postmaster())
            done = load.wrk(PORT, self.settings.seconds, participants, **options)
            after, after_postgres = usage(pid), usage(self.postmaster())
        add = self.findings.add
        add(f"{name} /s", done.per_second)
        add(f"{name} p50 ms", done.p50_ms)
        add(f"{name} p99 ms", done.p99_ms)
        add(f"{name} server CPU us", (after.cpu_seconds - before.cpu_seconds) / done.awards * 1e6)
        add(f"{name} PostgreSQL CPU us", (after_postgres.cpu_seconds - before_postgres.cpu_seconds) / done.awards * 1e6)
        add(f"{name} generator CPU us", done.generator_cpu_seconds / done.awards * 1e6)
        add(f"{name} memory MB", after.resident_mb)
        return warm_up.awards + done.awards

    def read(self, name: str, path: str, size: int) -> None:
        """Latency from one connection, then requests a second from 64."""
        self.read_with(name, lambda seconds, connections: load.wrk_reads(PORT, seconds, size, path, connections))

    def read_with(self, name: str, reads: Callable[[float, int], load.Load]) -> None:
        """`reads` gets seconds and connections."""
        seconds = max(1, round(self.settings.seconds / 4))  # wrk takes whole ones
        reads(seconds, 8)
        alone = reads(seconds, 1)
        crowd = reads(seconds, load.CONNECTIONS)
        self.findings.add(f"{name} p50 ms", alone.p50_ms)
        self.findings.add(f"{name} p99 ms", alone.p99_ms)
        self.findings.add(f"{name} /s", crowd.per_second)

    def database(self, name: str) -> str:
        with psycopg.connect(self.postgres.url_for("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
        return self.postgres.url_for(name)

    def has_database(self, name: str) -> bool:
        with psycopg.connect(self.postgres.url_for("postgres")) as connection:
            return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is not None

    def drop(self, name: str) -> None:
        with psycopg.connect(self.postgres.url_for("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type]

    def postmaster(self) -> int:
        assert self.postgres.pid is not None
        return self.postgres.pid

    def settle(self) -> None:
        with psycopg.connect(self.postgres.url, autocommit=True) as connection:
            connection.execute("CHECKPOINT")
