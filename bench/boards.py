"""The step `boards`: awards that feed one board with five windows."""

from typing import NamedTuple

import psycopg

from bench import load, stack, standings
from bench.bench import Bench, Ratio, Settings, Step
from bench.standings import Kind


class Contestant(NamedTuple):
    """Awards of up to `largest_amount` points, on a board unless `kind` is None."""

    kind: Kind | None
    largest_amount: int = 100


WITHOUT_BOARD, PGBENCH = "unranked", "pgbench"
CONTESTANTS = {
    WITHOUT_BOARD: Contestant(None),
    "spread": Contestant(standings.SPREAD),
    "tie-breakers": Contestant(standings.SPREAD_TIES),
    "popular": Contestant(standings.CLUSTERED, largest_amount=1),
}
NAMES = (*CONTESTANTS, PGBENCH)
WORKERS = {"1 worker": 1, "2 workers": 2}
PGBENCH_CLIENTS = (4, 16)
PROCEDURES = {"pgbench with a board": "award_board_pgbench.sql", "pgbench, plain": "award_plain_pgbench.sql"}
"""They use the database of `spread`."""


def run(bench: Bench) -> None:
    """Measures awards that feed a board, against the same awards without a board and against pgbench."""
    chosen = bench.settings.chosen(NAMES)
    needed = {*chosen, "spread"} if PGBENCH in chosen else set(chosen)
    urls = {name: _database(bench, name) for name in CONTESTANTS if name in needed}
    if PGBENCH in chosen:
        with psycopg.connect(urls["spread"], autocommit=True) as connection:
            for procedure in ("award_board_procedure.sql", "award_plain_procedure.sql"):
                connection.execute((stack.HERE / procedure).read_text())  # type: ignore[arg-type]
    for _ in range(bench.settings.rounds):
        for name in chosen:
            if name == PGBENCH:
                _measure_pgbench(bench, urls["spread"])
            else:
                _measure(bench, name, urls[name])
    for name in PROCEDURES if PGBENCH in chosen else ():
        best = max(bench.findings.median(f"{name}, {clients} clients /s") for clients in PGBENCH_CLIENTS)
        bench.findings.add(f"{name} /s", best)


def _database(bench: Bench, name: str) -> str:
    kind = CONTESTANTS[name].kind
    url = bench.database(f"board_{name.replace('-', '_')}")
    fields = kind.fields if kind else None
    stack.prepare(url, bench.settings.participants, with_board=kind is not None, board_fields=fields)
    if kind is not None:
        standings.insert(url, kind, all_windows=True)
    return url


def _measure(bench: Bench, name: str, url: str) -> None:
    for workers, count in WORKERS.items():
        largest_amount = CONTESTANTS[name].largest_amount
        bench.measure(f"{name} {workers}", stack.laurels, count, url=url, largest_amount=largest_amount)
        without = _cpu_us(bench, f"{WITHOUT_BOARD} {workers}")
        if name != WITHOUT_BOARD and without is not None:
            added = (_cpu_us(bench, f"{name} {workers}") or 0) - without
            bench.findings.add(f"{name} {workers} added CPU us", added)


def _cpu_us(bench: Bench, name: str) -> float | None:
    """The CPU time per award of the server and PostgreSQL together in the last round; None without a measurement."""
    samples = [bench.findings.samples.get(f"{name} {process} CPU us") for process in ("server", "PostgreSQL")]
    return sum(each[-1] for each in samples if each) if all(samples) else None


def _measure_pgbench(bench: Bench, url: str) -> None:
    settings = bench.settings
    for name, script in PROCEDURES.items():
        for clients in PGBENCH_CLIENTS:
            rate = load.pgbench(bench.postgres.bin_dir, url, clients, settings.seconds, settings.participants, script)
            bench.findings.add(f"{name}, {clients} clients /s", rate)


def _ratios(_: Settings) -> list[Ratio]:
    ratios = []
    for workers in WORKERS:
        spread, without = f"spread {workers} /s", f"{WITHOUT_BOARD} {workers} /s"
        ratios += [
            Ratio(f"awards with a board ÷ without, {workers}", spread, without, "0.6"),
            Ratio(f"awards with two tie-breakers ÷ without a board, {workers}", f"tie-breakers {workers} /s", without),
            Ratio(f"awards with a board ÷ pgbench, {workers}", spread, "pgbench with a board /s", "0.8 to 1.0"),
            Ratio(f"awards with a board ÷ plain procedure, {workers}", spread, "pgbench, plain /s", "0.6"),
            Ratio(f"popular scores ÷ spread ones, {workers}", f"popular {workers} /s", spread, "at least 0.7"),
        ]
    return ratios


STEPS = {"boards": Step(run, _ratios)}
