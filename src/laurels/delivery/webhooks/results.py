"""The results of requests to receivers."""

from typing import Literal

from msgspec import Struct

SendFailure = Literal[
    "address_not_allowed",
    "name_not_found",
    "not_connected",
    "certificate_invalid",
    "timeout",
    "connection_lost",
    "response_invalid",
    "event_not_kept",
]
"""The reason why there is no response."""


class SendResult(Struct, frozen=True, kw_only=True):
    """The result of one request: a response with its status, or a failure."""

    duration_ms: int
    status: int | None = None
    failure: SendFailure | None = None
    response: bytes = b""
    """The beginning of the response's body."""
    retry_after_seconds: float | None = None

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        return self.status == 410
