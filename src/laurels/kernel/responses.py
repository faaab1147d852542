"""What a successful command answers, in the contract's field names.

`effects` is there when a command brought about more than itself, with events always.

An answer is encoded once; the caller, and every later caller with the same idempotency key, gets those very bytes.
"""

from datetime import datetime

from msgspec import UNSET, Struct, UnsetType


class Answer(Struct, frozen=True, kw_only=True):
    pass


class TierUpgrade(Struct, frozen=True, kw_only=True):
    """The tier just reached and the one before it, if any."""

    code: str
    name: str
    level: int
    previous_code: str | None
    previous_level: int | None


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


class BadgeEffect(Struct, frozen=True, kw_only=True):
    badge_code: str
    badge_name: str
    icon: str | None
    rarity: str
    due_to: str | None


class StreakEffect(Struct, frozen=True, kw_only=True):
    streak_code: str
    streak_name: str
    new_count: int
    due_to: str | None


class ChallengeEffect(Struct, frozen=True, kw_only=True):
    """A challenge that the event moved: where it stands afterwards, and what was reached on the way. `completed` counts
    the completions by this event."""

    challenge_code: str
    challenge_name: str
    percent: int
    joined: bool
    completed: int
    milestones: list[int]


class RewardEffect(Struct, frozen=True, kw_only=True):
    claim_id: str
    reward_code: str
    reward_name: str
    reward_type: str
    code_value: str | None
    due_to: str | None


class Effects(Struct, frozen=True, kw_only=True):
    """All that a command brought about beyond itself, in the order in which it happened."""

    points: list[PointsEffect]
    tier_upgrade: TierUpgrade | None
    streaks: list[StreakEffect]
    challenges: list[ChallengeEffect]
    badges: list[BadgeEffect]
    rewards: list[RewardEffect]


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
    tier_upgrade: TierUpgrade | None
    effects: Effects | UnsetType = UNSET


class PointsDeductedAnswer(Answer, frozen=True, kw_only=True):
    transaction_id: str
    participant_id: str
    amount: int
    new_balance: int
    effects: Effects | UnsetType = UNSET


class PointsReversedAnswer(Answer, frozen=True, kw_only=True):
    """`left` is what of the transaction can still be reversed."""

    transaction_id: str
    reversed_transaction_id: str
    participant_id: str
    amount: int
    left: int
    new_balance: int
    effects: Effects | UnsetType = UNSET


class PointsHeldAnswer(Answer, frozen=True, kw_only=True):
    hold_id: str
    participant_id: str
    amount: int
    new_balance: int
    expires_at: datetime
    effects: Effects | UnsetType = UNSET


class HoldCapturedAnswer(Answer, frozen=True, kw_only=True):
    transaction_id: str
    hold_id: str
    participant_id: str
    amount: int
    released_amount: int
    new_balance: int
    effects: Effects | UnsetType = UNSET


class HoldReleasedAnswer(Answer, frozen=True, kw_only=True):
    hold_id: str
    participant_id: str
    amount: int
    new_balance: int
    effects: Effects | UnsetType = UNSET


class SettledAnswer(Answer, frozen=True, kw_only=True):
    effects: Effects | UnsetType = UNSET


class RewardClaimedAnswer(Answer, frozen=True, kw_only=True):
    claim_id: str
    participant_id: str
    reward_name: str
    reward_type: str
    code_value: str | None
    points_deducted: int
    new_balance: int
    effects: Effects | UnsetType = UNSET


class ClaimFulfilledAnswer(Answer, frozen=True, kw_only=True):
    claim_id: str
    participant_id: str
    reward_name: str
    status: str
    fulfilled_at: datetime


class ClaimCancelledAnswer(Answer, frozen=True, kw_only=True):
    claim_id: str
    participant_id: str
    reward_name: str
    status: str
    points_returned: int
    item_returned: bool
    new_balance: int
    cancelled_at: datetime
    effects: Effects | UnsetType = UNSET


class TierAssignedAnswer(Answer, frozen=True, kw_only=True):
    participant_id: str
    tier_code: str
    tier_name: str
    level: int
    previous_code: str | None
    previous_level: int | None
    assigned_at: datetime
    effects: Effects | UnsetType = UNSET


class BadgeAwardedAnswer(Answer, frozen=True, kw_only=True):
    participant_id: str
    badge_code: str
    badge_name: str
    icon: str | None
    rarity: str
    earned_at: datetime
    already_earned: bool
    effects: Effects | UnsetType = UNSET


class BadgeRevokedAnswer(Answer, frozen=True, kw_only=True):
    participant_id: str
    badge_code: str
    badge_name: str
    earned_at: datetime
    revoked_at: datetime
    effects: Effects | UnsetType = UNSET


class StreakRecordedAnswer(Answer, frozen=True, kw_only=True):
    streak_code: str
    new_count: int
    longest_count: int
    is_new_record: bool
    already_recorded: bool
    effects: Effects | UnsetType = UNSET


class EventRecordedAnswer(Answer, frozen=True, kw_only=True):
    event_id: str
    fact_id: str
    status: str
    effects: Effects


class ChallengeJoinedAnswer(Answer, frozen=True, kw_only=True):
    """`ends_at` is when the run ends, null if it has no end. `already_joined` if it was running before."""

    participant_id: str
    challenge_code: str
    challenge_name: str
    joined_at: datetime
    ends_at: datetime | None
    already_joined: bool


class ChallengeLeftAnswer(Answer, frozen=True, kw_only=True):
    participant_id: str
    challenge_code: str
    challenge_name: str
    left_at: datetime


class ProfileSavedAnswer(Answer, frozen=True, kw_only=True):
    created: bool


AnswerWithEffects = (
    PointsAwardedAnswer
    | PointsDeductedAnswer
    | PointsReversedAnswer
    | PointsHeldAnswer
    | HoldCapturedAnswer
    | HoldReleasedAnswer
    | SettledAnswer
    | RewardClaimedAnswer
    | ClaimCancelledAnswer
    | TierAssignedAnswer
    | BadgeAwardedAnswer
    | BadgeRevokedAnswer
    | StreakRecordedAnswer
)


class JudgedAnswer(Answer, frozen=True, kw_only=True):
    """Nobody asks for it over the API: what it brought, the facts tell."""

    participant_id: str
