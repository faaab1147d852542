"""Every refusal: its status and the sentence a developer can act on."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

import msgspec

from laurels.kernel import rejections
from laurels.kernel.input.problems import FieldError, problem_of, sentence
from laurels.kernel.rejections import Rejection
from laurels.mechanics.badges.model import BadgeNotEarned
from laurels.mechanics.challenges.model import ChallengeDone, ChallengeNotJoined, ChallengeNotOpen
from laurels.mechanics.participants.model import AttributesTooLarge
from laurels.mechanics.points.commands import (
    CaptureTooLarge,
    ExpiryPassed,
    HoldClosed,
    HoldNotFound,
    InsufficientPoints,
    NotReversible,
    PointsLimitPassed,
    ReversalTooLarge,
    SpentAlready,
    TooManyExpiries,
    TooManyHolds,
    TransactionNotFound,
)
from laurels.mechanics.rewards.model import (
    BadgesRequired,
    ClaimClosed,
    ClaimLimitReached,
    ClaimNotFound,
    NoRewardCodes,
    RewardNotOpen,
    SoldOut,
    TierRequired,
    TooManyClaims,
    TooManyMultipliers,
)


class ErrorBody(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of every error response. `detail` is for people. `code` is for programs and never changes its meaning;
    docs/errors.md lists the codes. `errors` comes with 422 alone, `sufficient_scopes` with 403 alone: the scopes of a
    key, any of which suffices."""

    detail: str
    code: str
    errors: list[FieldError] = []
    sufficient_scopes: list[str] = []


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


_HOLD_ENDS = {"captured": "been captured", "released": "been released", "expired": "expired"}
_NEVER_REVERSIBLE = "Only awards, deducts and captures of holds can be reversed"
_NOT_REVERSIBLE = {
    "reward_claimed": "Points spent on a reward are given back by cancelling the claim",
    "nothing": "The transaction moved no points; there is nothing to reverse",
    "points_held": "Held points are given back by releasing the hold",
}


class _Said(NamedTuple):
    """What a refused command is told; the code follows from the rejection's name."""

    status: int
    detail: str
    errors: list[FieldError] | None = None


def _wrong(field: str, message: str) -> _Said:
    refusal = invalid(field, message)
    return _Said(422, refusal.detail, refusal.errors)


