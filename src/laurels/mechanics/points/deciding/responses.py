"""The responses of successful commands of points."""

from datetime import datetime

from msgspec import UNSET, Struct, UnsetType

from laurels.kernel.facts import Entry
from laurels.kernel.responses import Answer, AnyEffects, AnyRise
from laurels.mechanics.points.purse.model import PointsAwarded, PointsDeducted


class PointsEffect(Struct, frozen=True, kw_only=True):
    """Points that were awarded or deducted. `expires_at` is present if the points expire at another time than
    requested."""

    transaction_id: str
    """The id of the transaction."""
    amount: int
    """The points; negative for points taken."""
    new_balance: int
    """The balance afterwards."""
    reason: str | None
    """The reason shown in the transaction history; null for none."""
    due_to: str | None
    """The code of the rule or challenge behind it; null for other causes."""
    expires_at: datetime | UnsetType = UNSET
    """The expiry of the points; present only with `requested_expires_at`."""
    requested_expires_at: datetime | UnsetType = UNSET
    """The requested expiry, if the points expire at another time."""


class PointsAwardedAnswer(Answer, frozen=True, kw_only=True):
    """The award. `amount` is the credited amount. If it differs from the requested amount, `base_amount` is the
    requested one, and `multiplier` and `capped_by` show the reasons. If the participant's points already have too many
    different expiry times, the points expire at the end of the requested day, at `expires_at`, and
    `requested_expires_at` is the requested time."""

    transaction_id: str
    """The id of the transaction."""
    participant_id: str
    amount: int
    """The points that were credited."""
    base_amount: int | UnsetType = UNSET
    """The requested amount, if another amount was credited."""
    multiplier: int | float | UnsetType = UNSET
    """The multiplier that applied, if there was one."""
    capped_by: list[str] | UnsetType = UNSET
    """The codes of the earning caps that reduced the award, if there were any."""
    new_balance: int
    """The balance afterwards."""
    expires_at: datetime | UnsetType = UNSET
    """The expiry of the points; left out if they never expire."""
    requested_expires_at: datetime | UnsetType = UNSET
    """The requested expiry, if the points expire at another time."""
    tier_upgrade: AnyRise | None
    """The tier that the award reached; null for none."""
    effects: AnyEffects | UnsetType = UNSET


class PointsDeductedAnswer(Answer, frozen=True, kw_only=True):
    """The points that were deducted."""

    transaction_id: str
    """The id of the transaction."""
    participant_id: str
    amount: int
    """The points that were deducted."""
    new_balance: int
    """The balance afterwards."""
    effects: AnyEffects | UnsetType = UNSET


class PointsReversedAnswer(Answer, frozen=True, kw_only=True):
    """The reversal. `left` is the number of points of the transaction that can still be reversed."""

    transaction_id: str
    """The id of the reversal, which is a transaction too."""
    reversed_transaction_id: str
    """The id of the transaction that was reversed."""
    participant_id: str
    amount: int
    """The points that were reversed."""
    left: int
    """The points of the transaction that can still be reversed."""
    new_balance: int
    """The balance afterwards."""
    effects: AnyEffects | UnsetType = UNSET


class PointsHeldAnswer(Answer, frozen=True, kw_only=True):
    """The points that were set aside."""

    hold_id: str
    """The id of the hold."""
    participant_id: str
    amount: int
    """The points that were set aside."""
    new_balance: int
    """The balance afterwards."""
    expires_at: datetime
    """The time when the hold releases the points by itself."""
    effects: AnyEffects | UnsetType = UNSET


class HoldCapturedAnswer(Answer, frozen=True, kw_only=True):
    """The points that were spent from a hold."""

    transaction_id: str
    """The id of the transaction."""
    hold_id: str
    """The id of the hold."""
    participant_id: str
    amount: int
    """The points that were spent."""
    released_amount: int
    """The points of the hold that returned to the balance."""
    new_balance: int
    """The balance afterwards."""
    effects: AnyEffects | UnsetType = UNSET


class HoldReleasedAnswer(Answer, frozen=True, kw_only=True):
    """The points that returned to the balance."""

    hold_id: str
    """The id of the hold."""
    participant_id: str
    amount: int
    """The points that returned to the balance."""
    new_balance: int
    """The balance afterwards."""
    effects: AnyEffects | UnsetType = UNSET


class SettledAnswer(Answer, frozen=True, kw_only=True):
    effects: AnyEffects | UnsetType = UNSET


def points_effect(entry: Entry, fact: PointsAwarded | PointsDeducted, due_to: str | None) -> PointsEffect:
    requested = fact.requested_expires_at if isinstance(fact, PointsAwarded) else None
    return PointsEffect(
        transaction_id=entry.id,
        amount=fact.amount if isinstance(fact, PointsAwarded) else -fact.amount,
        new_balance=fact.balance_after,
        reason=fact.reason,
        due_to=due_to,
        expires_at=fact.lots[0].expires_at if requested else UNSET,
        requested_expires_at=requested or UNSET,
    )
