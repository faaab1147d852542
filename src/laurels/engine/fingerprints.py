"""Fingerprints of requests: an idempotency key keeps those of its first request, to distinguish retries from other
requests.

Keys store the `parts`, permanently. Keys of earlier versions have only the `whole` fingerprint, and match only requests
that are equal in all fields.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import blake2b
from zlib import crc32

import msgspec
from msgspec.structs import replace

from laurels.kernel.commands import Command

_canonical = msgspec.json.Encoder(order="deterministic")

_MAY_DIFFER = {"reason": "reason", "metadata": "metadata", "occurred_at": "timestamp"}
"""The fields of a command in which a retry may differ, in the order of `parts`, with their names in requests."""

_LEFT_OUT = {"actor": None, "is_from_file": False}
"""The fields that describe the caller and the way in, which retries may change unnoticed."""

_DIGEST_BYTES = 16
_CHECKSUM_BYTES = 4


def whole(command: Command) -> bytes:
    """The fingerprint of all fields that describe the request, as earlier versions stored it."""
    asked = replace(command, **_LEFT_OUT)
    return blake2b(_canonical.encode(asked), digest_size=_DIGEST_BYTES).digest()


def parts(command: Command) -> bytes:
    """A digest of the fields that must be equal, and a checksum of each field that may differ. Empty and missing fields
    are equal."""
    rest = replace(command, **_empty(type(command)))
    digest = blake2b(_canonical.encode(rest), digest_size=_DIGEST_BYTES).digest()
    return digest + b"".join([_checksum(getattr(command, field, None)) for field in _MAY_DIFFER])


def differences(first: bytes, second: bytes) -> Sequence[str] | None:
    """The fields, as requests name them, in which a retry differs from the first request, computed from the `parts` of
    both. None if the second request is not a retry."""
    if first[:_DIGEST_BYTES] != second[:_DIGEST_BYTES]:
        return None
    places = range(_DIGEST_BYTES, len(first), _CHECKSUM_BYTES)
    return [
        name
        for name, place in zip(_MAY_DIFFER.values(), places, strict=True)
        if first[place : place + _CHECKSUM_BYTES] != second[place : place + _CHECKSUM_BYTES]
    ]


@cache
def _empty(command_type: type[Command]) -> Mapping[str, object]:
    """Empty values for the command's fields that are left out or may differ."""
    return _LEFT_OUT | dict.fromkeys(field for field in _MAY_DIFFER if field in command_type.__struct_fields__)


def _checksum(value: object) -> bytes:
    return crc32(_canonical.encode(value)).to_bytes(_CHECKSUM_BYTES) if value else bytes(_CHECKSUM_BYTES)