_REJECTIONS: dict[type[Rejection], Callable[[Any], _Said]] = {
    InsufficientPoints: lambda r: _Said(
        400, f"Insufficient points. Available: {r.available}, requested: {r.requested}"
    ),
    ExpiryPassed: lambda _: _wrong("expires_at", "must lie in the future"),
    TooManyExpiries: lambda r: _Said(
        400,
        f"The participant's points expire at {r.limit} different times already, the most that are kept; "
        "spend some of them, or award points that do not expire",
    ),
    TransactionNotFound: lambda r: _Said(404, f"Transaction not found: {r.transaction_id}"),
    NotReversible: lambda r: _Said(400, _NOT_REVERSIBLE.get(r.kind, _NEVER_REVERSIBLE)),
    ReversalTooLarge: lambda r: _Said(
        400,
        f"Of this transaction {r.left} points can still be reversed, requested: {r.requested}"
        if r.left
        else "The transaction has been reversed already",
    ),
    SpentAlready: lambda r: _Said(
        400, f"Points of this award have been spent. Left to reverse: {r.available}, requested: {r.requested}"
    ),
    HoldNotFound: lambda r: _Said(404, f"Hold not found: {r.hold_id}"),
    TooManyHolds: lambda r: _Said(
        400, f"The participant has {r.limit} open holds, the most that there can be; capture or release some of them"
    ),
    HoldClosed: lambda r: _Said(400, f"The hold has {_HOLD_ENDS[r.status]} already"),
    CaptureTooLarge: lambda r: _Said(400, f"The hold has fewer points. Held: {r.held}, requested: {r.requested}"),
    RewardNotOpen: lambda r: _Said(
        400,
        f"The reward can no longer be claimed: {r.code}"
        if r.has_ended
        else f"The reward cannot be claimed yet: {r.code}",
    ),
    TierRequired: lambda r: _Said(400, f"The reward requires the tier {r.tier_code} or a higher one"),
    BadgesRequired: lambda r: _Said(
        400, f"The reward requires badges that the participant has not earned: {', '.join(r.badge_codes)}"
    ),
    ClaimLimitReached: lambda _: _Said(400, "Maximum claims per participant exceeded"),
    TooManyClaims: lambda r: _Said(
        400, f"The participant has {r.limit} claims, the most that there can be; cancel some of them"
    ),
    TooManyMultipliers: lambda r: _Said(
        400, f"The participant has {r.limit} running multipliers, the most that there can be; wait for one to end"
    ),
    SoldOut: lambda r: _Said(400, f"The reward is sold out: {r.code}"),
    NoRewardCodes: lambda _: _Said(400, "No available reward codes"),
    ClaimNotFound: lambda r: _Said(404, f"Claim not found: {r.claim_id}"),
    ClaimClosed: lambda r: _Said(400, f"The claim is {r.status} already"),
    PointsLimitPassed: lambda r: _Said(
        400, f"The award would take the participant's points past {r.limit}, the most that is kept exactly"
    ),
    rejections.TimestampAhead: lambda r: _wrong(
        "timestamp", f"must not be more than {r.allowed_minutes} minutes ahead of now"
    ),
    rejections.TimestampTooOld: lambda _: _wrong("timestamp", "must not be before 1970"),
    BadgeNotEarned: lambda r: _Said(400, f"The participant has not earned this badge: {r.code}"),
    ChallengeNotOpen: lambda r: _Said(
        400, f"The challenge is over: {r.code}" if r.has_ended else f"The challenge has not begun yet: {r.code}"
    ),
    ChallengeNotJoined: lambda r: _Said(400, f"The participant is not in this challenge: {r.code}"),
    ChallengeDone: lambda r: _Said(400, _challenge_done(r)),
    rejections.DefinitionNotFound: lambda r: _Said(404, f"{_titled(r.kind)} definition not found: {r.code}"),
    rejections.DefinitionInactive: lambda r: _Said(400, f"{_titled(r.kind)} is not active: {r.code}"),
    AttributesTooLarge: lambda r: _wrong(
        "attributes", f"would have more than {r.limit_bytes} bytes of JSON together with those kept already"
    ),
    rejections.ParticipantNotFound: lambda r: _Said(404, f"Participant not found: {r.participant_id}"),
    rejections.ParticipantErased: lambda r: _Said(
        409,
        f"The participant with this id was erased at {_moment(r.erased_at)}: what is dated before that is not recorded",
    ),
    rejections.IdempotencyKeyErased: lambda _: _Said(
        409,
        "This idempotency key was used for a participant who has been erased since; use a new key for a new request",
    ),
    rejections.IdempotencyKeyReused: lambda _: _wrong(
        "idempotency_key", "was first used with a different request; use a new key for a new request"
    ),
}


def _challenge_done(rejection: ChallengeDone) -> str:
    if not rejection.is_completed:
        return f"The participant's time for this challenge has run out, and it cannot be repeated: {rejection.code}"
    completed = "The participant has completed this challenge"
    if rejection.again_at is None:
        return f"{completed}, and it cannot be repeated: {rejection.code}"
    return f"{completed} in this period; it can be joined again from {_moment(rejection.again_at)} on: {rejection.code}"


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _titled(kind: str) -> str:
    return kind.replace("_", " ").capitalize()


def refusal_for(rejection: Rejection) -> Refusal:
    """The refusal of a command, of which a read may make use, too."""
    said = _REJECTIONS[type(rejection)](rejection)
    return Refusal(*said, code=code_of(rejection))


def code_of(rejection: Rejection) -> str:
    """The name of the rejection's class; of a definition, its kind stands for the word: `badge_not_found`."""
    name = _snake_case(type(rejection).__name__)
    if isinstance(rejection, rejections.DefinitionNotFound | rejections.DefinitionInactive):
        return name.replace("definition", rejection.kind)
    return name


@cache
def _snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def invalid_value(error: msgspec.ValidationError) -> Refusal:
    """msgspec's complaint as a 422 in our words."""
    return invalid_fields([problem_of(error)])
