"""Every refusal: its status and the sentence a developer can act on. Those of commands are on the rejections."""

import re
from collections.abc import Iterable
from functools import cache

import msgspec

from laurels.kernel.input.problems import FieldError, problem_of, sentence
from laurels.kernel.rejections import DefinitionInactive, DefinitionNotFound, Reason, Rejection


class ErrorBody(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of every error response. `detail` is for people. `code` is for programs and never changes its meaning;
    docs/errors.md lists the codes. `errors` comes with 422 alone, `sufficient_scopes` with 403 alone: the scopes of a
    key, any of which suffices."""

    detail: str
    """A sentence for people."""
    code: str
    """The kind of error, for programs. It never changes its meaning."""
    errors: list[FieldError] = []
    """With 422: the problems of the fields; empty otherwise."""
    sufficient_scopes: list[str] = []
    """With 403: the scopes of a key, any of which suffices; empty otherwise."""


class Refusal(Exception):  # noqa: N818
    """Ends a request with an error response. `code` is one of those that docs/errors.md lists."""

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
    """A 422 about one field (empty when it concerns the whole body). `message` continues the field's name."""
    return invalid_fields([FieldError(field, message)])


def invalid_fields(errors: list[FieldError], *, are_all: bool = True) -> Refusal:
    """A 422 about several fields. `are_all`: no further one is wrong."""
    detail = sentence(errors[0], "The request body")
    if len(errors) > 1:
        detail += f" There are {'' if are_all else 'more than '}{len(errors)} problems; see errors."
    return Refusal(422, detail, errors, code="invalid_request")


def unavailable(
    detail: str, retry_after_seconds: int = 1, *, code: str = "database_unavailable", is_outcome_unknown: bool = False
) -> Refusal:
    """`is_outcome_unknown`: the request may have taken effect all the same, which a header tells the caller."""
    headers = {"Retry-After": str(retry_after_seconds)}
    if is_outcome_unknown:
        return Refusal(503, detail, headers={**headers, "Outcome-Unknown": "true"}, code="outcome_unknown")
    return Refusal(503, detail, headers=headers, code=code)


def locked() -> Refusal:
    detail = "Somebody else is changing what this request needs; nothing was changed, try again shortly"
    return unavailable(detail, code="resource_locked")


def busy() -> Refusal:
    return unavailable("The server is busy and did nothing; try again shortly", code="server_busy")


def no_memory(what: str) -> Refusal:
    """`what`: for a request or for a response there is none left."""
    detail = f"The server has no memory left for a {what} of this size and did nothing; try again shortly"
    return unavailable(detail, code="server_busy")


def reads_crowded(*, is_outcome_unknown: bool = False) -> Refusal:
    detail = "Too many reads of this API key are waiting; try again shortly, with fewer at once"
    return unavailable(detail, code="server_busy", is_outcome_unknown=is_outcome_unknown)


def survey_too_long() -> Refusal:
    detail = (
        "This goes through more rows than can be read in the time for one request; narrow it with filters, "
        "or read on by `after` in an order that has an index, such as participant_id"
    )
    return unavailable(detail, SURVEY_RETRY_SECONDS, code="read_too_long")


def unreachable(*, is_outcome_unknown: bool = False) -> Refusal:
    return unavailable("The database cannot be reached; try again shortly", is_outcome_unknown=is_outcome_unknown)


def code_taken(owner: str, code: str) -> Refusal:
    """`owner` has the code: a badge, a project."""
    return Refusal(409, f"{owner} with this code exists already: {code}", code="code_taken")


def command_failed() -> Refusal:
    detail = "This request failed for a reason of the server's own and changed nothing"
    return Refusal(500, detail, code="internal_error")


def rate_limited(retry_after_seconds: int) -> Refusal:
    detail = f"Rate limit exceeded; try again in {retry_after_seconds} s"
    return Refusal(429, detail, headers={"Retry-After": str(retry_after_seconds)}, code="rate_limited")


def body_too_large(limit_bytes: int) -> Refusal:
    return Refusal(413, f"The request body is longer than {limit_bytes} bytes", code="body_too_large")


def body_incomplete() -> Refusal:
    return Refusal(400, "The connection closed before the whole body had come", code="body_incomplete")


def key_invalid() -> Refusal:
    return Refusal(401, "Invalid or revoked API key", code="api_key_invalid")


def scope_missing(named: str, sufficient: Iterable[str]) -> Refusal:
    """The API contract names one scope in the sentence; `sufficient` are all that will do, the lowest first."""
    detail = f"API key requires '{named}' scope"
    return Refusal(403, detail, code="insufficient_scope", sufficient_scopes=list(sufficient))


_STATUSES: dict[Reason, int] = {"refused": 400, "not_found": 404, "invalid": 422, "conflict": 409}


def refusal_for(rejection: Rejection) -> Refusal:
    """The refusal of a command, of which a read may make use, too."""
    sentence, code = rejection.sentence(), code_of(rejection)
    if rejection.reason == "invalid":
        wrong = invalid(rejection.field, sentence)
        return Refusal(wrong.status, wrong.detail, wrong.errors, code=code)
    return Refusal(_STATUSES[rejection.reason], sentence, code=code)


def code_of(rejection: Rejection) -> str:
    """The name of the rejection's class; of a definition, its kind stands for the word: `badge_not_found`."""
    name = _snake_case(type(rejection).__name__)
    if isinstance(rejection, DefinitionNotFound | DefinitionInactive):
        return name.replace("definition", rejection.kind)
    return name


@cache
def _snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def invalid_value(error: msgspec.ValidationError) -> Refusal:
    """msgspec's complaint as a 422 in our words."""
    return invalid_fields([problem_of(error)])
