"""PostgreSQL's folder: making a new one."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Protocol

from laurels.embedded.account import Account
from laurels.embedded.errors import EmbeddedPostgresError
from laurels.embedded.server_log import last_lines
from laurels.embedded.settings import MEGABYTE

MAJOR_VERSION = 18
LOW_DISK_BYTES = 100 * MEGABYTE


class Run(Protocol):
    """Runs one of PostgreSQL's programs to its end."""

    def __call__(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]: ...


def make(folder: Path, account: Account, run: Run) -> None:
    """Makes the folder if it is new. It appears whole or not at all: initdb works in a folder beside it. Raises
    EmbeddedPostgresError."""
    data_dir = folder.parent
    for leftover in data_dir.glob("postgres.new-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    if _has_data(folder):
        return
    fresh = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=data_dir))
    try:
        account.give(fresh)
        _initdb(fresh, run)
        fresh.rename(folder)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    _flush_folder(data_dir)


def disk_note(data_dir: Path) -> str:
    """A sentence, as a full disk keeps the log from saying so."""
    free_bytes = shutil.disk_usage(data_dir).free
    return f" The disk has only {free_bytes // MEGABYTE} MB free." if free_bytes < LOW_DISK_BYTES else ""


def _has_data(folder: Path) -> bool:
    """Raises EmbeddedPostgresError when what is there is not ours to use."""
    version_file = folder / "PG_VERSION"
    if version_file.exists():
        version = version_file.read_text().strip()
        if version != str(MAJOR_VERSION):
            raise EmbeddedPostgresError(
                f"The data in {folder} was made by PostgreSQL {version}, but this Laurels runs PostgreSQL "
                f"{MAJOR_VERSION}: copy it over with pg_dump and pg_restore, or serve it with a PostgreSQL "
                f"{version} of your own and --database-url."
            )
        return True
    if folder.is_dir() and any(folder.iterdir()):
        raise EmbeddedPostgresError(
            f"{folder} holds files but no PostgreSQL data: move them away or choose another --data-dir."
        )
    return False


def _initdb(folder: Path, run: Run) -> None:
    """The built-in C.UTF-8 sorts by code point and knows all letters' cases. Unlike a locale of the C library it
    cannot change with an update of the system, which would silently corrupt indexes on text."""
    locale = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--encoding=UTF8")
    options = ("--username=postgres", "--auth=trust", "--data-checksums", "--no-instructions")
    result = run("initdb", "--pgdata", str(folder), *locale, *options)
    if result.returncode != 0:
        raise EmbeddedPostgresError(
            f"PostgreSQL's data folder cannot be made in {folder.parent}.{disk_note(folder.parent)} initdb said:\n"
            + last_lines(result.stderr)
        )


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
