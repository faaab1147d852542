"""`python -m bench`: runs the measurements, prints tables, and writes one results file per step."""

import argparse
import tempfile
from pathlib import Path

import psycopg

from bench import (
    awards,
    backlog,
    boards,
    claims,
    events,
    feed,
    overload,
    ranks,
    record,
    scale,
    simulations,
    soak,
    stack,
    standings,
    upkeep,
)
from bench.bench import BOARD_SIZES, DATASET_SIZES, Bench, Findings, Settings
from laurels.embedded import EmbeddedPostgres

STEPS = {
    **awards.STEPS,
    **boards.STEPS,
    **ranks.STEPS,
    **events.STEPS,
    **feed.STEPS,
    **backlog.STEPS,
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
    backlog_events=5_000,
    board_sizes=(1_000, 10_000),
    dataset_sizes=(1_000, 5_000),
    overload_seconds=4,
    soak_minutes=0.2,
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="duration of each measurement")
    parser.add_argument("--warm-up-seconds", type=float, default=2, help="duration of the load before each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--participants", type=int, default=100_000)
    parser.add_argument("--journal-rows", type=int, default=2_000_000, help="facts in the grown journal")
    parser.add_argument("--upkeep-commands", type=int, default=1_000_000, help="number of awards of the step upkeep")
    parser.add_argument(
        "--backlog-events", type=int, default=1_000_000, help="number of events that a webhook has not sent yet"
    )
    parser.add_argument(
        "--plain-tables",
        action="store_true",
        help="run upkeep without the fill factors and vacuum settings that the migrations set",
    )
    parser.add_argument(
        "--growing-board", action="store_true", help="run upkeep with a board on which nobody stands in the beginning"
    )
    parser.add_argument(
        "--contestants",
        nargs="+",
        choices=dict.fromkeys((*boards.NAMES, *standings.KINDS)),
        default=[],
        metavar="NAME",
        help=f"of the step boards: {', '.join(boards.NAMES)}; of the step ranks: {', '.join(standings.KINDS)}",
    )
    parser.add_argument(
        "--board-sizes",
        type=int,
        nargs="+",
        default=list(BOARD_SIZES),
        help="numbers of participants of the step ranks",
    )
    parser.add_argument("--soak-minutes", type=float, default=30)
    parser.add_argument(
        "--dataset-sizes",
        type=int,
        nargs="+",
        default=list(DATASET_SIZES),
        help="numbers of participants of the step scale",
    )
    parser.add_argument(
        "--data-dir",
        type=Path,
        help="the folder of the databases, by default a temporary one; an existing database scale_SIZE is used again",
    )
    parser.add_argument("--only", nargs="*", choices=STEPS, default=[], metavar="STEP", help=", ".join(STEPS))
    parser.add_argument(
        "--quick", action="store_true", help="run briefly, without results files, to test that everything works"
    )
    arguments = parser.parse_args()
    settings = Settings(
        arguments.seconds, arguments.rounds, arguments.participants, arguments.journal_rows, arguments.only
    )
    settings.warm_up_seconds = arguments.warm_up_seconds
    settings.soak_minutes = arguments.soak_minutes
    settings.dataset_sizes = tuple(arguments.dataset_sizes)
    settings.upkeep_commands = arguments.upkeep_commands
    settings.backlog_events = arguments.backlog_events
    settings.plain_tables = arguments.plain_tables
    settings.growing_board = arguments.growing_board
    settings.board_sizes = tuple(arguments.board_sizes)
    if arguments.quick:
        settings = QUICK
        settings.only = arguments.only
        settings.growing_board = arguments.growing_board
    settings.contestants = tuple(arguments.contestants)
    with tempfile.TemporaryDirectory(prefix="laurels-bench-") as folder:
        postgres = EmbeddedPostgres(
            arguments.data_dir or Path(folder), settings=upkeep.PLAIN_POSTGRES if settings.plain_tables else None
        )
        postgres.start()
        try:
            _run(Bench(settings, postgres), is_quick=arguments.quick)
        finally:
            postgres.stop()


def _run(bench: Bench, *, is_quick: bool) -> None:
    settings = bench.settings
    stack.prepare(bench.postgres.url, settings.participants)
    with psycopg.connect(bench.postgres.url) as connection:
        row = connection.execute("SHOW server_version").fetchone()
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
            suffix += "-growing-board" if settings.growing_board else ""
            record.write(f"{name}{suffix}", bench.findings, ratios, settings, str(row[0] if row else ""))


if __name__ == "__main__":
    main()
