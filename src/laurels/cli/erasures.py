"""The commands about erased people."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from laurels.cli.options import DEFAULT_DATA_DIR, DatabaseUrl, DataDir, composition, fail, moment_from, run

if TYPE_CHECKING:
    from laurels.cli.repeat_erasures import Applied
    from laurels.storage.postgres.database import Connection

TORN_TOLD = 20

erasures = typer.Typer(help="People who were erased.", no_args_is_help=True)


@erasures.command("apply")
def apply_erasures(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The file that servers added erasures to.")],
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Erase again, after a restore, those whom the file names. Run it before servers start. Safe to run again.

    Exit code 3 when a line was cut off by a crash or a full disk: all others are done then.
    """
    from laurels.cli import repeat_erasures as erasures_command
    from laurels.storage.erasing import file as erasures_file

    torn: list[int] = []

    async def work(connection: "Connection") -> "Applied":
        return await erasures_command.apply(connection, composition().tables, erasures_file.read(file, torn))

    try:
        applied = run(data_dir, database_url, work)
    except erasures_file.ErasuresFileError as error:
        fail(str(error))
    typer.echo(f"Erasures in the file: {applied.lines}. People who were there again, and are erased: {applied.erased}.")
    for code in sorted(applied.unknown_projects):
        typer.echo(f"There is no project {code!r}: nothing was done for it.")
    for number in torn[:TORN_TOLD]:
        print(f"Warning: line {number} was cut off: what it told of was never done.", file=sys.stderr)
    if len(torn) > TORN_TOLD:
        print(f"Warning: so were {len(torn) - TORN_TOLD} more lines.", file=sys.stderr)
    if torn:
        raise SystemExit(3)


@erasures.command("forget")
def forget_erasures(
    before: Annotated[str, typer.Option(help="Moment such as 2026-11-23, or 2026-11-23T19:30:00Z.")],
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Remove the hashes of ids that were erased before a moment: an import may then bring these people back."""
    from laurels.storage import erased_ids

    moment = moment_from(before)
    forgotten = run(data_dir, database_url, lambda connection: erased_ids.forget(connection, moment))
    typer.echo(f"Hashes removed: {forgotten}.")
