"""The valid keys of all projects, kept in memory by their hash and followed by what changes.

PostgreSQL makes a fingerprint of each of 256 parts; only parts whose fingerprint is another one are read anew, in
pieces between which requests have their turn. So it costs the event loop little that keys are many.
"""

import asyncio
from collections.abc import Callable

from msgspec import Struct

from laurels.storage.office import keys
from laurels.storage.office.keys import ValidKey
from laurels.storage.postgres.pools import Readers
from laurels.web.keys.access import Principal
from laurels.web.protocol.rate_limits import Bucket, Buckets

KEYS_AT_ONCE = 500


class _Part(Struct):
    """`key_ids` by the hashes of the keys."""

    fingerprint: int
    key_ids: dict[bytes, str]


class KnownKeys:
    """`principals` are whom the keys speak for, by the hash of the key. One `follow` at a time."""

    def __init__(self, requests_a_second: int, buckets: Buckets) -> None:
        """`requests_a_second` is the limit of keys that have none of their own; 0 for none."""
        self.principals: dict[bytes, Principal] = {}
        self._parts: dict[int, _Part] = {}
        self._requests_a_second = requests_a_second
        self._buckets = buckets

    async def follow(self, readers: Readers, on_progress: Callable[[], None]) -> None:
        """Until what is known is what was valid when this began, or is newer. Raises DatabaseUnavailableError; what was
        read until then is kept."""
        wanted = await keys.fingerprints(readers)
        on_progress()
        for gone in self._parts.keys() - wanted.keys():
            self._replace(gone, 0, [])
        changed = {
            name
            for name, fingerprint in wanted.items()
            if name not in self._parts or self._parts[name].fingerprint != fingerprint
        }
        if not changed:
            return
        await self._read(readers, wanted, changed, on_progress)

    async def _read(
        self, readers: Readers, wanted: dict[int, int], changed: set[int], on_progress: Callable[[], None]
    ) -> None:
        reading: list[ValidKey] = []
        async for piece in keys.valid_keys(readers, changed, KEYS_AT_ONCE):
            on_progress()
            for key in piece:
                if reading and reading[0].part != key.part:
                    self._replace(reading[0].part, wanted[reading[0].part], reading)
                    changed.discard(reading[0].part)
                    reading = []
                reading.append(key)
            await asyncio.sleep(0)
        if reading:
            self._replace(reading[0].part, wanted[reading[0].part], reading)
            changed.discard(reading[0].part)
        # All of their keys have ended since the fingerprints were made.
        for gone in changed:
            self._replace(gone, 0, [])

    def _replace(self, name: int, fingerprint: int, valid: list[ValidKey]) -> None:
        """What is known of a part, at once."""
        part = self._parts.pop(name, None) or _Part(0, {})
        present = {key.secret_hash: key.id for key in valid}
        for secret_hash in part.key_ids.keys() - present.keys():
            del self.principals[secret_hash]
            self._buckets.forget(part.key_ids[secret_hash])
        for key in valid:
            self.principals[key.secret_hash] = self._principal(key)
        if valid:
            self._parts[name] = _Part(fingerprint, present)

    def _principal(self, key: ValidKey) -> Principal:
        own = self._requests_a_second if key.rate_limit is None else key.rate_limit
        held = (
            self._buckets.limited(key.id, own),
            self._buckets.limited(project_limit(key.project_id), key.project_rate_limit or 0),
        )
        return Principal(key.project_id, key.scope, key.id, key.name, key.expires_at, present(*held), key.strict_fields)


def present(*buckets: Bucket | None) -> tuple[Bucket, ...]:
    return tuple(bucket for bucket in buckets if bucket is not None)


def project_limit(project_id: int) -> str:
    """The name of its bucket."""
    return f"project {project_id}"
