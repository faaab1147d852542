"""What a caller can ask for. A command is valid in form; whether the rules allow it, `decide` says."""

from datetime import datetime
from typing import Any, ClassVar

from msgspec import UNSET, Struct, UnsetType


class Actor(Struct, frozen=True, kw_only=True):
    """Who administers: a key, or something without one."""

    name: str
    key_id: str | None = None
    request_id: str | None = None


class Command(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What every command has. `operation` names its kind in the journal's and the keys' records. `actor` is who asked
    for what only administrators may. A command `is_activity` of the participant if a caller reports what somebody did;
    what an administrator does is none. One that `is_from_file` may be older than now where it has no time.

    Keys remember a fingerprint of the encoded command: a field that is added needs a default, which is not encoded, so
    that a retry is the same command before and after an upgrade.
    """

    operation: ClassVar[str]
    is_activity: ClassVar[bool] = True

    project_id: int
    participant_id: str
    idempotency_key: str | None = None
    actor: Actor | None = None
    is_from_file: bool = False


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


class ClaimReward(Command, frozen=True, kw_only=True):
    """`reward` is the reward's id or code."""

    operation: ClassVar[str] = "claim_reward"

    reward: str
    deducts_points: bool = False


class FulfilClaim(Command, frozen=True, kw_only=True):
    operation: ClassVar[str] = "fulfil_claim"
    is_activity: ClassVar[bool] = False

    claim_id: str
    reason: str | None = None


class CancelClaim(Command, frozen=True, kw_only=True):
    """`returns_points`: what the claim cost; `returns_item`: its code or piece of stock, for others to claim."""

    operation: ClassVar[str] = "cancel_claim"
    is_activity: ClassVar[bool] = False

    claim_id: str
    returns_points: bool = True
    returns_item: bool = True
    reason: str | None = None


class AssignTier(Command, frozen=True, kw_only=True):
    operation: ClassVar[str] = "assign_tier"

    tier_code: str
    reason: str | None = None


class AwardBadge(Command, frozen=True, kw_only=True):
    operation: ClassVar[str] = "award_badge"

    badge_code: str
    metadata: dict[str, Any] | None = None


class RevokeBadge(Command, frozen=True, kw_only=True):
    operation: ClassVar[str] = "revoke_badge"
    is_activity: ClassVar[bool] = False

    badge_code: str
    reason: str | None = None


class JudgeAnew(Command, frozen=True, kw_only=True):
    """After tiers or the criteria of badges have changed: gives the participant those of `definition_ids` that were
    reached before. `silent` marks the facts, so that nobody is congratulated."""

    operation: ClassVar[str] = "judge_anew"
    is_activity: ClassVar[bool] = False

    definition_ids: tuple[str, ...]
    silent: bool


class RecordStreak(Command, frozen=True, kw_only=True):
    operation: ClassVar[str] = "record_streak"

    streak_code: str
    occurred_at: datetime | None = None


class RecordEvent(Command, frozen=True, kw_only=True):
    operation: ClassVar[str] = "record_event"

    event_name: str
    properties: dict[str, Any] = {}
    occurred_at: datetime | None = None


class JoinChallenge(Command, frozen=True, kw_only=True):
    operation: ClassVar[str] = "join_challenge"

    challenge_code: str


class LeaveChallenge(Command, frozen=True, kw_only=True):
    operation: ClassVar[str] = "leave_challenge"

    challenge_code: str


class SaveProfile(Command, frozen=True, kw_only=True):
    """Register a participant (`create`) or change a known one. What is UNSET stays; attributes are merged."""

    operation: ClassVar[str] = "save_profile"

    create: bool
    display_name: str | UnsetType | None = UNSET
    avatar_url: str | UnsetType | None = UNSET
    attributes: dict[str, Any] | UnsetType = UNSET
