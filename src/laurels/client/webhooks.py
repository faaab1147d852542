"""Verification of webhooks: whether a request really came from Laurels, and recently."""

import hashlib
import hmac
import time
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

TOLERANCE_SECONDS = 300


class NotVerifiedError(ValueError):
    """The request did not come from Laurels, or it is too old. Respond with 400 and do nothing."""


def verify(
    headers: Mapping[str, str],
    body: bytes | str,
    secret: str | Sequence[str],
    *,
    tolerance_seconds: float = TOLERANCE_SECONDS,
    now: float | None = None,
) -> Any:
    """The event in a request of a webhook. Raises NotVerifiedError.

    `body` is the body as it arrived, not decoded and encoded again. `secret` begins with `whsec_`; a sequence holds
    several that are valid. The clocks of sender and receiver may differ by `tolerance_seconds`. `now` is a Unix time;
    the current time by default.
    """
    received = {name.lower(): value for name, value in headers.items()}
    try:
        message_id, timestamp = received["webhook-id"], received["webhook-timestamp"]
        signatures = received["webhook-signature"].split(" ")
    except KeyError as missing:
        raise NotVerifiedError(f"The header {missing.args[0]} is missing") from None
    content = body.encode() if isinstance(body, str) else body
    expected = [_signature(each, message_id, timestamp, content) for each in _secrets(secret)]
    given = [signature.removeprefix("v1,").encode() for signature in signatures if signature.startswith("v1,")]
    if not any(hmac.compare_digest(one, other) for one in expected for other in given):
        raise NotVerifiedError("No signature matches")
    if not timestamp.isascii() or not timestamp.isdecimal():
        raise NotVerifiedError("The header webhook-timestamp must be a number")
    age_seconds = (time.time() if now is None else now) - int(timestamp)
    if abs(age_seconds) > tolerance_seconds:
        raise NotVerifiedError(f"The request was signed {age_seconds:.0f} seconds ago; see webhook-timestamp")
    return msgspec.json.decode(content)


def _secrets(secret: str | Sequence[str]) -> Sequence[str]:
    return [secret] if isinstance(secret, str) else secret


def _signature(secret: str, message_id: str, timestamp: str, body: bytes) -> bytes:
    try:
        key = b64decode(secret.removeprefix("whsec_"), validate=True)
    except Base64Error:
        key = b""
    if not key:
        raise ValueError("The secret must be whsec_ and a text in base64")
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    return b64encode(hmac.new(key, signed, hashlib.sha256).digest())
