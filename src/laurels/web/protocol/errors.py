"""Error responses: the status of each and a sentence that a developer can act on. The sentences about commands are in
the classes of rejections."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Literal

import msgspec

from laurels.kernel.input.problems import FieldError, problem_of, sentence
from laurels.kernel.rejections import DefinitionInactive, DefinitionNotFound, Reason, Rejection


class ErrorBody(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of every error response. `detail` is for people. `code` is for programs and never changes its meaning;
    docs/errors.md lists the codes. Only 422 has `errors`. Only 403 has `sufficient_scopes`: the key needs one of these
    scopes."""

    detail: str
    """A sentence for people."""
    code: str
    """The kind of error, for programs. It never changes its meaning."""
    errors: list[FieldError] = []
    """With 422: the problems of the fields; empty otherwise."""
    sufficient_scopes: list[str] = []
    """With 403: the scopes of a key, any of which suffices; empty otherwise."""


class Refusal(Exception):  # noqa: N818
    """Ends a request with an error response. `code` is one of the codes in docs/errors.md."""

    def __init__(
        self,
        status: int,
        detail: str,
        errors: list[FieldError] | None = None,
        headers: dict[str, str] | None = None,
        *,
        code: str,
        sufficient_scopes: list[str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.code = code
        self.errors = errors or []
        self.sufficient_scopes = sufficient_scopes or []
        self.headers = headers or {}

    def body(self) -> bytes:
        return msgspec.json.encode(ErrorBody(self.detail, self.code, self.errors, self.sufficient_scopes))


SURVEY_RETRY_SECONDS = 30


def invalid(field: str, message: str) -> Refusal:
    """A 422 about one field, or about the whole body if `field` is empty. `message` continues the name of the field."""
    return invalid_fields([FieldError(field, message)])


def invalid_fields(errors: list[FieldError], *, are_all: bool = True) -> Refusal:
    """A 422 about several fields. `are_all`: there are no further problems."""
    detail = sentence(errors[0], "The request body")
    if len(errors) > 1:
        detail += f" There are {'' if are_all else 'more than '}{len(errors)} problems; see errors."
    return Refusal(422, detail, errors, code="invalid_request")


def unavailable(
    detail: str, retry_after_seconds: int = 1, *, code: str = "database_unavailable", is_outcome_unknown: bool = False
) -> Refusal:
    """A 503. `is_outcome_unknown`: the request may have taken effect; a header informs the caller."""
    headers = {"Retry-After": str(retry_after_seconds)}
    if is_outcome_unknown:
        return Refusal(503, detail, headers={**headers, "Outcome-Unknown": "true"}, code="outcome_unknown")
    return Refusal(503, detail, headers=headers, code=code)


def locked() -> Refusal:
    detail = "Another request is changing the same data; nothing was changed, try again shortly"
    return unavailable(detail, code="resource_locked")


def busy() -> Refusal:
    return unavailable("The server is busy and did nothing; try again shortly", code="server_busy")


def no_memory(message: Literal["request", "response"]) -> Refusal:
    detail = f"The server has no memory left for a {message} of this size and did nothing; try again shortly"
    return unavailable(detail, code="server_busy")


def reads_crowded(*, is_outcome_unknown: bool = False) -> Refusal:
    detail = "Too many reads of this API key are waiting; try again shortly, with fewer requests at a time"
    return unavailable(detail, code="server_busy", is_outcome_unknown=is_outcome_unknown)


def survey_too_long() -> Refusal:
    detail = (
        "This request would read more rows than the time limit allows; use filters, or read page by page with `after`, "
        "in an order that has an index, such as participant_id"
    )
    return unavailable(detail, SURVEY_RETRY_SECONDS, code="read_too_long")


def unreachable(*, is_outcome_unknown: bool = False) -> Refusal:
    return unavailable("The database cannot be reached; try again shortly", is_outcome_unknown=is_outcome_unknown)


def code_taken(owner: str, code: str) -> Refusal:
    """`owner` has the code: a badge, a project."""
    return Refusal(409, f"{owner} with this code exists already: {code}", code="code_taken")


def command_failed() -> Refusal:
    detail = "This request failed because of an error in the server; nothing was changed"
    return Refusal(500, detail, code="internal_error")


def rate_limited(retry_after_seconds: int) -> Refusal:
    detail = f"Rate limit exceeded; try again in {retry_after_seconds} s"
    return Refusal(429, detail, headers={"Retry-After": str(retry_after_seconds)}, code="rate_limited")


def body_too_large(limit_bytes: int) -> Refusal:
    return Refusal(413, f"The request body is longer than {limit_bytes} bytes", code="body_too_large")


def body_incomplete() -> Refusal:
    return Refusal(400, "The connection was closed before the whole body arrived", code="body_incomplete")


def key_invalid() -> Refusal:
    return Refusal(401, "Invalid or revoked API key", code="api_key_invalid")


def scope_missing(named: str, sufficient: Iterable[str]) -> Refusal:
    """A 403. The API contract names one scope in the sentence; `sufficient` are all scopes that suffice, the lowest
    first."""
    detail = f"API key requires '{named}' scope"
    return Refusal(403, detail, code="insufficient_scope", sufficient_scopes=list(sufficient))


_STATUSES: dict[Reason, int] = {"refused": 400, "not_found": 404, "invalid": 422, "conflict": 409}


def refusal_for(rejection: Rejection) -> Refusal:
    """The error response for a rejection of a command. Reads use it as well."""
    sentence, code = rejection.sentence(), code_of(rejection)
    if rejection.reason == "invalid":
        refusal = invalid(rejection.field, sentence)
        return Refusal(refusal.status, refusal.detail, refusal.errors, code=code)
    return Refusal(_STATUSES[rejection.reason], sentence, code=code)


def code_of(rejection: Rejection) -> str:
    """The name of the rejection's class in snake case. About a definition, the code names its kind:
    `badge_not_found`."""
    name = _snake_case(type(rejection).__name__)
    if isinstance(rejection, (DefinitionNotFound, DefinitionInactive)):
        return name.replace("definition", rejection.kind)
    return name


@cache
def _snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def invalid_value(error: msgspec.ValidationError) -> Refusal:
    """A 422 with the error of msgspec in our own words."""
    return invalid_fields([problem_of(error)])
