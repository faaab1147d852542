"""Secrets and signatures by Standard Webhooks 1.0 (https://www.standardwebhooks.com). Pure."""

import hashlib
import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence

SECRET_PREFIX = "whsec_"  # noqa: S105
SECRET_BYTES = 32

ID_HEADER = "webhook-id"
TIMESTAMP_HEADER = "webhook-timestamp"
SIGNATURE_HEADER = "webhook-signature"


def secret_of(randomness: bytes) -> str:
    """The secret with these `SECRET_BYTES` random bytes, as a receiver stores it."""
    return SECRET_PREFIX + b64encode(randomness).decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """One signature, as it stands in the header."""
    signed = b".".join((message_id.encode(), str(timestamp).encode(), body))
    return "v1," + b64encode(_hmac(secret, signed).digest()).decode()


def signed_headers(secrets: Sequence[str], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers of a request, with one signature for each secret that is valid now."""
    return {
        ID_HEADER: message_id,
        TIMESTAMP_HEADER: str(timestamp),
        SIGNATURE_HEADER: " ".join(signature(secret, message_id, timestamp, body) for secret in secrets),
    }


def body_signature(secret: str, body: bytes) -> str:
    """The signature of the body alone, as many other products send it. Its key is the whole text of the secret."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _hmac(secret: str, signed: bytes) -> "hmac.HMAC":
    return hmac.new(b64decode(secret.removeprefix(SECRET_PREFIX)), signed, hashlib.sha256)
