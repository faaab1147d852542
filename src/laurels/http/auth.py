"""Who is calling: the key in X-API-Key gives the project and the scope.

All valid keys are kept in memory by their hash and read anew every REFRESH_SECONDS, over a connection that no request
uses and that only reads, so that a revoked one stops working in every process soon after, however busy it is. What was
not read anew for LONGEST_UNREFRESHED_SECONDS opens nothing any more. A key that expires stops by itself. Comparing
hashes in a dictionary leaks nothing about a key by its timing.
"""

import asyncio
import time
from datetime import UTC, datetime

import structlog

from laurels.http.endpoint import Principal
from laurels.http.errors import Refusal, key_invalid, unavailable
from laurels.http.key_uses import KeyUses
from laurels.http.rate_limits import Bucket, Buckets
from laurels.store import keys, projects
from laurels.store.database import DatabaseUnavailableError, LockedError, Readers
from laurels.store.keys import ValidKey

log = structlog.get_logger("laurels.keys")

REFRESH_SECONDS = 2.0
RETRY_SECONDS = 0.5
REFRESH_PATIENCE_SECONDS = 3.0
"""Then a refresh is given up, with its connection, and begun anew."""

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
        self._principals: dict[bytes, Principal] = {}
        self._buckets = Buckets()
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
                    await self.refresh()
                except (DatabaseUnavailableError, LockedError):
                    raise unavailable("The database cannot be reached; try again shortly") from None
        return self._principals.get(digest)

    async def refresh(self) -> None:
        """Raises DatabaseUnavailableError."""
        try:
            async with asyncio.timeout(REFRESH_PATIENCE_SECONDS):
                await self._refresh_over_any()
        except TimeoutError as error:
            raise DatabaseUnavailableError from error

    async def _refresh_over_any(self) -> None:
        """Where the database lets no further connection in, those that requests use may be there still."""
        try:
            await self._refresh(self._readers)
        except DatabaseUnavailableError:
            if self._spare is None:
                raise
            await self._refresh(self._spare)

    async def _refresh(self, readers: Readers) -> None:
        started_at = time.monotonic()
        valid = await keys.valid_keys(readers)
        limits = dict(self._limits(valid))
        environment_project = None
        if self._environment_key:
            environment_project = await projects.by_code(readers, self._environment_project)
            limits[_ENVIRONMENT] = self._requests_a_second
        buckets = self._buckets.fill({name: limit for name, limit in limits.items() if limit}, self.sharing)
        principals = {key.secret_hash: _principal(key, buckets) for key in valid}
        if environment_project is not None:
            project_id, digest = environment_project.id, keys.hash_of(self._environment_key or "")
            held = _found(buckets, _ENVIRONMENT, _project(project_id))
            principals[digest] = Principal(
                project_id,
                "operator",
                key_name="LAURELS_ADMIN_KEY",
                buckets=held,
                strict_fields=environment_project.strict_fields,
            )
        self._principals = principals
        self._refreshed_at = started_at

    def _limits(self, valid: list[ValidKey]) -> list[tuple[str, int]]:
        own = [(key.id, self._requests_a_second if key.rate_limit is None else key.rate_limit) for key in valid]
        return [*own, *((_project(key.project_id), key.project_rate_limit or 0) for key in valid)]

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


def _principal(key: ValidKey, buckets: dict[str, Bucket]) -> Principal:
    held = _found(buckets, key.id, _project(key.project_id))
    return Principal(key.project_id, key.scope, key.id, key.name, key.expires_at, held, key.strict_fields)


def _found(buckets: dict[str, Bucket], *names: str) -> tuple[Bucket, ...]:
    return tuple(buckets[name] for name in names if name in buckets)


def _project(project_id: int) -> str:
    return f"project {project_id}"
