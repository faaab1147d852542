"""What rules, milestones and completed challenges do, always on the event's participant.

An amount is a whole number or a CEL expression over the event. A tag in JSON, `type`, names the action.
"""

from typing import Annotated

from msgspec import Meta, Struct

AMOUNT_LIMIT = 1_000_000

Count = Annotated[int, Meta(ge=1, le=AMOUNT_LIMIT)]
Formula = Annotated[str, Meta(min_length=1, max_length=2_000)]
ExpiryDays = Annotated[int, Meta(ge=1, le=36_500)]
Code = Annotated[str, Meta(min_length=1, max_length=100)]


class Action(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class GivePoints(Action, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="award_points"):
    """`reason` is shown in the transaction history; the rule's or challenge's name if there is none."""

    amount: Count | Formula
    reason: Annotated[str, Meta(max_length=500)] | None = None
    expires_in_days: ExpiryDays | None = None


class TakePoints(Action, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="deduct_points"):
    amount: Count | Formula
    reason: Annotated[str, Meta(max_length=500)] | None = None


class PutInTier(Action, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="assign_tier"):
    tier_code: Code


class ContinueStreak(
    Action, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="record_streak"
):
    streak_code: Code


class AdvanceChallenge(
    Action, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="advance_challenge"
):
    """Adds to an objective that counts or sums, the first one if none is named."""

    challenge_code: Code
    objective_code: Code | None = None
    by: Count | Formula = 1


class GiveBadge(Action, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="award_badge"):
    badge_code: Code


class GrantReward(Action, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="grant_reward"):
    """A claim without a price, within the reward's own limits."""

    reward_code: Code


AnyAction = GivePoints | TakePoints | PutInTier | ContinueStreak | AdvanceChallenge | GiveBadge | GrantReward

ORDER: tuple[type[Action], ...] = (
    GivePoints,
    TakePoints,
    PutInTier,
    ContinueStreak,
    AdvanceChallenge,
    GiveBadge,
    GrantReward,
)
"""Actions of one definition take effect in this order, whatever order they are written in."""


def in_order(actions: tuple[AnyAction, ...]) -> list[AnyAction]:
    return sorted(actions, key=lambda action: ORDER.index(type(action)))


def formulas(actions: tuple[AnyAction, ...]) -> list[str]:
    """The expressions that compute amounts."""
    found = []
    for action in actions:
        amount = getattr(action, "by" if isinstance(action, AdvanceChallenge) else "amount", None)
        if isinstance(amount, str):
            found.append(amount)
    return found
