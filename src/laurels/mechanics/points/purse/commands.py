"""The commands of points, and their rejections."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from laurels.kernel.commands import Command
from laurels.kernel.rejections import Reason, Rejection

_HOLD_ENDS = {"captured": "been captured", "released": "been released", "expired": "expired"}
_NEVER_REVERSIBLE = "Only awards, deducts and captures of holds can be reversed"
_NOT_REVERSIBLE = {
    "reward_claimed": "Cancel the claim to return points spent on a reward",
    "nothing": "The transaction moved no points; there is nothing to reverse",
    "points_held": "Release the hold to return held points",
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

    @property
    def named(self) -> Mapping[str, str | int | None]:
        return {"amount": self.amount}


class DeductPoints(Command, frozen=True, kw_only=True):
    operation: ClassVar[str] = "deduct_points"

    amount: int
    reason: str | None = None
    metadata: dict[str, Any] | None = None
    occurred_at: datetime | None = None

    @property
    def reported_at(self) -> datetime | None:
        return self.occurred_at

    @property
    def named(self) -> Mapping[str, str | int | None]:
        return {"amount": self.amount}


class ReversePoints(Command, frozen=True, kw_only=True):
    """Reverses a transaction. Without an amount, everything that has not been reversed yet."""

    operation: ClassVar[str] = "reverse_points"
    gives_back: ClassVar[bool] = True

    transaction_id: str
    amount: int | None = None
    reason: str | None = None
    metadata: dict[str, Any] | None = None

    @property
    def named(self) -> Mapping[str, str | int | None]:
        return {"transaction_id": self.transaction_id, "amount": self.amount}


class HoldPoints(Command, frozen=True, kw_only=True):
    """Sets points aside until `expires_at`, or for `expires_in_minutes`."""

    operation: ClassVar[str] = "hold_points"

    amount: int
    expires_at: datetime | None = None
    expires_in_minutes: int = 60
    reason: str | None = None
    metadata: dict[str, Any] | None = None

    @property
    def named(self) -> Mapping[str, str | int | None]:
        return {"amount": self.amount}


class CaptureHold(Command, frozen=True, kw_only=True):
    """Spends held points. Without an amount, all points of the hold."""

    operation: ClassVar[str] = "capture_hold"
    gives_back: ClassVar[bool] = True

    hold_id: str
    amount: int | None = None
    reason: str | None = None
    metadata: dict[str, Any] | None = None

    @property
    def named(self) -> Mapping[str, str | int | None]:
        return {"hold_id": self.hold_id}


class ReleaseHold(Command, frozen=True, kw_only=True):
    operation: ClassVar[str] = "release_hold"
    gives_back: ClassVar[bool] = True

    hold_id: str
    reason: str | None = None
    metadata: dict[str, Any] | None = None

    @property
    def named(self) -> Mapping[str, str | int | None]:
        return {"hold_id": self.hold_id}


EXPIRED_AT_ONCE = 250
"""The most ends of lots, holds and multipliers that one command records."""


class SettleExpiries(Command, frozen=True, kw_only=True):
    """Records up to `most` due ends of the participant's lots, holds and multipliers. The server itself sends it."""

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
    """Points, or a hold, with an expiry in the past."""

    reason: ClassVar[Reason] = "invalid"
    field: ClassVar[str] = "expires_at"

    def sentence(self) -> str:
        return "must lie in the future"


class TooManyExpiries(Rejection, frozen=True):
    """The participant's points would have more different expiry times than `limit`."""

    limit: int

    def sentence(self) -> str:
        return (
            f"The participant's points already have {self.limit} different expiry times, which is the limit; "
            "spend some of these points, or award points that do not expire"
        )


class TransactionNotFound(Rejection, frozen=True):
    reason: ClassVar[Reason] = "not_found"

    transaction_id: str

    def sentence(self) -> str:
        return f"Transaction not found: {self.transaction_id}"


class NotReversible(Rejection, frozen=True):
    """A transaction that cannot be reversed, or only by another operation. `kind` is the kind of its fact, or `nothing`
    for an award that a cap reduced to 0."""

    kind: str

    def sentence(self) -> str:
        return _NOT_REVERSIBLE.get(self.kind, _NEVER_REVERSIBLE)


class ReversalTooLarge(Rejection, frozen=True):
    """A reversal of more points than the transaction has left to reverse."""

    left: int
    requested: int

    def sentence(self) -> str:
        if self.left:
            points = "1 point" if self.left == 1 else f"{self.left} points"
            return f"{points} of this transaction can still be reversed, requested: {self.requested}"
        return "The transaction has been reversed already"


class SpentAlready(Rejection, frozen=True):
    """A reversal of more points than are left of an award, since some have been spent."""

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
    """The participant already has the most open holds."""

    limit: int

    def sentence(self) -> str:
        return f"The participant has {self.limit} open holds, which is the limit; capture or release some of them"


class HoldClosed(Rejection, frozen=True):
    """A capture or release of a hold that has ended. `status` is captured, released or expired."""

    status: str

    def sentence(self) -> str:
        return f"The hold has {_HOLD_ENDS[self.status]} already"


class CaptureTooLarge(Rejection, frozen=True):
    held: int
    requested: int

    def sentence(self) -> str:
        return f"The hold has fewer points. Held: {self.held}, requested: {self.requested}"


class PointsLimitPassed(Rejection, frozen=True):
    """An award that would raise the balance or the total earned above `POINTS_LIMIT`."""

    limit: int

    def sentence(self) -> str:
        return f"The award would raise the participant's points above {self.limit}, the largest number allowed"
