"""The valid keys of all projects in memory, by their hash, updated from the database.

The keys are divided into 256 parts, and PostgreSQL computes a fingerprint of each part. Only parts with a new
fingerprint are read again, in pieces; the event loop serves requests between two pieces. This way even a large number
of keys costs the event loop little.
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
    """A part of the keys: the id of each key, by the hash of the key."""

    fingerprint: int
    key_ids: dict[bytes, str]


class ValidKeys:
    """The principals of all valid keys, by the hash of the key. Only one `update` may run at a time."""

    def __init__(self, requests_per_second: int, buckets: Buckets) -> None:
        """`requests_per_second` is the default limit of a key; 0 for no limit."""
        self.principals: dict[bytes, Principal] = {}
        self._parts: dict[int, _Part] = {}
        self._requests_per_second = requests_per_second
        self._buckets = buckets

    async def update(self, readers: Readers, on_progress: Callable[[], None]) -> None:
        """Reads all changes that were committed before this call. Raises DatabaseUnavailableError; parts that were read
        before the error are kept."""
        fingerprints = await keys.fingerprints(readers)
        on_progress()
        for emptied in self._parts.keys() - fingerprints.keys():
            self._replace(emptied, 0, [])
        changed = {
            name
            for name, fingerprint in fingerprints.items()
            if name not in self._parts or self._parts[name].fingerprint != fingerprint
        }
        if not changed:
            return
        await self._read(readers, fingerprints, changed, on_progress)

    async def _read(
        self, readers: Readers, fingerprints: dict[int, int], changed: set[int], on_progress: Callable[[], None]
    ) -> None:
        reading: list[ValidKey] = []
        async for piece in keys.valid_keys(readers, changed, KEYS_AT_ONCE):
            on_progress()
            for key in piece:
                if reading and reading[0].part != key.part:
                    self._replace(reading[0].part, fingerprints[reading[0].part], reading)
                    changed.discard(reading[0].part)
                    reading = []
                reading.append(key)
            await asyncio.sleep(0)
        if reading:
            self._replace(reading[0].part, fingerprints[reading[0].part], reading)
            changed.discard(reading[0].part)
        # All keys of these parts have become invalid since the fingerprints were computed.
        for emptied in changed:
            self._replace(emptied, 0, [])

    def _replace(self, name: int, fingerprint: int, valid: list[ValidKey]) -> None:
        """Replaces the keys of a part, without a point at which another task could run."""
        part = self._parts.pop(name, None) or _Part(0, {})
        key_ids = {key.secret_hash: key.id for key in valid}
        for secret_hash in part.key_ids.keys() - key_ids.keys():
            del self.principals[secret_hash]
            self._buckets.forget(part.key_ids[secret_hash])
        for key in valid:
            self.principals[key.secret_hash] = self._principal(key)
        if valid:
            self._parts[name] = _Part(fingerprint, key_ids)

    def _principal(self, key: ValidKey) -> Principal:
        limit = self._requests_per_second if key.rate_limit is None else key.rate_limit
        buckets = not_none(
            self._buckets.limited(key.id, limit),
            self._buckets.limited(project_limit(key.project_id), key.project_rate_limit or 0),
        )
        return Principal(key.project_id, key.scope, key.id, key.name, key.expires_at, buckets, key.strict_fields)


def not_none(*buckets: Bucket | None) -> tuple[Bucket, ...]:
    return tuple(bucket for bucket in buckets if bucket is not None)


def project_limit(project_id: int) -> str:
    """The name of the project's bucket."""
    return f"project {project_id}"
