"""Why a command is refused. Codes with their fields; the HTTP table turns each into a status and a sentence."""

from typing import Literal

from msgspec import Struct

DefinitionKind = Literal["tier", "badge", "streak", "leaderboard", "rule", "challenge"]


class Rejection(Struct, frozen=True):
    """A command that the rules do not allow. It changes nothing and creates nobody."""


class InsufficientPoints(Rejection, frozen=True):
    available: int
    requested: int


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
    """Completed before, or its time has run out, and it cannot be repeated."""

    code: str
    is_completed: bool


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


class IdempotencyKeyReused(Rejection, frozen=True):
    """The key was first used with another command of the same participant and operation."""
