"""Creates PostgreSQL's folder."""

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


class RunProgram(Protocol):
    """Runs a program of PostgreSQL and waits for its end."""

    def __call__(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]: ...


def create_if_missing(folder: Path, account: Account, run: RunProgram) -> None:
    """Creates the folder if it does not exist. initdb works in a folder beside it, which is renamed at the end, so that
    the folder is either complete or missing. Raises EmbeddedPostgresError."""
    data_dir = folder.parent
    for leftover in data_dir.glob("postgres.new-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    if _has_data(folder):
        return
    new = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=data_dir))
    try:
        account.give(new)
        _initdb(new, run)
        new.rename(folder)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    _flush_folder(data_dir)


def disk_note(data_dir: Path) -> str:
    """A sentence about a nearly full disk, which the log may not mention, as it cannot be written then."""
    free_bytes = shutil.disk_usage(data_dir).free
    return f" The disk has only {free_bytes // MEGABYTE} MB free." if free_bytes < LOW_DISK_BYTES else ""


def _has_data(folder: Path) -> bool:
    """Whether the folder has data of the right version. Raises EmbeddedPostgresError for other content."""
    version_file = folder / "PG_VERSION"
    if version_file.exists():
        version = version_file.read_text().strip()
        if version != str(MAJOR_VERSION):
            raise EmbeddedPostgresError(
                f"The data in {folder} are from PostgreSQL {version}, but this version of Laurels runs PostgreSQL "
                f"{MAJOR_VERSION}: copy them with pg_dump and pg_restore, or serve them with your own PostgreSQL "
                f"{version} and --database-url."
            )
        return True
    if folder.is_dir() and any(folder.iterdir()):
        raise EmbeddedPostgresError(
            f"{folder} has files but no PostgreSQL data: move them away, or choose another --data-dir."
        )
    return False


def _initdb(folder: Path, run: RunProgram) -> None:
    """Runs initdb. The built-in locale C.UTF-8 sorts by code point and handles upper and lower case of all letters.
    Unlike locales of the C library, it cannot change with a system update, which would silently corrupt indexes on
    text."""
    locale = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--encoding=UTF8")
    options = ("--username=postgres", "--auth=trust", "--data-checksums", "--no-instructions")
    result = run("initdb", "--pgdata", str(folder), *locale, *options)
    if result.returncode != 0:
        raise EmbeddedPostgresError(
            f"PostgreSQL's data folder cannot be created in {folder.parent}.{disk_note(folder.parent)} The output of "
            f"initdb:\n{last_lines(result.stderr)}"
        )


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
