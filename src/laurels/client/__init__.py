"""A client for Laurels: `Laurels` is blocking, `AsyncLaurels` is asynchronous. See docs/clients.md.

with Laurels("http://127.0.0.1:8080", "lk_live_…") as laurels:
    award = laurels.award_points("ada", 250, reason="Onboarding done")
"""

from laurels.client.async_client import AsyncLaurels
from laurels.client.errors import (
    ConflictError,
    InvalidRequestError,
    KeyRefusedError,
    LaurelsError,
    NotAllowedError,
    NotFoundError,
    RateLimitedError,
    RefusedError,
    ServerFailedError,
    UnreachableError,
    UnreadableResponseError,
)
from laurels.client.pages import AsyncPages, Pages
from laurels.client.sync_client import Laurels
from laurels.client.webhooks import NotVerifiedError, verify

__all__ = [
    "AsyncLaurels",
    "AsyncPages",
    "ConflictError",
    "InvalidRequestError",
    "KeyRefusedError",
    "Laurels",
    "LaurelsError",
    "NotAllowedError",
    "NotFoundError",
    "NotVerifiedError",
    "Pages",
    "RateLimitedError",
    "RefusedError",
    "ServerFailedError",
    "UnreachableError",
    "UnreadableResponseError",
    "verify",
]
