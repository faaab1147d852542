"""Whom PostgreSQL runs as. It refuses to run as root, so for root another user must reach its files."""

import fcntl
import os
import pwd
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import structlog

from laurels.embedded.errors import EmbeddedPostgresError
from laurels.embedded.ownership import open_lock

log = structlog.get_logger("laurels.embedded")

SYSTEM_USER = "laurels"
USER_LIST_LOCK = Path("/etc/.pwd.lock")


class Account:
    """`ids` are (uid, gid), or None for ourselves: then there is nothing to give or to open."""

    def __init__(self, ids: tuple[int, int] | None = None) -> None:
        self._ids = ids

    @classmethod
    def for_folder(cls, folder: Path) -> "Account":
        """For root the owner of an existing folder, so that it can run a command on the folder of an unprivileged
        server; else the system user. Raises EmbeddedPostgresError."""
        if os.geteuid() != 0:
            return cls()
        with suppress(FileNotFoundError):
            status = folder.stat()
            if status.st_uid != 0:
                return cls((status.st_uid, status.st_gid))
        entry = _system_user(SYSTEM_USER)
        return cls((entry.pw_uid, entry.pw_gid))

    @property
    def uid(self) -> int:
        return os.geteuid() if self._ids is None else self._ids[0]

    @property
    def process_arguments(self) -> dict[str, Any]:
        """For subprocess."""
        return {} if self._ids is None else {"user": self._ids[0], "group": self._ids[1], "extra_groups": []}

    def give(self, path: Path) -> None:
        if self._ids is not None:
            os.chown(path, *self._ids, follow_symlinks=False)

    def give_all(self, folder: Path) -> None:
        """What root still owns of a folder, for example after a restore."""
        if self._ids is not None and folder.exists() and folder.stat().st_uid == 0:
            for path in (folder, *folder.rglob("*")):
                self.give(path)

    def let_through(self, folder: Path) -> None:
        """Adds the search bit for others, never the bit to list or read, where the account lacks it."""
        if self._ids is None:
            return
        for path in (folder, *folder.parents):
            status = path.stat()
            if not status.st_mode & stat.S_IXOTH and status.st_uid != self.uid:
                path.chmod(stat.S_IMODE(status.st_mode) | stat.S_IXOTH)
                log.warning("folder_opened", folder=str(path), added="o+x", reason="PostgreSQL does not run as root")

    def let_read(self, folder: Path) -> None:
        """chmod -R o+rX, of what lacks it: a wheel installed under umask 077 is closed to other users."""
        if self._ids is None:
            return
        for path in (folder, *folder.rglob("*")):
            if not path.exists() or path.is_symlink():
                continue
            mode = stat.S_IMODE(path.stat().st_mode)
            is_executable = path.is_dir() or bool(mode & 0o111)
            wanted = mode | stat.S_IROTH | (stat.S_IXOTH if is_executable else 0)
            if wanted != mode:
                path.chmod(wanted)


def _system_user(name: str) -> pwd.struct_passwd:
    """Makes the user if there is none. Raises EmbeddedPostgresError."""
    with suppress(KeyError):
        return pwd.getpwnam(name)
    with _one_at_a_time():
        return _make_system_user(name)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Of two useradd at once both succeed, and the later one's user replaces the earlier one's. What locks the list of
    users is only root's to open."""
    try:
        lock = open_lock(USER_LIST_LOCK)
    except OSError:  # of a machine whose list cannot be changed
        yield
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _make_system_user(name: str) -> pwd.struct_passwd:
    attempts = (
        ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", name],
        ["adduser", "-S", "-D", "-H", "-s", "/sbin/nologin", name],  # BusyBox
    )
    for command in attempts:
        with suppress(KeyError):
            return pwd.getpwnam(name)
        with suppress(OSError):
            result = subprocess.run(command, capture_output=True, check=False)  # noqa: S603
            if result.returncode == 0:
                log.warning("system_user_created", name=name, reason="PostgreSQL does not run as root")
    with suppress(KeyError):
        return pwd.getpwnam(name)
    raise EmbeddedPostgresError(
        f"PostgreSQL does not run as root, and the user {name!r} it would run as cannot be made here: create that "
        "user, run Laurels as an ordinary user, or give a database of your own with --database-url."
    )
