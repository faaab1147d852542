"""Backing up the embedded PostgreSQL while it runs, and restoring it to a moment."""

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


class _File(Struct, rename="pascal"):
    path: str
    size: int
    checksum: str


class _Manifest(Struct, rename={"files": "Files"}):
    files: list[_File]


def take(data_dir: Path, backup_dir: Path | None, keep: int | None = None) -> Path:
    """Makes a base backup, of a database that is in use or not, and verifies it; returns its folder.

    With `keep` older backups than so many are removed, with the log that only they need. Raises EmbeddedPostgresError.
    """
    backup_dir = backup_dir or archive.backup_dir_of(data_dir)
    if backup_dir is None:
        raise EmbeddedPostgresError("Name a folder for the backup with --backup-dir.")
    try:
        (backup_dir / "base").mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(open_lock(backup_dir / "lock")) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            done = _take(data_dir, backup_dir / "base")
            if keep is not None:
                _remove_old(backup_dir, keep)
    except OSError as error:
        raise EmbeddedPostgresError(f"The backup cannot be written to {backup_dir}: {error.strerror}.") from error
    return done


def _take(data_dir: Path, base: Path) -> Path:
    for leftover in base.glob("*.part"):
        shutil.rmtree(leftover)
    part = base / "new.part"
    with started_or_joined(data_dir) as postgres:
        place = ("--host", str(postgres.socket_dir), "--port", str(PORT), "--username", "postgres")
        how = ("--no-password", "--checkpoint=fast", "--wal-method=stream", "--manifest-checksums=SHA256")
        copied = _run(postgres, "pg_basebackup", *place, *how, "--pgdata", str(part))
    if copied.returncode != 0:
        shutil.rmtree(part, ignore_errors=True)
        raise EmbeddedPostgresError(f"The backup failed; PostgreSQL says: {copied.stderr.strip()}")
    _verify(part)
    # Named by when it is complete: it serves every moment from then on.
    done = base / f"{datetime.now(UTC):{NAME_FORMAT}}"
    part.rename(done)
    return done


def backups(backup_dir: Path) -> list[tuple[datetime, Path]]:
    """The complete base backups, oldest first, and when they were."""
    found = []
    for folder in sorted((backup_dir / "base").glob("*Z")):
        try:
            found.append((datetime.strptime(folder.name, NAME_FORMAT).replace(tzinfo=UTC), folder))
        except ValueError:
            continue
    return found


def begin(data_dir: Path) -> None:
    """Makes the base backup that an archive begins with, if there is none since the data folder was told to archive:
    its log does not follow what was archived before. Raises EmbeddedPostgresError."""
    backup_dir = archive.backup_dir_of(data_dir)
    if backup_dir is None:
        return
    since = (data_dir / archive.FILE_NAME).stat().st_mtime
    if not any(when.timestamp() >= since for when, _ in backups(backup_dir)):
        log.info("backed_up", folder=str(take(data_dir, backup_dir)))


def restore(backup_dir: Path, data_dir: Path, moment: datetime | None) -> datetime | None:
    """Makes the database anew in a data folder that has none, as it was at `moment` or as late as the log goes. Returns
    the time of the last transaction after the base backup, None if there was none. Raises EmbeddedPostgresError."""
    folder = data_dir / "postgres"
    if folder.exists():
        raise EmbeddedPostgresError(f"{folder} is there already: restore into another --data-dir, or move it away.")
    known = backups(backup_dir)
    usable = [path for when, path in known if moment is None or when <= moment]
    if not usable:
        oldest = f"the oldest there is {known[0][1].name}" if known else "there is none at all"
        raise EmbeddedPostgresError(f"{backup_dir} has no backup from before that moment: {oldest}.")
    _verify(usable[-1])
    settings = {
        "restore_command": archive.restore_command(backup_dir),
        "recovery_target_action": "promote",
        # Not ready before the end, so that nobody reads a moment on the way there.
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


def _beyond_log(backup_dir: Path, moment: datetime, told: str) -> EmbeddedPostgresError:
    """PostgreSQL knows that it has come to a moment by the first transaction after it."""
    last = _LAST_TRANSACTION.search(told)
    until = f" (its last one was at {last[1]})" if last else ""
    return EmbeddedPostgresError(
        f"The log archived in {backup_dir} has no transaction after {moment.isoformat()}{until}: nothing was restored. "
        "Name an earlier moment, or leave --to out to restore all of it."
    )


def _verify(folder: Path) -> None:
    """Every file is as the manifest says (the wheel's pg_verifybackup crashes). Raises EmbeddedPostgresError."""
    for file in json.decode((folder / "backup_manifest").read_bytes(), type=_Manifest).files:
        path = folder / file.path
        if not path.is_file() or path.stat().st_size != file.size or _sha256(path) != file.checksum:
            raise EmbeddedPostgresError(f"The backup {folder} is damaged: {file.path} is missing or has changed.")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _run(postgres: EmbeddedPostgres, program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """As ourselves: what it writes is ours."""
    return subprocess.run(  # noqa: S603
        [str(postgres.bin_dir / program), *arguments], capture_output=True, text=True, check=False, env=environment()
    )


def _remove_old(backup_dir: Path, keep: int) -> None:
    known = [path for _, path in backups(backup_dir)]
    for path in known[:-keep]:
        shutil.rmtree(path)
    first = _FIRST_SEGMENT.search((known[-keep:][0] / "backup_label").read_text())
    if first is None:
        return
    for file in (backup_dir / "wal").glob("*.gz"):
        segment = _SEGMENT.fullmatch(file.name)
        # The first eight digits are the timeline, which does not order segments.
        if segment and segment[1][8:] < first[1][8:]:
            file.unlink()
