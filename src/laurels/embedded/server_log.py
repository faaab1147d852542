"""PostgreSQL's log file. PostgreSQL appends to it, and Laurels truncates it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from laurels.embedded.account import Account
from laurels.embedded.settings import MEGABYTE

LOG_LIMIT_BYTES = 20 * MEGABYTE
TAIL_LINES = 8


class ServerLog:
    """The log file of the embedded PostgreSQL."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._start = 0

    @contextmanager
    def opened(self, account: Account) -> Iterator[int]:
        """Opens the file for a start of PostgreSQL by the account."""
        output = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            account.give(self.path)
            self._start = os.fstat(output).st_size
            yield output
        finally:
            os.close(output)

    def tail(self) -> str:
        """The last lines since the latest start."""
        try:
            with self.path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(self._start if self._start <= size else 0, size - 8192))
                return last_lines(file.read().decode(errors="replace"))
        except FileNotFoundError:
            return ""

    def truncate_if_long(self) -> None:
        """Copies a long log to a second file and truncates it. This works while PostgreSQL runs, as PostgreSQL opens
        the file for appending. Raises OSError."""
        if self.path.stat().st_size < LOG_LIMIT_BYTES:
            return
        previous = self.path.with_name(f"{self.path.name}.1")
        with suppress(OSError):
            previous.touch(mode=0o600)
            shutil.copyfile(self.path, previous)
        os.truncate(self.path, 0)


def last_lines(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-TAIL_LINES:])
