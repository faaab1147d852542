"""Points: commands, and why they are refused."""

from datetime import datetime
from typing import Any, ClassVar

from laurels.kernel.commands import Command
from laurels.kernel.rejections import Rejection


class AwardPoints(Command, frozen=True, kw_only=True):
    operation: ClassVar[str] = "award_points"

    amount: int
    reason: str | None = None
    metadata: dict[str, Any] | None = None
    occurred_at: datetime | None = None
    expires_at: datetime | None = None
    expires_in_days: int | None = None


class DeductPoints(Command, frozen=True, kw_only=True):
    operation: ClassVar[str] = "deduct_points"

    amount: int
    reason: str | None = None
    metadata: dict[str, Any] | None = None
    occurred_at: datetime | None = None


class ReversePoints(Command, frozen=True, kw_only=True):
    """Without an amount, all that is left of the transaction."""

    operation: ClassVar[str] = "reverse_points"

    transaction_id: str
    amount: int | None = None
    reason: str | None = None
    metadata: dict[str, Any] | None = None


class HoldPoints(Command, frozen=True, kw_only=True):
    """Until `expires_at`, or for so many minutes."""

    operation: ClassVar[str] = "hold_points"

    amount: int
    expires_at: datetime | None = None
    expires_in_minutes: int = 60
    reason: str | None = None
    metadata: dict[str, Any] | None = None


class CaptureHold(Command, frozen=True, kw_only=True):
    """Without an amount, all that is held."""

    operation: ClassVar[str] = "capture_hold"

    hold_id: str
    amount: int | None = None
    reason: str | None = None
    metadata: dict[str, Any] | None = None


class ReleaseHold(Command, frozen=True, kw_only=True):
    operation: ClassVar[str] = "release_hold"

    hold_id: str
    reason: str | None = None
    metadata: dict[str, Any] | None = None


EXPIRED_AT_ONCE = 250
"""The most lots, holds and multipliers whose end one command tells."""


class SettleExpiries(Command, frozen=True, kw_only=True):
    """Not asked for by callers: what of the participant's has expired does, `most` of it."""

    operation: ClassVar[str] = "settle_expiries"
    is_activity: ClassVar[bool] = False

    most: int = EXPIRED_AT_ONCE


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


class PointsLimitPassed(Rejection, frozen=True):
    """An award would take the balance or the total earned past `POINTS_LIMIT`."""

    limit: int
