# Generated from the OpenAPI document by `make clients`. Do not edit.
"""The requests and responses as structs. Fields that are missing in a response are None."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from laurels.client.extensible import Extensible


class AdminClaim(Struct, frozen=True, kw_only=True):
    claim_id: str
    reward_id: str
    reward_code: str
    reward_name: str
    reward_type: Extensible[Literal["coupon", "digital", "physical", "points_multiplier", "voucher"]]
    status: Extensible[Literal["cancelled", "claimed", "fulfilled"]]
    code_value: str | None
    points_deducted: int
    claimed_at: datetime
    fulfilled_at: datetime | None
    cancelled_at: datetime | None
    participant_id: str


class AdminClaimsAnswer(Struct, frozen=True, kw_only=True):
    items: list[AdminClaim]
    total: int
    page: int
    page_size: int
    next_cursor: str | None
    """The value of `after` for the next page; null on the last page."""


class AdvanceChallenge(Struct, frozen=True, kw_only=True, tag_field="type", tag="advance_challenge"):
    """Adds to an objective that counts or sums, the first one if none is named."""

    challenge_code: str
    objective_code: str | None = None
    by: int | str = 1


class ApiKey(Struct, frozen=True, kw_only=True):
    """`hint` is the beginning of the key. The key works until `expires_at` or `revoked_at`, whichever comes first.
    `last_used_at` is the time of its last request, accurate to about a minute; null if no use has been recorded.
    """

    id: str
    name: str
    scope: Extensible[Literal["admin", "gamify", "gamify:admin", "operator"]]
    hint: str
    rate_limit: int | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


class ApiKeysAnswer(Struct, frozen=True, kw_only=True):
    items: list[ApiKey]
    total: int


class AssignTierRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    participant_id: str
    """Your application's own id of the user: 1 to 255 characters, no control characters."""
    tier_code: str
    reason: str | None = None
    """Shown in the transaction history."""


class AuditAnswer(Struct, frozen=True, kw_only=True):
    items: list[AuditEntry]
    total: int
    page: int
    page_size: int
    next_cursor: str | None
    """The value of `after` for the next page; null on the last page."""


class AuditEntry(Struct, frozen=True, kw_only=True):
    """`before` and `after` hold the changed fields. `key_id` is null for changes made on the command line or with the
    key in LAURELS_ADMIN_KEY. `object_id` is the id of the changed object; for a participant it is a random id.
    """

    id: str
    at: datetime
    key_id: str | None
    actor: str
    request_id: str | None
    action: Extensible[
        Literal[
            "anonymize",
            "archive",
            "cancel_claim",
            "change",
            "create",
            "delete",
            "fulfil_claim",
            "move_clock",
            "restore",
            "revoke",
            "revoke_badge",
            "revoke_codes",
            "rotate",
            "unarchive",
            "upload_codes",
        ]
    ]
    kind: str
    object_id: str | None
    code: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class AwardBadgeRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    participant_id: str
    """Your application's own id of the user: 1 to 255 characters, no control characters."""
    badge_code: str
    metadata: Mapping[str, Any] | None = None
    """Anything of yours, kept with the fact: at most 65,536 bytes of JSON."""


class AwardBatchAnswer(Struct, frozen=True, kw_only=True):
    processed: int
    failed: int
    results: list[AwardBatchResult]


class AwardBatchRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """1 to 100 awards; each is judged by itself."""

    awards: Sequence[AwardPointsRequest]


class AwardBatchResult(Struct, frozen=True, kw_only=True):
    """One item's outcome: a transaction, or the sentence that says why not, and its code. When the points expire is
    there if that is not what was asked for; `idempotency_differs` names what the first request with this key had
    otherwise.
    """

    participant_id: str | None
    transaction_id: str | None = None
    new_balance: int | None = None
    error: str | None = None
    error_code: str | None = None
    expires_at: datetime | None = None
    requested_expires_at: datetime | None = None
    idempotency_differs: list[str] | None = None


class AwardPointsRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`expires_at` or `expires_in_days`: at the end of the day so many days later, in the participant's time zone."""

    participant_id: str
    """Your application's own id of the user: 1 to 255 characters, no control characters."""
    amount: int
    """Points, a whole number."""
    reason: str | None = None
    """Shown in the transaction history."""
    metadata: Mapping[str, Any] | None = None
    """Anything of yours, kept with the fact: at most 65,536 bytes of JSON."""
    idempotency_key: str | None = None
    """Makes retries safe: the same key never acts twice for this participant and operation."""
    timestamp: datetime | None = None
    """When it happened. RFC 3339; without an offset it is read as UTC."""
    expires_at: datetime | None = None
    """When it ends. RFC 3339; without an offset it is read as UTC."""
    expires_in_days: int | None = None


class BadgeAwardedAnswer(Struct, frozen=True, kw_only=True):
    participant_id: str
    badge_code: str
    badge_name: str
    icon: str | None
    rarity: str
    earned_at: datetime
    already_earned: bool
    effects: Effects | None = None


