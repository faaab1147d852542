"""Folders in which several processes share their metrics. The folders of killed processes are removed later."""

import fcntl
import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

ABANDONED_SECONDS = 60
"""Processes that outlive their parent for a moment still write into its folder."""

_OWNER = "owner.lock"


class MetricsFolder:
    """A folder that this process owns until it ends: it holds a lock on a file in it."""

    def __init__(self, prefix: str) -> None:
        """Creates the folder, and removes those with this prefix whose owners were killed."""
        _remove_abandoned(prefix)
        self.path = tempfile.mkdtemp(prefix=prefix)
        self._owner: BinaryIO = (Path(self.path) / _OWNER).open("wb")
        fcntl.flock(self._owner, fcntl.LOCK_EX)

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        self._owner.close()


def _remove_abandoned(prefix: str) -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        # A folder of another user, or one that another process is removing.
        with suppress(OSError):
            if _is_abandoned(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _is_abandoned(folder: Path) -> bool:
    status = folder.lstat()
    if status.st_uid != os.getuid() or time.time() - status.st_mtime < ABANDONED_SECONDS:
        return False
    with (folder / _OWNER).open("rb") as owner:
        fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return True
