"""Authentication: the key in X-API-Key gives the project and the scope.

All valid keys are kept in memory by their hash and compared with the database every REFRESH_SECONDS. The comparison has
its own read-only connection, so that a revoked key soon stops working in every process, however busy the process is. If
no comparison succeeds for LONGEST_UNREFRESHED_SECONDS, no key is accepted. The expiry of a key needs no comparison.
Looking up a hash in a dictionary leaks nothing about the key through its timing.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from laurels.storage.office import keys, projects
from laurels.storage.postgres.database import DatabaseUnavailableError, LockedError
from laurels.storage.postgres.pools import Readers
from laurels.web.keys.access import Principal
from laurels.web.keys.key_uses import KeyUses
from laurels.web.keys.valid_keys import ValidKeys, not_none, project_limit
from laurels.web.protocol.errors import Refusal, key_invalid, unavailable, unreachable
from laurels.web.protocol.rate_limits import Buckets

log = structlog.get_logger("laurels.keys")

REFRESH_SECONDS = 2.0
RETRY_SECONDS = 0.5
REFRESH_PATIENCE_SECONDS = 3.0
"""A refresh without progress for this time is abandoned, with its connection, and started again."""

LONGEST_UNREFRESHED_SECONDS = 15.0
UNKNOWN_KEY_PAUSE_SECONDS = 0.25
_ENVIRONMENT = "environment"


class KeyRing:
    """The valid keys of all projects, and the principal of each."""

    def __init__(
        self,
        readers: Readers,
        environment_key: str | None,
        requests_per_second: int,
        environment_project: str = "default",
        spare: Readers | None = None,
    ) -> None:
        """`readers` is used by the key ring alone. `spare` is shared with requests and used if `readers` cannot
        connect. `requests_per_second` is the default limit of a key; 0 for no limit."""
        self._readers = readers
        self._spare = spare
        self.sharing_workers = 1
        """The number of workers that share the rate limits, including this one."""
        self.uses = KeyUses()
        self._environment_key = environment_key
        self._environment_project = environment_project
        self._requests_per_second = requests_per_second
        self._buckets = Buckets()
        self._valid_keys = ValidKeys(requests_per_second, self._buckets)
        self._principals = self._valid_keys.principals
        self._refreshed_at = 0.0
        self._refreshing = asyncio.Lock()

    async def principal(self, header: bytes | None) -> Principal:
        """The principal of the key. Raises Refusal 401, and 503 if the valid keys could not be read."""
        if not header:
            raise Refusal(401, "Missing API key: send it in the X-API-Key header", code="api_key_missing")
        key = header.decode(errors="replace")
        principal = await self._holder_of(keys.hash_of(key), may_be_new=keys.is_well_formed(key))
        if principal is None:
            raise key_invalid()
        return principal

    async def holder_of(self, key_hash: bytes) -> Principal | None:
        """The principal of the key with this hash; None if the key is not valid. Raises Refusal 503 while the keys
        cannot be read."""
        return await self._holder_of(key_hash, may_be_new=True)

    async def _holder_of(self, key_hash: bytes, *, may_be_new: bool) -> Principal | None:
        principal = self._principals.get(key_hash)
        if principal is None and may_be_new:
            # Perhaps created a moment ago. Guessed keys cause at most a few queries per second.
            principal = await self._principal_after_refresh(key_hash)
        if principal is None or (principal.expires_at is not None and principal.expires_at <= datetime.now(UTC)):
            return None
        if self.is_stale:
            raise unavailable("The API keys cannot be read from the database; nothing was done, try again shortly")
        if principal.key_id is not None:
            self.uses.note(principal.key_id)
        return principal

    @property
    def is_stale(self) -> bool:
        return time.monotonic() - self._refreshed_at > LONGEST_UNREFRESHED_SECONDS

    async def open(self) -> None:
        """Connects and reads the keys. Raises DatabaseUnavailableError and the connection errors of the driver."""
        await self._readers.open()
        await self.refresh()

    async def _principal_after_refresh(self, digest: bytes) -> Principal | None:
        asked_at = time.monotonic()
        async with self._refreshing:
            if self._refreshed_at < asked_at:
                await asyncio.sleep(max(0.0, self._refreshed_at + UNKNOWN_KEY_PAUSE_SECONDS - asked_at))
                try:
                    await self._refresh_with_timeout()
                except (DatabaseUnavailableError, LockedError):
                    raise unreachable() from None
        return self._principals.get(digest)

    async def refresh(self) -> None:
        """Reads the changes since the last refresh. Raises DatabaseUnavailableError."""
        async with self._refreshing:
            await self._refresh_with_timeout()

    async def _refresh_with_timeout(self) -> None:
        now = asyncio.get_running_loop().time
        try:
            async with asyncio.timeout(REFRESH_PATIENCE_SECONDS) as patience:
                await self._refresh_with_spare(lambda: patience.reschedule(now() + REFRESH_PATIENCE_SECONDS))
        except TimeoutError as error:
            raise DatabaseUnavailableError from error

    async def _refresh_with_spare(self, on_progress: Callable[[], None]) -> None:
        """Refreshes over the spare connections if needed: they may work although the database accepts no new ones."""
        try:
            await self._refresh(self._readers, on_progress)
        except DatabaseUnavailableError:
            if self._spare is None:
                raise
            await self._refresh(self._spare, on_progress)

    async def _refresh(self, readers: Readers, on_progress: Callable[[], None]) -> None:
        started_at = time.monotonic()
        await self._valid_keys.update(readers, on_progress)
        self._buckets.share_among(self.sharing_workers)
        if self._environment_key:
            await self._note_environment(readers, self._environment_key)
        self._refreshed_at = started_at

    async def _note_environment(self, readers: Readers, key: str) -> None:
        project = await projects.by_code(readers, self._environment_project)
        if project is None:
            self._principals.pop(keys.hash_of(key), None)
            return
        buckets = not_none(
            self._buckets.limited(_ENVIRONMENT, self._requests_per_second),
            self._buckets.limited(project_limit(project.id), project.rate_limit or 0),
        )
        self._principals[keys.hash_of(key)] = Principal(
            project.id, "operator", key_name="LAURELS_ADMIN_KEY", buckets=buckets, strict_fields=project.strict_fields
        )

    async def keep_fresh(self) -> None:
        """Refreshes the keys as long as the process runs."""
        pause_seconds = REFRESH_SECONDS
        while True:
            await asyncio.sleep(pause_seconds)
            try:
                await self.refresh()
                pause_seconds = REFRESH_SECONDS
            except Exception as error:
                # Retry soon: keys that are not refreshed for long are not accepted.
                pause_seconds = RETRY_SECONDS
                log.warning("key_refresh_failed", error=type(error).__name__)

    async def close(self) -> None:
        await self._readers.close()