class BadgeDefinition(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A badge. A hidden one is shown to those alone who have earned it."""

    code: str
    """A short name, unique among the definitions of its kind in the project."""
    is_active: bool | None = True
    display_order: int | None = 0
    name: str
    description: str | None = None
    icon_url: str | None = None
    category: str | None = None
    rarity: str | None = "common"
    is_hidden: bool | None = False
    criteria: str | None = None
    """A CEL expression over participant and now that earns the badge as soon as it holds."""


class BadgeDefinitionAnswer(Struct, frozen=True, kw_only=True):
    """A badge. A hidden one is shown to those alone who have earned it."""

    id: str
    code: str
    """A short name, unique among the definitions of its kind in the project."""
    is_active: bool
    display_order: int
    name: str
    description: str | None
    icon_url: str | None
    category: str | None
    rarity: str
    is_hidden: bool
    criteria: str | None
    """A CEL expression over participant and now that earns the badge as soon as it holds."""
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


class BadgeDefinitionList(Struct, frozen=True, kw_only=True):
    items: list[BadgeDefinitionAnswer]
    total: int
    page: int
    page_size: int
    next_cursor: str | None
    """The value of `after` for the next page; null on the last page."""


class BadgeDefinitionPatch(Struct, frozen=True, kw_only=True, omit_defaults=True):
    is_active: bool | UnsetType = UNSET
    display_order: int | UnsetType = UNSET
    name: str | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    icon_url: str | UnsetType | None = UNSET
    category: str | UnsetType | None = UNSET
    rarity: str | UnsetType = UNSET
    is_hidden: bool | UnsetType = UNSET
    criteria: str | UnsetType | None = UNSET
    """A CEL expression over participant and now that earns the badge as soon as it holds."""


class BadgeEffect(Struct, frozen=True, kw_only=True):
    badge_code: str
    badge_name: str
    icon: str | None
    rarity: str
    due_to: str | None


class BadgeRevokedAnswer(Struct, frozen=True, kw_only=True):
    participant_id: str
    badge_code: str
    badge_name: str
    earned_at: datetime
    revoked_at: datetime
    effects: Effects | None = None


class BadgeSection(Struct, frozen=True, kw_only=True):
    code: str
    name: str
    earned: bool
    earned_at: datetime | None


class BadgeStatus(Struct, frozen=True, kw_only=True):
    code: str
    name: str
    description: str | None
    icon: str | None
    rarity: str
    earned: bool
    earned_at: datetime | None


class BadgesAnswer(Struct, frozen=True, kw_only=True):
    """`total` and `earned_count` count all badges the participant can see, whatever was asked for."""

    participant_id: str
    badges: list[BadgeStatus]
    total: int
    earned_count: int


class BoardAnswer(Struct, frozen=True, kw_only=True):
    """`progress` is there while a new board is being filled from history: 0 to 1."""

    leaderboard_code: str
    period: Extensible[Literal["all_time", "daily", "monthly", "weekly", "yearly"]]
    entries: list[BoardEntry]
    total_participants: int
    period_key: str | None
    resets_at: datetime | None
    progress: float | None = None


class BoardEntry(Struct, frozen=True, kw_only=True):
    """`change` compares with the rank of the last full hour (daily boards) or the last midnight: null beyond rank 1,000
    and for past periods.
    """

    rank: int
    participant_id: str
    score: int | float
    change: Extensible[Literal["down", "new", "same", "up"]] | None
    display_name: str | None = None
    avatar_url: str | None = None


class CancelClaimRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`return_item`: the code or the piece of stock can be claimed again, by anybody."""

    participant_id: str
    """Your application's own id of the user: 1 to 255 characters, no control characters."""
    claim_id: str
    return_points: bool | None = True
    return_item: bool | None = True
    reason: str | None = None
    """Shown in the transaction history."""


class CaptureRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`amount`: all that is held unless given. The rest is released."""

    participant_id: str
    """Your application's own id of the user: 1 to 255 characters, no control characters."""
    reason: str | None = None
    """Shown in the transaction history."""
    metadata: Mapping[str, Any] | None = None
    """Anything of yours, kept with the fact: at most 65,536 bytes of JSON."""
    idempotency_key: str | None = None
    """Makes retries safe: the same key never acts twice for this participant and operation."""
    hold_id: str
    amount: int | None = None
    """Points, a whole number."""


class ChallengeDefinition(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A challenge: objectives, and the actions for completing all of them. With a `period` it can be completed once in
    each day, week or month of the participant's calendar; the last `late_periods` of them take late events.
    """

    code: str
    """A short name, unique among the definitions of its kind in the project."""
    is_active: bool | None = True
    display_order: int | None = 0
    name: str
    description: str | None = None
    icon_url: str | None = None
    join_type: Literal["automatic", "manual"] | None = "automatic"
    is_repeatable: bool | None = False
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    duration_days: int | None = None
    period: Literal["daily", "monthly", "weekly"] | None = None
    late_periods: int | None = None
    objectives: Sequence[ObjectiveDefinition]
    milestones: Sequence[MilestoneDefinition] | None = ()
    actions: (
        Sequence[GivePoints | TakePoints | PutInTier | ContinueStreak | AdvanceChallenge | GiveBadge | GrantReward]
        | None
    ) = ()


class ChallengeDefinitionAnswer(Struct, frozen=True, kw_only=True):
    """A challenge: objectives, and the actions for completing all of them. With a `period` it can be completed once in
    each day, week or month of the participant's calendar; the last `late_periods` of them take late events.
    """

    id: str
    code: str
    """A short name, unique among the definitions of its kind in the project."""
    is_active: bool
    display_order: int
    name: str
    description: str | None
    icon_url: str | None
    join_type: Extensible[Literal["automatic", "manual"]]
    is_repeatable: bool
    starts_at: datetime | None
    ends_at: datetime | None
    duration_days: int | None
    period: Extensible[Literal["daily", "monthly", "weekly"]] | None
    late_periods: int | None
    objectives: list[ObjectiveDefinition]
    milestones: list[MilestoneDefinition]
    actions: list[GivePoints | TakePoints | PutInTier | ContinueStreak | AdvanceChallenge | GiveBadge | GrantReward]
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


class ChallengeDefinitionList(Struct, frozen=True, kw_only=True):
    items: list[ChallengeDefinitionAnswer]
    total: int
    page: int
    page_size: int
    next_cursor: str | None
    """The value of `after` for the next page; null on the last page."""


class ChallengeDefinitionPatch(Struct, frozen=True, kw_only=True, omit_defaults=True):
    is_active: bool | UnsetType = UNSET
    display_order: int | UnsetType = UNSET
    name: str | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    icon_url: str | UnsetType | None = UNSET
    join_type: Literal["automatic", "manual"] | UnsetType = UNSET
    is_repeatable: bool | UnsetType = UNSET
    starts_at: datetime | UnsetType | None = UNSET
    ends_at: datetime | UnsetType | None = UNSET
    duration_days: int | UnsetType | None = UNSET
    late_periods: int | UnsetType | None = UNSET
    objectives: Sequence[ObjectiveDefinition] | UnsetType = UNSET
    milestones: Sequence[MilestoneDefinition] | UnsetType = UNSET
    actions: (
        Sequence[GivePoints | TakePoints | PutInTier | ContinueStreak | AdvanceChallenge | GiveBadge | GrantReward]
        | UnsetType
    ) = UNSET


class ChallengeEffect(Struct, frozen=True, kw_only=True):
    """A challenge that the event moved: where it stands afterwards, and what was reached on the way. `completed` counts
    the completions by this event.
    """

    challenge_code: str
    challenge_name: str
    percent: int
    joined: bool
    completed: int
    milestones: list[int]


class ChallengeJoinedAnswer(Struct, frozen=True, kw_only=True):
    """`ends_at` is when the run ends, null if it has no end. `already_joined` if it was running before."""

    participant_id: str
    challenge_code: str
    challenge_name: str
    joined_at: datetime
    ends_at: datetime | None
    already_joined: bool


class ChallengeLeftAnswer(Struct, frozen=True, kw_only=True):
    participant_id: str
    challenge_code: str
    challenge_name: str
    left_at: datetime


class ChallengeShown(Struct, frozen=True, kw_only=True):
    code: str
    name: str
    description: str | None
    icon: str | None
    join_type: Extensible[Literal["automatic", "manual"]]
    is_repeatable: bool
    starts_at: datetime | None
    ends_at: datetime | None
    duration_days: int | None
    period: Extensible[Literal["daily", "monthly", "weekly"]] | None
    objectives: list[ObjectiveShown]
    milestones: list[int]


class ChallengeStatus(Struct, frozen=True, kw_only=True):
    """A challenge as one participant stands in it. `ends_at` is when the participant's run ends, `percent` is rounded
    down.
    """

    code: str
    name: str
    description: str | None
    icon: str | None
    status: Extensible[Literal["active", "completed", "expired", "not_joined"]]
    percent: int
    objectives: list[ObjectiveSummary]
    milestones: list[MilestoneStatus]
    join_type: Extensible[Literal["automatic", "manual"]]
    is_repeatable: bool
    joined_at: datetime | None
    ends_at: datetime | None
    completed_at: datetime | None
    completions: int


class ChallengesAnswer(Struct, frozen=True, kw_only=True):
    participant_id: str
    challenges: list[ChallengeStatus]


class ChallengesSection(Struct, frozen=True, kw_only=True):
    active: int
    completed: int


class ChangeKeyRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    name: str | UnsetType = UNSET
    """A name by which you recognise the key later."""
    rate_limit: int | UnsetType | None = UNSET
    """Requests per second; null for the server's default, 0 for no limit."""


class ChangeProjectRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    name: str | UnsetType = UNSET
    time_zone: str | UnsetType = UNSET
    """IANA name of the time zone in which the project's days and weeks begin."""
    first_day_of_week: (
        Literal["friday", "monday", "saturday", "sunday", "thursday", "tuesday", "wednesday"] | UnsetType
    ) = UNSET
    rate_limit: int | UnsetType | None = UNSET
    """Requests per second; null for the server's default, 0 for no limit."""
    event_retention_days: int | UnsetType | None = UNSET
    strict_fields: bool | UnsetType = UNSET


class ClaimAnswer(Struct, frozen=True, kw_only=True):
    claim_id: str
    reward_id: str
    reward_code: str
    reward_name: str
    reward_type: Extensible[Literal["coupon", "digital", "physical", "points_multiplier", "voucher"]]
    status: Extensible[Literal["cancelled", "claimed", "fulfilled"]]
    code_value: str | None
    points_deducted: int
    claimed_at: datetime
    fulfilled_at: datetime | None
    cancelled_at: datetime | None


class ClaimCancelledAnswer(Struct, frozen=True, kw_only=True):
    claim_id: str
    participant_id: str
    reward_name: str
    status: str
    points_returned: int
    item_returned: bool
    new_balance: int
    cancelled_at: datetime
    effects: Effects | None = None


class ClaimFulfilledAnswer(Struct, frozen=True, kw_only=True):
    claim_id: str
    participant_id: str
    reward_name: str
    status: str
    fulfilled_at: datetime


class ClaimRewardRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`points_deduction`: whether the claim costs the reward's `points_cost`; free otherwise."""

    participant_id: str
    """Your application's own id of the user: 1 to 255 characters, no control characters."""
    points_deduction: bool | None = False
    idempotency_key: str | None = None
    """Makes retries safe: the same key never acts twice for this participant and operation."""


class ClaimsAnswer(Struct, frozen=True, kw_only=True):
    participant_id: str
    rewards: list[ClaimAnswer]
    total: int
    page: int
    page_size: int
    next_cursor: str | None
    """The value of `after` for the next page; null on the last page."""


class ClockAnswer(Struct, frozen=True, kw_only=True):
    """`now` is the time of the project's clock. `offset_ms` is its distance from real time: how far it is ahead."""

    now: datetime
    offset_ms: int
    mode: Extensible[Literal["live", "test"]]
    can_be_moved: bool


class ClockMovedAnswer(Struct, frozen=True, kw_only=True):
    """`is_settled`: everything that came due has happened. Otherwise it was too much for one call, and continues in the
    background.
    """

    now: datetime
    offset_ms: int
    mode: Extensible[Literal["live", "test"]]
    can_be_moved: bool
    is_settled: bool


class CodesAnswer(Struct, frozen=True, kw_only=True):
    reward_id: str
    total: int
    available: int
    claimed: int
    revoked: int


class ConditionShown(Struct, frozen=True, kw_only=True):
    """A condition that was evaluated, and the values that it read, by name. `objective` is the code of a challenge's
    objective. Missing values are left out; long values are shortened to a text.
    """

    objective: str | None
    expression: str
    values: dict[str, Any]


class ConsideredShown(Struct, frozen=True, kw_only=True):
    """`version` is the version of the definition at that time. `conditions` are the conditions that were evaluated: the
    condition of a rule, the criteria of a badge, or the conditions of a challenge's objectives.
    """

    code: str
    name: str
    version: int
    outcome: Extensible[
        Literal[
            "acted",
            "advanced",
            "condition_false",
            "cut",
            "earned",
            "failed",
            "group_taken",
            "inactive",
            "limited",
            "not_advanced",
            "out_of_time",
            "postponed",
        ]
    ]
    reason: str
    conditions: list[ConditionShown]


class ContinueStreak(Struct, frozen=True, kw_only=True, tag_field="type", tag="record_streak"):
    streak_code: str


class CreateKeyRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    scope: Literal["admin", "gamify", "gamify:admin", "operator"] | None = "gamify"
    name: str | None = ""
    """A name by which you recognise the key later."""
    rate_limit: int | None = None
    """Requests per second; null for the server's default, 0 for no limit."""


class CreateProjectRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    code: str
    """A short name, unique among the definitions of its kind in the project."""
    name: str | None = None
    mode: Literal["live", "test"] | None = "live"
    time_zone: str | None = "UTC"
    """IANA name of the time zone in which the project's days and weeks begin."""
    first_day_of_week: Literal["friday", "monday", "saturday", "sunday", "thursday", "tuesday", "wednesday"] | None = (
        "monday"
    )
    rate_limit: int | None = None
    """Requests per second; null for the server's default, 0 for no limit."""
    strict_fields: bool | None = None
    """Refuse unknown fields and parameters. By default, test projects refuse them, live ones do not."""


class CurrentTier(Struct, frozen=True, kw_only=True):
    code: str
    name: str
    level: int
    color: str | None
    achieved_at: datetime


class DefinitionTally(Struct, frozen=True, kw_only=True):
    """Of one definition. `fired`: a rule acted, a challenge was completed, a badge earned, a tier reached or assigned,
    a streak's period recorded, a reward claimed; `limited`: a cap reduced an award. Points are those that it brought
    or took.
    """

    fired: int = 0
    limited: int = 0
    failed: int = 0
    points_awarded: int = 0
    points_deducted: int = 0


class DueTo(Struct, frozen=True, kw_only=True):
    kind: str
    code: str


class DuplicateCodes(Struct, frozen=True, kw_only=True):
    """Codes that were not added: given twice in the request, or there already. The first 100 are named."""

    in_request: int
    existing: int
    examples: list[str]


class EarningCapDefinition(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How many points a participant is awarded at most in each day, week or month: by all awards together or, with a
    `rule_code`, by that rule.
    """

    code: str
    """A short name, unique among the definitions of its kind in the project."""
    is_active: bool | None = True
    display_order: int | None = 0
    name: str
    description: str | None = None
    period: Literal["day", "month", "week"]
    points: int
    rule_code: str | None = None
    """A short name, unique among the definitions of its kind in the project."""


class EarningCapDefinitionAnswer(Struct, frozen=True, kw_only=True):
    """How many points a participant is awarded at most in each day, week or month: by all awards together or, with a
    `rule_code`, by that rule.
    """

    id: str
    code: str
    """A short name, unique among the definitions of its kind in the project."""
    is_active: bool
    display_order: int
    name: str
    description: str | None
    period: Extensible[Literal["day", "month", "week"]]
    points: int
    rule_code: str | None
    """A short name, unique among the definitions of its kind in the project."""
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


class EarningCapDefinitionList(Struct, frozen=True, kw_only=True):
    items: list[EarningCapDefinitionAnswer]
    total: int
    page: int
    page_size: int
    next_cursor: str | None
    """The value of `after` for the next page; null on the last page."""


class EarningCapDefinitionPatch(Struct, frozen=True, kw_only=True, omit_defaults=True):
    is_active: bool | UnsetType = UNSET
    display_order: int | UnsetType = UNSET
    name: str | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    points: int | UnsetType = UNSET


class Effects(Struct, frozen=True, kw_only=True):
    """All that a command brought about beyond itself, in the order in which it happened."""

    points: list[PointsEffect]
    tier_upgrade: TierUpgrade | None
    streaks: list[StreakEffect]
    challenges: list[ChallengeEffect]
    badges: list[BadgeEffect]
    rewards: list[RewardEffect]


class ErasedAnswer(Struct, frozen=True, kw_only=True):
    """`anonymized_id` is the random id that now owns the remaining facts; null after a deletion."""

    participant_id: str
    anonymized: bool
    deleted: bool
    anonymized_id: str | None


class ErrorBody(Struct, frozen=True, kw_only=True):
    """The body of every error response. `detail` is for people. `code` is for programs and never changes its meaning;
    docs/errors.md lists the codes. Only 422 has `errors`. Only 403 has `sufficient_scopes`: the key needs one of
    these scopes.
    """

    detail: str
    code: str
    errors: Sequence[FieldError] = ()
    sufficient_scopes: Sequence[str] = ()


class EventBatchAnswer(Struct, frozen=True, kw_only=True):
    processed: int
    failed: int
    results: list[EventBatchResult]


class EventBatchRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """1 to 100 events; each is judged by itself."""

    events: Sequence[EventRequest]


class EventBatchResult(Struct, frozen=True, kw_only=True):
    """One item's outcome: what a single event answers, or the sentence that says why not, and its code.
    `idempotency_differs` names what the first request with this key had otherwise.
    """

    participant_id: str | None
    event_id: str | None = None
    fact_id: str | None = None
    status: str | None = None
    effects: Effects | None = None
    error: str | None = None
    error_code: str | None = None
    idempotency_differs: list[str] | None = None


class EventRecordedAnswer(Struct, frozen=True, kw_only=True):
    event_id: str
    fact_id: str
    status: str
    effects: Effects


class EventRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    participant_id: str
    """Your application's own id of the user: 1 to 255 characters, no control characters."""
    event_name: str
    """What happened, in your own words. 1 to 100 characters."""
    properties: Mapping[str, Any] | UnsetType | None = UNSET
    """What rules, challenges and leaderboards may read: at most 65,536 bytes of JSON."""
    timestamp: datetime | None = None
    """When it happened. RFC 3339; without an offset it is read as UTC."""
    idempotency_key: str | None = None
    """Makes retries safe: the same key never acts twice for this participant and operation."""


class EventShown(Struct, frozen=True, kw_only=True):
    id: str
    event_name: str
    properties: dict[str, Any]
    occurred_at: datetime


class EventsAnswer(Struct, frozen=True, kw_only=True):
    """`total` counts those that the filters let through."""

    participant_id: str
    events: list[EventShown]
    total: int
    page: int
    page_size: int
    next_cursor: str | None
    """The value of `after` for the next page; null on the last page."""


class ExpiringMonth(Struct, frozen=True, kw_only=True):
    """`month` such as 2026-12; null for points that never expire."""

    month: str | None
    points: int


class ExpiringPoints(Struct, frozen=True, kw_only=True):
    """The points that expire next, and when."""

    points: int
    expires_at: datetime


class ExplainAnswer(Struct, frozen=True, kw_only=True):
    """`facts` are all facts that were recorded together, beginning with their first cause. `rules`, `challenges` and
    `badges` are the definitions that were considered, in the version `definitions_version`, which was live then.
    `note` names the parts of the explanation that are no longer available.
    """

    participant_id: str
    event_id: str
    recorded_at: datetime
    definitions_version: int
    facts: list[FactShown]
    rules: list[ConsideredShown]
    challenges: list[ConsideredShown]
    badges: list[ConsideredShown]
    note: str | None = None


class ExportAnswer(Struct, frozen=True, kw_only=True):
    """`stored` has a list for each kind of row. Rows are as they are in the database, with the code of their definition
    added. `facts` are all facts of the participant, in their order.
    """

    participant_id: str
    exported_at: datetime
    stored: dict[str, list[dict[str, Any]]]


class FactShown(Struct, frozen=True, kw_only=True):
    """`cause_id` is the fact that caused this one, `due_to` the rule or challenge through which it did."""

    fact_id: str
    kind: str
    cause_id: str | None
    due_to: DueTo | None
    occurred_at: datetime
    data: dict[str, Any]


class FieldError(Struct, frozen=True, kw_only=True):
    """What is wrong with one field of the request. `field` is a path such as `awards[3].amount`."""

    field: str
    message: str


class FulfilClaimRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    participant_id: str
    """Your application's own id of the user: 1 to 255 characters, no control characters."""
    claim_id: str
    reason: str | None = None
    """Shown in the transaction history."""


class GiveBadge(Struct, frozen=True, kw_only=True, tag_field="type", tag="award_badge"):
    badge_code: str


class GivePoints(Struct, frozen=True, kw_only=True, tag_field="type", tag="award_points"):
    """`reason` is shown in the transaction history; the rule's or challenge's name if there is none."""

    amount: int | str
    reason: str | None = None
    expires_in_days: int | None = None


class GrantReward(Struct, frozen=True, kw_only=True, tag_field="type", tag="grant_reward"):
    """A claim without a price, within the reward's own limits."""

    reward_code: str


class HoldAnswer(Struct, frozen=True, kw_only=True):
    hold_id: str
    amount: int
    reason: str | None
    held_at: datetime
    expires_at: datetime


class HoldCapturedAnswer(Struct, frozen=True, kw_only=True):
    transaction_id: str
    hold_id: str
    participant_id: str
    amount: int
    released_amount: int
    new_balance: int
    effects: Effects | None = None


class HoldReleasedAnswer(Struct, frozen=True, kw_only=True):
    hold_id: str
    participant_id: str
    amount: int
    new_balance: int
    effects: Effects | None = None


class HoldRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Ends at `expires_at` or after `expires_in_minutes`, an hour unless given."""

    participant_id: str
    """Your application's own id of the user: 1 to 255 characters, no control characters."""
    reason: str | None = None
    """Shown in the transaction history."""
    metadata: Mapping[str, Any] | None = None
    """Anything of yours, kept with the fact: at most 65,536 bytes of JSON."""
    idempotency_key: str | None = None
    """Makes retries safe: the same key never acts twice for this participant and operation."""
    amount: int
    """Points, a whole number."""
    expires_at: datetime | None = None
    """When it ends. RFC 3339; without an offset it is read as UTC."""
    expires_in_minutes: int | None = None


class HoldsAnswer(Struct, frozen=True, kw_only=True):
    participant_id: str
    held: int
    holds: list[HoldAnswer]


class LeaderboardDefinition(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A board. All five time windows are kept; `time_window` is the one shown unless another is asked for."""

    code: str
    """A short name, unique among the definitions of its kind in the project."""
    is_active: bool | None = True
    display_order: int | None = 0
    name: str
    description: str | None = None
    metric: Literal["event_count", "event_sum", "points_balance", "points_earned"] | None = "points_earned"
    event_name: str | None = None
    """What happened, in your own words. 1 to 100 characters."""
    property: str | None = None
    time_window: Literal["all_time", "daily", "monthly", "weekly", "yearly"] | None = "all_time"


class LeaderboardDefinitionAnswer(Struct, frozen=True, kw_only=True):
    """A board. All five time windows are kept; `time_window` is the one shown unless another is asked for."""

    id: str
    code: str
    """A short name, unique among the definitions of its kind in the project."""
    is_active: bool
    display_order: int
    name: str
    description: str | None
    metric: Extensible[Literal["event_count", "event_sum", "points_balance", "points_earned"]]
    event_name: str | None
    """What happened, in your own words. 1 to 100 characters."""
    property: str | None
    time_window: Extensible[Literal["all_time", "daily", "monthly", "weekly", "yearly"]]
    status: Extensible[Literal["filling", "ready", "retired", "waiting"]]
    progress: float
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


class LeaderboardDefinitionList(Struct, frozen=True, kw_only=True):
    items: list[LeaderboardDefinitionAnswer]
    total: int
    page: int
    page_size: int
    next_cursor: str | None
    """The value of `after` for the next page; null on the last page."""


class LeaderboardDefinitionPatch(Struct, frozen=True, kw_only=True, omit_defaults=True):
    is_active: bool | UnsetType = UNSET
    display_order: int | UnsetType = UNSET
    name: str | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    metric: Literal["event_count", "event_sum", "points_balance", "points_earned"] | UnsetType = UNSET
    event_name: str | UnsetType | None = UNSET
    """What happened, in your own words. 1 to 100 characters."""
    property: str | UnsetType | None = UNSET
    time_window: Literal["all_time", "daily", "monthly", "weekly", "yearly"] | UnsetType = UNSET


class LiabilityAnswer(Struct, frozen=True, kw_only=True):
    """`outstanding` = `issued` − `spent` − `expired`: balances and held points. `breakage_percent` is the share of the
    issued points that expired.
    """

    issued: int
    spent: int
    expired: int
    held: int
    outstanding: int
    breakage_percent: float
    by_expiry_month: list[ExpiringMonth]


class MilestoneDefinition(Struct, frozen=True, kw_only=True):
    """What is done on the way, when the challenge is done to so many percent."""

    percent: int
    actions: Sequence[
        GivePoints | TakePoints | PutInTier | ContinueStreak | AdvanceChallenge | GiveBadge | GrantReward
    ] = ()


class MilestoneStatus(Struct, frozen=True, kw_only=True):
    percent: int
    reached: bool


class MoveClockRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The new time, or the number of seconds to advance: one of the two."""

    now: datetime | None = None
    """The new time. Without an offset it is read as UTC."""
    advance_seconds: int | None = None


class MultiplierConfig(Struct, frozen=True, kw_only=True):
    """What a reward of type `points_multiplier` gives: awards count so many times, for so long after the claim."""

    multiplier: int | float
    duration_hours: int


class MultiplierConfigPatch(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a reward of type `points_multiplier` gives: awards count so many times, for so long after the claim."""

    multiplier: int | float | UnsetType = UNSET
    duration_hours: int | UnsetType = UNSET


class NewApiKey(Struct, frozen=True, kw_only=True):
    """`key` is the key itself. It cannot be shown again."""

    id: str
    name: str
    scope: Extensible[Literal["admin", "gamify", "gamify:admin", "operator"]]
    hint: str
    rate_limit: int | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    key: str


class NewProject(Struct, frozen=True, kw_only=True):
    """`admin_key` is the project's first key, with the scope admin."""

    code: str
    name: str
    mode: Extensible[Literal["live", "test"]]
    time_zone: str
    first_day_of_week: Extensible[Literal["friday", "monday", "saturday", "sunday", "thursday", "tuesday", "wednesday"]]
    rate_limit: int | None
    event_retention_days: int | None
    strict_fields: bool
    created_at: datetime
    archived_at: datetime | None
    admin_key: NewApiKey


class NextTier(Struct, frozen=True, kw_only=True):
    code: str
    name: str
    points_required: int
    points_remaining: int


class ObjectiveDefinition(Struct, frozen=True, kw_only=True):
    """What has to be done: so many events, a sum over a property of theirs, or so many different values of one."""

    code: str
    """A short name, unique among the definitions of its kind in the project."""
    name: str | None = None
    event_name: str
    """What happened, in your own words. 1 to 100 characters."""
    condition: str | None = None
    """A CEL expression over event, participant and now."""
    measure: Extensible[Literal["count", "distinct", "sum"]] = "count"
    property: str | None = None
    target: int | float
    requires: Sequence[str] = ()


class ObjectiveShown(Struct, frozen=True, kw_only=True):
    code: str
    name: str
    event_name: str
    measure: Extensible[Literal["count", "distinct", "sum"]]
    target: int | float


class ObjectiveSummary(Struct, frozen=True, kw_only=True):
    """`progress` and `target` in the unit of the objective: events, a sum, different values."""

    code: str
    name: str
    progress: int | float
    target: int | float
    is_complete: bool


class OpenChallengesAnswer(Struct, frozen=True, kw_only=True):
    challenges: list[ChallengeShown]
    total: int


class ParticipantListed(Struct, frozen=True, kw_only=True):
    """`total_points` are all points ever earned, `available_points` is the balance."""

    participant_id: str
    display_name: str | None
    avatar_url: str | None
    total_points: int
    available_points: int
    current_tier: str | None
    total_events: int
    is_active: bool
    created_at: datetime
    last_seen_at: datetime


class ParticipantsAnswer(Struct, frozen=True, kw_only=True):
    items: list[ParticipantListed]
    total: int
    page: int
    page_size: int
    next_cursor: str | None
    """The value of `after` for the next page; null on the last page."""


class ParticipationRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    participant_id: str
    """Your application's own id of the user: 1 to 255 characters, no control characters."""


class PointsAnswer(Struct, frozen=True, kw_only=True):
    participant_id: str
    balance: int
    total_earned: int
    total_spent: int
    total_expired: int
    held: int
    next_expiry: ExpiringPoints | None


class PointsAwardedAnswer(Struct, frozen=True, kw_only=True):
    """`amount` is what was credited. `base_amount` is there when that is not what was asked for, with the multiplier
    that ran and the codes of the earning caps that reduced it. `requested_expires_at` is there when the points
    expire at the end of that day, at `expires_at`, as the participant's points expire at too many different times
    already.
    """

    transaction_id: str
    participant_id: str
    amount: int
    base_amount: int | None = None
    multiplier: int | float | None = None
    capped_by: list[str] | None = None
    new_balance: int
    expires_at: datetime | None = None
    requested_expires_at: datetime | None = None
    tier_upgrade: TierUpgrade | None
    effects: Effects | None = None


class PointsDeductedAnswer(Struct, frozen=True, kw_only=True):
    transaction_id: str
    participant_id: str
    amount: int
    new_balance: int
    effects: Effects | None = None


class PointsEffect(Struct, frozen=True, kw_only=True):
    """`amount` is negative for points taken. `due_to` is the code of the rule or challenge. When the points expire is
    there if that is not what was asked for.
    """

    transaction_id: str
    amount: int
    new_balance: int
    reason: str | None
    due_to: str | None
    expires_at: datetime | None = None
    requested_expires_at: datetime | None = None


class PointsHeldAnswer(Struct, frozen=True, kw_only=True):
    hold_id: str
    participant_id: str
    amount: int
    new_balance: int
    expires_at: datetime
    effects: Effects | None = None


class PointsRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    participant_id: str
    """Your application's own id of the user: 1 to 255 characters, no control characters."""
    amount: int
    """Points, a whole number."""
    reason: str | None = None
    """Shown in the transaction history."""
    metadata: Mapping[str, Any] | None = None
    """Anything of yours, kept with the fact: at most 65,536 bytes of JSON."""
    idempotency_key: str | None = None
    """Makes retries safe: the same key never acts twice for this participant and operation."""
    timestamp: datetime | None = None
    """When it happened. RFC 3339; without an offset it is read as UTC."""


class PointsReversedAnswer(Struct, frozen=True, kw_only=True):
    """`left` is what of the transaction can still be reversed."""

    transaction_id: str
    reversed_transaction_id: str
    participant_id: str
    amount: int
    left: int
    new_balance: int
    effects: Effects | None = None


class PointsSection(Struct, frozen=True, kw_only=True):
    balance: int
    total_earned: int
    total_spent: int


class ProfileAnswer(Struct, frozen=True, kw_only=True):
    participant_id: str
    display_name: str | None
    avatar_url: str | None
    attributes: dict[str, Any]
    points: PointsSection
    tier: ProfileTier | None
    badges: list[ProfileBadge]
    streaks: ProfileStreaks | None
    rewards_claimed: int
    total_events: int
    is_active: bool
    created_at: datetime
    first_seen_at: datetime
    last_seen_at: datetime


class ProfileBadge(Struct, frozen=True, kw_only=True):
    code: str
    name: str
    earned: bool
    earned_at: datetime | None
    rarity: str


class ProfileFields(Struct, frozen=True, kw_only=True, omit_defaults=True):
    display_name: str | UnsetType | None = UNSET
    avatar_url: str | UnsetType | None = UNSET
    attributes: Mapping[str, Any] | UnsetType = UNSET
    """Anything of yours. Merged into what is there; null removes. `timezone` is an IANA name."""


class ProfileStreaks(Struct, frozen=True, kw_only=True):
    current: int
    longest: int
    last_activity_at: datetime | None


class ProfileTier(Struct, frozen=True, kw_only=True):
    code: str
    name: str
    level: int
    color: str | None
    achieved_at: datetime
    next_tier: NextTier | None


class ProjectShown(Struct, frozen=True, kw_only=True):
    """`time_zone` determines the beginning of days for participants without their own time zone. `rate_limit` is in
    requests per second, for all keys together; null or 0 for no limit. `event_retention_days` is the number of days
    for which the content of events is kept; null keeps it permanently. `strict_fields`: unknown fields and
    parameters are refused, not ignored.
    """

    code: str
    name: str
    mode: Extensible[Literal["live", "test"]]
    time_zone: str
    first_day_of_week: Extensible[Literal["friday", "monday", "saturday", "sunday", "thursday", "tuesday", "wednesday"]]
    rate_limit: int | None
    event_retention_days: int | None
    strict_fields: bool
    created_at: datetime
    archived_at: datetime | None


class ProjectsAnswer(Struct, frozen=True, kw_only=True):
    items: list[ProjectShown]
    total: int


class PutInTier(Struct, frozen=True, kw_only=True, tag_field="type", tag="assign_tier"):
    tier_code: str


class RankAnswer(Struct, frozen=True, kw_only=True):
    """Without a score in the period: `rank` and `percentile` are null and the score is 0. `progress` is there while a
    new board is being filled from history, 0 to 1: then a rank is that of what has been counted.
    """

    participant_id: str
    rank: int | None
    score: int | float
    total_participants: int
    percentile: float | None
    progress: float | None = None


class RecordStreakRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    participant_id: str
    """Your application's own id of the user: 1 to 255 characters, no control characters."""
    streak_code: str
    timestamp: datetime | None = None
    """When it happened. RFC 3339; without an offset it is read as UTC."""


class RegisterRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    display_name: str | UnsetType | None = UNSET
    avatar_url: str | UnsetType | None = UNSET
    attributes: Mapping[str, Any] | UnsetType | None = UNSET
    """Anything of yours. Merged into what is there; null removes. `timezone` is an IANA name."""
    participant_id: str
    """Your application's own id of the user: 1 to 255 characters, no control characters."""


class ReleaseRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    participant_id: str
    """Your application's own id of the user: 1 to 255 characters, no control characters."""
    reason: str | None = None
    """Shown in the transaction history."""
    metadata: Mapping[str, Any] | None = None
    """Anything of yours, kept with the fact: at most 65,536 bytes of JSON."""
    idempotency_key: str | None = None
    """Makes retries safe: the same key never acts twice for this participant and operation."""
    hold_id: str


class ReverseRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`amount`: a part; all that is left of the transaction unless given."""

    participant_id: str
    """Your application's own id of the user: 1 to 255 characters, no control characters."""
    reason: str | None = None
    """Shown in the transaction history."""
    metadata: Mapping[str, Any] | None = None
    """Anything of yours, kept with the fact: at most 65,536 bytes of JSON."""
    idempotency_key: str | None = None
    """Makes retries safe: the same key never acts twice for this participant and operation."""
    transaction_id: str
    amount: int | None = None
    """Points, a whole number."""


class RevokeBadgeRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    participant_id: str
    """Your application's own id of the user: 1 to 255 characters, no control characters."""
    badge_code: str
    reason: str | None = None
    """Shown in the transaction history."""


class RevokeCodesAnswer(Struct, frozen=True, kw_only=True):
    """`not_revoked` names the codes that are claimed, revoked already, or not of this reward."""

    reward_id: str
    revoked: int
    not_revoked: list[str]
    available: int


class RevokeCodesRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Those named, or all that are available."""

    codes: Sequence[str] | None = None
    all_available: bool | None = False


class RewardClaimedAnswer(Struct, frozen=True, kw_only=True):
    claim_id: str
    participant_id: str
    reward_name: str
    reward_type: str
    code_value: str | None
    points_deducted: int
    new_balance: int
    effects: Effects | None = None


class RewardDefinition(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something to claim. Null is no limit in `max_claims_per_user` and `total_inventory`. With `has_codes`, which
    coupons have unless told otherwise, each claim is given one of the codes that were uploaded.
    """

    code: str | UnsetType | None = UNSET
    """A short name, unique among the definitions of its kind in the project."""
    is_active: bool | None = True
    display_order: int | None = 0
    name: str
    type: Literal["coupon", "digital", "physical", "points_multiplier", "voucher"]
    description: str | None = None
    points_cost: int | None = 0
    max_claims_per_user: int | None = None
    total_inventory: int | None = None
    has_codes: bool | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    required_tier: str | None = None
    """A short name, unique among the definitions of its kind in the project."""
    required_badges: Sequence[str] | None = ()
    config: MultiplierConfig | None = None


class RewardDefinitionAnswer(Struct, frozen=True, kw_only=True):
    """Something to claim. Null is no limit in `max_claims_per_user` and `total_inventory`. With `has_codes`, which
    coupons have unless told otherwise, each claim is given one of the codes that were uploaded.
    """

    id: str
    code: str
    """A short name, unique among the definitions of its kind in the project."""
    is_active: bool
    display_order: int
    name: str
    type: Extensible[Literal["coupon", "digital", "physical", "points_multiplier", "voucher"]]
    description: str | None
    points_cost: int
    max_claims_per_user: int | None
    total_inventory: int | None
    has_codes: bool | None
    starts_at: datetime | None
    ends_at: datetime | None
    required_tier: str | None
    """A short name, unique among the definitions of its kind in the project."""
    required_badges: list[str]
    config: MultiplierConfig | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


class RewardDefinitionList(Struct, frozen=True, kw_only=True):
    items: list[RewardDefinitionAnswer]
    total: int
    page: int
    page_size: int
    next_cursor: str | None
    """The value of `after` for the next page; null on the last page."""


class RewardDefinitionPatch(Struct, frozen=True, kw_only=True, omit_defaults=True):
    is_active: bool | UnsetType = UNSET
    display_order: int | UnsetType = UNSET
    name: str | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    points_cost: int | UnsetType = UNSET
    max_claims_per_user: int | UnsetType | None = UNSET
    total_inventory: int | UnsetType | None = UNSET
    has_codes: bool | UnsetType | None = UNSET
    starts_at: datetime | UnsetType | None = UNSET
    ends_at: datetime | UnsetType | None = UNSET
    required_tier: str | UnsetType | None = UNSET
    """A short name, unique among the definitions of its kind in the project."""
    required_badges: Sequence[str] | UnsetType = UNSET
    config: MultiplierConfigPatch | UnsetType | None = UNSET


class RewardEffect(Struct, frozen=True, kw_only=True):
    claim_id: str
    reward_code: str
    reward_name: str
    reward_type: str
    code_value: str | None
    due_to: str | None


class RewardShown(Struct, frozen=True, kw_only=True):
    """A reward on offer. `available_codes` is null where claims are given no codes, `remaining_inventory` where there
    is no limit. The last four come with `participant_id`: `reason` is null when the reward can be claimed now for
    its price, `shortfall` the points that are missing for it.
    """

    id: str
    code: str
    name: str
    type: Extensible[Literal["coupon", "digital", "physical", "points_multiplier", "voucher"]]
    description: str | None
    points_cost: int
    available_codes: int | None
    remaining_inventory: int | None
    max_claims_per_user: int | None
    starts_at: datetime | None
    ends_at: datetime | None
    required_tier: str | None
    required_badges: list[str]
    multiplier: int | float | None
    duration_hours: int | None
    can_claim: bool | None = None
    reason: (
        Extensible[
            Literal[
                "badges_required",
                "ended",
                "insufficient_points",
                "limit_reached",
                "no_codes",
                "not_started",
                "sold_out",
                "tier_required",
            ]
        ]
        | None
    ) = None
    shortfall: int | None = None
    claims: int | None = None


class RewardsAnswer(Struct, frozen=True, kw_only=True):
    rewards: list[RewardShown]
    total: int


class RewardsSection(Struct, frozen=True, kw_only=True):
    total_claimed: int


class RotateKeyRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    valid_hours: int | None = 24
    """The time for which the old key still works."""


class RotatedApiKey(Struct, frozen=True, kw_only=True):
    """The new key. `replaces` is the old key, including the time at which it ends."""

    id: str
    name: str
    scope: Extensible[Literal["admin", "gamify", "gamify:admin", "operator"]]
    hint: str
    rate_limit: int | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    key: str
    replaces: ApiKey


class RuleDefinition(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A rule: on an event, if the condition holds, do the actions."""

    code: str
    """A short name, unique among the definitions of its kind in the project."""
    is_active: bool | None = True
    display_order: int | None = 0
    name: str
    description: str | None = None
    event_name: str
    """What happened, in your own words. 1 to 100 characters."""
    condition: str | None = None
    """A CEL expression over event, participant and now."""
    actions: Sequence[GivePoints | TakePoints | PutInTier | ContinueStreak | AdvanceChallenge | GiveBadge | GrantReward]
    limit: RuleLimit | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    priority: int | None = 0
    group: str | None = None


class RuleDefinitionAnswer(Struct, frozen=True, kw_only=True):
    """A rule: on an event, if the condition holds, do the actions."""

    id: str
    code: str
    """A short name, unique among the definitions of its kind in the project."""
    is_active: bool
    display_order: int
    name: str
    description: str | None
    event_name: str
    """What happened, in your own words. 1 to 100 characters."""
    condition: str | None
    """A CEL expression over event, participant and now."""
    actions: list[GivePoints | TakePoints | PutInTier | ContinueStreak | AdvanceChallenge | GiveBadge | GrantReward]
    limit: RuleLimit | None
    starts_at: datetime | None
    ends_at: datetime | None
    priority: int
    group: str | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


class RuleDefinitionList(Struct, frozen=True, kw_only=True):
    items: list[RuleDefinitionAnswer]
    total: int
    page: int
    page_size: int
    next_cursor: str | None
    """The value of `after` for the next page; null on the last page."""


class RuleDefinitionPatch(Struct, frozen=True, kw_only=True, omit_defaults=True):
    is_active: bool | UnsetType = UNSET
    display_order: int | UnsetType = UNSET
    name: str | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    event_name: str | UnsetType = UNSET
    """What happened, in your own words. 1 to 100 characters."""
    condition: str | UnsetType | None = UNSET
    """A CEL expression over event, participant and now."""
    actions: (
        Sequence[GivePoints | TakePoints | PutInTier | ContinueStreak | AdvanceChallenge | GiveBadge | GrantReward]
        | UnsetType
    ) = UNSET
    limit: RuleLimitPatch | UnsetType | None = UNSET
    starts_at: datetime | UnsetType | None = UNSET
    ends_at: datetime | UnsetType | None = UNSET
    priority: int | UnsetType = UNSET
    group: str | UnsetType | None = UNSET


class RuleLimit(Struct, frozen=True, kw_only=True):
    """How often a rule acts at most: for each participant, and for all together."""

    per_participant: RuleLimitPeriods | None = None
    in_total: RuleLimitPeriods | None = None


class RuleLimitPatch(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How often a rule acts at most: for each participant, and for all together."""

    per_participant: RuleLimitPeriodsPatch | UnsetType | None = UNSET
    in_total: RuleLimitPeriodsPatch | UnsetType | None = UNSET


class RuleLimitPeriods(Struct, frozen=True, kw_only=True):
    """How often at most in each period; null is no limit."""

    day: int | None = None
    week: int | None = None
    month: int | None = None
    ever: int | None = None


class RuleLimitPeriodsPatch(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How often at most in each period; null is no limit."""

    day: int | UnsetType | None = UNSET
    week: int | UnsetType | None = UNSET
    month: int | UnsetType | None = UNSET
    ever: int | UnsetType | None = UNSET


class SimulateRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`definitions` has the sections of a definitions file. A section replaces all definitions of its kind; kinds
    without a section keep their live definitions. Leaderboards are not simulated.
    """

    definitions: Mapping[str, Any]
    days: int | None = 30
    """The number of past days to simulate."""


class SimulatedDefinition(Struct, frozen=True, kw_only=True):
    """The actual effects of one definition, and its effects in the simulation. `is_live` and `in_draft` show on which
    side the definition exists.
    """

    kind: str
    code: str
    is_live: bool
    in_draft: bool
    live: DefinitionTally
    draft: DefinitionTally


class SimulatedPoints(Struct, frozen=True, kw_only=True):
    awarded: int
    deducted: int


class SimulatedTierChange(Struct, frozen=True, kw_only=True):
    """The participants who would now be in another tier, with the first of them as examples."""

    live_tier: str | None
    draft_tier: str | None
    participants: int
    examples: list[str]


class SimulationLine(Struct, frozen=True, kw_only=True):
    """One line of the response: progress from time to time, and the result or an error at the end."""

    progress: SimulationProgress | None = None
    result: SimulationResult | None = None
    error: str | None = None


class SimulationProgress(Struct, frozen=True, kw_only=True):
    participants_done: int
    participants: int
    events_done: int


class SimulationResult(Struct, frozen=True, kw_only=True):
    """The result of a simulation. `since` and `until` are the bounds of the simulated time. `refused` is the number of
    commands that were accepted and would be refused. `forgotten_events` could not be decided again because their
    content is no longer kept. `approximations` are reasons why the draft could have had other effects; without any,
    the result is exact.
    """

    since: datetime
    until: datetime
    participants: int
    commands: int
    events: int
    refused: int
    forgotten_events: int
    approximations: list[
        Extensible[Literal["forgotten_events", "limits_in_total", "older_facts", "profiles", "rewards"]]
    ]
    points_live: SimulatedPoints
    points_draft: SimulatedPoints
    definitions: list[SimulatedDefinition]
    tier_changes: list[SimulatedTierChange]
    seconds: float


class StateAnswer(Struct, frozen=True, kw_only=True):
    """Only the sections asked for are there."""

    participant_id: str
    points: PointsSection | None = None
    tier: TierSection | None = None
    badges: list[BadgeSection] | None = None
    streaks: StreaksSection | None = None
    challenges: ChallengesSection | None = None
    rewards: RewardsSection | None = None


class StreakDefinition(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A streak. Grace is real hours after the end of the period in which the next record is due."""

    code: str
    """A short name, unique among the definitions of its kind in the project."""
    is_active: bool | None = True
    display_order: int | None = 0
    name: str
    description: str | None = None
    icon_url: str | None = None
    period: Literal["daily", "monthly", "weekly"]
    grace_period_hours: int | None = 0


class StreakDefinitionAnswer(Struct, frozen=True, kw_only=True):
    """A streak. Grace is real hours after the end of the period in which the next record is due."""

    id: str
    code: str
    """A short name, unique among the definitions of its kind in the project."""
    is_active: bool
    display_order: int
    name: str
    description: str | None
    icon_url: str | None
    period: Extensible[Literal["daily", "monthly", "weekly"]]
    grace_period_hours: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


class StreakDefinitionList(Struct, frozen=True, kw_only=True):
    items: list[StreakDefinitionAnswer]
    total: int
    page: int
    page_size: int
    next_cursor: str | None
    """The value of `after` for the next page; null on the last page."""


class StreakDefinitionPatch(Struct, frozen=True, kw_only=True, omit_defaults=True):
    is_active: bool | UnsetType = UNSET
    display_order: int | UnsetType = UNSET
    name: str | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    icon_url: str | UnsetType | None = UNSET
    grace_period_hours: int | UnsetType = UNSET


class StreakEffect(Struct, frozen=True, kw_only=True):
    streak_code: str
    streak_name: str
    new_count: int
    due_to: str | None


class StreakRecordedAnswer(Struct, frozen=True, kw_only=True):
    streak_code: str
    new_count: int
    longest_count: int
    is_new_record: bool
    already_recorded: bool
    effects: Effects | None = None


class StreakStatus(Struct, frozen=True, kw_only=True):
    """`last_recorded_at` is the record that counted for the latest period. `is_at_risk` while the present period has
    not been recorded; without a record before `expires_at` the streak lapses.
    """

    code: str
    name: str
    current_count: int
    longest_count: int
    last_recorded_at: datetime | None
    period: Extensible[Literal["daily", "monthly", "weekly"]]
    is_at_risk: bool
    expires_at: datetime | None


class StreaksAnswer(Struct, frozen=True, kw_only=True):
    participant_id: str
    streaks: list[StreakStatus]


class StreaksSection(Struct, frozen=True, kw_only=True):
    current: int
    longest: int


class TakePoints(Struct, frozen=True, kw_only=True, tag_field="type", tag="deduct_points"):
    amount: int | str
    reason: str | None = None


class TierAnswer(Struct, frozen=True, kw_only=True):
    participant_id: str
    current_tier: CurrentTier | None
    next_tier: NextTier | None
    tier_history: list[TierPassedAnswer]


class TierAssignedAnswer(Struct, frozen=True, kw_only=True):
    participant_id: str
    tier_code: str
    tier_name: str
    level: int
    previous_code: str | None
    previous_level: int | None
    assigned_at: datetime
    effects: Effects | None = None


class TierCriteria(Struct, frozen=True, kw_only=True):
    """`basis` chooses between all points ever earned (the default, which spending never lowers) and the balance."""

    min_points: int
    basis: Extensible[Literal["balance", "total_earned"]] = "total_earned"


class TierCriteriaPatch(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`basis` chooses between all points ever earned (the default, which spending never lowers) and the balance."""

    min_points: int | UnsetType = UNSET
    basis: Literal["balance", "total_earned"] | UnsetType = UNSET


class TierDefinition(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A tier. Automatic ones are reached by points, manual ones by assignment alone."""

    code: str
    """A short name, unique among the definitions of its kind in the project."""
    is_active: bool | None = True
    display_order: int | None = 0
    name: str
    level: int
    """Higher is better."""
    description: str | None = None
    color: str | None = None
    icon_url: str | None = None
    criteria_config: TierCriteria | None = None
    award_type: Literal["automatic", "manual"] | None = "automatic"
    benefits: Sequence[str] | None = ()


class TierDefinitionAnswer(Struct, frozen=True, kw_only=True):
    """A tier. Automatic ones are reached by points, manual ones by assignment alone."""

    id: str
    code: str
    """A short name, unique among the definitions of its kind in the project."""
    is_active: bool
    display_order: int
    name: str
    level: int
    """Higher is better."""
    description: str | None
    color: str | None
    icon_url: str | None
    criteria_config: TierCriteria | None
    award_type: Extensible[Literal["automatic", "manual"]]
    benefits: list[str]
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


class TierDefinitionList(Struct, frozen=True, kw_only=True):
    items: list[TierDefinitionAnswer]
    total: int
    page: int
    page_size: int
    next_cursor: str | None
    """The value of `after` for the next page; null on the last page."""


class TierDefinitionPatch(Struct, frozen=True, kw_only=True, omit_defaults=True):
    is_active: bool | UnsetType = UNSET
    display_order: int | UnsetType = UNSET
    name: str | UnsetType = UNSET
    level: int | UnsetType = UNSET
    """Higher is better."""
    description: str | UnsetType | None = UNSET
    color: str | UnsetType | None = UNSET
    icon_url: str | UnsetType | None = UNSET
    criteria_config: TierCriteriaPatch | UnsetType | None = UNSET
    award_type: Literal["automatic", "manual"] | UnsetType = UNSET
    benefits: Sequence[str] | UnsetType = UNSET


class TierPassedAnswer(Struct, frozen=True, kw_only=True):
    code: str
    achieved_at: datetime


class TierSection(Struct, frozen=True, kw_only=True):
    code: str
    name: str
    level: int


class TierUpgrade(Struct, frozen=True, kw_only=True):
    """The tier just reached and the one before it, if any."""

    code: str
    name: str
    level: int
    previous_code: str | None
    previous_level: int | None


class TransactionAnswer(Struct, frozen=True, kw_only=True):
    """`amount` is always positive; `type` says which way it went. What belongs to some types alone is left out of the
    others.
    """

    id: str
    type: Extensible[
        Literal[
            "award",
            "award_reversal",
            "capture",
            "claim",
            "claim_cancellation",
            "deduct",
            "deduct_reversal",
            "expiry",
            "hold",
            "release",
        ]
    ]
    amount: int
    balance_after: int
    reason: str | None
    metadata: dict[str, Any] | None
    created_at: datetime
    expires_at: datetime | None = None
    requested_expires_at: datetime | None = None
    base_amount: int | None = None
    multiplier: int | float | None = None
    reverses: str | None = None
    hold_id: str | None = None
    reward_id: str | None = None
    claim_id: str | None = None


class TransactionsAnswer(Struct, frozen=True, kw_only=True):
    participant_id: str
    transactions: list[TransactionAnswer]
    total: int
    page: int
    page_size: int
    next_cursor: str | None
    """The value of `after` for the next page; null on the last page."""


class UploadCodesAnswer(Struct, frozen=True, kw_only=True):
    reward_id: str
    received: int
    added: int
    duplicates: DuplicateCodes
    available: int


class UploadCodesRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    codes: Sequence[str]


class ValidateExpressionAnswer(Struct, frozen=True, kw_only=True):
    """`reads` are the variables, with the properties and attributes that can be told from the text."""

    type: str
    reads: list[str]


class ValidateExpressionRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`use` is where the expression is to stand: a condition of a rule or an objective, an amount of an action, the
    criteria of a badge.
    """

    expression: str
    use: Literal["amount", "condition", "criteria"] | None = "condition"
