"""The exceptions of the client."""

from collections.abc import Sequence
from typing import Any, TypedDict, Unpack

import msgspec

from laurels.client.types import FieldError


class LaurelsError(Exception):
    """The base of all exceptions: the call failed.

    `detail` is a sentence to act on. `request_id` identifies the request in the server's log. `is_outcome_unknown`: the
    request may have taken effect despite the error.
    """

    def __init__(self, detail: str, *, request_id: str, is_outcome_unknown: bool = False) -> None:
        super().__init__(detail)
        self.detail = detail
        self.request_id = request_id
        self.is_outcome_unknown = is_outcome_unknown


class UnreachableError(LaurelsError):
    """There was no response: no connection, a broken connection, or a timeout."""


class UnreadableResponseError(LaurelsError):
    """The response is not one of Laurels. The URL may be that of another service."""


class ErrorDetails(TypedDict, total=False):
    """The optional parts of an error response."""

    code: str
    sufficient_scopes: Sequence[str]
    is_outcome_unknown: bool
    retry_after_seconds: float | None


class RefusedError(LaurelsError):
    """An error response of Laurels, or of a proxy in front of Laurels.

    `code` identifies the error for programs (docs/errors.md lists the codes); it is empty for the response of a proxy.
    A 422 has the problems of each field in `errors`. A 403 has `sufficient_scopes`: the key needs one of these scopes.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        errors: list[FieldError],
        *,
        request_id: str,
        **more: Unpack[ErrorDetails],
    ) -> None:
        super().__init__(detail, request_id=request_id, is_outcome_unknown=more.get("is_outcome_unknown", False))
        self.status = status
        self.code = more.get("code", "")
        self.errors = errors
        self.sufficient_scopes = list(more.get("sufficient_scopes", ()))
        self.retry_after_seconds = more.get("retry_after_seconds")

    def __str__(self) -> str:
        return f"{self.status}: {self.detail}"


class NotAllowedError(RefusedError):
    """400: a rule of the game does not allow the request, such as spending more points than the balance."""


class KeyRefusedError(RefusedError):
    """401 or 403: the API key is invalid, or its scope is not sufficient."""


class NotFoundError(RefusedError):
    """404: there is no such object."""


class ConflictError(RefusedError):
    """409: something already exists or is still in use."""


class InvalidRequestError(RefusedError):
    """413 or 422: the request is invalid; `errors` lists the fields."""


class RateLimitedError(RefusedError):
    """429: the rate limit is exceeded, and all retries have failed."""


class ServerFailedError(RefusedError):
    """500 or above, after all retries."""


_BY_STATUS: dict[int, type[RefusedError]] = {
    400: NotAllowedError,
    401: KeyRefusedError,
    403: KeyRefusedError,
    404: NotFoundError,
    409: ConflictError,
    413: InvalidRequestError,
    422: InvalidRequestError,
    429: RateLimitedError,
}


class _Body(msgspec.Struct):
    """The body of an error response. Older servers send neither a code nor scopes."""

    detail: str
    code: str = ""
    errors: list[FieldError] = []
    sufficient_scopes: list[str] = []


_error_decoder = msgspec.json.Decoder(_Body)


def refused(status: int, headers: Any, content: bytes, request_id: str) -> RefusedError:
    """The exception for an error response. `headers` are looked up in lower case."""
    try:
        body = _error_decoder.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # The page of a proxy, not a response of Laurels.
        body = _Body(detail=content[:500].decode(errors="replace").strip() or "An error without an explanation")
    kind = ServerFailedError if status >= 500 else _BY_STATUS.get(status, RefusedError)
    return kind(
        status,
        body.detail,
        body.errors,
        code=body.code,
        sufficient_scopes=body.sufficient_scopes,
        request_id=headers.get("x-request-id", request_id),
        is_outcome_unknown=_is_outcome_unknown(status, headers),
        retry_after_seconds=_seconds(headers.get("retry-after")),
    )


def _is_outcome_unknown(status: int, headers: Any) -> bool:
    """Whether the request may have taken effect. Laurels sends a request id with every response, and a header if the
    outcome is unknown; a proxy sends neither."""
    if status == 503 and "x-request-id" in headers:
        return "outcome-unknown" in headers
    return status >= 500


def _seconds(text: str | None) -> float | None:
    try:
        return None if text is None else max(0.0, float(text))
    except ValueError:
        return None
