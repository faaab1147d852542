"""Points: what successful commands respond."""

from datetime import datetime

from msgspec import UNSET, Struct, UnsetType

from laurels.kernel.facts import Entry
from laurels.kernel.responses import Answer, AnyEffects, AnyRise
from laurels.mechanics.points.purse.model import PointsAwarded, PointsDeducted


class PointsEffect(Struct, frozen=True, kw_only=True):
    """`amount` is negative for points taken. `due_to` is the code of the rule or challenge. When the points expire is
    there if that is not what was asked for."""

    transaction_id: str
    amount: int
    new_balance: int
    reason: str | None
    due_to: str | None
    expires_at: datetime | UnsetType = UNSET
    requested_expires_at: datetime | UnsetType = UNSET


class PointsAwardedAnswer(Answer, frozen=True, kw_only=True):
    """`amount` is what was credited. `base_amount` is there when that is not what was asked for, with the multiplier
    that ran and the codes of the earning caps that reduced it. `requested_expires_at` is there when the points expire
    at the end of that day, at `expires_at`, as the participant's points expire at too many different times already."""

    transaction_id: str
    participant_id: str
    amount: int
    base_amount: int | UnsetType = UNSET
    multiplier: int | float | UnsetType = UNSET
    capped_by: list[str] | UnsetType = UNSET
    new_balance: int
    expires_at: datetime | UnsetType = UNSET
    requested_expires_at: datetime | UnsetType = UNSET
    tier_upgrade: AnyRise | None
    effects: AnyEffects | UnsetType = UNSET


class PointsDeductedAnswer(Answer, frozen=True, kw_only=True):
    transaction_id: str
    participant_id: str
    amount: int
    new_balance: int
    effects: AnyEffects | UnsetType = UNSET


class PointsReversedAnswer(Answer, frozen=True, kw_only=True):
    """`left` is what of the transaction can still be reversed."""

    transaction_id: str
    reversed_transaction_id: str
    participant_id: str
    amount: int
    left: int
    new_balance: int
    effects: AnyEffects | UnsetType = UNSET


class PointsHeldAnswer(Answer, frozen=True, kw_only=True):
    hold_id: str
    participant_id: str
    amount: int
    new_balance: int
    expires_at: datetime
    effects: AnyEffects | UnsetType = UNSET


class HoldCapturedAnswer(Answer, frozen=True, kw_only=True):
    transaction_id: str
    hold_id: str
    participant_id: str
    amount: int
    released_amount: int
    new_balance: int
    effects: AnyEffects | UnsetType = UNSET


class HoldReleasedAnswer(Answer, frozen=True, kw_only=True):
    hold_id: str
    participant_id: str
    amount: int
    new_balance: int
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
