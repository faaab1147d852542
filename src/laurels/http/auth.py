"""Who is calling: the key in X-API-Key gives the project and the scope.

All valid keys are kept in memory by their hash and read anew every REFRESH_SECONDS, so that a revoked one stops working
in every process soon after. Comparing hashes in a dictionary leaks nothing about a key by its timing.
"""

import asyncio
import time

import structlog

from laurels.http.endpoint import Principal
from laurels.http.errors import Refusal, unavailable
from laurels.store import keys, projects
from laurels.store.database import DatabaseUnavailableError, Readers

log = structlog.get_logger("laurels.keys")

REFRESH_SECONDS = 2.0
UNKNOWN_KEY_PAUSE_SECONDS = 0.25


class KeyRing:
    def __init__(self, readers: Readers, environment_key: str | None, environment_project: str = "default") -> None:
        self._readers = readers
        self._environment_key = environment_key
        self._environment_project = environment_project
        self._principals: dict[bytes, Principal] = {}
        self._refreshed_at = 0.0
        self._refreshing = asyncio.Lock()

    async def principal(self, header: bytes | None) -> Principal:
        """Whom the key speaks for. Raises Refusal 401."""
        if not header:
            raise Refusal(401, "Missing API key: send it in the X-API-Key header")
        key = header.decode(errors="replace")
        digest = keys.hash_of(key)
        principal = self._principals.get(digest)
        if principal is None and keys.is_well_formed(key):
            # Perhaps made a moment ago. Guessers cannot make us ask the database more than a few times a second.
            principal = await self._look_again(digest)
        if principal is None:
            raise Refusal(401, "Invalid or revoked API key")
        return principal

    async def _look_again(self, digest: bytes) -> Principal | None:
        asked_at = time.monotonic()
        async with self._refreshing:
            if self._refreshed_at < asked_at:
                await asyncio.sleep(max(0.0, self._refreshed_at + UNKNOWN_KEY_PAUSE_SECONDS - asked_at))
                try:
                    await self.refresh()
                except DatabaseUnavailableError:
                    raise unavailable("The database cannot be reached; try again shortly") from None
        return self._principals.get(digest)

    async def refresh(self) -> None:
        started_at = time.monotonic()
        rows = await keys.valid_keys(self._readers)
        principals = {row.secret_hash: Principal(row.project_id, row.scope in keys.ADMIN_SCOPES) for row in rows}
        if self._environment_key:
            project = await projects.by_code(self._readers, self._environment_project)
            if project is not None:
                principals[keys.hash_of(self._environment_key)] = Principal(project.id, is_admin=True)
        self._principals = principals
        self._refreshed_at = started_at

    async def keep_fresh(self) -> None:
        """Runs for as long as the process serves."""
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            try:
                await self.refresh()
            except Exception as error:
                log.warning("keys_not_refreshed", error=type(error).__name__)
