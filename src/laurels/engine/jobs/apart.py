"""Steps of a job that do not stop one another: a locked row delays only the step that needs it."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from laurels.storage.postgres.database import LockedError


class Apart:
    def __init__(self) -> None:
        self._locked_out = 0

    @contextmanager
    def each(self) -> Iterator[None]:
        """The context of one step. A step whose row is locked is left for the next round."""
        try:
            yield
        except asyncpg.LockNotAvailableError:
            self._locked_out += 1

    def end(self) -> None:
        """Raises LockedError if a step was left."""
        if self._locked_out:
            raise LockedError
