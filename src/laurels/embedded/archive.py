"""The archive of PostgreSQL's write-ahead log. With an earlier base backup, any moment in the archived log can be
restored.

The file `backup-dir` in the data folder has the path of the backup folder, so that every command that starts PostgreSQL
archives the log: a restore cannot go beyond a gap in the log. A backup folder has the folders `base/` and `wal/`.
"""

import os
import shlex
from pathlib import Path

from laurels.embedded.account import Account
from laurels.embedded.errors import EmbeddedPostgresError
from laurels.storage.postgres import whole_writes

FILE_NAME = "backup-dir"
ARCHIVE_SECONDS = 60
"""The time after which a segment is archived even if it is not full: the most that is lost with the machine."""


def backup_dir_of(data_dir: Path) -> Path | None:
    """The backup folder of a data folder; None if its log is not archived."""
    try:
        return Path((data_dir / FILE_NAME).read_text().removesuffix("\n"))
    except FileNotFoundError:
        return None


def remember(data_dir: Path, backup_dir: Path) -> None:
    """Sets the backup folder of a data folder, from the next start of PostgreSQL on. Raises OSError."""
    if backup_dir_of(data_dir) != backup_dir:
        data_dir.mkdir(parents=True, exist_ok=True)
        # Written as a whole, because half of the path would be another folder.
        whole_writes.replace(data_dir / FILE_NAME, f"{backup_dir}\n".encode())


def settings_for(data_dir: Path, account: Account) -> dict[str, str]:
    """The settings of PostgreSQL for archiving. Creates the folder if needed. Raises EmbeddedPostgresError."""
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
            f"The backup folder {backup_dir} cannot be used ({error.strerror}): mount it, choose another one with "
            f"--backup-dir, or remove the file {data_dir / FILE_NAME} to stop archiving."
        ) from None
    return {
        "archive_mode": "on",
        "archive_timeout": f"{ARCHIVE_SECONDS}s",
        "archive_command": _archive_command(folder),
    }


def restore_command(backup_dir: Path) -> str:
    """The command that PostgreSQL uses to read archived segments. It fails for a missing segment, which is the end of
    the log."""
    segment = f"{_quoted(backup_dir / 'wal')}/%f.gz"
    return f"test -f {segment} && gzip -dc {segment} > %p"


def _archive_command(folder: Path) -> str:
    """The command that PostgreSQL uses to archive a segment. It succeeds only when the segment is durable.

    It also succeeds if the same segment is already in the archive. It never overwrites another segment with the same
    name, of another database: it fails, and PostgreSQL keeps its segment.
    """
    segment = f"{_quoted(folder)}/%f.gz"
    archive = f"gzip -1 -c %p > {segment}.part && sync {segment}.part && mv {segment}.part {segment}"
    return f"if test -f {segment}; then gzip -dc {segment} | cmp -s - %p; else {archive}; fi"


def _quoted(path: Path) -> str:
    return shlex.quote(str(path)).replace("%", "%%")
