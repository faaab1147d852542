"""The folder of PostgreSQL's socket."""

import os
import re
import stat
import tempfile
from pathlib import Path

from laurels.embedded.account import Account
from laurels.embedded.errors import EmbeddedPostgresError

PORT = 5432  # part of the name of the socket's file; there is no TCP listener
SOCKET_PATH_LIMIT_BYTES = 100  # the kernel's limit is 108 on Linux, 104 on macOS


def choose_folder(postgres_folder: Path, name: str, account: Account) -> Path:
    """PostgreSQL's folder, or a private folder with this name for temporary files if the path of PostgreSQL's folder is
    not suitable: the kernel limits the length of the path, and drivers split a host at commas. Raises
    EmbeddedPostgresError."""
    if _is_good(postgres_folder):
        return postgres_folder
    parents = [Path(tempfile.gettempdir()).resolve(), Path("/tmp")]  # noqa: S108
    folder = next(path for parent in parents if _is_good(path := parent / name))
    account.let_through(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid not in {os.geteuid(), account.uid}:
        raise EmbeddedPostgresError(f"{folder} is needed for PostgreSQL's socket, but it belongs to another user.")
    account.give(folder)
    folder.chmod(0o700)
    return folder


def _is_good(folder: Path) -> bool:
    length_bytes = len(os.fsencode(folder / f".s.PGSQL.{PORT}.lock"))
    return length_bytes <= SOCKET_PATH_LIMIT_BYTES and re.fullmatch(r"[A-Za-z0-9_./+-]+", str(folder)) is not None
