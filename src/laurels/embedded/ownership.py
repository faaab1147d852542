"""Ownership of the data folder: a lock that the kernel releases when the owning process ends, however it ends."""

import fcntl
import os
import stat
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from laurels.embedded.errors import EmbeddedPostgresError, OwnedElsewhereError

SHORT_COMMAND_SECONDS = 60.0
POLL_SECONDS = 0.05

# A forked worker inherits the lock's file description; if it outlived its killed parent, the folder would stay locked.
_held_locks: set[int] = set()


def _leave_locks_to_parent() -> None:
    for descriptor in _held_locks:
        os.close(descriptor)
    _held_locks.clear()


os.register_at_fork(after_in_child=_leave_locks_to_parent)


def open_lock(path: Path) -> int:
    """Opens a lock file that only its owner can open, because any process that can open it could hold the lock
    indefinitely. Raises OSError."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    # An existing file may have other permissions.
    if stat.S_IMODE(os.fstat(descriptor).st_mode) != 0o600:
        with suppress(PermissionError):
            os.fchmod(descriptor, 0o600)
    return descriptor


class Owner(NamedTuple):
    """The content of laurels.lock. Other processes wait for a short command to end, but not for a server."""

    pid: int | None
    is_short_command: bool


class FolderLock:
    """The lock of a data folder."""

    def __init__(self, data_dir: Path, *, short_lived: bool) -> None:
        self._data_dir = data_dir
        self._short_lived = short_lived
        self._descriptor: int | None = None
        self._owner_pid: int | None = None

    @property
    def is_held(self) -> bool:
        """Whether this process holds the lock. False in a forked child of the owner."""
        return self._descriptor is not None and self._owner_pid == os.getpid()

    def take(self) -> None:
        """Takes the lock. Raises OwnedElsewhereError and EmbeddedPostgresError."""
        try:
            self._data_dir.mkdir(parents=True, exist_ok=True)
            descriptor = open_lock(self._data_dir / "laurels.lock")
        except OSError as error:
            raise EmbeddedPostgresError(
                f"The data folder {self._data_dir} cannot be used ({error.strerror}): choose another --data-dir."
            ) from error
        try:
            self._wait_for(descriptor)
            if os.geteuid() == 0:
                owner = self._data_dir.stat()
                os.fchown(descriptor, owner.st_uid, owner.st_gid)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n{'command' if self._short_lived else 'serve'}\n".encode(), 0)
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor, self._owner_pid = descriptor, os.getpid()
        _held_locks.add(descriptor)

    def release(self) -> None:
        if self._descriptor is not None and self.is_held:
            _held_locks.discard(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = None

    def _wait_for(self, descriptor: int) -> None:
        deadline = time.monotonic() + SHORT_COMMAND_SECONDS
        while not _try_lock(descriptor):
            owner = _read_owner(descriptor)
            if not owner.is_short_command or time.monotonic() > deadline:
                name = f"Process {owner.pid}" if owner.pid else "Another process"
                raise OwnedElsewhereError(f"{name} already runs PostgreSQL in {self._data_dir}.")
            time.sleep(POLL_SECONDS)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read_owner(descriptor: int) -> Owner:
    words = os.pread(descriptor, 100, 0).decode(errors="replace").split()
    if len(words) != 2:  # the owner has just taken the lock and not written its pid yet
        return Owner(None, is_short_command=True)
    return Owner(int(words[0]) if words[0].isdigit() else None, words[1] == "command")
