"""Points: commands, and why they are refused."""

from datetime import datetime
from typing import Any, ClassVar

from laurels.kernel.commands import Command
from laurels.kernel.rejections import Reason, Rejection

_HOLD_ENDS = {"captured": "been captured", "released": "been released", "expired": "expired"}
_NEVER_REVERSIBLE = "Only awards, deducts and captures of holds can be reversed"
_NOT_REVERSIBLE = {
    "reward_claimed": "Points spent on a reward are given back by cancelling the claim",
    "nothing": "The transaction moved no points; there is nothing to reverse",
    "points_held": "Held points are given back by releasing the hold",
}


class AwardPoints(Command, frozen=True, kw_only=True):
    operation: ClassVar[str] = "award_points"

    amount: int
    reason: str | None = None
    metadata: dict[str, Any] | None = None
    occurred_at: datetime | None = None
    expires_at: datetime | None = None
    expires_in_days: int | None = None

    @property
    def reported_at(self) -> datetime | None:
        return self.occurred_at


class DeductPoints(Command, frozen=True, kw_only=True):
    operation: ClassVar[str] = "deduct_points"

    amount: int
    reason: str | None = None
    metadata: dict[str, Any] | None = None
    occurred_at: datetime | None = None

    @property
    def reported_at(self) -> datetime | None:
        return self.occurred_at


class ReversePoints(Command, frozen=True, kw_only=True):
    """Without an amount, all that is left of the transaction."""

    operation: ClassVar[str] = "reverse_points"
    gives_back: ClassVar[bool] = True

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
    gives_back: ClassVar[bool] = True

    hold_id: str
    amount: int | None = None
    reason: str | None = None
    metadata: dict[str, Any] | None = None


class ReleaseHold(Command, frozen=True, kw_only=True):
    operation: ClassVar[str] = "release_hold"
    gives_back: ClassVar[bool] = True

    hold_id: str
    reason: str | None = None
    metadata: dict[str, Any] | None = None


EXPIRED_AT_ONCE = 250
"""The most lots, holds and multipliers whose end one command tells."""


class SettleExpiries(Command, frozen=True, kw_only=True):
    """Not asked for by callers: what of the participant's has expired does, `most` of it."""

    operation: ClassVar[str] = "settle_expiries"
    is_activity: ClassVar[bool] = False
    is_of_time: ClassVar[bool] = True

    most: int = EXPIRED_AT_ONCE


class InsufficientPoints(Rejection, frozen=True):
    available: int
    requested: int

    def sentence(self) -> str:
        return f"Insufficient points. Available: {self.available}, requested: {self.requested}"


class ExpiryPassed(Rejection, frozen=True):
    """Points, or a hold of points, that would end before they begin."""

    reason: ClassVar[Reason] = "invalid"
    field: ClassVar[str] = "expires_at"

    def sentence(self) -> str:
        return "must lie in the future"


class TooManyExpiries(Rejection, frozen=True):
    """The participant's points would expire at more different times than `limit`."""

    limit: int

    def sentence(self) -> str:
        return (
            f"The participant's points expire at {self.limit} different times already, the most that are kept; "
            "spend some of them, or award points that do not expire"
        )


class TransactionNotFound(Rejection, frozen=True):
    reason: ClassVar[Reason] = "not_found"

    transaction_id: str

    def sentence(self) -> str:
        return f"Transaction not found: {self.transaction_id}"


class NotReversible(Rejection, frozen=True):
    """A transaction that has a way of its own to be undone, or none. `kind` is the fact's, or `nothing` for an award
    that a cap left nothing of."""

    kind: str

    def sentence(self) -> str:
        return _NOT_REVERSIBLE.get(self.kind, _NEVER_REVERSIBLE)


class ReversalTooLarge(Rejection, frozen=True):
    """More than is left of the transaction to reverse."""

    left: int
    requested: int

    def sentence(self) -> str:
        if self.left:
            return f"Of this transaction {self.left} points can still be reversed, requested: {self.requested}"
        return "The transaction has been reversed already"


class SpentAlready(Rejection, frozen=True):
    """Of the points of an award not enough are there any more."""

    available: int
    requested: int

    def sentence(self) -> str:
        return f"Points of this award have been spent. Left to reverse: {self.available}, requested: {self.requested}"


class HoldNotFound(Rejection, frozen=True):
    reason: ClassVar[Reason] = "not_found"

    hold_id: str

    def sentence(self) -> str:
        return f"Hold not found: {self.hold_id}"


class TooManyHolds(Rejection, frozen=True):
    """Open ones of the participant."""

    limit: int

    def sentence(self) -> str:
        return (
            f"The participant has {self.limit} open holds, the most that there can be; capture or release some of them"
        )


class HoldClosed(Rejection, frozen=True):
    """`status`: captured, released or expired."""

    status: str

    def sentence(self) -> str:
        return f"The hold has {_HOLD_ENDS[self.status]} already"


class CaptureTooLarge(Rejection, frozen=True):
    held: int
    requested: int

    def sentence(self) -> str:
        return f"The hold has fewer points. Held: {self.held}, requested: {self.requested}"


class PointsLimitPassed(Rejection, frozen=True):
    """An award would take the balance or the total earned past `POINTS_LIMIT`."""

    limit: int

    def sentence(self) -> str:
        return f"The award would take the participant's points past {self.limit}, the most that is kept exactly"
