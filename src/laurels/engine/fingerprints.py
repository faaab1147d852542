"""What an idempotency key remembers of its first request, to tell a retry from another request.

Both forms are kept for ever. The whole one is all that keys of before have: they match what is the same in every field.
"""

from collections.abc import Sequence
from hashlib import blake2b
from zlib import crc32

import msgspec
from msgspec.structs import replace

from laurels.kernel.commands import Command

_canonical = msgspec.json.Encoder(order="deterministic")

_MAY_DIFFER = {"reason": "reason", "metadata": "metadata", "occurred_at": "timestamp"}
"""A command's fields that a retry may have otherwise, in the order of `parts`, and their names in requests."""

_DIGEST_BYTES = 16
_CHECKSUM_BYTES = 4


def whole(command: Command) -> bytes:
    """Of all that is asked for, whoever asks and however."""
    asked = replace(command, actor=None, is_from_file=False)
    return blake2b(_canonical.encode(asked), digest_size=_DIGEST_BYTES).digest()


def parts(command: Command) -> bytes:
    """A digest of what has to be the same, and a checksum of each field that may differ; an empty one is as none."""
    values = {field: getattr(command, field) for field in _MAY_DIFFER if field in command.__struct_fields__}
    rest = replace(command, actor=None, is_from_file=False, **dict.fromkeys(values))
    digest = blake2b(_canonical.encode(rest), digest_size=_DIGEST_BYTES).digest()
    return digest + b"".join([_checksum(values.get(field)) for field in _MAY_DIFFER])


def differences(first: bytes, second: bytes) -> Sequence[str] | None:
    """The fields, as requests name them, in which a retry differs from the first request, by the `parts` of both; None
    when it is another request."""
    if first[:_DIGEST_BYTES] != second[:_DIGEST_BYTES]:
        return None
    places = range(_DIGEST_BYTES, len(first), _CHECKSUM_BYTES)
    return [
        name
        for name, place in zip(_MAY_DIFFER.values(), places, strict=True)
        if first[place : place + _CHECKSUM_BYTES] != second[place : place + _CHECKSUM_BYTES]
    ]


def _checksum(value: object) -> bytes:
    return crc32(_canonical.encode(value)).to_bytes(_CHECKSUM_BYTES) if value else bytes(_CHECKSUM_BYTES)
