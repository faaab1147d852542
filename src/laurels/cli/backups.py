"""The commands `laurels backup` and `laurels restore`."""

from pathlib import Path
from typing import Annotated

import typer

from laurels.cli.options import DEFAULT_DATA_DIR, DatabaseUrl, DataDir, embedded_folder, moment_from


def backup(
    backup_dir: Annotated[
        Path | None,
        typer.Option(
            envvar="LAURELS_BACKUP_DIR", help="Folder for the backup. Default: the archive folder of `laurels serve`."
        ),
    ] = None,
    keep: Annotated[
        int | None, typer.Option(min=1, help="Number of backups to keep. Older backups and their log are removed.")
    ] = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    database_url: DatabaseUrl = None,
) -> None:
    """Back up the embedded PostgreSQL while it runs, and verify the backup."""
    from laurels.embedded import backups

    folder = embedded_folder(data_dir, database_url)
    typer.echo(f"Backed up to {backups.take(folder, backup_dir.expanduser().resolve() if backup_dir else None, keep)}")


def restore(
    backup_dir: Annotated[Path, typer.Option(envvar="LAURELS_BACKUP_DIR", help="Folder with the backups.")],
    to: Annotated[
        str | None, typer.Option(help="A time such as 2026-11-23T19:30:00Z. Default: the end of the archived log.")
    ] = None,
    data_dir: Annotated[
        Path, typer.Option(envvar="LAURELS_DATA_DIR", help="Folder to restore into. It must not have a database yet.")
    ] = DEFAULT_DATA_DIR,
) -> None:
    """Restore the embedded PostgreSQL to any moment since its oldest backup."""
    from laurels.embedded import backups
    from laurels.storage.erasing import file as erasures_file

    moment = None if to is None else moment_from(to)
    last = backups.restore(backup_dir.expanduser().resolve(), data_dir.expanduser().resolve(), moment)
    typer.echo(
        f"Restored to {data_dir}, "
        + (f"with all transactions up to {last:%Y-%m-%dT%H:%M:%S.%fZ}." if last else "as the backup was.")
    )
    file = backup_dir / erasures_file.FILE_NAME
    if file.exists():
        typer.echo(
            "Participants erased since that moment exist again. Before you start a server, run "
            f"`laurels erasures apply {file} --data-dir {data_dir}`."
        )
