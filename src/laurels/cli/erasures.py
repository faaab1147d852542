"""The commands about erased participants."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from laurels.cli.options import DEFAULT_DATA_DIR, DatabaseUrl, DataDir, composition, example, fail, moment_from, run

if TYPE_CHECKING:
    from laurels.cli.repeat_erasures import RepeatedErasures
    from laurels.storage.postgres.database import Connection

TORN_LINES_SHOWN = 20

erasures = typer.Typer(
    help="Repeat erasures after a restore, or forget old ones.",
    no_args_is_help=True,
    epilog=example("laurels erasures apply /backups/erasures.jsonl"),
)


@erasures.command(
    "apply",
    short_help="Repeat the erasures in a file after a restore.",
    epilog=example("laurels erasures apply /backups/erasures.jsonl --data-dir restored"),
)
def apply_erasures(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="The file to which servers have added erasures.")
    ],
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Repeat the erasures in a file after a restore.

    Run it before servers start. It is safe to run again. The exit code is 3 if the file has an incomplete
    line, left by a crash or a full disk; all other lines have been applied.
    """
    from laurels.cli import repeat_erasures as erasures_command
    from laurels.storage.erasing import file as erasures_file

    torn: list[int] = []

    async def work(connection: "Connection") -> "RepeatedErasures":
        return await erasures_command.apply(connection, composition().tables, erasures_file.read(file, torn))

    try:
        applied = run(data_dir, database_url, work)
    except erasures_file.ErasuresFileError as error:
        fail(str(error))
    typer.echo(f"Erasures in the file: {applied.lines}. Participants erased again: {applied.erased}.")
    for code in sorted(applied.unknown_projects):
        typer.echo(f"There is no project {code!r}: its erasures were skipped.")
    for number in torn[:TORN_LINES_SHOWN]:
        print(f"Warning: line {number} is cut off; its erasure never took place.", file=sys.stderr)
    if len(torn) > TORN_LINES_SHOWN:
        print(f"Warning: {len(torn) - TORN_LINES_SHOWN} more lines are cut off.", file=sys.stderr)
    if torn:
        raise SystemExit(3)


@erasures.command(
    "forget",
    short_help="Remove the stored hashes of old erasures.",
    epilog=example("laurels erasures forget --before 2026-01-01"),
)
def forget_erasures(
    before: Annotated[str, typer.Option(help="A time such as 2026-11-23 or 2026-11-23T19:30:00Z.")],
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Remove the stored hashes of ids that were erased before a time.

    An import can then create these participants again.
    """
    from laurels.storage import erased_ids

    moment = moment_from(before)
    removed = run(data_dir, database_url, lambda connection: erased_ids.forget(connection, moment))
    typer.echo(f"Hashes removed: {removed}.")
