"""The archive of PostgreSQL's write-ahead log: with a base backup from before it, any later moment can be restored.

A data folder names its backup folder in the file `backup-dir`, so that every command that starts PostgreSQL archives:
a gap in the log would end what can be restored. A backup folder holds `base/` and `wal/`.
"""

import os
import shlex
from pathlib import Path

from laurels.embedded.account import Account
from laurels.embedded.errors import EmbeddedPostgresError
from laurels.storage.postgres import whole_writes

FILE_NAME = "backup-dir"
ARCHIVE_SECONDS = 60
"""So much is lost at most with the machine: then a segment is archived though it is not full."""


def backup_dir_of(data_dir: Path) -> Path | None:
    """The backup folder of a data folder, None if its log is not archived."""
    try:
        return Path((data_dir / FILE_NAME).read_text().removesuffix("\n"))
    except FileNotFoundError:
        return None


def remember(data_dir: Path, backup_dir: Path) -> None:
    """From the next start on the data folder's log is archived there. Raises OSError."""
    if backup_dir_of(data_dir) != backup_dir:
        data_dir.mkdir(parents=True, exist_ok=True)
        # Half a path would be another folder.
        whole_writes.replace(data_dir / FILE_NAME, f"{backup_dir}\n".encode())


def settings_for(data_dir: Path, account: Account) -> dict[str, str]:
    """What PostgreSQL is started with. Makes the folder if need be. Raises EmbeddedPostgresError."""
    backup_dir = backup_dir_of(data_dir)
    if backup_dir is None:
        return {}
    folder = backup_dir / "wal"
    try:
        backup_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        account.let_through(backup_dir)
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.stat().st_uid == os.geteuid():
            account.give(folder)
    except OSError as error:
        raise EmbeddedPostgresError(
            f"The backup folder {backup_dir} cannot be used ({error.strerror}); mount it, name another one with "
            f"--backup-dir, or remove the file {data_dir / FILE_NAME} to archive no more."
        ) from None
    return {
        "archive_mode": "on",
        "archive_timeout": f"{ARCHIVE_SECONDS}s",
        "archive_command": _archive_command(folder),
    }


def restore_command(backup_dir: Path) -> str:
    """Fails for what is not there, which tells PostgreSQL where the log ends."""
    segment = f"{_quoted(backup_dir / 'wal')}/%f.gz"
    return f"test -f {segment} && gzip -dc {segment} > %p"


def _archive_command(folder: Path) -> str:
    """Durable before it says so. A segment that is there already is left if it is the same; another one with its name,
    of another database, is never overwritten: the command then fails and PostgreSQL keeps its own."""
    segment = f"{_quoted(folder)}/%f.gz"
    archive = f"gzip -1 -c %p > {segment}.part && sync {segment}.part && mv {segment}.part {segment}"
    return f"if test -f {segment}; then gzip -dc {segment} | cmp -s - %p; else {archive}; fi"


def _quoted(path: Path) -> str:
    return shlex.quote(str(path)).replace("%", "%%")
