"""What a call can end in instead of an answer."""

from collections.abc import Sequence
from typing import Any, TypedDict, Unpack

import msgspec

from laurels.client.types import FieldError


class LaurelsError(Exception):
    """Any call that brought no answer.

    `detail` is a sentence to act on, `request_id` finds the request in the server's log. `is_outcome_unknown` says that
    the request may have taken effect all the same.
    """

    def __init__(self, detail: str, *, request_id: str, is_outcome_unknown: bool = False) -> None:
        super().__init__(detail)
        self.detail = detail
        self.request_id = request_id
        self.is_outcome_unknown = is_outcome_unknown


class UnreachableError(LaurelsError):
    """No answer came: no connection, a connection that broke, or none in time."""


class UnreadableAnswerError(LaurelsError):
    """The answer is not what Laurels answers; the URL may lead to something else."""


class Details(TypedDict, total=False):
    """What not every error response says."""

    code: str
    sufficient_scopes: Sequence[str]
    is_outcome_unknown: bool
    retry_after_seconds: float | None


class RefusedError(LaurelsError):
    """An error response of Laurels, or of a proxy before it.

    `code` names the error for programs (docs/errors.md lists the codes); it is empty in the response of a proxy. With
    422 the fields are in `errors`, with 403 the scopes of which a key needs one in `sufficient_scopes`.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        errors: list[FieldError],
        *,
        request_id: str,
        **more: Unpack[Details],
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
    """400: the rules of the game do not allow it, such as spending more points than there are."""


class KeyRefusedError(RefusedError):
    """401 or 403: the API key is not valid, or not for this."""


class NotFoundError(RefusedError):
    """404."""


class ConflictError(RefusedError):
    """409: something is there already, or still in use."""


class InvalidRequestError(RefusedError):
    """413 or 422: the request itself is wrong; `errors` names the fields."""


class RateLimitedError(RefusedError):
    """429, and the retries are used up."""


class ServerFailedError(RefusedError):
    """500 and above, and the retries are used up."""


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
    """An older server sends neither a code nor scopes."""

    detail: str
    code: str = ""
    errors: list[FieldError] = []
    sufficient_scopes: list[str] = []


_error_decoder = msgspec.json.Decoder(_Body)


def refused(status: int, headers: Any, content: bytes, request_id: str) -> RefusedError:
    """The exception for an answer that is no success. `headers` are looked up in lower case."""
    try:
        body = _error_decoder.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # A proxy's page, not an answer of Laurels.
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
    """Laurels marks every answer with a request id, and those with an unknown outcome as such; a proxy neither."""
    if status == 503 and "x-request-id" in headers:
        return "outcome-unknown" in headers
    return status >= 500


def _seconds(text: str | None) -> float | None:
    try:
        return None if text is None else max(0.0, float(text))
    except ValueError:
        return None
