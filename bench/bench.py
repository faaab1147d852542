"""The common parts of the steps: settings, databases, servers, load, and samples."""

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import psycopg

from bench import load
from bench.processes import usage
from laurels.embedded import EmbeddedPostgres

PORT = 8471
DATASET_SIZES = (10_000, 100_000, 1_000_000)
BOARD_SIZES = (10_000, 100_000, 1_000_000)


@dataclass
class Settings:
    seconds: float
    rounds: int
    participants: int
    journal_rows: int
    only: list[str]
    simulated_events: int = 1_000_000
    upkeep_commands: int = 1_000_000
    backlog_events: int = 1_000_000
    plain_tables: bool = False
    board_sizes: tuple[int, ...] = BOARD_SIZES
    dataset_sizes: tuple[int, ...] = DATASET_SIZES
    """Numbers of participants of the step `scale`; each participant has twenty facts."""
    overload_seconds: float = 60
    soak_minutes: float = 30
    warm_up_seconds: float = 2
    """Load before each measurement with awards. After a checkpoint, the first write to a page takes the most WAL."""
    contestants: tuple[str, ...] = ()
    """The contestants of the steps that allow a choice; all if none of a step's is among them."""
    growing_board: bool = False
    """Whether upkeep begins with a board on which nobody stands, instead of one with spread scores."""

    def chosen(self, names: Iterable[str]) -> list[str]:
        """The contestants of a step that take part, by the names of all."""
        every = list(names)
        return [name for name in every if name in self.contestants] or every


class Ratio(NamedTuple):
    """The ratio of the medians of two samples, given by their names. The tables show `aim` beside it."""

    name: str
    one: str
    other: str
    aim: str = ""


class Step(NamedTuple):
    run: Callable[["Bench"], None]
    ratios: Callable[[Settings], list[Ratio]]


@dataclass
class Findings:
    """The samples by name, one per round."""

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
        """Measures awards per second, and the CPU time per award of the server, PostgreSQL and the load generator.
        Returns the number of responses, including those of the warm-up."""
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
            warm_up = load.wrk(PORT, self.settings.warm_up_seconds, participants, **options)
            before, before_postgres = usage(pid), usage(self.postmaster())
            result = load.wrk(PORT, self.settings.seconds, participants, **options)
            after, after_postgres = usage(pid), usage(self.postmaster())
        add = self.findings.add
        add(f"{name} /s", result.per_second)
        add(f"{name} p50 ms", result.p50_ms)
        add(f"{name} p99 ms", result.p99_ms)
        add(f"{name} server CPU us", (after.cpu_seconds - before.cpu_seconds) / result.awards * 1e6)
        add(
            f"{name} PostgreSQL CPU us",
            (after_postgres.cpu_seconds - before_postgres.cpu_seconds) / result.awards * 1e6,
        )
        add(f"{name} generator CPU us", result.generator_cpu_seconds / result.awards * 1e6)
        add(f"{name} memory MB", after.memory_mb)
        return warm_up.awards + result.awards

    def read(self, name: str, path: str, size: int) -> None:
        """Measures the latency with one connection, then requests per second with 64 connections."""
        self.read_with(name, lambda seconds, connections: load.wrk_reads(PORT, seconds, size, path, connections))

    def read_with(self, name: str, reads: Callable[[float, int], load.Load]) -> None:
        """The same with any function. `reads` is called with seconds and connections."""
        seconds = max(1, round(self.settings.seconds / 4))  # wrk accepts whole seconds only
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
