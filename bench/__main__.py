"""`python -m bench`: measures, prints tables, and writes one file of results a step."""

import argparse
import tempfile
from pathlib import Path

import psycopg

from bench import awards, boards, claims, events, overload, ranks, record, scale, simulations, soak, stack, upkeep
from bench.bench import DATASET_SIZES, Bench, Findings, Settings
from laurels.embedded import EmbeddedPostgres

STEPS = {
    **awards.STEPS,
    **boards.STEPS,
    **ranks.STEPS,
    **events.STEPS,
    **simulations.STEPS,
    **claims.STEPS,
    **upkeep.STEPS,
    **scale.STEPS,
    **overload.STEPS,
    **soak.STEPS,
}

QUICK = Settings(
    seconds=2,
    rounds=1,
    participants=2_000,
    journal_rows=20_000,
    only=[],
    simulated_events=60_000,
    upkeep_commands=20_000,
    board_sizes=(1_000, 10_000),
    dataset_sizes=(1_000, 5_000),
    overload_seconds=4,
    soak_minutes=0.2,
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--participants", type=int, default=100_000)
    parser.add_argument("--journal-rows", type=int, default=2_000_000, help="of the grown journal")
    parser.add_argument("--upkeep-commands", type=int, default=1_000_000, help="awards of the step upkeep")
    parser.add_argument(
        "--plain-tables", action="store_true", help="upkeep without the fill factors and vacuum settings of migrations"
    )
    parser.add_argument("--soak-minutes", type=float, default=30)
    parser.add_argument(
        "--dataset-sizes", type=int, nargs="+", default=list(DATASET_SIZES), help="participants of the step scale"
    )
    parser.add_argument(
        "--data-dir",
        type=Path,
        help="instead of a temporary folder; a database scale_SIZE that is there already is not filled again",
    )
    parser.add_argument("--only", nargs="*", choices=STEPS, default=[], metavar="STEP", help=", ".join(STEPS))
    parser.add_argument("--quick", action="store_true", help="short, without a record: to see that it works")
    given = parser.parse_args()
    settings = Settings(given.seconds, given.rounds, given.participants, given.journal_rows, given.only)
    settings.soak_minutes = given.soak_minutes
    settings.dataset_sizes = tuple(given.dataset_sizes)
    settings.upkeep_commands = given.upkeep_commands
    settings.plain_tables = given.plain_tables
    if given.quick:
        settings = QUICK
        settings.only = given.only
    with tempfile.TemporaryDirectory(prefix="laurels-bench-") as folder:
        postgres = EmbeddedPostgres(
            given.data_dir or Path(folder), settings=upkeep.PLAIN_POSTGRES if settings.plain_tables else None
        )
        postgres.start()
        try:
            _run(Bench(settings, postgres), is_quick=given.quick)
        finally:
            postgres.stop()


def _run(bench: Bench, *, is_quick: bool) -> None:
    settings = bench.settings
    stack.prepare(bench.postgres.url, settings.participants)
    with psycopg.connect(bench.postgres.url) as connection:
        found = connection.execute("SHOW server_version").fetchone()
    for name, step in STEPS.items():
        if settings.only and name not in settings.only:
            continue
        print(name, flush=True)
        bench.findings = Findings()
        step.run(bench)
        ratios = record.computed(bench.findings, step.ratios(settings))
        record.show(name, bench.findings, ratios)
        if not is_quick:
            suffix = "-plain-tables" if settings.plain_tables else ""
            record.write(f"{name}{suffix}", bench.findings, ratios, settings, str(found[0] if found else ""))


if __name__ == "__main__":
    main()
