"""Why a command is refused. Codes with their fields; the HTTP table turns each into a status and a sentence."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

DefinitionKind = Literal["tier", "badge", "streak", "leaderboard", "rule", "challenge", "reward", "earning_cap"]


class Rejection(Struct, frozen=True):
    """A command that the rules do not allow. It changes nothing and creates nobody."""


class InsufficientPoints(Rejection, frozen=True):
    available: int
    requested: int


class ExpiryPassed(Rejection, frozen=True):
    """Points, or a hold of points, that would end before they begin."""


class TooManyExpiries(Rejection, frozen=True):
    """The participant's points would expire at more different times than `limit`."""

    limit: int


class TransactionNotFound(Rejection, frozen=True):
    transaction_id: str


class NotReversible(Rejection, frozen=True):
    """A transaction that has a way of its own to be undone, or none. `kind` is the fact's, or `nothing` for an award
    that a cap left nothing of."""

    kind: str


class ReversalTooLarge(Rejection, frozen=True):
    """More than is left of the transaction to reverse."""

    left: int
    requested: int


class SpentAlready(Rejection, frozen=True):
    """Of the points of an award not enough are there any more."""

    available: int
    requested: int


class HoldNotFound(Rejection, frozen=True):
    hold_id: str


class TooManyHolds(Rejection, frozen=True):
    """Open ones of the participant."""

    limit: int


class HoldClosed(Rejection, frozen=True):
    """`status`: captured, released or expired."""

    status: str


class CaptureTooLarge(Rejection, frozen=True):
    held: int
    requested: int


class RewardNotOpen(Rejection, frozen=True):
    """Before the reward's `starts_at`, or from its `ends_at` on."""

    code: str
    has_ended: bool


class TierRequired(Rejection, frozen=True):
    tier_code: str


class BadgesRequired(Rejection, frozen=True):
    """`badge_codes` are those that the participant lacks."""

    badge_codes: list[str]


class ClaimLimitReached(Rejection, frozen=True):
    limit: int


class TooManyClaims(Rejection, frozen=True):
    """Of the participant, of all rewards together; cancelled ones do not count."""

    limit: int


class TooManyMultipliers(Rejection, frozen=True):
    """Running ones of the participant."""

    limit: int


class SoldOut(Rejection, frozen=True):
    """Nothing is left of the reward's inventory."""

    code: str


class NoRewardCodes(Rejection, frozen=True):
    """The reward's pool has no code left."""

    code: str


class ClaimNotFound(Rejection, frozen=True):
    claim_id: str


class ClaimClosed(Rejection, frozen=True):
    """`status`: fulfilled or cancelled."""

    status: str


class PointsLimitPassed(Rejection, frozen=True):
    """An award would take the balance or the total earned past `POINTS_LIMIT`."""

    limit: int


class TimestampAhead(Rejection, frozen=True):
    """The command's time lies further ahead of the project's clock than clocks may differ."""

    allowed_minutes: int


class TimestampTooOld(Rejection, frozen=True):
    """Before 1970, when calendars and zones are guesswork."""


class BadgeNotEarned(Rejection, frozen=True):
    code: str


class ChallengeNotOpen(Rejection, frozen=True):
    """The challenge has not begun yet, or is over."""

    code: str
    has_ended: bool


class ChallengeNotJoined(Rejection, frozen=True):
    code: str


class ChallengeDone(Rejection, frozen=True):
    """Completed before, or its time has run out, and it cannot be repeated. `again_at` is when the next period begins
    for which it can be joined."""

    code: str
    is_completed: bool
    again_at: datetime | None = None


class AmountOutOfRange(Rejection, frozen=True):
    """A computed amount that is negative or beyond what one action may move."""

    amount: int
    limit: int


class DefinitionNotFound(Rejection, frozen=True):
    kind: DefinitionKind
    code: str


class DefinitionInactive(Rejection, frozen=True):
    kind: DefinitionKind
    code: str


class AttributesTooLarge(Rejection, frozen=True):
    """The attributes would have more bytes of JSON than are kept."""

    limit_bytes: int


class ParticipantNotFound(Rejection, frozen=True):
    participant_id: str


class ParticipantErased(Rejection, frozen=True):
    """What the command reports was before the person of that id was erased, at `erased_at`."""

    erased_at: datetime


class IdempotencyKeyErased(Rejection, frozen=True):
    """The key was used for a person of that id who has been erased since."""


class IdempotencyKeyReused(Rejection, frozen=True):
    """The key was first used with another command of the same participant and operation."""
