"""The feed events of points."""

from datetime import UTC, datetime
from typing import Any

from laurels.kernel import decimals
from laurels.kernel.deciding.listing import announces
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry
from laurels.kernel.feed import FeedData, FeedType
from laurels.mechanics.points.purse.model import (
    AwardReversed,
    DeductReversed,
    HoldCaptured,
    HoldReleased,
    MultiplierEnded,
    PointsAwarded,
    PointsDeducted,
    PointsExpired,
    PointsHeld,
)

_CLAIM_ID = "0198c0de-1a2b-7c3d-8e4f-5a6b7c8d9e0f"
_HOLD_ID = "0198c0de-2b3c-7d4e-9f50-6b7c8d9e0f1a"
_TRANSACTION_ID = "0198c0de-3c4d-7e5f-a061-7c8d9e0f1a2b"


class PointsMovedData(FeedData, frozen=True, kw_only=True):
    """Points that were moved."""

    amount: int
    """The points."""
    balance_after: int
    """The balance afterwards."""
    reason: str | None = None
    """The reason shown in the transaction history; null for none."""
    metadata: dict[str, Any] | None = None
    """Your own data, as sent with the request; null for none."""


class PointsAwardedData(PointsMovedData, frozen=True, kw_only=True):
    """Points that were awarded."""

    expires_at: datetime | None = None
    """When the points expire; null for never."""
    base_amount: int | None = None
    """The points asked for, if multipliers or earning caps changed the amount; null otherwise."""
    multiplier: int | float | None = None
    """The factor of multipliers; null for none."""


class PointsReversedData(PointsMovedData, frozen=True, kw_only=True):
    """All or a part of a transaction was reversed."""

    transaction_id: str
    """The id of the reversed transaction."""


class HoldData(PointsMovedData, frozen=True, kw_only=True):
    """A hold that changed. `amount` are the points of this change."""

    hold_id: str
    """The id of the hold."""
    expires_at: datetime | None = None
    """When the hold expires; null once it is closed."""


class PointsExpiringData(FeedData, frozen=True, kw_only=True):
    """Points that expire soon."""

    amount: int
    """The points that expire."""
    expires_at: datetime
    """When they expire."""
    balance: int
    """The present balance."""


class MultiplierData(FeedData, frozen=True, kw_only=True):
    """A multiplier of a reward that ended."""

    claim_id: str
    """The id of the claim that brought the multiplier."""


def _awarded(_: Definitions, __: Entry, fact: PointsAwarded) -> PointsAwardedData:
    return PointsAwardedData(
        amount=fact.amount,
        balance_after=fact.balance_after,
        reason=fact.reason,
        metadata=fact.metadata,
        expires_at=fact.lots[0].expires_at if fact.lots else fact.expires_at,
        base_amount=fact.base_amount,
        multiplier=None if fact.multiplier is None else decimals.shown(fact.multiplier),
    )


def _moved(_: Definitions, __: Entry, fact: PointsDeducted | PointsExpired) -> PointsMovedData:
    return PointsMovedData(
        amount=fact.amount, balance_after=fact.balance_after, reason=fact.reason, metadata=fact.metadata
    )


def _reversed(_: Definitions, __: Entry, fact: AwardReversed | DeductReversed) -> PointsReversedData:
    return PointsReversedData(
        amount=fact.amount,
        balance_after=fact.balance_after,
        reason=fact.reason,
        metadata=fact.metadata,
        transaction_id=fact.transaction_id,
    )


def _held(_: Definitions, entry: Entry, fact: PointsHeld) -> HoldData:
    return HoldData(
        amount=fact.amount,
        balance_after=fact.balance_after,
        reason=fact.reason,
        metadata=fact.metadata,
        hold_id=entry.id,
        expires_at=fact.expires_at,
    )


def _closed(_: Definitions, __: Entry, fact: HoldCaptured | HoldReleased) -> HoldData:
    return HoldData(
        amount=fact.amount,
        balance_after=fact.balance_after,
        reason=fact.reason,
        metadata=fact.metadata,
        hold_id=fact.hold_id,
    )


def _multiplier_ended(_: Definitions, __: Entry, fact: MultiplierEnded) -> MultiplierData:
    return MultiplierData(claim_id=fact.claim_id)


def _is_expiry(fact: HoldReleased) -> bool:
    return fact.has_expired


def _is_release(fact: HoldReleased) -> bool:
    return not fact.has_expired


_HOLD = HoldData(amount=80, balance_after=920, hold_id=_HOLD_ID)

EXPIRING = "points.expiring"

FEED = (
    FeedType(
        name=EXPIRING,
        about="Points expire in some days: LAURELS_POINTS_EXPIRING_DAYS.",
        example=PointsExpiringData(amount=40, expires_at=datetime(2026, 3, 8, tzinfo=UTC), balance=1_050),
    ),
    announces(
        "points.awarded",
        PointsAwarded,
        _awarded,
        about="Points were awarded.",
        example=PointsAwardedData(amount=100, balance_after=1_100, reason="Order 1001", metadata={"order_id": "1001"}),
    ),
    announces(
        "points.deducted",
        PointsDeducted,
        _moved,
        about="Points were deducted.",
        example=PointsMovedData(amount=50, balance_after=1_050, reason="Coffee mug"),
    ),
    announces(
        "points.expired",
        PointsExpired,
        _moved,
        about="Points expired.",
        example=PointsMovedData(amount=40, balance_after=1_010),
    ),
    announces(
        "points.award_reversed",
        AwardReversed,
        _reversed,
        about="All or a part of an award was reversed.",
        example=PointsReversedData(amount=100, balance_after=1_000, transaction_id=_TRANSACTION_ID),
    ),
    announces(
        "points.deduction_reversed",
        DeductReversed,
        _reversed,
        about="Deducted points were given back.",
        example=PointsReversedData(amount=50, balance_after=1_050, transaction_id=_TRANSACTION_ID),
    ),
    announces(
        "hold.created",
        PointsHeld,
        _held,
        about="Points were set aside.",
        example=HoldData(
            amount=80, balance_after=920, hold_id=_HOLD_ID, expires_at=datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
        ),
    ),
    announces("hold.captured", HoldCaptured, _closed, about="Points of a hold were spent.", example=_HOLD),
    announces(
        "hold.released",
        HoldReleased,
        _closed,
        about="A request gave points of a hold back to the balance.",
        example=HoldData(amount=80, balance_after=1_000, hold_id=_HOLD_ID),
        applies=_is_release,
    ),
    announces(
        "hold.expired",
        HoldReleased,
        _closed,
        about="A hold expired. Its points are part of the balance again.",
        example=HoldData(amount=80, balance_after=1_000, hold_id=_HOLD_ID),
        applies=_is_expiry,
    ),
    announces(
        "multiplier.ended",
        MultiplierEnded,
        _multiplier_ended,
        about="The multiplier of a reward ended.",
        example=MultiplierData(claim_id=_CLAIM_ID),
    ),
)
