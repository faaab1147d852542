"""What a successful command answers, in the contract's field names.

An answer is encoded once; the caller, and every later caller with the same idempotency key, gets those very bytes.
"""

from datetime import datetime

from msgspec import Struct


class Answer(Struct, frozen=True, kw_only=True):
    pass


class TierUpgrade(Struct, frozen=True, kw_only=True):
    """The tier just reached and the one before it, if any."""

    code: str
    name: str
    level: int
    previous_code: str | None
    previous_level: int | None


class PointsAwardedAnswer(Answer, frozen=True, kw_only=True):
    transaction_id: str
    participant_id: str
    amount: int
    new_balance: int
    tier_upgrade: TierUpgrade | None


class PointsDeductedAnswer(Answer, frozen=True, kw_only=True):
    transaction_id: str
    participant_id: str
    amount: int
    new_balance: int


class TierAssignedAnswer(Answer, frozen=True, kw_only=True):
    participant_id: str
    tier_code: str
    tier_name: str
    level: int
    previous_code: str | None
    previous_level: int | None
    assigned_at: datetime


class BadgeAwardedAnswer(Answer, frozen=True, kw_only=True):
    participant_id: str
    badge_code: str
    badge_name: str
    icon: str | None
    rarity: str
    earned_at: datetime
    already_earned: bool


class BadgeRevokedAnswer(Answer, frozen=True, kw_only=True):
    participant_id: str
    badge_code: str
    badge_name: str
    earned_at: datetime
    revoked_at: datetime


class StreakRecordedAnswer(Answer, frozen=True, kw_only=True):
    streak_code: str
    new_count: int
    longest_count: int
    is_new_record: bool
    already_recorded: bool


class EventRecordedAnswer(Answer, frozen=True, kw_only=True):
    event_id: str
    fact_id: str
    status: str


class ProfileSavedAnswer(Answer, frozen=True, kw_only=True):
    created: bool
