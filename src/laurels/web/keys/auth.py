"""Who is calling: the key in X-API-Key gives the project and the scope.

All valid keys are kept in memory by their hash and compared with the database every REFRESH_SECONDS, over a connection
that no request uses and that only reads, so that a revoked one stops working in every process soon after, however busy
it is. What was not compared for LONGEST_UNREFRESHED_SECONDS opens nothing any more. A key that expires stops by itself.
Comparing hashes in a dictionary leaks nothing about a key by its timing.
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
from laurels.web.keys.known_keys import KnownKeys, present, project_limit
from laurels.web.protocol.errors import Refusal, key_invalid, unavailable, unreachable
from laurels.web.protocol.rate_limits import Buckets

log = structlog.get_logger("laurels.keys")

REFRESH_SECONDS = 2.0
RETRY_SECONDS = 0.5
REFRESH_PATIENCE_SECONDS = 3.0
"""When it has come no further for so long, a refresh is given up, with its connection, and begun anew."""

LONGEST_UNREFRESHED_SECONDS = 15.0
UNKNOWN_KEY_PAUSE_SECONDS = 0.25
_ENVIRONMENT = "environment"


class KeyRing:
    def __init__(
        self,
        readers: Readers,
        environment_key: str | None,
        requests_a_second: int,
        environment_project: str = "default",
        spare: Readers | None = None,
    ) -> None:
        """`readers` are the key ring's own, `spare` are those of requests. `requests_a_second` is the limit of keys
        that have none of their own; 0 for none."""
        self._readers = readers
        self._spare = spare
        self.sharing = 1
        """How many workers share the rate limits, this one included."""
        self.uses = KeyUses()
        self._environment_key = environment_key
        self._environment_project = environment_project
        self._requests_a_second = requests_a_second
        self._buckets = Buckets()
        self._known = KnownKeys(requests_a_second, self._buckets)
        self._principals = self._known.principals
        self._refreshed_at = 0.0
        self._refreshing = asyncio.Lock()

    async def principal(self, header: bytes | None) -> Principal:
        """Whom the key speaks for. Raises Refusal 401, and 503 when it is not known which keys are valid."""
        if not header:
            raise Refusal(401, "Missing API key: send it in the X-API-Key header", code="api_key_missing")
        key = header.decode(errors="replace")
        digest = keys.hash_of(key)
        principal = self._principals.get(digest)
        if principal is None and keys.is_well_formed(key):
            # Perhaps made a moment ago. Guessers cannot make us ask the database more than a few times a second.
            principal = await self._look_again(digest)
        if principal is None or (principal.expires_at is not None and principal.expires_at <= datetime.now(UTC)):
            raise key_invalid()
        if self.is_stale:
            raise unavailable("The database does not say which API keys are valid; nothing was done, try again shortly")
        if principal.key_id is not None:
            self.uses.note(principal.key_id)
        return principal

    @property
    def is_stale(self) -> bool:
        return time.monotonic() - self._refreshed_at > LONGEST_UNREFRESHED_SECONDS

    async def open(self) -> None:
        """Connects, and reads the keys. Raises DatabaseUnavailableError or what the driver says."""
        await self._readers.open()
        await self.refresh()

    async def _look_again(self, digest: bytes) -> Principal | None:
        asked_at = time.monotonic()
        async with self._refreshing:
            if self._refreshed_at < asked_at:
                await asyncio.sleep(max(0.0, self._refreshed_at + UNKNOWN_KEY_PAUSE_SECONDS - asked_at))
                try:
                    await self._refresh_patiently()
                except (DatabaseUnavailableError, LockedError):
                    raise unreachable() from None
        return self._principals.get(digest)

    async def refresh(self) -> None:
        """Raises DatabaseUnavailableError."""
        async with self._refreshing:
            await self._refresh_patiently()

    async def _refresh_patiently(self) -> None:
        now = asyncio.get_running_loop().time
        try:
            async with asyncio.timeout(REFRESH_PATIENCE_SECONDS) as patience:
                await self._refresh_over_any(lambda: patience.reschedule(now() + REFRESH_PATIENCE_SECONDS))
        except TimeoutError as error:
            raise DatabaseUnavailableError from error

    async def _refresh_over_any(self, on_progress: Callable[[], None]) -> None:
        """Where the database lets no further connection in, those that requests use may be there still."""
        try:
            await self._refresh(self._readers, on_progress)
        except DatabaseUnavailableError:
            if self._spare is None:
                raise
            await self._refresh(self._spare, on_progress)

    async def _refresh(self, readers: Readers, on_progress: Callable[[], None]) -> None:
        started_at = time.monotonic()
        await self._known.follow(readers, on_progress)
        self._buckets.share_among(self.sharing)
        if self._environment_key:
            await self._note_environment(readers, self._environment_key)
        self._refreshed_at = started_at

    async def _note_environment(self, readers: Readers, key: str) -> None:
        project = await projects.by_code(readers, self._environment_project)
        if project is None:
            self._principals.pop(keys.hash_of(key), None)
            return
        held = present(
            self._buckets.limited(_ENVIRONMENT, self._requests_a_second),
            self._buckets.limited(project_limit(project.id), project.rate_limit or 0),
        )
        self._principals[keys.hash_of(key)] = Principal(
            project.id, "operator", key_name="LAURELS_ADMIN_KEY", buckets=held, strict_fields=project.strict_fields
        )

    async def keep_fresh(self) -> None:
        """Runs for as long as the process serves."""
        pause_seconds = REFRESH_SECONDS
        while True:
            await asyncio.sleep(pause_seconds)
            try:
                await self.refresh()
                pause_seconds = REFRESH_SECONDS
            except Exception as error:
                # Requests may wait for it: what was not read anew for long opens nothing.
                pause_seconds = RETRY_SECONDS
                log.warning("keys_not_refreshed", error=type(error).__name__)

    async def close(self) -> None:
        await self._readers.close()
