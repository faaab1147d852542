"""Backups of the embedded PostgreSQL while it runs, and restores to any moment."""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import structlog
from msgspec import Struct, json

from laurels.embedded import archive
from laurels.embedded.errors import EmbeddedPostgresError
from laurels.embedded.joining import started_or_joined
from laurels.embedded.ownership import open_lock
from laurels.embedded.postgres import EmbeddedPostgres
from laurels.embedded.processes import environment
from laurels.embedded.sockets import PORT

log = structlog.get_logger("laurels.embedded")

NAME_FORMAT = "%Y-%m-%dT%H-%M-%S.%fZ"
_TOO_LATE = "recovery ended before configured recovery target was reached"
_LAST_TRANSACTION = re.compile(r"last completed transaction was at log time (\S+ \S+)")
_FIRST_SEGMENT = re.compile(r"^START WAL LOCATION: \S+ \(file ([0-9A-F]{24})\)", re.MULTILINE)
_SEGMENT = re.compile(r"([0-9A-F]{24})(\.partial|\.[0-9A-F]{8}\.backup)?\.gz")


class _ManifestEntry(Struct, rename="pascal"):
    """A file of a backup."""

    path: str
    size: int
    checksum: str


class _Manifest(Struct, rename={"files": "Files"}):
    """PostgreSQL's list of the files of a backup."""

    files: list[_ManifestEntry]


def take(data_dir: Path, backup_dir: Path | None, keep: int | None = None) -> Path:
    """Makes a base backup, verifies it, and returns its folder. The database may be in use.

    With `keep`, only this number of backups is kept; older ones and the log that only they need are removed. Raises
    EmbeddedPostgresError.
    """
    backup_dir = backup_dir or archive.backup_dir_of(data_dir)
    if backup_dir is None:
        raise EmbeddedPostgresError("Choose a folder for the backup with --backup-dir.")
    try:
        (backup_dir / "base").mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(open_lock(backup_dir / "lock")) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            folder = _take(data_dir, backup_dir / "base")
            if keep is not None:
                _remove_old(backup_dir, keep)
    except OSError as error:
        raise EmbeddedPostgresError(f"The backup cannot be written to {backup_dir}: {error.strerror}.") from error
    return folder


def _take(data_dir: Path, base: Path) -> Path:
    for leftover in base.glob("*.part"):
        shutil.rmtree(leftover)
    part = base / "new.part"
    with started_or_joined(data_dir) as postgres:
        address = ("--host", str(postgres.socket_dir), "--port", str(PORT), "--username", "postgres")
        options = ("--no-password", "--checkpoint=fast", "--wal-method=stream", "--manifest-checksums=SHA256")
        result = _run(postgres, "pg_basebackup", *address, *options, "--pgdata", str(part))
    if result.returncode != 0:
        shutil.rmtree(part, ignore_errors=True)
        raise EmbeddedPostgresError(f"The backup failed with this message of PostgreSQL: {result.stderr.strip()}")
    _verify(part)
    # The name is the time of completion: the backup can be restored to any moment from then on.
    folder = base / f"{datetime.now(UTC):{NAME_FORMAT}}"
    part.rename(folder)
    return folder


def backups(backup_dir: Path) -> list[tuple[datetime, Path]]:
    """The complete base backups with their times, oldest first."""
    complete = []
    for folder in sorted((backup_dir / "base").glob("*Z")):
        try:
            complete.append((datetime.strptime(folder.name, NAME_FORMAT).replace(tzinfo=UTC), folder))
        except ValueError:
            continue
    return complete


def begin(data_dir: Path) -> None:
    """Makes the first base backup of an archive, if there is none since archiving was enabled in the data folder.
    Earlier backups do not help, because the log has a gap after them. Raises EmbeddedPostgresError."""
    backup_dir = archive.backup_dir_of(data_dir)
    if backup_dir is None:
        return
    since = (data_dir / archive.FILE_NAME).stat().st_mtime
    if not any(time.timestamp() >= since for time, _ in backups(backup_dir)):
        log.info("backup_completed", folder=str(take(data_dir, backup_dir)))


def restore(backup_dir: Path, data_dir: Path, moment: datetime | None) -> datetime | None:
    """Restores the database into a data folder without one, as it was at `moment` or at the end of the log. Returns the
    time of the last transaction after the base backup, None if there was none. Raises EmbeddedPostgresError."""
    folder = data_dir / "postgres"
    if folder.exists():
        raise EmbeddedPostgresError(f"{folder} already exists: restore into another --data-dir, or move it away.")
    existing = backups(backup_dir)
    usable = [path for time, path in existing if moment is None or time <= moment]
    if not usable:
        oldest = f"the oldest one is {existing[0][1].name}" if existing else "the folder has no backups"
        raise EmbeddedPostgresError(f"{backup_dir} has no backup from before that moment: {oldest}.")
    _verify(usable[-1])
    settings = {
        "restore_command": archive.restore_command(backup_dir),
        "recovery_target_action": "promote",
        # Accepts no connections before the end, so that nobody reads an intermediate state.
        "hot_standby": "off",
    }
    if moment is not None:
        settings["recovery_target_time"] = moment.astimezone(UTC).isoformat()
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copytree(usable[-1], folder, symlinks=True)
        folder.chmod(0o700)
        (folder / "recovery.signal").touch()
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise EmbeddedPostgresError(f"The backup cannot be copied to {folder}: {error.strerror}.") from error
    postgres = EmbeddedPostgres(data_dir, settings=settings, short_lived=True)
    try:
        postgres.start()
        return postgres.last_replayed()
    except EmbeddedPostgresError as error:
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)
        if moment is not None and _TOO_LATE in str(error):
            raise _beyond_log(backup_dir, moment, str(error)) from error
        raise
    finally:
        postgres.stop()


def _beyond_log(backup_dir: Path, moment: datetime, message: str) -> EmbeddedPostgresError:
    """The error for a moment after the last transaction. PostgreSQL can stop at a moment only if there is a later
    transaction."""
    last = _LAST_TRANSACTION.search(message)
    until = f" (the last one was at {last[1]})" if last else ""
    return EmbeddedPostgresError(
        f"The log archived in {backup_dir} has no transaction after {moment.isoformat()}{until}. Nothing was restored: "
        "choose an earlier moment, or leave --to out to restore everything."
    )


def _verify(folder: Path) -> None:
    """Compares every file with the manifest (the wheel's pg_verifybackup crashes). Raises EmbeddedPostgresError."""
    for file in json.decode((folder / "backup_manifest").read_bytes(), type=_Manifest).files:
        path = folder / file.path
        if not path.is_file() or path.stat().st_size != file.size or _sha256(path) != file.checksum:
            raise EmbeddedPostgresError(f"The backup {folder} is damaged: {file.path} is missing or has changed.")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _run(postgres: EmbeddedPostgres, program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Runs the program as the current user, who then owns the files that it writes."""
    return subprocess.run(  # noqa: S603
        [str(postgres.bin_dir / program), *arguments], capture_output=True, text=True, check=False, env=environment()
    )


def _remove_old(backup_dir: Path, keep: int) -> None:
    existing = [path for _, path in backups(backup_dir)]
    for path in existing[:-keep]:
        shutil.rmtree(path)
    first = _FIRST_SEGMENT.search((existing[-keep:][0] / "backup_label").read_text())
    if first is None:
        return
    for file in (backup_dir / "wal").glob("*.gz"):
        segment = _SEGMENT.fullmatch(file.name)
        # The first eight digits are the timeline, which does not order segments.
        if segment and segment[1][8:] < first[1][8:]:
            file.unlink()
