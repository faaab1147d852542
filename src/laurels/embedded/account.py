"""The user account of PostgreSQL. PostgreSQL refuses to run as root, so under root another user needs access to its
files."""

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
    """The account that runs PostgreSQL. `ids` are (uid, gid), or None for the current user, who needs no changes to
    files."""

    def __init__(self, ids: tuple[int, int] | None = None) -> None:
        self._ids = ids

    @classmethod
    def for_folder(cls, folder: Path) -> "Account":
        """The current user. Under root, the owner of an existing folder, so that root can run a command on the folder
        of an unprivileged server; otherwise the system user. Raises EmbeddedPostgresError."""
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
        """The arguments of subprocess that run a program as this account."""
        return {} if self._ids is None else {"user": self._ids[0], "group": self._ids[1], "extra_groups": []}

    def give(self, path: Path) -> None:
        """Makes the account the owner of a file or folder."""
        if self._ids is not None:
            os.chown(path, *self._ids, follow_symlinks=False)

    def give_all(self, folder: Path) -> None:
        """Makes the account the owner of everything in a folder that root owns, for example after a restore."""
        if self._ids is not None and folder.exists() and folder.stat().st_uid == 0:
            for path in (folder, *folder.rglob("*")):
                self.give(path)

    def let_through(self, folder: Path) -> None:
        """Adds the permission to enter a folder and its parents, but not to list or read, where the account lacks
        it."""
        if self._ids is None:
            return
        for path in (folder, *folder.parents):
            status = path.stat()
            if not status.st_mode & stat.S_IXOTH and status.st_uid != self.uid:
                path.chmod(stat.S_IMODE(status.st_mode) | stat.S_IXOTH)
                reason = "PostgreSQL does not run as root"
                log.warning("data_dir_permissions_changed", folder=str(path), added="o+x", reason=reason)

    def let_read(self, folder: Path) -> None:
        """Adds read permissions like `chmod -R o+rX`, where they are missing: a wheel that was installed under umask
        077 is not readable by other users."""
        if self._ids is None:
            return
        for path in (folder, *folder.rglob("*")):
            if not path.exists() or path.is_symlink():
                continue
            mode = stat.S_IMODE(path.stat().st_mode)
            is_executable = path.is_dir() or bool(mode & 0o111)
            readable = mode | stat.S_IROTH | (stat.S_IXOTH if is_executable else 0)
            if readable != mode:
                path.chmod(readable)


def _system_user(name: str) -> pwd.struct_passwd:
    """The user, created if it does not exist. Raises EmbeddedPostgresError."""
    with suppress(KeyError):
        return pwd.getpwnam(name)
    with _user_list_locked():
        return _create_system_user(name)


@contextmanager
def _user_list_locked() -> Iterator[None]:
    """Locks the list of users. Without the lock, two useradd at the same time both succeed, and the second user
    replaces the first one. Only root can open the lock file."""
    try:
        lock = open_lock(USER_LIST_LOCK)
    except OSError:  # the list of users on this machine is read-only
        yield
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _create_system_user(name: str) -> pwd.struct_passwd:
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
        f"PostgreSQL does not run as root, and the user {name!r} for it cannot be created here: create this user, run "
        "Laurels as an ordinary user, or use your own database with --database-url."
    )
