"""The presence of a worker in the database: a heartbeat, and the keys in use.

Presence has its own connection, and nothing waits for it. A worker that cannot write its heartbeat still serves
requests; the other workers may then share the rate limits without it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from laurels.storage.office import workers
from laurels.storage.postgres.database import DatabaseUnavailableError, LockedError
from laurels.storage.postgres.ids import new_id
from laurels.storage.postgres.pools import Edits
from laurels.web.keys.auth import KeyRing

log = structlog.get_logger("laurels.presence")

NOTE_SECONDS = 2.0
PATIENCE_SECONDS = 4.0
"""The timeout of each transaction; a lock times out after half this time."""

HANGING_SECONDS = 6.0


class Presence:
    """Writes the heartbeat of this worker and the uses of its keys."""

    def __init__(self, edits: Edits, keys: KeyRing) -> None:
        """Nothing else may use `edits`."""
        self._edits = edits
        self._keys = keys
        self._worker_id = new_id()
        self._is_noted = True
        self._hanging_since: float | None = None

    @property
    def is_hanging(self) -> bool:
        """Whether transactions have not finished for a while, without a lock or an error as the cause: commits may wait
        for a standby that is gone."""
        return self._hanging_since is not None and time.monotonic() - self._hanging_since > HANGING_SECONDS

    async def keep_noting(self) -> None:
        """Writes the heartbeat as long as the process runs."""
        while True:
            await asyncio.sleep(NOTE_SECONDS)
            await self.note()

    async def note(self) -> None:
        """Writes the heartbeat and the uses of keys. Never raises; a locked row does not prevent the other writes."""
        failures = []
        for write in (self._note_alive, self._forget_dead_workers, self._save_uses):
            failure = await self._failure_of(write)
            if failure is not None:
                failures.append(failure)
            if isinstance(failure, TimeoutError):
                break
        if failures and self._is_noted:
            log.warning("heartbeat_failed", error=type(failures[0]).__name__)
        self._is_noted = not failures

    async def leave(self) -> None:
        """Removes this worker's heartbeat. Never raises."""
        for write in (self._save_uses, self._remove_worker):
            failure = await self._failure_of(write)
            if failure is not None:
                log.warning("heartbeat_not_removed", error=type(failure).__name__)
        await self._edits.close()

    async def _failure_of(self, write: Callable[[], Awaitable[None]]) -> Exception | None:
        begun_at = time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await write()
        except TimeoutError as error:
            self._hanging_since = self._hanging_since or begun_at
            return error
        except (DatabaseUnavailableError, LockedError) as error:
            self._hanging_since = None
            return error
        except Exception as error:
            log.exception("heartbeat_failed")
            return error
        self._hanging_since = None
        return None

    async def _note_alive(self) -> None:
        async with self._edits.transaction() as connection:
            self._keys.sharing_workers = await workers.alive(connection, self._worker_id)

    async def _forget_dead_workers(self) -> None:
        async with self._edits.transaction() as connection:
            await workers.forget(connection)

    async def _save_uses(self) -> None:
        await self._keys.uses.save(self._edits)

    async def _remove_worker(self) -> None:
        async with self._edits.transaction() as connection:
            await workers.gone(connection, self._worker_id)
