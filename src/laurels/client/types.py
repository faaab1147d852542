# Generated from the OpenAPI document by `make clients`. Do not edit.
"""The requests and responses as structs. Fields that are missing in a response are None."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType, field

from laurels.client.extensible import Extensible


class AdminClaim(Struct, frozen=True, kw_only=True):
    """A claim, with its participant and its end."""

    claim_id: str
    """The id of the claim."""
    reward_id: str
    """The id of the reward."""
    reward_code: str
    """The reward's code."""
    reward_name: str
    """The reward's name."""
    reward_type: Extensible[Literal["coupon", "digital", "physical", "points_multiplier", "voucher"]]
    """The kind of reward."""
    status: Extensible[Literal["cancelled", "claimed", "fulfilled"]]
    """`claimed` until an administrator fulfils or cancels the claim."""
    code_value: str | None
    """The code that the claim got; null for none."""
    points_deducted: int
    """The points that the claim cost."""
    claimed_at: datetime
    """When the reward was claimed."""
    fulfilled_at: datetime | None
    """When the claim was fulfilled; null if it was not."""
    cancelled_at: datetime | None
    """When the claim was cancelled; null if it was not."""
    participant_id: str
    """Your application's own id of the user."""
    display_name: str | None
    """The participant's name from the profile; null for none."""
    closed_by: str | None
    """The name of the key that fulfilled or cancelled the claim; null for open claims, and for claims that an older
    version closed.
    """
    reason: str | None
    """The reason or note with which the claim was fulfilled or cancelled; null for none."""


class AdminClaimsAnswer(Struct, frozen=True, kw_only=True):
    """A page of the project's claims."""

    items: list[AdminClaim]
    """The claims, the newest first."""
    total: int
    """The number of rows on all pages."""
    page: int
    """The number of this page, from 1."""
    page_size: int
    """The largest number of rows on a page."""
    next_cursor: str | None
    """The value of `after` for the next page; null on the last page."""


class AdvanceChallenge(Struct, frozen=True, kw_only=True, tag_field="type", tag="advance_challenge"):
    """Adds to an objective with the measure count or sum; by default to the first one."""

    challenge_code: str
    """The challenge's code."""
    objective_code: str | None = None
    """The code of the objective to advance; null for the first one that counts or sums."""
    by: int | str = 1
    """How far to advance it: a number, or an expression that computes one."""


class AmongRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The participants of a ranking among friends, and the window."""

    participant_ids: Sequence[str]
    """The participants. Participants without a score in the window are not shown."""
    period: str | None = None
    """A time window or the code of a season; null for the board's own time window."""
    period_key: str | None = None
    """A past period, such as 2026-02; null for the current one."""
    include: str | None = None
    """`profile` adds names and avatars; null for neither."""


class ApiKey(Struct, frozen=True, kw_only=True):
    """`hint` is the beginning of the key. The key works until `expires_at` or `revoked_at`, whichever comes first.
    `last_used_at` is the time of its last request, accurate to about a minute; null if no use has been recorded.
    """

    id: str
    """The id of the key."""
    name: str
    """The name of the key."""
    scope: Extensible[Literal["admin", "gamify", "gamify:admin", "gamify:read", "gamify:support", "operator"]]
    """The permissions of the key: each scope includes those before it."""
    hint: str
    """The first characters of the key."""
    rate_limit: int | None
    """Requests per second; null for the server's default, 0 for no limit."""
    created_at: datetime
    """When the key was created."""
    expires_at: datetime | None
    """When the key expires; null for never."""
    revoked_at: datetime | None
    """When the key was revoked; null if it was not."""
    last_used_at: datetime | None
    """The time of its last request, to the minute or so; null if none is known."""


class ApiKeysAnswer(Struct, frozen=True, kw_only=True):
    """The keys of the project."""

    items: list[ApiKey]
    """The keys, in the order of their creation."""
    total: int
    """The number of keys in the list."""


class AssignTierRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The tier to assign, and the participant."""

    participant_id: str
    """Your application's id of the user: 1 to 255 characters, no control characters."""
    tier_code: str
    """The tier's code."""
    reason: str | None = None
    """Shown in the transaction history."""


class Attempt(Struct, frozen=True, kw_only=True):
    """One attempt to deliver an event."""

    at: datetime
    """When the attempt began."""
    duration_ms: int
    """How long it took, in milliseconds."""
    status: int | None = None
    """The status of the response; null if none came. Every 2xx is a success."""
    failure: (
        Extensible[
            Literal[
                "address_not_allowed",
                "certificate_invalid",
                "connection_lost",
                "event_not_kept",
                "name_not_found",
                "not_connected",
                "response_invalid",
                "timeout",
            ]
        ]
        | None
    ) = None
    """The reason why no response came; null for a response."""
    response: str | None = None
    """The first 4 KiB of the response's body; null if it was empty, and once the person is erased."""


class AuditAnswer(Struct, frozen=True, kw_only=True):
    """A page of the audit log."""

    items: list[AuditEntry]
    """The changes, the latest first."""
    total: int
    """The number of rows on all pages."""
    page: int
    """The number of this page, from 1."""
    page_size: int
    """The largest number of rows on a page."""
    next_cursor: str | None
    """The value of `after` for the next page; null on the last page."""


class AuditEntry(Struct, frozen=True, kw_only=True):
    """`before` and `after` hold the changed fields. `key_id` is null for changes made on the command line or with the
    key in LAURELS_ADMIN_KEY. `object_id` is the id of the changed object; for a participant it is a random id.
    """

    id: str
    """The id of the entry."""
    at: datetime
    """When the change was made, in real time."""
    key_id: str | None
    """The id of the key that made the change; null for the command line and for the key of the environment."""
    actor: str
    """The name of that key, or `command line`."""
    request_id: str | None
    """The id of the request; null for the command line, and once the participant has been erased."""
    action: Extensible[
        Literal[
            "anonymize",
            "archive",
            "assign_tier",
            "award_badge",
            "award_points",
            "cancel_claim",
            "capture_hold",
            "change",
            "claim_reward",
            "create",
            "deduct_points",
            "delete",
            "fulfil_claim",
            "hold_points",
            "join_challenge",
            "leave_challenge",
            "move_clock",
            "record_event",
            "record_streak",
            "release_hold",
            "resend",
            "restore",
            "reverse_points",
            "revoke",
            "revoke_badge",
            "revoke_codes",
            "rotate",
            "save_profile",
            "test",
            "unarchive",
            "upload_codes",
        ]
    ]
    """The kind of change."""
    kind: str
    """The kind of thing that was changed, such as `badge`."""
    object_id: str | None
    """The id of the thing that was changed; for a participant a random one, or null."""
    code: str | None
    """The code of the thing that was changed; null if it has none."""
    before: dict[str, Any] | None
    """The changed fields before; null if there were none."""
    after: dict[str, Any] | None
    """The changed fields afterwards; null if there are none."""


class AwardBadgeRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The badge to award, and the participant."""

    participant_id: str
    """Your application's id of the user: 1 to 255 characters, no control characters."""
    badge_code: str
    """The badge's code."""
    reason: str | None = None
    """Shown in the transaction history."""
    metadata: Mapping[str, Any] | None = None
    """Your own data, stored with the fact: at most 65,536 bytes of JSON."""


class AwardBatchAnswer(Struct, frozen=True, kw_only=True):
    """The results of a batch of awards."""

    processed: int
    """The number of awards that succeeded."""
    failed: int
    """The number of awards with an error."""
    results: list[AwardBatchResult]
    """One result for each award, in their order."""


class AwardBatchRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """1 to 100 awards. Each is decided separately."""

    awards: Sequence[AwardPointsRequest]
    """The awards. Each is decided separately."""


class AwardBatchResult(Struct, frozen=True, kw_only=True):
    """The outcome of one item: a transaction, or an error message and its code. `expires_at` is present if the points
    expire at another time than requested. `idempotency_differs` lists the fields in which the item differs from the
    first request with its idempotency key.
    """

    participant_id: str | None
    """Your application's own id of the user."""
    transaction_id: str | None = None
    """The id of the transaction; null if the award failed."""
    new_balance: int | None = None
    """The balance after the award; null if it failed."""
    error: str | None = None
    """A sentence that explains why this item failed; null if it succeeded."""
    error_code: str | None = None
    """The code of that error, for programs; null if the item succeeded."""
    expires_at: datetime | None = None
    """The expiry of the points; present only with `requested_expires_at`."""
    requested_expires_at: datetime | None = None
    """The requested expiry, if the points expire at another time."""
    idempotency_differs: list[str] | None = None
    """The fields whose values differ from those of the first request with this idempotency key; left out if there are
    none.
    """


class AwardPointsRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Points to award. They never expire, unless `expires_at` or `expires_in_days` is given."""

    participant_id: str
    """Your application's id of the user: 1 to 255 characters, no control characters."""
    amount: int
    """Points, a whole number."""
    reason: str | None = None
    """Shown in the transaction history."""
    metadata: Mapping[str, Any] | None = None
    """Your own data, stored with the fact: at most 65,536 bytes of JSON."""
    idempotency_key: str | None = None
    """Makes retries safe: the same key never acts twice for the same participant and operation."""
    timestamp: datetime | None = None
    """The time when it happened, by RFC 3339. A time without an offset is in UTC."""
    expires_at: datetime | None = None
    """The expiry of the points; null for never. RFC 3339; without an offset it is read as UTC."""
    expires_in_days: int | None = None
    """The points expire at the end of the day this many days later, in the participant's time zone; null for never."""


class BadgeAwardedAnswer(Struct, frozen=True, kw_only=True):
    """The badge that the participant now has."""

    participant_id: str
    """Your application's own id of the user."""
    badge_code: str
    """The badge's code."""
    badge_name: str
    """The badge's name."""
    icon: str | None
    """The address of the badge's image; null if it has none."""
    rarity: str
    """How rare the badge is, in the project's own words."""
    earned_at: datetime
    """When the participant earned the badge."""
    already_earned: bool
    """Whether the participant had the badge before; then nothing was changed."""
    effects: Effects | None = None
    """Everything else that the request caused, such as badges and tiers; left out if there is nothing."""


class BadgeDefinition(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A badge. A hidden badge is shown only to participants who have earned it."""

    code: str
    """A short name, unique among the definitions of its kind in the project."""
    is_active: bool | None = True
    """Whether the definition is in use. False switches it off; its past effects remain."""
    display_order: int | None = 0
    """The position in lists, ascending; definitions with equal numbers are sorted by code."""
    name: str
    """The name that participants see."""
    description: str | None = None
    """The text that participants see; null for none."""
    icon_url: str | None = None
    """The address of an image: http, https, a data URL or a relative address; null for none."""
    category: str | None = None
    """A word for your application to group badges by; null for none."""
    rarity: str | None = "common"
    """How rare the badge is, in your own words."""
    is_hidden: bool | None = False
    """Whether only participants who have earned the badge see it."""
    criteria: str | None = None
    """A CEL expression over participant and now. The badge is earned as soon as it is true."""


class BadgeDefinitionAnswer(Struct, frozen=True, kw_only=True):
    """A badge. A hidden badge is shown only to participants who have earned it."""

    id: str
    """The definition's id, which never changes."""
    code: str
    """A short name, unique among the definitions of its kind in the project."""
    is_active: bool
    """Whether the definition is in use. False switches it off; its past effects remain."""
    display_order: int
    """The position in lists, ascending; definitions with equal numbers are sorted by code."""
    name: str
    """The name that participants see."""
    description: str | None
    """The text that participants see; null for none."""
    icon_url: str | None
    """The address of an image: http, https, a data URL or a relative address; null for none."""
    category: str | None
    """A word for your application to group badges by; null for none."""
    rarity: str
    """How rare the badge is, in your own words."""
    is_hidden: bool
    """Whether only participants who have earned the badge see it."""
    criteria: str | None
    """A CEL expression over participant and now. The badge is earned as soon as it is true."""
    created_at: datetime
    """When it was created."""
    updated_at: datetime
    """When it was last changed."""
    deleted_at: datetime | None
    """When it was deleted; null if it is not."""


class BadgeDefinitionList(Struct, frozen=True, kw_only=True):
    """A page of the project's definitions of one kind."""

    items: list[BadgeDefinitionAnswer]
    """The rows of this page, in their order."""
    total: int
    """The number of rows on all pages."""
    page: int
    """The number of this page, from 1."""
    page_size: int
    """The largest number of rows on a page."""
    next_cursor: str | None
    """The value of `after` for the next page; null on the last page."""


class BadgeDefinitionPatch(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fields to change; all others stay as they are."""

    is_active: bool | UnsetType = UNSET
    """Whether the definition is in use. False switches it off; its past effects remain."""
    display_order: int | UnsetType = UNSET
    """The position in lists, ascending; definitions with equal numbers are sorted by code."""
    name: str | UnsetType = UNSET
    """The name that participants see."""
    description: str | UnsetType | None = UNSET
    """The text that participants see; null for none."""
    icon_url: str | UnsetType | None = UNSET
    """The address of an image: http, https, a data URL or a relative address; null for none."""
    category: str | UnsetType | None = UNSET
    """A word for your application to group badges by; null for none."""
    rarity: str | UnsetType = UNSET
    """How rare the badge is, in your own words."""
    is_hidden: bool | UnsetType = UNSET
    """Whether only participants who have earned the badge see it."""
    criteria: str | UnsetType | None = UNSET
    """A CEL expression over participant and now. The badge is earned as soon as it is true."""


class BadgeEarnedData(Struct, frozen=True, kw_only=True):
    """The badge that a participant earned."""

    badge_code: str
    """The badge's code."""
    badge_name: str
    """The badge's name."""
    description: str | None = None
    """The badge's description; null for none."""
    icon_url: str | None = None
    """The address of the badge's image; null for none."""
    rarity: str
    """How rare the badge is, in the project's own words."""
    reason: str | None = None
    """The reason that was given with the award; null for none."""
    metadata: dict[str, Any] | None = None
    """Your own data, as sent with the request; null for none."""


class BadgeEarnedEvent(Struct, frozen=True, kw_only=True, tag_field="type", tag="badge.earned"):
    """A participant earned a badge."""

    id: str
    """The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
    that of the transaction.
    """
    occurred_at: datetime
    """When it happened. For events of the past, this can be long ago."""
    recorded_at: datetime
    """When Laurels recorded it, by the project's clock."""
    participant_id: str | None
    """The participant; null for events about definitions, and once the person is erased."""
    sequence: int | None
    """The number of the fact among all facts of the participant: it puts the participant's events in order. Facts
    without an event leave gaps. Null without a participant.
    """
    historical: bool
    """Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
    events.
    """
    cause: FeedCause
    """The cause of the event."""
    data: BadgeEarnedData
    """The content of the event."""


class BadgeEffect(Struct, frozen=True, kw_only=True):
    """A badge that was earned."""

    badge_code: str
    """The badge's code."""
    badge_name: str
    """The badge's name."""
    icon: str | None
    """The address of the badge's image; null if it has none."""
    rarity: str
    """How rare the badge is, in the project's own words."""
    due_to: str | None
    """The code of the rule or challenge that awarded it; null for a badge earned by its criteria."""


class BadgeRevokedAnswer(Struct, frozen=True, kw_only=True):
    """The badge that the participant no longer has."""

    participant_id: str
    """Your application's own id of the user."""
    badge_code: str
    """The badge's code."""
    badge_name: str
    """The badge's name."""
    earned_at: datetime
    """When the participant had earned the badge."""
    revoked_at: datetime
    """When the badge was taken away."""
    effects: Effects | None = None
    """Everything else that the request caused, such as badges and tiers; left out if there is nothing."""


class BadgeRevokedData(Struct, frozen=True, kw_only=True):
    """The badge that was taken away from a participant."""

    badge_code: str
    """The badge's code."""
    badge_name: str
    """The badge's name."""
    reason: str | None = None
    """The reason; null for none."""


class BadgeRevokedEvent(Struct, frozen=True, kw_only=True, tag_field="type", tag="badge.revoked"):
    """A badge was taken away from a participant."""

    id: str
    """The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
    that of the transaction.
    """
    occurred_at: datetime
    """When it happened. For events of the past, this can be long ago."""
    recorded_at: datetime
    """When Laurels recorded it, by the project's clock."""
    participant_id: str | None
    """The participant; null for events about definitions, and once the person is erased."""
    sequence: int | None
    """The number of the fact among all facts of the participant: it puts the participant's events in order. Facts
    without an event leave gaps. Null without a participant.
    """
    historical: bool
    """Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
    events.
    """
    cause: FeedCause
    """The cause of the event."""
    data: BadgeRevokedData
    """The content of the event."""


class BadgeSection(Struct, frozen=True, kw_only=True):
    """A badge that the participant can see, earned or not."""

    code: str
    """The badge's code."""
    name: str
    """The badge's name."""
    earned: bool
    """Whether the participant has the badge now."""
    earned_at: datetime | None
    """When the participant earned it; null if not earned."""


class BadgeStatus(Struct, frozen=True, kw_only=True):
    """A badge that the participant can see, earned or not."""

    code: str
    """The badge's code."""
    name: str
    """The badge's name."""
    description: str | None
    """The badge's description; null if it has none."""
    icon: str | None
    """The address of the badge's image; null if it has none."""
    rarity: str
    """How rare the badge is, in the project's own words."""
    earned: bool
    """Whether the participant has the badge now."""
    earned_at: datetime | None
    """When the participant earned it; null if not earned."""


class BadgesAnswer(Struct, frozen=True, kw_only=True):
    """`total` and `earned_count` count all badges that the participant can see, regardless of filters."""

    participant_id: str
    """Your application's own id of the user."""
    badges: list[BadgeStatus]
    """The badges, in display order."""
    total: int
    """The number of badges that the participant can see, whatever the filters."""
    earned_count: int
    """The number of these badges that the participant has earned."""


class BoardAnswer(Struct, frozen=True, kw_only=True):
    """`progress` is there while a new board is being filled from history: 0 to 1."""

    leaderboard_code: str
    """The leaderboard's code."""
    period: str
    """The time window of the scores, or the code of the season."""
    entries: list[BoardEntry]
    """The participants, the best first."""
    total_participants: int
    """The number of participants with a score in the window."""
    period_key: str | None
    """The period, such as 2026-02-14, 2026-W07, 2026-02 or 2026; null for all time and seasons."""
    resets_at: datetime | None
    """When the window ends; null for all time and past periods."""
    result_at: datetime | None = None
    """When the result was stored; only with `result=true`."""
    next_cursor: str | None = None
    """The cursor of the next entries, for `after`; left out if no entries follow."""
    progress: float | None = None
    """How much of the board is filled, 0 to 1; left out once it is filled."""


class BoardEntry(Struct, frozen=True, kw_only=True):
    """`change` compares with the rank of the last full hour (daily boards) or the last midnight: null beyond rank 1,000
    and for past periods.
    """

    rank: int
    """The place, from 1. Equal scores share a rank."""
    participant_id: str
    """Your application's own id of the user."""
    score: int | float
    """The participant's score in the window."""
    tie_values: list[int | float | None] | None = None
    """The numbers of the tie-breakers, in order; only on boards with tie-breakers. Null for a number that no fact has
    given.
    """
    global_rank: int | None = None
    """The place on the whole board; only in a ranking among some participants, where `rank` is the place among them."""
    change: Extensible[Literal["down", "new", "same", "up"]] | None
    """The change of the rank since the last tick; `new` if the participant was not on the board then. Null beyond rank
    1,000 and for past periods.
    """
    display_name: str | None = None
    """The participant's name, with `include=profile`; null if there is none."""
    avatar_url: str | None = None
    """The address of the participant's image, with `include=profile`; null if there is none."""


class CancelClaimRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A cancellation. With `return_item`, the code or the item of the inventory can be claimed again by any
    participant.
    """

    participant_id: str
    """Your application's id of the user: 1 to 255 characters, no control characters."""
    claim_id: str
    """The id of the claim."""
    return_points: bool | None = True
    """Whether the points that the claim cost are returned, with their expiry dates."""
    return_item: bool | None = True
    """Whether its code and its item of the inventory can be claimed again."""
    reason: str | None = None
    """Shown in the transaction history."""


class CaptureRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The hold to capture, and the points to spend, by default all of them. The rest is released."""

    participant_id: str
    """Your application's id of the user: 1 to 255 characters, no control characters."""
    reason: str | None = None
    """Shown in the transaction history."""
    metadata: Mapping[str, Any] | None = None
    """Your own data, stored with the fact: at most 65,536 bytes of JSON."""
    idempotency_key: str | None = None
    """Makes retries safe: the same key never acts twice for the same participant and operation."""
    hold_id: str
    """The id of the hold."""
    amount: int | None = None
    """The points to spend; null for all points of the hold."""


class ChallengeCompletedEvent(Struct, frozen=True, kw_only=True, tag_field="type", tag="challenge.completed"):
    """A participant completed a challenge."""

    id: str
    """The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
    that of the transaction.
    """
    occurred_at: datetime
    """When it happened. For events of the past, this can be long ago."""
    recorded_at: datetime
    """When Laurels recorded it, by the project's clock."""
    participant_id: str | None
    """The participant; null for events about definitions, and once the person is erased."""
    sequence: int | None
    """The number of the fact among all facts of the participant: it puts the participant's events in order. Facts
    without an event leave gaps. Null without a participant.
    """
    historical: bool
    """Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
    events.
    """
    cause: FeedCause
    """The cause of the event."""
    data: ChallengeData
    """The content of the event."""


class ChallengeData(Struct, frozen=True, kw_only=True):
    """A participant's challenge."""

    challenge_code: str
    """The challenge's code."""
    challenge_name: str
    """The challenge's name."""
    icon_url: str | None = None
    """The address of the challenge's image; null for none."""


class ChallengeDefinition(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A challenge: objectives, and the actions for completing all of them. With a `period`, it can be completed once
    per day, week or month of the participant's calendar; the last `late_periods` periods take late events.
    """

    code: str
    """A short name, unique among the definitions of its kind in the project."""
    is_active: bool | None = True
    """Whether the definition is in use. False switches it off; its past effects remain."""
    display_order: int | None = 0
    """The position in lists, ascending; definitions with equal numbers are sorted by code."""
    name: str
    """The name that participants see. It is the reason of awarded points without a reason."""
    description: str | None = None
    """The text that participants see; null for none."""
    icon_url: str | None = None
    """The address of an image: http, https, a data URL or a relative address; null for none."""
    join_type: Literal["automatic", "manual"] | None = "automatic"
    """`automatic`: the first event that counts begins a run. `manual`: participants join by a call."""
    is_repeatable: bool | None = False
    """Whether a participant can complete the challenge more than once. Not together with `period`."""
    starts_at: datetime | None = None
    """Events that occurred at this time or later count; null for no beginning."""
    ends_at: datetime | None = None
    """Events that occurred before this time count; null for no end."""
    duration_days: int | None = None
    """How many days of 24 hours a run may take; null for no deadline. Not together with `period`."""
    period: Literal["daily", "monthly", "weekly"] | None = None
    """The challenge can be completed once in each such period of the participant's calendar; null for no periods. It
    cannot be changed.
    """
    late_periods: int | None = None
    """With a `period`: how many periods before the newest one accept late events; null stands for 2."""
    objectives: Sequence[ObjectiveDefinition]
    """The objectives, all of which must be reached."""
    milestones: Sequence[MilestoneDefinition] | None = ()
    """Actions on the way to completing the challenge."""
    actions: (
        Sequence[GivePoints | TakePoints | PutInTier | ContinueStreak | AdvanceChallenge | GiveBadge | GrantReward]
        | None
    ) = ()
    """The actions that take effect when the challenge is completed."""


class ChallengeDefinitionAnswer(Struct, frozen=True, kw_only=True):
    """A challenge: objectives, and the actions for completing all of them. With a `period`, it can be completed once
    per day, week or month of the participant's calendar; the last `late_periods` periods take late events.
    """

    id: str
    """The definition's id, which never changes."""
    code: str
    """A short name, unique among the definitions of its kind in the project."""
    is_active: bool
    """Whether the definition is in use. False switches it off; its past effects remain."""
    display_order: int
    """The position in lists, ascending; definitions with equal numbers are sorted by code."""
    name: str
    """The name that participants see. It is the reason of awarded points without a reason."""
    description: str | None
    """The text that participants see; null for none."""
    icon_url: str | None
    """The address of an image: http, https, a data URL or a relative address; null for none."""
    join_type: Extensible[Literal["automatic", "manual"]]
    """`automatic`: the first event that counts begins a run. `manual`: participants join by a call."""
    is_repeatable: bool
    """Whether a participant can complete the challenge more than once. Not together with `period`."""
    starts_at: datetime | None
    """Events that occurred at this time or later count; null for no beginning."""
    ends_at: datetime | None
    """Events that occurred before this time count; null for no end."""
    duration_days: int | None
    """How many days of 24 hours a run may take; null for no deadline. Not together with `period`."""
    period: Extensible[Literal["daily", "monthly", "weekly"]] | None
    """The challenge can be completed once in each such period of the participant's calendar; null for no periods. It
    cannot be changed.
    """
    late_periods: int | None
    """With a `period`: how many periods before the newest one accept late events; null stands for 2."""
    objectives: list[ObjectiveDefinition]
    """The objectives, all of which must be reached."""
    milestones: list[MilestoneDefinition]
    """Actions on the way to completing the challenge."""
    actions: list[GivePoints | TakePoints | PutInTier | ContinueStreak | AdvanceChallenge | GiveBadge | GrantReward]
    """The actions that take effect when the challenge is completed."""
    created_at: datetime
    """When it was created."""
    updated_at: datetime
    """When it was last changed."""
    deleted_at: datetime | None
    """When it was deleted; null if it is not."""


class ChallengeDefinitionList(Struct, frozen=True, kw_only=True):
    """A page of the project's definitions of one kind."""

    items: list[ChallengeDefinitionAnswer]
    """The rows of this page, in their order."""
    total: int
    """The number of rows on all pages."""
    page: int
    """The number of this page, from 1."""
    page_size: int
    """The largest number of rows on a page."""
    next_cursor: str | None
    """The value of `after` for the next page; null on the last page."""


class ChallengeDefinitionPatch(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fields to change; all others stay as they are."""

    is_active: bool | UnsetType = UNSET
    """Whether the definition is in use. False switches it off; its past effects remain."""
    display_order: int | UnsetType = UNSET
    """The position in lists, ascending; definitions with equal numbers are sorted by code."""
    name: str | UnsetType = UNSET
    """The name that participants see. It is the reason of awarded points without a reason."""
    description: str | UnsetType | None = UNSET
    """The text that participants see; null for none."""
    icon_url: str | UnsetType | None = UNSET
    """The address of an image: http, https, a data URL or a relative address; null for none."""
    join_type: Literal["automatic", "manual"] | UnsetType = UNSET
    """`automatic`: the first event that counts begins a run. `manual`: participants join by a call."""
    is_repeatable: bool | UnsetType = UNSET
    """Whether a participant can complete the challenge more than once. Not together with `period`."""
    starts_at: datetime | UnsetType | None = UNSET
    """Events that occurred at this time or later count; null for no beginning."""
    ends_at: datetime | UnsetType | None = UNSET
    """Events that occurred before this time count; null for no end."""
    duration_days: int | UnsetType | None = UNSET
    """How many days of 24 hours a run may take; null for no deadline. Not together with `period`."""
    late_periods: int | UnsetType | None = UNSET
    """With a `period`: how many periods before the newest one accept late events; null stands for 2."""
    objectives: Sequence[ObjectiveDefinition] | UnsetType = UNSET
    """The objectives, all of which must be reached."""
    milestones: Sequence[MilestoneDefinition] | UnsetType = UNSET
    """Actions on the way to completing the challenge."""
    actions: (
        Sequence[GivePoints | TakePoints | PutInTier | ContinueStreak | AdvanceChallenge | GiveBadge | GrantReward]
        | UnsetType
    ) = UNSET
    """The actions that take effect when the challenge is completed."""


class ChallengeEffect(Struct, frozen=True, kw_only=True):
    """A challenge that the event advanced, with the state afterwards. `milestones` and `completed` are the milestones
    reached and the number of completions by this event.
    """

    challenge_code: str
    """The challenge's code."""
    challenge_name: str
    """The challenge's name."""
    percent: int
    """The progress afterwards, 0 to 100."""
    joined: bool
    """Whether this began a run."""
    completed: int
    """How often this completed the challenge."""
    milestones: list[int]
    """The percentages of the milestones that this reached."""


class ChallengeJoinedAnswer(Struct, frozen=True, kw_only=True):
    """The run. `ends_at` is the time when it ends, null if it has no end. `already_joined` is true if it had begun
    before.
    """

    participant_id: str
    """Your application's own id of the user."""
    challenge_code: str
    """The challenge's code."""
    challenge_name: str
    """The challenge's name."""
    joined_at: datetime
    """The beginning of the run."""
    ends_at: datetime | None
    """When the run ends; null for no end."""
    already_joined: bool
    """Whether a run was in progress before; then nothing was changed."""


class ChallengeJoinedData(Struct, frozen=True, kw_only=True):
    """A run of a challenge that began."""

    challenge_code: str
    """The challenge's code."""
    challenge_name: str
    """The challenge's name."""
    icon_url: str | None = None
    """The address of the challenge's image; null for none."""
    ends_at: datetime | None = None
    """When the run ends; null if only the challenge's own dates end it."""


class ChallengeJoinedEvent(Struct, frozen=True, kw_only=True, tag_field="type", tag="challenge.joined"):
    """A participant began a run of a challenge, by a request or by an event that counts."""

    id: str
    """The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
    that of the transaction.
    """
    occurred_at: datetime
    """When it happened. For events of the past, this can be long ago."""
    recorded_at: datetime
    """When Laurels recorded it, by the project's clock."""
    participant_id: str | None
    """The participant; null for events about definitions, and once the person is erased."""
    sequence: int | None
    """The number of the fact among all facts of the participant: it puts the participant's events in order. Facts
    without an event leave gaps. Null without a participant.
    """
    historical: bool
    """Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
    events.
    """
    cause: FeedCause
    """The cause of the event."""
    data: ChallengeJoinedData
    """The content of the event."""


class ChallengeLeftAnswer(Struct, frozen=True, kw_only=True):
    """The run that the participant has left."""

    participant_id: str
    """Your application's own id of the user."""
    challenge_code: str
    """The challenge's code."""
    challenge_name: str
    """The challenge's name."""
    left_at: datetime
    """When the run ended."""


class ChallengeLeftEvent(Struct, frozen=True, kw_only=True, tag_field="type", tag="challenge.left"):
    """A participant left a challenge."""

    id: str
    """The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
    that of the transaction.
    """
    occurred_at: datetime
    """When it happened. For events of the past, this can be long ago."""
    recorded_at: datetime
    """When Laurels recorded it, by the project's clock."""
    participant_id: str | None
    """The participant; null for events about definitions, and once the person is erased."""
    sequence: int | None
    """The number of the fact among all facts of the participant: it puts the participant's events in order. Facts
    without an event leave gaps. Null without a participant.
    """
    historical: bool
    """Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
    events.
    """
    cause: FeedCause
    """The cause of the event."""
    data: ChallengeData
    """The content of the event."""


class ChallengeMilestoneReachedEvent(
    Struct, frozen=True, kw_only=True, tag_field="type", tag="challenge.milestone_reached"
):
    """A participant reached a milestone of a challenge."""

    id: str
    """The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
    that of the transaction.
    """
    occurred_at: datetime
    """When it happened. For events of the past, this can be long ago."""
    recorded_at: datetime
    """When Laurels recorded it, by the project's clock."""
    participant_id: str | None
    """The participant; null for events about definitions, and once the person is erased."""
    sequence: int | None
    """The number of the fact among all facts of the participant: it puts the participant's events in order. Facts
    without an event leave gaps. Null without a participant.
    """
    historical: bool
    """Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
    events.
    """
    cause: FeedCause
    """The cause of the event."""
    data: MilestoneReachedData
    """The content of the event."""


class ChallengeShown(Struct, frozen=True, kw_only=True):
    """A challenge that is open to participants."""

    code: str
    """The challenge's code."""
    name: str
    """The challenge's name."""
    description: str | None
    """The challenge's description; null if it has none."""
    icon: str | None
    """The address of the challenge's image; null if it has none."""
    join_type: Extensible[Literal["automatic", "manual"]]
    """`automatic`: the first event that counts begins a run. `manual`: participants join by a call."""
    is_repeatable: bool
    """Whether a participant can complete the challenge more than once."""
    starts_at: datetime | None
    """The time from which events count; null for no beginning."""
    ends_at: datetime | None
    """The time before which events count; null for no end."""
    duration_days: int | None
    """How many days of 24 hours a run may take; null for no deadline."""
    period: Extensible[Literal["daily", "monthly", "weekly"]] | None
    """The challenge can be completed once in each such period; null for no periods."""
    objectives: list[ObjectiveShown]
    """The objectives, all of which must be reached."""
    milestones: list[int]
    """The percentages at which milestones are reached."""


class ChallengeStatus(Struct, frozen=True, kw_only=True):
    """A participant's state in a challenge. `ends_at` is the time when the participant's run ends, `percent` is rounded
    down.
    """

    code: str
    """The challenge's code."""
    name: str
    """The challenge's name."""
    description: str | None
    """The challenge's description; null if it has none."""
    icon: str | None
    """The address of the challenge's image; null if it has none."""
    status: Extensible[Literal["active", "completed", "expired", "not_joined"]]
    """`not_joined`: no run yet, or left. `active`: a run is in progress. `completed`: completed, without a further run.
    `expired`: ended before the targets were reached.
    """
    percent: int
    """The mean progress towards the targets, 0 to 100."""
    objectives: list[ObjectiveSummary]
    """The progress towards each objective."""
    milestones: list[MilestoneStatus]
    """The milestones, and whether they are reached in this run."""
    join_type: Extensible[Literal["automatic", "manual"]]
    """`automatic`: the first event that counts begins a run. `manual`: participants join by a call."""
    is_repeatable: bool
    """Whether the challenge can be completed more than once."""
    joined_at: datetime | None
    """The beginning of the run; null without a run."""
    ends_at: datetime | None
    """When the run ends: the earlier of its deadline and the end of the challenge; null for no end."""
    completed_at: datetime | None
    """The time of the latest completion; null if never completed."""
    completions: int
    """How often the participant has completed the challenge, past periods included."""


class ChallengesAnswer(Struct, frozen=True, kw_only=True):
    """The challenges of a participant."""

    participant_id: str
    """Your application's own id of the user."""
    challenges: list[ChallengeStatus]
    """The challenges, in display order."""


class ChallengesSection(Struct, frozen=True, kw_only=True):
    """The number of the participant's challenges."""

    active: int
    """The number of challenges in progress."""
    completed: int
    """The number of challenges that were completed at least once."""


class ChangeKeyRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fields to change; all others stay as they are."""

    name: str | UnsetType = UNSET
    """A name by which you recognise the key later."""
    rate_limit: int | UnsetType | None = UNSET
    """Requests per second; null for the server's default, 0 for no limit."""


class ChangeProjectRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The settings to change; all others stay as they are."""

    name: str | UnsetType = UNSET
    """The project's name."""
    time_zone: str | UnsetType = UNSET
    """IANA name of the time zone in which the project's days and weeks begin."""
    first_day_of_week: (
        Literal["friday", "monday", "saturday", "sunday", "thursday", "tuesday", "wednesday"] | UnsetType
    ) = UNSET
    """The day on which weeks begin. It can be changed only before the project has a participant."""
    rate_limit: int | UnsetType | None = UNSET
    """Requests per second; null for the server's default, 0 for no limit."""
    event_retention_days: int | UnsetType | None = UNSET
    """For how many days the content of events is kept; null keeps it permanently."""
    strict_fields: bool | UnsetType = UNSET
    """Whether unknown fields and parameters are refused."""


class ClaimAnswer(Struct, frozen=True, kw_only=True):
    """A claim of a reward."""

    claim_id: str
    """The id of the claim."""
    reward_id: str
    """The id of the reward."""
    reward_code: str
    """The reward's code."""
    reward_name: str
    """The reward's name."""
    reward_type: Extensible[Literal["coupon", "digital", "physical", "points_multiplier", "voucher"]]
    """The kind of reward."""
    status: Extensible[Literal["cancelled", "claimed", "fulfilled"]]
    """`claimed` until an administrator fulfils or cancels the claim."""
    code_value: str | None
    """The code that the claim got; null for none."""
    points_deducted: int
    """The points that the claim cost."""
    claimed_at: datetime
    """When the reward was claimed."""
    fulfilled_at: datetime | None
    """When the claim was fulfilled; null if it was not."""
    cancelled_at: datetime | None
    """When the claim was cancelled; null if it was not."""


class ClaimCancelledAnswer(Struct, frozen=True, kw_only=True):
    """The claim that was cancelled."""

    claim_id: str
    """The id of the claim."""
    participant_id: str
    """Your application's own id of the user."""
    reward_name: str
    """The reward's name."""
    status: str
    """Always `cancelled`."""
    points_returned: int
    """The points that were returned."""
    item_returned: bool
    """Whether its code or its item of the inventory can be claimed again."""
    new_balance: int
    """The balance afterwards."""
    cancelled_at: datetime
    """When the claim was cancelled."""
    effects: Effects | None = None
    """Everything else that the request caused, such as badges and tiers; left out if there is nothing."""


class ClaimData(Struct, frozen=True, kw_only=True):
    """A claim of a reward."""

    claim_id: str
    """The id of the claim."""
    reward_id: str
    """The id of the reward."""
    reward_code: str
    """The reward's code."""
    reward_name: str
    """The reward's name."""
    reason: str | None = None
    """The reason; null for none."""


class ClaimFulfilledAnswer(Struct, frozen=True, kw_only=True):
    """The claim that was fulfilled."""

    claim_id: str
    """The id of the claim."""
    participant_id: str
    """Your application's own id of the user."""
    reward_name: str
    """The reward's name."""
    status: str
    """Always `fulfilled`."""
    fulfilled_at: datetime
    """When the claim was fulfilled."""


class ClaimRewardRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A claim. With `points_deduction`, it costs the reward's `points_cost`; otherwise it is free."""

    participant_id: str
    """Your application's id of the user: 1 to 255 characters, no control characters."""
    points_deduction: bool | None = False
    """Whether the claim costs the reward's `points_cost`. False claims it free."""
    idempotency_key: str | None = None
    """Makes retries safe: the same key never acts twice for the same participant and operation."""


class ClaimsAnswer(Struct, frozen=True, kw_only=True):
    """A page of a participant's claims."""

    participant_id: str
    """Your application's own id of the user."""
    rewards: list[ClaimAnswer]
    """The claims, the newest first."""
    total: int
    """The number of rows on all pages."""
    page: int
    """The number of this page, from 1."""
    page_size: int
    """The largest number of rows on a page."""
    next_cursor: str | None
    """The value of `after` for the next page; null on the last page."""


class ClockAnswer(Struct, frozen=True, kw_only=True):
    """`now` is the time of the project's clock. `offset_ms` is its distance from real time: how far it is ahead."""

    now: datetime
    """The time of the project's clock."""
    offset_ms: int
    """How many milliseconds the clock is ahead of real time."""
    mode: Extensible[Literal["live", "test"]]
    """`live` or `test`."""
    can_be_moved: bool
    """Whether the clock can be moved: only in a test project."""


class ClockMovedAnswer(Struct, frozen=True, kw_only=True):
    """`is_settled`: everything that came due has happened. Otherwise it was too much for one call, and continues in the
    background.
    """

    now: datetime
    """The time of the project's clock."""
    offset_ms: int
    """How many milliseconds the clock is ahead of real time."""
    mode: Extensible[Literal["live", "test"]]
    """`live` or `test`."""
    can_be_moved: bool
    """Whether the clock can be moved: only in a test project."""
    is_settled: bool
    """Whether everything that became due has happened. False: the rest continues in the background."""


class CodesAnswer(Struct, frozen=True, kw_only=True):
    """The number of a reward's codes."""

    reward_id: str
    """The id of the reward."""
    total: int
    """The number of codes ever uploaded."""
    available: int
    """The number of codes that can still be claimed."""
    claimed: int
    """The number of codes that were claimed."""
    revoked: int
    """The number of codes that were revoked."""


class ConditionShown(Struct, frozen=True, kw_only=True):
    """A condition that was evaluated, and the values that it read, by name. `objective` is the code of a challenge's
    objective. Missing values are left out; long values are shortened to a text.
    """

    objective: str | None
    """The code of the challenge's objective; null for rules and badges."""
    expression: str
    """The expression."""
    values: dict[str, Any]
    """The values that it read, by their names."""


class ConsideredShown(Struct, frozen=True, kw_only=True):
    """`version` is the version of the definition at that time. `conditions` are the conditions that were evaluated: the
    condition of a rule, the criteria of a badge, or the conditions of a challenge's objectives.
    """

    code: str
    """The definition's code."""
    name: str
    """The definition's name."""
    version: int
    """The version of the project's definitions that began this state of the definition."""
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
    """The outcome, for programs."""
    reason: str
    """The outcome in words."""
    conditions: list[ConditionShown]
    """The conditions that were evaluated."""
    limited_in: LimitedIn | None = None
    """The day, week or month in which the limit was reached; left out for other outcomes."""


class ContinueStreak(Struct, frozen=True, kw_only=True, tag_field="type", tag="record_streak"):
    """An action that records the period of the event in a streak. It changes nothing if the period is already
    recorded.
    """

    streak_code: str
    """The streak's code."""


class CreateKeyRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The key to create."""

    scope: Literal["admin", "gamify", "gamify:admin", "gamify:read", "gamify:support", "operator"] | None = "gamify"
    """The permissions of the key: each scope includes those before it."""
    name: str | None = ""
    """A name by which you recognise the key later."""
    rate_limit: int | None = None
    """Requests per second; null for the server's default, 0 for no limit."""


class CreateProjectRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The project to create."""

    code: str
    """A short name, unique among the projects of the server."""
    name: str | None = None
    """The project's name; null for the code."""
    mode: Literal["live", "test"] | None = "live"
    """A `test` project has a clock that can be moved. It cannot be changed."""
    time_zone: str | None = "UTC"
    """IANA name of the time zone in which the project's days and weeks begin."""
    first_day_of_week: Literal["friday", "monday", "saturday", "sunday", "thursday", "tuesday", "wednesday"] | None = (
        "monday"
    )
    """The day on which weeks begin."""
    rate_limit: int | None = None
    """Requests per second; null for the server's default, 0 for no limit."""
    strict_fields: bool | None = None
    """Refuse unknown fields and parameters. By default, test projects refuse them, live ones do not."""


class CurrentTier(Struct, frozen=True, kw_only=True):
    """The tier of a participant."""

    code: str
    """The tier's code."""
    name: str
    """The tier's name."""
    level: int
    """The tier's level; higher is better."""
    color: str | None
    """The tier's colour; null if it has none."""
    achieved_at: datetime
    """When the participant reached it."""


class DefinitionChangedData(Struct, frozen=True, kw_only=True):
    """A definition that was changed."""

    action: Extensible[Literal["changed", "created", "deleted", "restored"]]
    """The kind of change."""
    kind: str
    """The kind of definition, such as `badge`."""
    code: str
    """The definition's code."""
    definition_id: str
    """The definition's id."""
    version: int
    """The version of the project's definitions since the change."""


class DefinitionChangedEvent(Struct, frozen=True, kw_only=True, tag_field="type", tag="definition.changed"):
    """A definition was created, changed, deleted or restored."""

    id: str
    """The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
    that of the transaction.
    """
    occurred_at: datetime
    """When it happened. For events of the past, this can be long ago."""
    recorded_at: datetime
    """When Laurels recorded it, by the project's clock."""
    participant_id: str | None
    """The participant; null for events about definitions, and once the person is erased."""
    sequence: int | None
    """The number of the fact among all facts of the participant: it puts the participant's events in order. Facts
    without an event leave gaps. Null without a participant.
    """
    historical: bool
    """Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
    events.
    """
    cause: FeedCause
    """The cause of the event."""
    data: DefinitionChangedData
    """The content of the event."""


class DefinitionTally(Struct, frozen=True, kw_only=True):
    """The counts of one definition. `fired`: a rule acted, a challenge was completed, a badge earned, a tier reached or
    assigned, a streak's period recorded, a reward claimed; `limited`: a cap reduced an award. The points were
    awarded or deducted because of the definition.
    """

    fired: int = 0
    """How often it took effect: a rule acted, a challenge was completed, a badge earned, a tier reached, a streak's
    period recorded, a reward claimed.
    """
    limited: int = 0
    """How often a limit or a group held a rule back, or an earning cap reduced an award."""
    failed: int = 0
    """How often a condition or an action failed, or actions were cut off."""
    points_awarded: int = 0
    """Points that it awarded."""
    points_deducted: int = 0
    """Points that it deducted."""


class DeliveriesAnswer(Struct, frozen=True, kw_only=True):
    """A page of the deliveries of a webhook."""

    items: list[Delivery]
    """The deliveries, the latest first."""
    total: int
    """The number of rows on all pages."""
    page: int
    """The number of this page, from 1."""
    page_size: int
    """The largest number of rows on a page."""
    next_cursor: str | None
    """The value of `after` for the next page; null on the last page."""


class Delivery(Struct, frozen=True, kw_only=True):
    """An event for one webhook. `waiting`: a further attempt follows while the webhook is switched on. `failed`: no
    further attempt follows.
    """

    delivery_number: int
    """The number of the delivery among those of the webhook: 1, 2, 3 …, without gaps."""
    event_id: str
    """The id of the event, which is the header `webhook-id` of all its attempts."""
    type: str
    """The type of the event."""
    state: Extensible[Literal["delivered", "failed", "waiting"]]
    """`waiting`, `delivered` or `failed`."""
    created_at: datetime
    """When the delivery was created."""
    next_attempt_at: datetime | None
    """When the next attempt is due; null while one is in progress, while an earlier event of the participant waits,
    while the webhook is switched off, and after the last one.
    """
    attempts: list[Attempt]
    """The attempts, in order."""


class DueTo(Struct, frozen=True, kw_only=True):
    """The definition behind a fact."""

    kind: str
    """The kind of definition, such as `rule`."""
    code: str
    """The definition's code."""


class DuplicateCodes(Struct, frozen=True, kw_only=True):
    """The codes that were not added: duplicates in the request, and existing codes. `examples` has the first 100."""

    in_request: int
    """The number of codes that the request repeats."""
    existing: int
    """The number of codes that the reward already had."""
    examples: list[str]
    """Some of these codes."""


class EarningCapDefinition(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How many points a participant is awarded at most in each day, week or month: by all awards together or, with a
    `rule_code`, by that rule.
    """

    code: str
    """A short name, unique among the definitions of its kind in the project."""
    is_active: bool | None = True
    """Whether the definition is in use. False switches it off; its past effects remain."""
    display_order: int | None = 0
    """The position in lists, ascending; definitions with equal numbers are sorted by code."""
    name: str
    """The cap's name, for your team."""
    description: str | None = None
    """A text for your team; null for none."""
    period: Literal["day", "month", "week"]
    """The period in which points are counted, in the participant's calendar."""
    points: int
    """How many points a participant can be awarded in one period."""
    rule_code: str | None = None
    """The code of the rule whose awards count; null for all awards."""


class EarningCapDefinitionAnswer(Struct, frozen=True, kw_only=True):
    """How many points a participant is awarded at most in each day, week or month: by all awards together or, with a
    `rule_code`, by that rule.
    """

    id: str
    """The definition's id, which never changes."""
    code: str
    """A short name, unique among the definitions of its kind in the project."""
    is_active: bool
    """Whether the definition is in use. False switches it off; its past effects remain."""
    display_order: int
    """The position in lists, ascending; definitions with equal numbers are sorted by code."""
    name: str
    """The cap's name, for your team."""
    description: str | None
    """A text for your team; null for none."""
    period: Extensible[Literal["day", "month", "week"]]
    """The period in which points are counted, in the participant's calendar."""
    points: int
    """How many points a participant can be awarded in one period."""
    rule_code: str | None
    """The code of the rule whose awards count; null for all awards."""
    created_at: datetime
    """When it was created."""
    updated_at: datetime
    """When it was last changed."""
    deleted_at: datetime | None
    """When it was deleted; null if it is not."""


class EarningCapDefinitionList(Struct, frozen=True, kw_only=True):
    """A page of the project's definitions of one kind."""

    items: list[EarningCapDefinitionAnswer]
    """The rows of this page, in their order."""
    total: int
    """The number of rows on all pages."""
    page: int
    """The number of this page, from 1."""
    page_size: int
    """The largest number of rows on a page."""
    next_cursor: str | None
    """The value of `after` for the next page; null on the last page."""


class EarningCapDefinitionPatch(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fields to change; all others stay as they are."""

    is_active: bool | UnsetType = UNSET
    """Whether the definition is in use. False switches it off; its past effects remain."""
    display_order: int | UnsetType = UNSET
    """The position in lists, ascending; definitions with equal numbers are sorted by code."""
    name: str | UnsetType = UNSET
    """The cap's name, for your team."""
    description: str | UnsetType | None = UNSET
    """A text for your team; null for none."""
    points: int | UnsetType = UNSET
    """How many points a participant can be awarded in one period."""


class Effects(Struct, frozen=True, kw_only=True):
    """All effects of a command beyond its own fact, in the order in which they happened."""

    points: list[PointsEffect]
    """The points awarded and deducted."""
    tier_upgrade: TierUpgrade | None
    """The highest tier reached; null for none."""
    streaks: list[StreakEffect]
    """The streaks recorded."""
    challenges: list[ChallengeEffect]
    """The challenges that advanced."""
    badges: list[BadgeEffect]
    """The badges earned."""
    rewards: list[RewardEffect]
    """The rewards granted."""


class ErasedAnswer(Struct, frozen=True, kw_only=True):
    """`anonymized_id` is the random id that now owns the remaining facts; null after a deletion."""

    participant_id: str
    """Your application's own id of the user."""
    anonymized: bool
    """Whether the participant was anonymized."""
    deleted: bool
    """Whether the participant was deleted."""
    anonymized_id: str | None
    """The random id that the remaining facts belong to; null after a deletion."""


class ErrorBody(Struct, frozen=True, kw_only=True):
    """The body of every error response. `detail` is for people. `code` is for programs and never changes its meaning;
    docs/errors.md lists the codes. Only 422 has `errors`. Only 403 has `sufficient_scopes`: the key needs one of
    these scopes.
    """

    detail: str
    """A sentence for people."""
    code: str
    """The kind of error, for programs. It never changes its meaning."""
    errors: Sequence[FieldError] = ()
    """With 422: the problems of the fields; empty otherwise."""
    sufficient_scopes: Sequence[str] = ()
    """With 403: the scopes of a key, any of which suffices; empty otherwise."""


class EventBatchAnswer(Struct, frozen=True, kw_only=True):
    """The results of a batch of events."""

    processed: int
    """The number of events that were recorded."""
    failed: int
    """The number of events with an error."""
    results: list[EventBatchResult]
    """One result for each event, in their order."""


class EventBatchRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """1 to 100 events; each is processed independently."""

    events: Sequence[EventRequest]
    """The events. Each is judged by itself."""


class EventBatchResult(Struct, frozen=True, kw_only=True):
    """The result for one item: the response for a single event, or an error as a sentence, and its code.
    `idempotency_differs` names the fields that were different in the first request with this key.
    """

    participant_id: str | None
    """Your application's own id of the user."""
    event_id: str | None = None
    """The id of the event; null if it failed."""
    fact_id: str | None = None
    """The same id, as the id of the fact in the journal; null if it failed."""
    status: str | None = None
    """`processed`; null if the event failed."""
    effects: Effects | None = None
    """Everything that the event caused."""
    error: str | None = None
    """A sentence that explains why this item failed; null if it succeeded."""
    error_code: str | None = None
    """The code of that error, for programs; null if the item succeeded."""
    idempotency_differs: list[str] | None = None
    """The fields whose values differ from those of the first request with this idempotency key; left out if there are
    none.
    """


class EventRecordedAnswer(Struct, frozen=True, kw_only=True):
    """The recorded event and everything that it caused."""

    event_id: str
    """The id of the event."""
    fact_id: str
    """The same id, as the id of the fact in the journal."""
    status: str
    """Always `processed`."""
    effects: Effects
    """Everything that the event caused."""


class EventRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event to record."""

    participant_id: str
    """Your application's id of the user: 1 to 255 characters, no control characters."""
    event_name: str
    """The name of the event, which you choose: 1 to 100 characters."""
    properties: Mapping[str, Any] | UnsetType | None = UNSET
    """Data for rules, challenges and leaderboards: at most 65,536 bytes of JSON."""
    timestamp: datetime | None = None
    """The time when it happened, by RFC 3339. A time without an offset is in UTC."""
    idempotency_key: str | None = None
    """Makes retries safe: the same key never acts twice for the same participant and operation."""


class EventShown(Struct, frozen=True, kw_only=True):
    """A recorded event."""

    id: str
    """The id of the event."""
    event_name: str
    """The name of the event."""
    properties: dict[str, Any]
    """The properties as they were sent; empty if they are no longer kept."""
    occurred_at: datetime
    """When it occurred: the given `timestamp`, or the time of the call."""


class EventsAnswer(Struct, frozen=True, kw_only=True):
    """A page of events. `total` counts all events that match the filters."""

    participant_id: str
    """Your application's own id of the user."""
    events: list[EventShown]
    """The events, the latest first."""
    total: int
    """The number of rows on all pages."""
    page: int
    """The number of this page, from 1."""
    page_size: int
    """The largest number of rows on a page."""
    next_cursor: str | None
    """The value of `after` for the next page; null on the last page."""


class ExpiringMonth(Struct, frozen=True, kw_only=True):
    """The points that expire in a month."""

    month: str | None
    """The month in which the points expire, such as 2026-12; null for points that never expire and points held."""
    points: int
    """The number of points."""


class ExpiringPoints(Struct, frozen=True, kw_only=True):
    """The points that expire next, and when."""

    points: int
    """The number of points that expire then."""
    expires_at: datetime
    """The time when they expire."""


class ExplainAnswer(Struct, frozen=True, kw_only=True):
    """`facts` are all facts that were recorded together, beginning with their first cause. `rules`, `challenges` and
    `badges` are the definitions that were considered, in the version `definitions_version`, which was live then.
    `note` names the parts of the explanation that are no longer available.
    """

    participant_id: str
    """Your application's own id of the user."""
    event_id: str
    """The id of the event or other fact."""
    recorded_at: datetime
    """When the server received it."""
    definitions_version: int
    """The version of the project's definitions that applied."""
    facts: list[FactShown]
    """The facts that happened together, in their order."""
    rules: list[ConsideredShown]
    """The rules for this event, in the order in which they were considered."""
    challenges: list[ConsideredShown]
    """The challenges with an objective for this event, and the challenges that actions advanced."""
    badges: list[ConsideredShown]
    """The badges that were earned by their criteria, and the badges whose criteria failed."""
    note: str | None = None
    """Information that is no longer available or not exact; null if there is none."""


class ExportAnswer(Struct, frozen=True, kw_only=True):
    """`stored` has a list for each kind of row. Rows are as they are in the database, with the code of their definition
    added. `facts` are all facts of the participant, in their order.
    """

    participant_id: str
    """Your application's own id of the user."""
    exported_at: datetime
    """The time of the export."""
    stored: dict[str, list[dict[str, Any]]]
    """The stored rows, by the name of their table."""


class FactShown(Struct, frozen=True, kw_only=True):
    """`cause_id` is the fact that caused this one, `due_to` the rule or challenge through which it did."""

    fact_id: str
    """The id of the fact."""
    kind: str
    """The kind of fact, such as `points_awarded`."""
    cause_id: str | None
    """The id of the fact that caused it; null for the first."""
    due_to: DueTo | None
    """The rule or challenge in between; null if there is none."""
    occurred_at: datetime
    """When it occurred."""
    data: dict[str, Any]
    """The content of the fact, which depends on its kind."""


class FeedAnswer(Struct, frozen=True, kw_only=True):
    """A part of the feed."""

    events: list[
        ParticipantAnonymisedEvent
        | ParticipantDeletedEvent
        | DefinitionChangedEvent
        | PointsExpiringEvent
        | PointsAwardedEvent
        | PointsDeductedEvent
        | PointsExpiredEvent
        | PointsAwardReversedEvent
        | PointsDeductionReversedEvent
        | HoldCreatedEvent
        | HoldCapturedEvent
        | HoldReleasedEvent
        | HoldExpiredEvent
        | MultiplierEndedEvent
        | TierChangedEvent
        | ChallengeJoinedEvent
        | ChallengeMilestoneReachedEvent
        | ChallengeCompletedEvent
        | ChallengeLeftEvent
        | BadgeEarnedEvent
        | BadgeRevokedEvent
        | StreakExtendedEvent
        | StreakAtRiskEvent
        | StreakLostEvent
        | StreakRecoveredEvent
        | LeaderboardClosedEvent
        | LeaderboardPlacedEvent
        | RewardClaimedEvent
        | RewardFulfilledEvent
        | RewardCancelledEvent
        | ParticipantCreatedEvent
        | ParticipantUpdatedEvent
        | WebhookDisabledEvent
        | WebhookTestedEvent
    ]
    """The events, in order."""
    cursor: str
    """The value of `after` for the next request. Store it."""
    has_more: bool
    """Whether to read on at once. `events` may be empty then."""


class FeedCause(Struct, frozen=True, kw_only=True):
    """The cause of a feed event. A field that is null is left out."""

    command_id: str | None = None
    """The same for all events of one request; null for events about time and about definitions."""
    fact_id: str | None = None
    """The id of the fact that led to this event, such as a recorded event; null if the request itself did."""
    definition_kind: str | None = None
    """`rule` or `challenge`, if the actions of one led to this event; null for other causes."""
    definition_code: str | None = None
    """The code of that rule or challenge; null for other causes."""


class FieldError(Struct, frozen=True, kw_only=True):
    """A problem of one field of the request. `field` is a path such as `awards[3].amount`."""

    field: str
    """The field or parameter, such as `awards[2].amount`; empty for the whole body."""
    message: str
    """The problem. It continues the name of the field: `must be at least 1`."""


class FulfilClaimRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The claim to mark as done."""

    participant_id: str
    """Your application's id of the user: 1 to 255 characters, no control characters."""
    claim_id: str
    """The id of the claim."""
    reason: str | None = None
    """Shown in the transaction history."""


class FunnelAnswer(Struct, frozen=True, kw_only=True):
    """The numbers of participants in a challenge, from joining to completion. Progress is that of the newest run; a
    participant who has completed the challenge before counts as complete.
    """

    code: str
    """The challenge's code."""
    joined: int
    """Participants who have ever joined."""
    begun: int
    """Of these, participants with progress."""
    quarter: int
    """Participants with a mean progress of at least 25 %."""
    half: int
    """Participants with a mean progress of at least 50 %."""
    three_quarters: int
    """Participants with a mean progress of at least 75 %."""
    completed: int
    """Participants who have completed the challenge at least once."""
    completions: int
    """All completions, repeated ones included."""
    active: int
    """Participants in a run that has not ended."""
    left: int
    """Participants who have left the challenge."""


class GiveBadge(Struct, frozen=True, kw_only=True, tag_field="type", tag="award_badge"):
    """An action that awards a badge. It changes nothing if the badge is already earned or is not active."""

    badge_code: str
    """The badge's code."""


class GivePoints(Struct, frozen=True, kw_only=True, tag_field="type", tag="award_points"):
    """An action that awards points."""

    amount: int | str
    """The number of points, or an expression that computes it."""
    reason: str | None = None
    """Shown in the transaction history; null for the name of the rule or challenge."""
    expires_in_days: int | None = None
    """The points expire at the end of the day this many days after the event, in the participant's time zone; null for
    never.
    """


class GrantReward(Struct, frozen=True, kw_only=True, tag_field="type", tag="grant_reward"):
    """Grants a free claim, within the reward's own limits."""

    reward_code: str
    """The reward's code."""


class HistoryAnswer(Struct, frozen=True, kw_only=True):
    """A page of a participant's history."""

    participant_id: str
    """Your application's own id of the user."""
    facts: list[HistoryFact]
    """The facts, the latest first, by the time when they happened."""
    total: int
    """The number of rows on all pages."""
    page: int
    """The number of this page, from 1."""
    page_size: int
    """The largest number of rows on a page."""
    next_cursor: str | None
    """The value of `after` for the next page; null on the last page."""


class HistoryFact(Struct, frozen=True, kw_only=True):
    """Something that happened to the participant. `at` and `recorded_at` differ if it was reported later."""

    fact_id: str
    """The id of the fact; for movements of points, also that of the transaction."""
    kind: str
    """The kind of fact, such as `points_awarded`."""
    at: datetime
    """When it happened: the given `timestamp`, or the time of the call."""
    recorded_at: datetime
    """When the server received it."""
    sequence: int
    """The number of the fact among the participant's facts, in the order in which they took effect."""
    cause_id: str | None
    """The id of the fact that caused it; null for the first."""
    due_to: NamedDefinition | None
    """The rule or challenge in between; null if there is none."""
    definition: NamedDefinition | None
    """The badge, tier, streak, challenge or reward of the fact; null for other facts."""
    actor: str | None
    """The name of the key that sent the command, if an administrator or a person in the console did; null for calls of
    an application.
    """
    data: dict[str, Any]
    """The content of the fact, which depends on its kind."""


class HoldAnswer(Struct, frozen=True, kw_only=True):
    """An open hold."""

    hold_id: str
    """The id of the hold."""
    amount: int
    """The points that it sets aside."""
    reason: str | None
    """The reason that was given; null for none."""
    held_at: datetime
    """The time when the hold began."""
    expires_at: datetime
    """The time when the hold releases its points by itself."""


class HoldCapturedAnswer(Struct, frozen=True, kw_only=True):
    """The points that were spent from a hold."""

    transaction_id: str
    """The id of the transaction."""
    hold_id: str
    """The id of the hold."""
    participant_id: str
    """Your application's own id of the user."""
    amount: int
    """The points that were spent."""
    released_amount: int
    """The points of the hold that returned to the balance."""
    new_balance: int
    """The balance afterwards."""
    effects: Effects | None = None
    """Everything else that the request caused, such as badges and tiers; left out if there is nothing."""


class HoldCapturedEvent(Struct, frozen=True, kw_only=True, tag_field="type", tag="hold.captured"):
    """Points of a hold were spent."""

    id: str
    """The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
    that of the transaction.
    """
    occurred_at: datetime
    """When it happened. For events of the past, this can be long ago."""
    recorded_at: datetime
    """When Laurels recorded it, by the project's clock."""
    participant_id: str | None
    """The participant; null for events about definitions, and once the person is erased."""
    sequence: int | None
    """The number of the fact among all facts of the participant: it puts the participant's events in order. Facts
    without an event leave gaps. Null without a participant.
    """
    historical: bool
    """Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
    events.
    """
    cause: FeedCause
    """The cause of the event."""
    data: HoldData
    """The content of the event."""


class HoldCreatedEvent(Struct, frozen=True, kw_only=True, tag_field="type", tag="hold.created"):
    """Points were set aside."""

    id: str
    """The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
    that of the transaction.
    """
    occurred_at: datetime
    """When it happened. For events of the past, this can be long ago."""
    recorded_at: datetime
    """When Laurels recorded it, by the project's clock."""
    participant_id: str | None
    """The participant; null for events about definitions, and once the person is erased."""
    sequence: int | None
    """The number of the fact among all facts of the participant: it puts the participant's events in order. Facts
    without an event leave gaps. Null without a participant.
    """
    historical: bool
    """Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
    events.
    """
    cause: FeedCause
    """The cause of the event."""
    data: HoldData
    """The content of the event."""


class HoldData(Struct, frozen=True, kw_only=True):
    """A hold that changed. `amount` are the points of this change."""

    amount: int
    """The points."""
    balance_after: int
    """The balance afterwards."""
    reason: str | None = None
    """The reason shown in the transaction history; null for none."""
    metadata: dict[str, Any] | None = None
    """Your own data, as sent with the request; null for none."""
    hold_id: str
    """The id of the hold."""
    expires_at: datetime | None = None
    """When the hold expires; null once it is closed."""


class HoldExpiredEvent(Struct, frozen=True, kw_only=True, tag_field="type", tag="hold.expired"):
    """A hold expired. Its points are part of the balance again."""

    id: str
    """The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
    that of the transaction.
    """
    occurred_at: datetime
    """When it happened. For events of the past, this can be long ago."""
    recorded_at: datetime
    """When Laurels recorded it, by the project's clock."""
    participant_id: str | None
    """The participant; null for events about definitions, and once the person is erased."""
    sequence: int | None
    """The number of the fact among all facts of the participant: it puts the participant's events in order. Facts
    without an event leave gaps. Null without a participant.
    """
    historical: bool
    """Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
    events.
    """
    cause: FeedCause
    """The cause of the event."""
    data: HoldData
    """The content of the event."""


class HoldReleasedAnswer(Struct, frozen=True, kw_only=True):
    """The points that returned to the balance."""

    hold_id: str
    """The id of the hold."""
    participant_id: str
    """Your application's own id of the user."""
    amount: int
    """The points that returned to the balance."""
    new_balance: int
    """The balance afterwards."""
    effects: Effects | None = None
    """Everything else that the request caused, such as badges and tiers; left out if there is nothing."""


class HoldReleasedEvent(Struct, frozen=True, kw_only=True, tag_field="type", tag="hold.released"):
    """A request gave points of a hold back to the balance."""

    id: str
    """The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
    that of the transaction.
    """
    occurred_at: datetime
    """When it happened. For events of the past, this can be long ago."""
    recorded_at: datetime
    """When Laurels recorded it, by the project's clock."""
    participant_id: str | None
    """The participant; null for events about definitions, and once the person is erased."""
    sequence: int | None
    """The number of the fact among all facts of the participant: it puts the participant's events in order. Facts
    without an event leave gaps. Null without a participant.
    """
    historical: bool
    """Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
    events.
    """
    cause: FeedCause
    """The cause of the event."""
    data: HoldData
    """The content of the event."""


class HoldRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Points to hold, until `expires_at` or for `expires_in_minutes`, by default for an hour."""

    participant_id: str
    """Your application's id of the user: 1 to 255 characters, no control characters."""
    reason: str | None = None
    """Shown in the transaction history."""
    metadata: Mapping[str, Any] | None = None
    """Your own data, stored with the fact: at most 65,536 bytes of JSON."""
    idempotency_key: str | None = None
    """Makes retries safe: the same key never acts twice for the same participant and operation."""
    amount: int
    """Points, a whole number."""
    expires_at: datetime | None = None
    """The time when the hold releases its points by itself; null for `expires_in_minutes`."""
    expires_in_minutes: int | None = None
    """The number of minutes after which the hold releases its points by itself; null stands for 60. Not together with
    `expires_at`.
    """


class HoldsAnswer(Struct, frozen=True, kw_only=True):
    """The open holds of a participant."""

    participant_id: str
    """Your application's own id of the user."""
    held: int
    """The sum of the points held."""
    holds: list[HoldAnswer]
    """The holds, the first to expire first."""


class LeaderboardClosedData(Struct, frozen=True, kw_only=True):
    """The window of a leaderboard whose result was stored. Participants are not named: each of the first 100 has an
    event `leaderboard.placed`.
    """

    leaderboard_code: str
    """The leaderboard's code."""
    leaderboard_name: str
    """The leaderboard's name."""
    period: str
    """The time window, or the code of the season."""
    period_key: str | None = None
    """The period, such as 2026-02-14, 2026-W07, 2026-02 or 2026; null for seasons."""
    total_participants: int
    """The number of participants with a score in the window."""


class LeaderboardClosedEvent(Struct, frozen=True, kw_only=True, tag_field="type", tag="leaderboard.closed"):
    """The result of a leaderboard's window was stored, 24 hours after the window ended."""

    id: str
    """The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
    that of the transaction.
    """
    occurred_at: datetime
    """When it happened. For events of the past, this can be long ago."""
    recorded_at: datetime
    """When Laurels recorded it, by the project's clock."""
    participant_id: str | None
    """The participant; null for events about definitions, and once the person is erased."""
    sequence: int | None
    """The number of the fact among all facts of the participant: it puts the participant's events in order. Facts
    without an event leave gaps. Null without a participant.
    """
    historical: bool
    """Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
    events.
    """
    cause: FeedCause
    """The cause of the event."""
    data: LeaderboardClosedData
    """The content of the event."""


class LeaderboardDefinition(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A board. It keeps scores in time windows and seasons; `time_window` is the window that it shows by default."""

    code: str
    """A short name, unique among the definitions of its kind in the project."""
    is_active: bool | None = True
    """Whether the definition is in use. False switches it off; its past effects remain."""
    display_order: int | None = 0
    """The position in lists, ascending; definitions with equal numbers are sorted by code."""
    name: str
    """The name that participants see."""
    description: str | None = None
    """The text that participants see; null for none."""
    metric: (
        Literal["event_count", "event_last", "event_max", "event_min", "event_sum", "points_balance", "points_earned"]
        | None
    ) = "points_earned"
    """The source of scores: points earned, the change of the balance, the number of events, or the sum, the greatest,
    the least or the latest value of an event's property.
    """
    event_name: str | None = None
    """The name of the events that count; null for all events. Only for metrics of events."""
    property: str | None = None
    """The name of the event's property, for `event_sum`, `event_max`, `event_min` and `event_last`; null for other
    metrics.
    """
    order: Literal["asc", "desc"] | None = "desc"
    """Whether the greater score is better (`desc`) or the smaller one (`asc`), as for lap times."""
    condition: str | None = None
    """A CEL expression over `event` or `points`; only facts for which it is true count. Null for all facts."""
    tie_breakers: Sequence[TieBreaker] | None = ()
    """The numbers that decide between equal scores, in order. After them comes the time at which the score was
    reached.
    """
    time_window: Literal["all_time", "daily", "monthly", "weekly", "yearly"] | None = "all_time"
    """The window that the board shows by default; one of `windows`. It is required if `windows` do not have
    `all_time`.
    """
    windows: Sequence[Literal["all_time", "daily", "monthly", "weekly", "yearly"]] | UnsetType | None = UNSET
    """The time windows in which the board keeps scores."""
    seasons: Sequence[NamedSeason] | None = ()
    """Further windows with names and dates."""


class LeaderboardDefinitionAnswer(Struct, frozen=True, kw_only=True):
    """A board. It keeps scores in time windows and seasons; `time_window` is the window that it shows by default."""

    id: str
    """The definition's id, which never changes."""
    code: str
    """A short name, unique among the definitions of its kind in the project."""
    is_active: bool
    """Whether the definition is in use. False switches it off; its past effects remain."""
    display_order: int
    """The position in lists, ascending; definitions with equal numbers are sorted by code."""
    name: str
    """The name that participants see."""
    description: str | None
    """The text that participants see; null for none."""
    metric: Extensible[
        Literal["event_count", "event_last", "event_max", "event_min", "event_sum", "points_balance", "points_earned"]
    ]
    """The source of scores: points earned, the change of the balance, the number of events, or the sum, the greatest,
    the least or the latest value of an event's property.
    """
    event_name: str | None
    """The name of the events that count; null for all events. Only for metrics of events."""
    property: str | None
    """The name of the event's property, for `event_sum`, `event_max`, `event_min` and `event_last`; null for other
    metrics.
    """
    order: Extensible[Literal["asc", "desc"]]
    """Whether the greater score is better (`desc`) or the smaller one (`asc`), as for lap times."""
    condition: str | None
    """A CEL expression over `event` or `points`; only facts for which it is true count. Null for all facts."""
    tie_breakers: list[TieBreaker]
    """The numbers that decide between equal scores, in order. After them comes the time at which the score was
    reached.
    """
    time_window: Extensible[Literal["all_time", "daily", "monthly", "weekly", "yearly"]]
    """The window that the board shows by default; one of `windows`. It is required if `windows` do not have
    `all_time`.
    """
    windows: list[Extensible[Literal["all_time", "daily", "monthly", "weekly", "yearly"]]]
    """The time windows in which the board keeps scores."""
    seasons: list[NamedSeason]
    """Further windows with names and dates."""
    status: Extensible[Literal["filling", "ready", "retired", "waiting"]]
    """Whether the board is filled: `waiting`, `filling`, `ready`, or `retired` once it is deleted."""
    progress: float
    """How much of the board is filled, 0 to 1."""
    created_at: datetime
    """When it was created."""
    updated_at: datetime
    """When it was last changed."""
    deleted_at: datetime | None
    """When it was deleted; null if it is not."""


class LeaderboardDefinitionList(Struct, frozen=True, kw_only=True):
    """A page of the project's definitions of one kind."""

    items: list[LeaderboardDefinitionAnswer]
    """The rows of this page, in their order."""
    total: int
    """The number of rows on all pages."""
    page: int
    """The number of this page, from 1."""
    page_size: int
    """The largest number of rows on a page."""
    next_cursor: str | None
    """The value of `after` for the next page; null on the last page."""


class LeaderboardDefinitionPatch(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fields to change; all others stay as they are."""

    is_active: bool | UnsetType = UNSET
    """Whether the definition is in use. False switches it off; its past effects remain."""
    display_order: int | UnsetType = UNSET
    """The position in lists, ascending; definitions with equal numbers are sorted by code."""
    name: str | UnsetType = UNSET
    """The name that participants see."""
    description: str | UnsetType | None = UNSET
    """The text that participants see; null for none."""
    metric: (
        Literal["event_count", "event_last", "event_max", "event_min", "event_sum", "points_balance", "points_earned"]
        | UnsetType
    ) = UNSET
    """The source of scores: points earned, the change of the balance, the number of events, or the sum, the greatest,
    the least or the latest value of an event's property.
    """
    event_name: str | UnsetType | None = UNSET
    """The name of the events that count; null for all events. Only for metrics of events."""
    property: str | UnsetType | None = UNSET
    """The name of the event's property, for `event_sum`, `event_max`, `event_min` and `event_last`; null for other
    metrics.
    """
    order: Literal["asc", "desc"] | UnsetType = UNSET
    """Whether the greater score is better (`desc`) or the smaller one (`asc`), as for lap times."""
    condition: str | UnsetType | None = UNSET
    """A CEL expression over `event` or `points`; only facts for which it is true count. Null for all facts."""
    tie_breakers: Sequence[TieBreaker] | UnsetType = UNSET
    """The numbers that decide between equal scores, in order. After them comes the time at which the score was
    reached.
    """
    time_window: Literal["all_time", "daily", "monthly", "weekly", "yearly"] | UnsetType = UNSET
    """The window that the board shows by default; one of `windows`. It is required if `windows` do not have
    `all_time`.
    """
    windows: Sequence[Literal["all_time", "daily", "monthly", "weekly", "yearly"]] | UnsetType = UNSET
    """The time windows in which the board keeps scores."""
    seasons: Sequence[NamedSeason] | UnsetType = UNSET
    """Further windows with names and dates."""


class LeaderboardPlacedData(Struct, frozen=True, kw_only=True):
    """A participant's place in the result of a leaderboard."""

    leaderboard_code: str
    """The leaderboard's code."""
    leaderboard_name: str
    """The leaderboard's name."""
    period: str
    """The time window, or the code of the season."""
    period_key: str | None = None
    """The period, such as 2026-02-14, 2026-W07, 2026-02 or 2026; null for seasons."""
    rank: int
    """The rank in the result; equal scores share a rank."""
    score: int | float
    """The participant's score in the window."""
    total_participants: int
    """The number of participants with a score in the window."""


class LeaderboardPlacedEvent(Struct, frozen=True, kw_only=True, tag_field="type", tag="leaderboard.placed"):
    """A participant is among the first 100 of a leaderboard's window whose result was stored."""

    id: str
    """The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
    that of the transaction.
    """
    occurred_at: datetime
    """When it happened. For events of the past, this can be long ago."""
    recorded_at: datetime
    """When Laurels recorded it, by the project's clock."""
    participant_id: str | None
    """The participant; null for events about definitions, and once the person is erased."""
    sequence: int | None
    """The number of the fact among all facts of the participant: it puts the participant's events in order. Facts
    without an event leave gaps. Null without a participant.
    """
    historical: bool
    """Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
    events.
    """
    cause: FeedCause
    """The cause of the event."""
    data: LeaderboardPlacedData
    """The content of the event."""


class LiabilityAnswer(Struct, frozen=True, kw_only=True):
    """The points that a project owes. `outstanding` is `issued` − `spent` − `expired`: all balances and held points."""

    issued: int
    """All points ever awarded, less reversed awards."""
    spent: int
    """All points ever spent, less reversed deductions."""
    expired: int
    """All points that have expired."""
    held: int
    """Points set aside by open holds."""
    outstanding: int
    """Balances and held points."""
    breakage_percent: float
    """The share of the issued points that expired, in percent with one decimal."""
    by_expiry_month: list[ExpiringMonth]
    """The outstanding points by the month in which they expire, in the project's time zone."""


class LimitedIn(Struct, frozen=True, kw_only=True):
    """The window in which a limit was reached. The limit starts again at `ends_at`."""

    period: str
    """The day, week or month, such as `2026-02-14`, `2026-W07` or `2026-02`."""
    time_zone: str
    """The time zone whose days count: the participant's for limits of each participant, else the project's."""
    ends_at: datetime
    """When the window ends."""


class LostStreak(Struct, frozen=True, kw_only=True):
    """A streak that lapsed."""

    code: str
    """The streak's code."""
    name: str
    """The streak's name."""
    period: Extensible[Literal["daily", "monthly", "weekly"]]
    """The period of the streak."""
    count: int
    """How many periods it had."""
    first_period: str
    """The first of its periods that is stored, such as `2026-02-14`, `2026-W07` or `2026-02`."""
    last_period: str
    """Its last period."""
    lost_at: datetime
    """When it lapsed without a further record."""


class LostStreaksAnswer(Struct, frozen=True, kw_only=True):
    """The lost streaks of a participant."""

    participant_id: str
    """Your application's own id of the user."""
    lost: list[LostStreak]
    """The streaks that lapsed, the latest first, at most the last 1,000."""


class MilestoneDefinition(Struct, frozen=True, kw_only=True):
    """Actions on the way to completion, when `percent` of the challenge is reached."""

    percent: int
    """The progress of the challenge, in percent, at which the milestone is reached."""
    actions: Sequence[
        GivePoints | TakePoints | PutInTier | ContinueStreak | AdvanceChallenge | GiveBadge | GrantReward
    ] = ()
    """The actions that take effect, once per run."""


class MilestoneReachedData(Struct, frozen=True, kw_only=True):
    """A milestone of a challenge."""

    challenge_code: str
    """The challenge's code."""
    challenge_name: str
    """The challenge's name."""
    icon_url: str | None = None
    """The address of the challenge's image; null for none."""
    percent: int
    """The milestone, in percent of the whole challenge."""


class MilestoneStatus(Struct, frozen=True, kw_only=True):
    """A milestone on the way to completing a challenge."""

    percent: int
    """The progress at which it is reached."""
    reached: bool
    """Whether it is reached."""


class MoveClockRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The new time, or the number of seconds to advance: one of the two."""

    now: datetime | None = None
    """The time to move to; null with `advance_seconds`. Without an offset it is read as UTC."""
    advance_seconds: int | None = None
    """By how many seconds to move; null with `now`."""


class MultiplierConfig(Struct, frozen=True, kw_only=True):
    """The effect of a reward of type `points_multiplier`: awards are multiplied by `multiplier`, for `duration_hours`
    after the claim.
    """

    multiplier: int | float
    """By how much awards are multiplied: over 1, at most 100."""
    duration_hours: int
    """How many hours the multiplier applies after the claim."""


class MultiplierConfigPatch(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The effect of a reward of type `points_multiplier`: awards are multiplied by `multiplier`, for `duration_hours`
    after the claim.
    """

    multiplier: int | float | UnsetType = UNSET
    """By how much awards are multiplied: over 1, at most 100."""
    duration_hours: int | UnsetType = UNSET
    """How many hours the multiplier applies after the claim."""


class MultiplierData(Struct, frozen=True, kw_only=True):
    """A multiplier of a reward that ended."""

    claim_id: str
    """The id of the claim that brought the multiplier."""


class MultiplierEndedEvent(Struct, frozen=True, kw_only=True, tag_field="type", tag="multiplier.ended"):
    """The multiplier of a reward ended."""

    id: str
    """The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
    that of the transaction.
    """
    occurred_at: datetime
    """When it happened. For events of the past, this can be long ago."""
    recorded_at: datetime
    """When Laurels recorded it, by the project's clock."""
    participant_id: str | None
    """The participant; null for events about definitions, and once the person is erased."""
    sequence: int | None
    """The number of the fact among all facts of the participant: it puts the participant's events in order. Facts
    without an event leave gaps. Null without a participant.
    """
    historical: bool
    """Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
    events.
    """
    cause: FeedCause
    """The cause of the event."""
    data: MultiplierData
    """The content of the event."""


class NamedDefinition(Struct, frozen=True, kw_only=True):
    """A definition, by its current name."""

    kind: str
    """The kind of definition, such as `badge`."""
    code: str
    """The definition's code."""
    name: str
    """The definition's name."""


class NamedSeason(Struct, frozen=True, kw_only=True):
    """A window with a name, from the first local date to the last one, in the project's time zone."""

    code: str
    """The name that requests use as `period`. It is unique on the board, and not the name of a time window."""
    from_: str = field(name="from")
    """The first day."""
    to: str
    """The last day."""


class NewApiKey(Struct, frozen=True, kw_only=True):
    """`key` is the key itself. It cannot be shown again."""

    id: str
    """The id of the key."""
    name: str
    """The name of the key."""
    scope: Extensible[Literal["admin", "gamify", "gamify:admin", "gamify:read", "gamify:support", "operator"]]
    """The permissions of the key: each scope includes those before it."""
    hint: str
    """The first characters of the key."""
    rate_limit: int | None
    """Requests per second; null for the server's default, 0 for no limit."""
    created_at: datetime
    """When the key was created."""
    expires_at: datetime | None
    """When the key expires; null for never."""
    revoked_at: datetime | None
    """When the key was revoked; null if it was not."""
    last_used_at: datetime | None
    """The time of its last request, to the minute or so; null if none is known."""
    key: str
    """The key itself, for the header `X-API-Key`. It is not shown again."""


class NewProject(Struct, frozen=True, kw_only=True):
    """`admin_key` is the project's first key, with the scope admin."""

    code: str
    """The project's code."""
    name: str
    """The project's name."""
    mode: Extensible[Literal["live", "test"]]
    """`live` or `test`."""
    time_zone: str
    """IANA name of the time zone in which days begin, for participants without their own."""
    first_day_of_week: Extensible[Literal["friday", "monday", "saturday", "sunday", "thursday", "tuesday", "wednesday"]]
    """The day on which weeks begin."""
    rate_limit: int | None
    """Requests per second of all keys together; null or 0 for no limit."""
    event_retention_days: int | None
    """For how many days the content of events is kept; null for permanently."""
    strict_fields: bool
    """Whether unknown fields and parameters are refused."""
    created_at: datetime
    """When the project was created."""
    archived_at: datetime | None
    """When the project was archived; null if it is not."""
    admin_key: NewApiKey
    """The project's first key, with the scope `admin`."""


class NextTier(Struct, frozen=True, kw_only=True):
    """The lowest automatic tier above the current one that points can still reach."""

    code: str
    """The tier's code."""
    name: str
    """The tier's name."""
    points_required: int
    """The tier's threshold."""
    points_remaining: int
    """The points that are missing."""


class ObjectiveDefinition(Struct, frozen=True, kw_only=True):
    """An objective: a number of events, a sum over a property, or a number of distinct values of a property."""

    code: str
    """A short name, unique in the challenge."""
    name: str | None = None
    """The name that participants see; null for the code."""
    event_name: str
    """The name of the event, which you choose: 1 to 100 characters."""
    condition: str | None = None
    """A CEL expression over event, participant and now."""
    measure: Extensible[Literal["count", "distinct", "sum"]] = "count"
    """`count`: the number of events. `sum`: the sum of `property`. `distinct`: the number of different values of
    `property`.
    """
    property: str | None = None
    """The name of the event's property for `sum` and `distinct`; null for `count`."""
    target: int | float
    """The number to reach: a whole number; for `sum` also a decimal; at most 1,000 for `distinct`."""
    requires: Sequence[str] = ()
    """Codes of earlier objectives. This objective counts only when they are complete."""


class ObjectiveShown(Struct, frozen=True, kw_only=True):
    """A target of a challenge."""

    code: str
    """The objective's code, unique in the challenge."""
    name: str
    """The objective's name."""
    event_name: str
    """The name of the events that count."""
    measure: Extensible[Literal["count", "distinct", "sum"]]
    """`count`: the number of events. `sum`: the sum of a property. `distinct`: the number of different values of a
    property.
    """
    target: int | float
    """The number to reach."""


class ObjectiveSummary(Struct, frozen=True, kw_only=True):
    """The state of an objective. `progress` and `target` are in its unit: events, a sum, or distinct values."""

    code: str
    """The objective's code, unique in the challenge."""
    name: str
    """The objective's name."""
    progress: int | float
    """The number counted so far, at most the target."""
    target: int | float
    """The number to reach."""
    is_complete: bool
    """Whether the target is reached."""


class OpenChallengesAnswer(Struct, frozen=True, kw_only=True):
    """The challenges that are open to participants."""

    challenges: list[ChallengeShown]
    """The challenges, in display order."""
    total: int
    """The number of rows on all pages."""


class ParticipantAnonymisedEvent(Struct, frozen=True, kw_only=True, tag_field="type", tag="participant.anonymised"):
    """A person was anonymised: earlier events no longer name the person."""

    id: str
    """The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
    that of the transaction.
    """
    occurred_at: datetime
    """When it happened. For events of the past, this can be long ago."""
    recorded_at: datetime
    """When Laurels recorded it, by the project's clock."""
    participant_id: str | None
    """The participant; null for events about definitions, and once the person is erased."""
    sequence: int | None
    """The number of the fact among all facts of the participant: it puts the participant's events in order. Facts
    without an event leave gaps. Null without a participant.
    """
    historical: bool
    """Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
    events.
    """
    cause: FeedCause
    """The cause of the event."""
    data: ParticipantErasedData
    """The content of the event."""


class ParticipantCreatedData(Struct, frozen=True, kw_only=True):
    """A new participant."""

    is_registered: bool = False
    """Whether a request registered the participant. Otherwise the first event or award created the participant."""


class ParticipantCreatedEvent(Struct, frozen=True, kw_only=True, tag_field="type", tag="participant.created"):
    """A participant is new: registered, or created by a first event or award."""

    id: str
    """The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
    that of the transaction.
    """
    occurred_at: datetime
    """When it happened. For events of the past, this can be long ago."""
    recorded_at: datetime
    """When Laurels recorded it, by the project's clock."""
    participant_id: str | None
    """The participant; null for events about definitions, and once the person is erased."""
    sequence: int | None
    """The number of the fact among all facts of the participant: it puts the participant's events in order. Facts
    without an event leave gaps. Null without a participant.
    """
    historical: bool
    """Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
    events.
    """
    cause: FeedCause
    """The cause of the event."""
    data: ParticipantCreatedData
    """The content of the event."""


class ParticipantDeletedEvent(Struct, frozen=True, kw_only=True, tag_field="type", tag="participant.deleted"):
    """A person was deleted: earlier events no longer name the person."""

    id: str
    """The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
    that of the transaction.
    """
    occurred_at: datetime
    """When it happened. For events of the past, this can be long ago."""
    recorded_at: datetime
    """When Laurels recorded it, by the project's clock."""
    participant_id: str | None
    """The participant; null for events about definitions, and once the person is erased."""
    sequence: int | None
    """The number of the fact among all facts of the participant: it puts the participant's events in order. Facts
    without an event leave gaps. Null without a participant.
    """
    historical: bool
    """Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
    events.
    """
    cause: FeedCause
    """The cause of the event."""
    data: ParticipantErasedData
    """The content of the event."""


class ParticipantErasedData(Struct, frozen=True, kw_only=True):
    """A person who was erased. The event's `participant_id` is the erased id, so that the receiver can erase the person
    as well. No other event names it.
    """

    erased_at: datetime
    """The time of the erasure."""


class ParticipantListed(Struct, frozen=True, kw_only=True):
    """`total_points` are all points ever earned, `available_points` is the balance."""

    participant_id: str
    """Your application's own id of the user."""
    display_name: str | None
    """The name from the profile; null for none."""
    avatar_url: str | None
    """The address of an image from the profile; null for none."""
    total_points: int
    """All points ever awarded, less reversed awards."""
    available_points: int
    """Points that can be spent now."""
    current_tier: str | None
    """The code of the tier; null for none."""
    total_events: int
    """The number of events."""
    is_active: bool
    """False once the participant has been anonymized."""
    created_at: datetime
    """When the participant was created."""
    last_seen_at: datetime
    """The last call that reported an action of the participant."""


class ParticipantRanksAnswer(Struct, frozen=True, kw_only=True):
    """The ranks of a participant in all windows and seasons of a board."""

    participant_id: str
    """Your application's own id of the user."""
    leaderboard_code: str
    """The leaderboard's code."""
    ranks: list[WindowRank]
    """One for each time window that the board keeps, in its current period, then one for each season."""
    progress: float | None = None
    """How much of the board is filled, 0 to 1; left out once it is filled."""


class ParticipantUpdatedData(Struct, frozen=True, kw_only=True):
    """The profile that was changed."""

    fields: list[str]
    """The names of the changed fields."""


class ParticipantUpdatedEvent(Struct, frozen=True, kw_only=True, tag_field="type", tag="participant.updated"):
    """The profile of a participant was changed."""

    id: str
    """The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
    that of the transaction.
    """
    occurred_at: datetime
    """When it happened. For events of the past, this can be long ago."""
    recorded_at: datetime
    """When Laurels recorded it, by the project's clock."""
    participant_id: str | None
    """The participant; null for events about definitions, and once the person is erased."""
    sequence: int | None
    """The number of the fact among all facts of the participant: it puts the participant's events in order. Facts
    without an event leave gaps. Null without a participant.
    """
    historical: bool
    """Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
    events.
    """
    cause: FeedCause
    """The cause of the event."""
    data: ParticipantUpdatedData
    """The content of the event."""


class ParticipantsAnswer(Struct, frozen=True, kw_only=True):
    """A page of the project's participants."""

    items: list[ParticipantListed]
    """The participants."""
    total: int
    """The number of rows on all pages."""
    page: int
    """The number of this page, from 1."""
    page_size: int
    """The largest number of rows on a page."""
    next_cursor: str | None
    """The value of `after` for the next page; null on the last page."""


class ParticipationRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The participant to join or leave the challenge."""

    participant_id: str
    """Your application's id of the user: 1 to 255 characters, no control characters."""


class PointsAnswer(Struct, frozen=True, kw_only=True):
    """The points of a participant."""

    participant_id: str
    """Your application's own id of the user."""
    balance: int
    """Points that can be spent now: `total_earned` − `total_spent` − `total_expired` − `held`."""
    total_earned: int
    """All points ever awarded, less reversed awards."""
    total_spent: int
    """All points ever spent, less reversed deductions."""
    total_expired: int
    """All points that have expired."""
    held: int
    """Points set aside by open holds."""
    next_expiry: ExpiringPoints | None
    """The points that expire next; null if none expire."""


class PointsAwardReversedEvent(Struct, frozen=True, kw_only=True, tag_field="type", tag="points.award_reversed"):
    """All or a part of an award was reversed."""

    id: str
    """The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
    that of the transaction.
    """
    occurred_at: datetime
    """When it happened. For events of the past, this can be long ago."""
    recorded_at: datetime
    """When Laurels recorded it, by the project's clock."""
    participant_id: str | None
    """The participant; null for events about definitions, and once the person is erased."""
    sequence: int | None
    """The number of the fact among all facts of the participant: it puts the participant's events in order. Facts
    without an event leave gaps. Null without a participant.
    """
    historical: bool
    """Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
    events.
    """
    cause: FeedCause
    """The cause of the event."""
    data: PointsReversedData
    """The content of the event."""


class PointsAwardedAnswer(Struct, frozen=True, kw_only=True):
    """The award. `amount` is the credited amount. If it differs from the requested amount, `base_amount` is the
    requested one, and `multiplier` and `capped_by` show the reasons. If the participant's points already have too
    many different expiry times, the points expire at the end of the requested day, at `expires_at`, and
    `requested_expires_at` is the requested time.
    """

    transaction_id: str
    """The id of the transaction."""
    participant_id: str
    """Your application's own id of the user."""
    amount: int
    """The points that were credited."""
    base_amount: int | None = None
    """The requested amount, if another amount was credited."""
    multiplier: int | float | None = None
    """The multiplier that applied, if there was one."""
    capped_by: list[str] | None = None
    """The codes of the earning caps that reduced the award, if there were any."""
    new_balance: int
    """The balance afterwards."""
    expires_at: datetime | None = None
    """The expiry of the points; left out if they never expire."""
    requested_expires_at: datetime | None = None
    """The requested expiry, if the points expire at another time."""
    tier_upgrade: TierUpgrade | None
    """The tier that the award reached; null for none."""
    effects: Effects | None = None
    """Everything else that the request caused, such as badges and tiers; left out if there is nothing."""


class PointsAwardedData(Struct, frozen=True, kw_only=True):
    """Points that were awarded."""

    amount: int
    """The points."""
    balance_after: int
    """The balance afterwards."""
    reason: str | None = None
    """The reason shown in the transaction history; null for none."""
    metadata: dict[str, Any] | None = None
    """Your own data, as sent with the request; null for none."""
    expires_at: datetime | None = None
    """When the points expire; null for never."""
    base_amount: int | None = None
    """The points asked for, if multipliers or earning caps changed the amount; null otherwise."""
    multiplier: int | float | None = None
    """The factor of multipliers; null for none."""


class PointsAwardedEvent(Struct, frozen=True, kw_only=True, tag_field="type", tag="points.awarded"):
    """Points were awarded."""

    id: str
    """The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
    that of the transaction.
    """
    occurred_at: datetime
    """When it happened. For events of the past, this can be long ago."""
    recorded_at: datetime
    """When Laurels recorded it, by the project's clock."""
    participant_id: str | None
    """The participant; null for events about definitions, and once the person is erased."""
    sequence: int | None
    """The number of the fact among all facts of the participant: it puts the participant's events in order. Facts
    without an event leave gaps. Null without a participant.
    """
    historical: bool
    """Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
    events.
    """
    cause: FeedCause
    """The cause of the event."""
    data: PointsAwardedData
    """The content of the event."""


class PointsDeductedAnswer(Struct, frozen=True, kw_only=True):
    """The points that were deducted."""

    transaction_id: str
    """The id of the transaction."""
    participant_id: str
    """Your application's own id of the user."""
    amount: int
    """The points that were deducted."""
    new_balance: int
    """The balance afterwards."""
    effects: Effects | None = None
    """Everything else that the request caused, such as badges and tiers; left out if there is nothing."""


class PointsDeductedEvent(Struct, frozen=True, kw_only=True, tag_field="type", tag="points.deducted"):
    """Points were deducted."""

    id: str
    """The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
    that of the transaction.
    """
    occurred_at: datetime
    """When it happened. For events of the past, this can be long ago."""
    recorded_at: datetime
    """When Laurels recorded it, by the project's clock."""
    participant_id: str | None
    """The participant; null for events about definitions, and once the person is erased."""
    sequence: int | None
    """The number of the fact among all facts of the participant: it puts the participant's events in order. Facts
    without an event leave gaps. Null without a participant.
    """
    historical: bool
    """Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
    events.
    """
    cause: FeedCause
    """The cause of the event."""
    data: PointsMovedData
    """The content of the event."""


class PointsDeductionReversedEvent(
    Struct, frozen=True, kw_only=True, tag_field="type", tag="points.deduction_reversed"
):
    """Deducted points were given back."""

    id: str
    """The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
    that of the transaction.
    """
    occurred_at: datetime
    """When it happened. For events of the past, this can be long ago."""
    recorded_at: datetime
    """When Laurels recorded it, by the project's clock."""
    participant_id: str | None
    """The participant; null for events about definitions, and once the person is erased."""
    sequence: int | None
    """The number of the fact among all facts of the participant: it puts the participant's events in order. Facts
    without an event leave gaps. Null without a participant.
    """
    historical: bool
    """Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
    events.
    """
    cause: FeedCause
    """The cause of the event."""
    data: PointsReversedData
    """The content of the event."""


class PointsEffect(Struct, frozen=True, kw_only=True):
    """Points that were awarded or deducted. `expires_at` is present if the points expire at another time than
    requested.
    """

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
    expires_at: datetime | None = None
    """The expiry of the points; present only with `requested_expires_at`."""
    requested_expires_at: datetime | None = None
    """The requested expiry, if the points expire at another time."""


class PointsExpiredEvent(Struct, frozen=True, kw_only=True, tag_field="type", tag="points.expired"):
    """Points expired."""

    id: str
    """The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
    that of the transaction.
    """
    occurred_at: datetime
    """When it happened. For events of the past, this can be long ago."""
    recorded_at: datetime
    """When Laurels recorded it, by the project's clock."""
    participant_id: str | None
    """The participant; null for events about definitions, and once the person is erased."""
    sequence: int | None
    """The number of the fact among all facts of the participant: it puts the participant's events in order. Facts
    without an event leave gaps. Null without a participant.
    """
    historical: bool
    """Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
    events.
    """
    cause: FeedCause
    """The cause of the event."""
    data: PointsMovedData
    """The content of the event."""


class PointsExpiringData(Struct, frozen=True, kw_only=True):
    """Points that expire soon."""

    amount: int
    """The points that expire."""
    expires_at: datetime
    """When they expire."""
    balance: int
    """The present balance."""


class PointsExpiringEvent(Struct, frozen=True, kw_only=True, tag_field="type", tag="points.expiring"):
    """Points expire in some days: LAURELS_POINTS_EXPIRING_DAYS."""

    id: str
    """The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
    that of the transaction.
    """
    occurred_at: datetime
    """When it happened. For events of the past, this can be long ago."""
    recorded_at: datetime
    """When Laurels recorded it, by the project's clock."""
    participant_id: str | None
    """The participant; null for events about definitions, and once the person is erased."""
    sequence: int | None
    """The number of the fact among all facts of the participant: it puts the participant's events in order. Facts
    without an event leave gaps. Null without a participant.
    """
    historical: bool
    """Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
    events.
    """
    cause: FeedCause
    """The cause of the event."""
    data: PointsExpiringData
    """The content of the event."""


class PointsHeldAnswer(Struct, frozen=True, kw_only=True):
    """The points that were set aside."""

    hold_id: str
    """The id of the hold."""
    participant_id: str
    """Your application's own id of the user."""
    amount: int
    """The points that were set aside."""
    new_balance: int
    """The balance afterwards."""
    expires_at: datetime
    """The time when the hold releases the points by itself."""
    effects: Effects | None = None
    """Everything else that the request caused, such as badges and tiers; left out if there is nothing."""


class PointsMovedData(Struct, frozen=True, kw_only=True):
    """Points that were moved."""

    amount: int
    """The points."""
    balance_after: int
    """The balance afterwards."""
    reason: str | None = None
    """The reason shown in the transaction history; null for none."""
    metadata: dict[str, Any] | None = None
    """Your own data, as sent with the request; null for none."""


class PointsRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Points to deduct from a participant."""

    participant_id: str
    """Your application's id of the user: 1 to 255 characters, no control characters."""
    amount: int
    """Points, a whole number."""
    reason: str | None = None
    """Shown in the transaction history."""
    metadata: Mapping[str, Any] | None = None
    """Your own data, stored with the fact: at most 65,536 bytes of JSON."""
    idempotency_key: str | None = None
    """Makes retries safe: the same key never acts twice for the same participant and operation."""
    timestamp: datetime | None = None
    """The time when it happened, by RFC 3339. A time without an offset is in UTC."""


class PointsReversedAnswer(Struct, frozen=True, kw_only=True):
    """The reversal. `left` is the number of points of the transaction that can still be reversed."""

    transaction_id: str
    """The id of the reversal, which is a transaction too."""
    reversed_transaction_id: str
    """The id of the transaction that was reversed."""
    participant_id: str
    """Your application's own id of the user."""
    amount: int
    """The points that were reversed."""
    left: int
    """The points of the transaction that can still be reversed."""
    new_balance: int
    """The balance afterwards."""
    effects: Effects | None = None
    """Everything else that the request caused, such as badges and tiers; left out if there is nothing."""


class PointsReversedData(Struct, frozen=True, kw_only=True):
    """All or a part of a transaction was reversed."""

    amount: int
    """The points."""
    balance_after: int
    """The balance afterwards."""
    reason: str | None = None
    """The reason shown in the transaction history; null for none."""
    metadata: dict[str, Any] | None = None
    """Your own data, as sent with the request; null for none."""
    transaction_id: str
    """The id of the reversed transaction."""


class PointsSection(Struct, frozen=True, kw_only=True):
    """The points of a participant."""

    balance: int
    """Points that can be spent now."""
    total_earned: int
    """All points ever awarded, less reversed awards."""
    total_spent: int
    """All points ever spent, less reversed deductions."""


class ProfileAnswer(Struct, frozen=True, kw_only=True):
    """The profile of a participant."""

    participant_id: str
    """Your application's own id of the user."""
    display_name: str | None
    """The name that others see; null for none."""
    avatar_url: str | None
    """The address of an image; null for none."""
    attributes: dict[str, Any]
    """Values of your application. `timezone` is the IANA name of the participant's time zone."""
    points: PointsSection
    """The participant's points."""
    tier: ProfileTier | None
    """The participant's tier; null for none."""
    badges: list[ProfileBadge]
    """The badges that the participant has earned."""
    streaks: ProfileStreaks | None
    """The best of the participant's streaks; null without a record."""
    rewards_claimed: int
    """The number of claims, without cancelled ones."""
    total_events: int
    """The number of events."""
    is_active: bool
    """False once the participant has been anonymized."""
    created_at: datetime
    """When the participant was created."""
    first_seen_at: datetime
    """The first call that reported an action of the participant."""
    last_seen_at: datetime
    """The last call that reported an action of the participant."""


class ProfileBadge(Struct, frozen=True, kw_only=True):
    """A badge that the participant has earned."""

    code: str
    """The badge's code."""
    name: str
    """The badge's name."""
    earned: bool
    """Whether the participant has the badge now."""
    earned_at: datetime | None
    """When the participant earned it; null if not earned."""
    rarity: str
    """How rare the badge is, in the project's own words."""


class ProfileFields(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fields of a profile that a call can change. A field that is left out stays as it is."""

    display_name: str | UnsetType | None = UNSET
    """The name that others see, on leaderboards for example; null for none."""
    avatar_url: str | UnsetType | None = UNSET
    """The address of an image: http, https, a data URL or a relative address; null for none."""
    attributes: Mapping[str, Any] | UnsetType = UNSET
    """Your own data, merged into the stored attributes; null removes one. `timezone` is an IANA name."""


class ProfileStreaks(Struct, frozen=True, kw_only=True):
    """The best of the participant's streaks."""

    current: int
    """The largest current count of all streaks."""
    longest: int
    """The largest longest count of all streaks."""
    last_activity_at: datetime | None
    """The latest record of all streaks."""


class ProfileTier(Struct, frozen=True, kw_only=True):
    """The tier of a participant, and the next one."""

    code: str
    """The tier's code."""
    name: str
    """The tier's name."""
    level: int
    """The tier's level; higher is better."""
    color: str | None
    """The tier's colour; null if it has none."""
    achieved_at: datetime
    """When the participant reached it."""
    next_tier: NextTier | None
    """The next tier; null if there is none to reach."""


class ProjectShown(Struct, frozen=True, kw_only=True):
    """`time_zone` determines the beginning of days for participants without their own time zone. `rate_limit` is in
    requests per second, for all keys together; null or 0 for no limit. `event_retention_days` is the number of days
    for which the content of events is kept; null keeps it permanently. `strict_fields`: unknown fields and
    parameters are refused, not ignored.
    """

    code: str
    """The project's code."""
    name: str
    """The project's name."""
    mode: Extensible[Literal["live", "test"]]
    """`live` or `test`."""
    time_zone: str
    """IANA name of the time zone in which days begin, for participants without their own."""
    first_day_of_week: Extensible[Literal["friday", "monday", "saturday", "sunday", "thursday", "tuesday", "wednesday"]]
    """The day on which weeks begin."""
    rate_limit: int | None
    """Requests per second of all keys together; null or 0 for no limit."""
    event_retention_days: int | None
    """For how many days the content of events is kept; null for permanently."""
    strict_fields: bool
    """Whether unknown fields and parameters are refused."""
    created_at: datetime
    """When the project was created."""
    archived_at: datetime | None
    """When the project was archived; null if it is not."""


class ProjectsAnswer(Struct, frozen=True, kw_only=True):
    """The projects of the server."""

    items: list[ProjectShown]
    """The projects, by their codes."""
    total: int
    """The number of projects."""


class PutInTier(Struct, frozen=True, kw_only=True, tag_field="type", tag="assign_tier"):
    """An action that assigns a tier. It changes nothing if the participant is already in the tier."""

    tier_code: str
    """The tier's code."""


class RankAnswer(Struct, frozen=True, kw_only=True):
    """Without a score in the period: `rank` and `percentile` are null and the score is 0. `progress` is there while a
    new board is being filled from history, 0 to 1: until then a rank is among the facts that have been counted.
    """

    participant_id: str
    """Your application's own id of the user."""
    rank: int | None
    """The place, from 1; null without a score in the window."""
    score: int | float
    """The participant's score in the window; 0 without one."""
    tie_values: list[int | float | None] | None = None
    """The numbers of the tie-breakers, in order; only on boards with tie-breakers, and with a score."""
    total_participants: int
    """The number of participants with a score in the window."""
    percentile: float | None
    """The share of the participants that this one is ahead of, in percent with one decimal; null without a score."""
    progress: float | None = None
    """How much of the board is filled, 0 to 1; left out once it is filled."""


class RecordStreakRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The streak in which the participant was active."""

    participant_id: str
    """Your application's id of the user: 1 to 255 characters, no control characters."""
    streak_code: str
    """The streak's code."""
    timestamp: datetime | None = None
    """The time when it happened, by RFC 3339. A time without an offset is in UTC."""


class RegisterRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A participant to register. A field that is left out stays as it is, if the participant exists."""

    display_name: str | UnsetType | None = UNSET
    """The name that others see, on leaderboards for example; null for none."""
    avatar_url: str | UnsetType | None = UNSET
    """The address of an image: http, https, a data URL or a relative address; null for none."""
    attributes: Mapping[str, Any] | UnsetType | None = UNSET
    """Your own data, merged into the stored attributes; null removes one. `timezone` is an IANA name."""
    participant_id: str
    """Your application's id of the user: 1 to 255 characters, no control characters."""


class ReleaseRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The hold to release."""

    participant_id: str
    """Your application's id of the user: 1 to 255 characters, no control characters."""
    reason: str | None = None
    """Shown in the transaction history."""
    metadata: Mapping[str, Any] | None = None
    """Your own data, stored with the fact: at most 65,536 bytes of JSON."""
    idempotency_key: str | None = None
    """Makes retries safe: the same key never acts twice for the same participant and operation."""
    hold_id: str
    """The id of the hold."""


class ResendAnswer(Struct, frozen=True, kw_only=True):
    """The events that are sent again."""

    since: datetime
    """The time from which events are sent again."""


class ResendRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The events to send again."""

    since: datetime
    """Events that the feed got at this time or later are sent again, in real time also in test projects."""


class ReverseRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The transaction to reverse, and the points to reverse, by default all that are left."""

    participant_id: str
    """Your application's id of the user: 1 to 255 characters, no control characters."""
    reason: str | None = None
    """Shown in the transaction history."""
    metadata: Mapping[str, Any] | None = None
    """Your own data, stored with the fact: at most 65,536 bytes of JSON."""
    idempotency_key: str | None = None
    """Makes retries safe: the same key never acts twice for the same participant and operation."""
    transaction_id: str
    """The id of an award, a deduction or a capture."""
    amount: int | None = None
    """The points to reverse; null for everything that is left of the transaction."""


class RevokeBadgeRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The badge to take away, and the participant."""

    participant_id: str
    """Your application's id of the user: 1 to 255 characters, no control characters."""
    badge_code: str
    """The badge's code."""
    reason: str | None = None
    """Shown in the transaction history."""


class RevokeCodesAnswer(Struct, frozen=True, kw_only=True):
    """The result of a revocation. `not_revoked` lists codes that are claimed, already revoked, or not codes of this
    reward.
    """

    reward_id: str
    """The id of the reward."""
    revoked: int
    """The number of codes that were revoked."""
    not_revoked: list[str]
    """The codes that could not be revoked, because they are claimed, revoked already or unknown."""
    available: int
    """The number of codes that can still be claimed."""


class RevokeCodesRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The codes to revoke: those listed, or all available codes."""

    codes: Sequence[str] | None = None
    """The codes to revoke; null with `all_available`."""
    all_available: bool | None = False
    """Whether all codes that are not claimed are revoked."""


class RewardCancelledData(Struct, frozen=True, kw_only=True):
    """A claim that was cancelled."""

    claim_id: str
    """The id of the claim."""
    reward_id: str
    """The id of the reward."""
    reward_code: str
    """The reward's code."""
    reward_name: str
    """The reward's name."""
    reason: str | None = None
    """The reason; null for none."""
    points: int
    """The points given back."""
    balance_after: int
    """The balance afterwards."""
    returns_item: bool = True
    """Whether the code or the item can be claimed again."""


class RewardCancelledEvent(Struct, frozen=True, kw_only=True, tag_field="type", tag="reward.cancelled"):
    """A claim was cancelled."""

    id: str
    """The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
    that of the transaction.
    """
    occurred_at: datetime
    """When it happened. For events of the past, this can be long ago."""
    recorded_at: datetime
    """When Laurels recorded it, by the project's clock."""
    participant_id: str | None
    """The participant; null for events about definitions, and once the person is erased."""
    sequence: int | None
    """The number of the fact among all facts of the participant: it puts the participant's events in order. Facts
    without an event leave gaps. Null without a participant.
    """
    historical: bool
    """Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
    events.
    """
    cause: FeedCause
    """The cause of the event."""
    data: RewardCancelledData
    """The content of the event."""


class RewardClaimedAnswer(Struct, frozen=True, kw_only=True):
    """The claim, with its code if it got one."""

    claim_id: str
    """The id of the claim."""
    participant_id: str
    """Your application's own id of the user."""
    reward_name: str
    """The reward's name."""
    reward_type: str
    """The kind of reward."""
    code_value: str | None
    """The code that the claim got; null for none."""
    points_deducted: int
    """The points that the claim cost."""
    new_balance: int
    """The balance afterwards."""
    effects: Effects | None = None
    """Everything else that the request caused, such as badges and tiers; left out if there is nothing."""


class RewardClaimedData(Struct, frozen=True, kw_only=True):
    """A reward that was claimed, or granted by a rule or challenge."""

    claim_id: str
    """The id of the claim."""
    reward_id: str
    """The id of the reward."""
    reward_code: str
    """The reward's code."""
    reward_name: str
    """The reward's name."""
    reason: str | None = None
    """The reason; null for none."""
    reward_type: str
    """The reward's type."""
    points: int
    """The price that was paid."""
    balance_after: int
    """The balance afterwards."""
    has_code: bool = False
    """Whether the claim has a code; read the claim to get it."""
    ends_at: datetime | None = None
    """When the multiplier of the reward ends; null for rewards of other types."""


class RewardClaimedEvent(Struct, frozen=True, kw_only=True, tag_field="type", tag="reward.claimed"):
    """A participant claimed a reward, or a rule or challenge granted it."""

    id: str
    """The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
    that of the transaction.
    """
    occurred_at: datetime
    """When it happened. For events of the past, this can be long ago."""
    recorded_at: datetime
    """When Laurels recorded it, by the project's clock."""
    participant_id: str | None
    """The participant; null for events about definitions, and once the person is erased."""
    sequence: int | None
    """The number of the fact among all facts of the participant: it puts the participant's events in order. Facts
    without an event leave gaps. Null without a participant.
    """
    historical: bool
    """Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
    events.
    """
    cause: FeedCause
    """The cause of the event."""
    data: RewardClaimedData
    """The content of the event."""


class RewardDefinition(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A reward that participants can claim. Null means no limit in `max_claims_per_user` and `total_inventory`. With
    `has_codes`, which is the default for coupons, each claim receives one of the uploaded codes.
    """

    code: str | UnsetType | None = UNSET
    """A short name, unique among the definitions of its kind in the project."""
    is_active: bool | None = True
    """Whether the definition is in use. False switches it off; its past effects remain."""
    display_order: int | None = 0
    """The position in lists, ascending; definitions with equal numbers are sorted by code."""
    name: str
    """The name that participants see."""
    type: Literal["coupon", "digital", "physical", "points_multiplier", "voucher"]
    """The kind of reward. It cannot be changed."""
    description: str | None = None
    """The text that participants see; null for none."""
    points_cost: int | None = 0
    """The price in points, for a claim that asks for points to be deducted."""
    max_claims_per_user: int | None = None
    """How often one participant can claim it; null for no limit. Cancelled claims do not count."""
    total_inventory: int | None = None
    """How many claims there can be in total; null for no limit, 0 for sold out."""
    has_codes: bool | None = None
    """Whether each claim gets one of the uploaded codes; null stands for true for coupons, false for other kinds."""
    starts_at: datetime | None = None
    """When claims begin; null for no beginning."""
    ends_at: datetime | None = None
    """When claims end; null for no end."""
    required_tier: str | None = None
    """The code of the tier that a participant needs, or a higher one; null for none."""
    required_badges: Sequence[str] | None = ()
    """The codes of the badges that a participant needs, all of them."""
    config: MultiplierConfig | None = None
    """The multiplier, for rewards of the kind `points_multiplier`; null for all others."""


class RewardDefinitionAnswer(Struct, frozen=True, kw_only=True):
    """A reward that participants can claim. Null means no limit in `max_claims_per_user` and `total_inventory`. With
    `has_codes`, which is the default for coupons, each claim receives one of the uploaded codes.
    """

    id: str
    """The definition's id, which never changes."""
    code: str
    """A short name, unique among the definitions of its kind in the project."""
    is_active: bool
    """Whether the definition is in use. False switches it off; its past effects remain."""
    display_order: int
    """The position in lists, ascending; definitions with equal numbers are sorted by code."""
    name: str
    """The name that participants see."""
    type: Extensible[Literal["coupon", "digital", "physical", "points_multiplier", "voucher"]]
    """The kind of reward. It cannot be changed."""
    description: str | None
    """The text that participants see; null for none."""
    points_cost: int
    """The price in points, for a claim that asks for points to be deducted."""
    max_claims_per_user: int | None
    """How often one participant can claim it; null for no limit. Cancelled claims do not count."""
    total_inventory: int | None
    """How many claims there can be in total; null for no limit, 0 for sold out."""
    has_codes: bool | None
    """Whether each claim gets one of the uploaded codes; null stands for true for coupons, false for other kinds."""
    starts_at: datetime | None
    """When claims begin; null for no beginning."""
    ends_at: datetime | None
    """When claims end; null for no end."""
    required_tier: str | None
    """The code of the tier that a participant needs, or a higher one; null for none."""
    required_badges: list[str]
    """The codes of the badges that a participant needs, all of them."""
    config: MultiplierConfig | None
    """The multiplier, for rewards of the kind `points_multiplier`; null for all others."""
    created_at: datetime
    """When it was created."""
    updated_at: datetime
    """When it was last changed."""
    deleted_at: datetime | None
    """When it was deleted; null if it is not."""


class RewardDefinitionList(Struct, frozen=True, kw_only=True):
    """A page of the project's definitions of one kind."""

    items: list[RewardDefinitionAnswer]
    """The rows of this page, in their order."""
    total: int
    """The number of rows on all pages."""
    page: int
    """The number of this page, from 1."""
    page_size: int
    """The largest number of rows on a page."""
    next_cursor: str | None
    """The value of `after` for the next page; null on the last page."""


class RewardDefinitionPatch(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fields to change; all others stay as they are."""

    is_active: bool | UnsetType = UNSET
    """Whether the definition is in use. False switches it off; its past effects remain."""
    display_order: int | UnsetType = UNSET
    """The position in lists, ascending; definitions with equal numbers are sorted by code."""
    name: str | UnsetType = UNSET
    """The name that participants see."""
    description: str | UnsetType | None = UNSET
    """The text that participants see; null for none."""
    points_cost: int | UnsetType = UNSET
    """The price in points, for a claim that asks for points to be deducted."""
    max_claims_per_user: int | UnsetType | None = UNSET
    """How often one participant can claim it; null for no limit. Cancelled claims do not count."""
    total_inventory: int | UnsetType | None = UNSET
    """How many claims there can be in total; null for no limit, 0 for sold out."""
    has_codes: bool | UnsetType | None = UNSET
    """Whether each claim gets one of the uploaded codes; null stands for true for coupons, false for other kinds."""
    starts_at: datetime | UnsetType | None = UNSET
    """When claims begin; null for no beginning."""
    ends_at: datetime | UnsetType | None = UNSET
    """When claims end; null for no end."""
    required_tier: str | UnsetType | None = UNSET
    """The code of the tier that a participant needs, or a higher one; null for none."""
    required_badges: Sequence[str] | UnsetType = UNSET
    """The codes of the badges that a participant needs, all of them."""
    config: MultiplierConfigPatch | UnsetType | None = UNSET
    """The multiplier, for rewards of the kind `points_multiplier`; null for all others."""


class RewardEffect(Struct, frozen=True, kw_only=True):
    """A reward that was granted."""

    claim_id: str
    """The id of the claim."""
    reward_code: str
    """The reward's code."""
    reward_name: str
    """The reward's name."""
    reward_type: str
    """The kind of reward."""
    code_value: str | None
    """The code that the claim got; null for none."""
    due_to: str | None
    """The code of the rule or challenge that granted it."""


class RewardFulfilledEvent(Struct, frozen=True, kw_only=True, tag_field="type", tag="reward.fulfilled"):
    """A claim was marked as fulfilled."""

    id: str
    """The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
    that of the transaction.
    """
    occurred_at: datetime
    """When it happened. For events of the past, this can be long ago."""
    recorded_at: datetime
    """When Laurels recorded it, by the project's clock."""
    participant_id: str | None
    """The participant; null for events about definitions, and once the person is erased."""
    sequence: int | None
    """The number of the fact among all facts of the participant: it puts the participant's events in order. Facts
    without an event leave gaps. Null without a participant.
    """
    historical: bool
    """Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
    events.
    """
    cause: FeedCause
    """The cause of the event."""
    data: ClaimData
    """The content of the event."""


class RewardShown(Struct, frozen=True, kw_only=True):
    """A reward on offer. `available_codes` is null if the reward has no codes, `remaining_inventory` if it has no
    limit. The last four fields are present if `participant_id` was given: `reason` is null if the participant can
    claim the reward now for its price, and `shortfall` is the number of missing points.
    """

    id: str
    """The reward's id."""
    code: str
    """The reward's code."""
    name: str
    """The reward's name."""
    type: Extensible[Literal["coupon", "digital", "physical", "points_multiplier", "voucher"]]
    """The kind of reward."""
    description: str | None
    """The reward's description; null if it has none."""
    points_cost: int
    """The price in points, for a claim that asks for points to be deducted."""
    available_codes: int | None
    """The number of codes that are left; null if claims get no codes."""
    remaining_inventory: int | None
    """The number of items that are left; null for no limit."""
    max_claims_per_user: int | None
    """How often one participant can claim it; null for no limit."""
    starts_at: datetime | None
    """When claims begin; null for no beginning."""
    ends_at: datetime | None
    """When claims end; null for no end."""
    required_tier: str | None
    """The code of the tier that a participant needs, or a higher one; null for none."""
    required_badges: list[str]
    """The codes of the badges that a participant needs, all of them."""
    multiplier: int | float | None
    """By how much awards are multiplied; null for other kinds of rewards."""
    duration_hours: int | None
    """How long the multiplier applies after the claim; null for other kinds of rewards."""
    can_claim: bool | None = None
    """With `participant_id`: whether the participant can claim it now, for its price."""
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
    """With `participant_id`: why the participant cannot claim it; null if possible."""
    shortfall: int | None = None
    """With `participant_id`: the points that are missing for its price."""
    claims: int | None = None
    """With `participant_id`: how many claims of the participant count against `max_claims_per_user`."""


class RewardsAnswer(Struct, frozen=True, kw_only=True):
    """The rewards that can be claimed."""

    rewards: list[RewardShown]
    """The rewards, in display order."""
    total: int
    """The number of rows on all pages."""


class RewardsSection(Struct, frozen=True, kw_only=True):
    """The number of the participant's claims."""

    total_claimed: int
    """The number of claims, without cancelled ones."""


class RotateKeyRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When the old key ends."""

    valid_hours: int | None = 24
    """The time for which the old key still works."""


class RotateSecretRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When the old secret ends."""

    valid_hours: int | None = 24
    """For how long requests are signed with the old secret too. 0 ends all old secrets at once."""


class RotatedApiKey(Struct, frozen=True, kw_only=True):
    """The new key. `replaces` is the old key, including the time at which it ends."""

    id: str
    """The id of the key."""
    name: str
    """The name of the key."""
    scope: Extensible[Literal["admin", "gamify", "gamify:admin", "gamify:read", "gamify:support", "operator"]]
    """The permissions of the key: each scope includes those before it."""
    hint: str
    """The first characters of the key."""
    rate_limit: int | None
    """Requests per second; null for the server's default, 0 for no limit."""
    created_at: datetime
    """When the key was created."""
    expires_at: datetime | None
    """When the key expires; null for never."""
    revoked_at: datetime | None
    """When the key was revoked; null if it was not."""
    last_used_at: datetime | None
    """The time of its last request, to the minute or so; null if none is known."""
    key: str
    """The key itself, for the header `X-API-Key`. It is not shown again."""
    replaces: ApiKey
    """The old key, with the time of its end."""


class RotatedSecret(Struct, frozen=True, kw_only=True):
    """The new secret of a webhook."""

    secret: str
    """The new secret. It is not shown again."""
    old_secret_until: datetime
    """Until when requests are signed with the old secret too."""


class RuleDefinition(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A rule: when the event occurs and the condition is true, the actions are done."""

    code: str
    """A short name, unique among the definitions of its kind in the project."""
    is_active: bool | None = True
    """Whether the definition is in use. False switches it off; its past effects remain."""
    display_order: int | None = 0
    """The position in lists, ascending; definitions with equal numbers are sorted by code."""
    name: str
    """The rule's name. It is the reason of awarded points without a reason."""
    description: str | None = None
    """A text for your team; null for none."""
    event_name: str
    """The name of the events to which the rule applies."""
    condition: str | None = None
    """A CEL expression over event, participant and now; the rule acts only if it is true. Null for always."""
    actions: Sequence[GivePoints | TakePoints | PutInTier | ContinueStreak | AdvanceChallenge | GiveBadge | GrantReward]
    """The actions. They take effect together or not at all."""
    limit: RuleLimit | None = None
    """How often the rule can act; null for no limit."""
    starts_at: datetime | None = None
    """The rule applies to events that occurred at this time or later; null for no beginning."""
    ends_at: datetime | None = None
    """The rule applies to events that occurred before this time; null for no end."""
    priority: int | None = 0
    """Rules with a higher priority come first; rules with equal priorities are sorted by code."""
    group: str | None = None
    """A word that rules share, of which only one acts on an event; null for no group."""


class RuleDefinitionAnswer(Struct, frozen=True, kw_only=True):
    """A rule: when the event occurs and the condition is true, the actions are done."""

    id: str
    """The definition's id, which never changes."""
    code: str
    """A short name, unique among the definitions of its kind in the project."""
    is_active: bool
    """Whether the definition is in use. False switches it off; its past effects remain."""
    display_order: int
    """The position in lists, ascending; definitions with equal numbers are sorted by code."""
    name: str
    """The rule's name. It is the reason of awarded points without a reason."""
    description: str | None
    """A text for your team; null for none."""
    event_name: str
    """The name of the events to which the rule applies."""
    condition: str | None
    """A CEL expression over event, participant and now; the rule acts only if it is true. Null for always."""
    actions: list[GivePoints | TakePoints | PutInTier | ContinueStreak | AdvanceChallenge | GiveBadge | GrantReward]
    """The actions. They take effect together or not at all."""
    limit: RuleLimit | None
    """How often the rule can act; null for no limit."""
    starts_at: datetime | None
    """The rule applies to events that occurred at this time or later; null for no beginning."""
    ends_at: datetime | None
    """The rule applies to events that occurred before this time; null for no end."""
    priority: int
    """Rules with a higher priority come first; rules with equal priorities are sorted by code."""
    group: str | None
    """A word that rules share, of which only one acts on an event; null for no group."""
    created_at: datetime
    """When it was created."""
    updated_at: datetime
    """When it was last changed."""
    deleted_at: datetime | None
    """When it was deleted; null if it is not."""


class RuleDefinitionList(Struct, frozen=True, kw_only=True):
    """A page of the project's definitions of one kind."""

    items: list[RuleDefinitionAnswer]
    """The rows of this page, in their order."""
    total: int
    """The number of rows on all pages."""
    page: int
    """The number of this page, from 1."""
    page_size: int
    """The largest number of rows on a page."""
    next_cursor: str | None
    """The value of `after` for the next page; null on the last page."""


class RuleDefinitionPatch(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fields to change; all others stay as they are."""

    is_active: bool | UnsetType = UNSET
    """Whether the definition is in use. False switches it off; its past effects remain."""
    display_order: int | UnsetType = UNSET
    """The position in lists, ascending; definitions with equal numbers are sorted by code."""
    name: str | UnsetType = UNSET
    """The rule's name. It is the reason of awarded points without a reason."""
    description: str | UnsetType | None = UNSET
    """A text for your team; null for none."""
    event_name: str | UnsetType = UNSET
    """The name of the events to which the rule applies."""
    condition: str | UnsetType | None = UNSET
    """A CEL expression over event, participant and now; the rule acts only if it is true. Null for always."""
    actions: (
        Sequence[GivePoints | TakePoints | PutInTier | ContinueStreak | AdvanceChallenge | GiveBadge | GrantReward]
        | UnsetType
    ) = UNSET
    """The actions. They take effect together or not at all."""
    limit: RuleLimitPatch | UnsetType | None = UNSET
    """How often the rule can act; null for no limit."""
    starts_at: datetime | UnsetType | None = UNSET
    """The rule applies to events that occurred at this time or later; null for no beginning."""
    ends_at: datetime | UnsetType | None = UNSET
    """The rule applies to events that occurred before this time; null for no end."""
    priority: int | UnsetType = UNSET
    """Rules with a higher priority come first; rules with equal priorities are sorted by code."""
    group: str | UnsetType | None = UNSET
    """A word that rules share, of which only one acts on an event; null for no group."""


class RuleLimit(Struct, frozen=True, kw_only=True):
    """The limits of a rule: for each participant, and for all participants together."""

    per_participant: RuleLimitPeriods | None = None
    """How often it can act for each participant; null for no limit."""
    in_total: RuleLimitPeriods | None = None
    """How often it can act for all participants together; null for no limit."""


class RuleLimitPatch(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The limits of a rule: for each participant, and for all participants together."""

    per_participant: RuleLimitPeriodsPatch | UnsetType | None = UNSET
    """How often it can act for each participant; null for no limit."""
    in_total: RuleLimitPeriodsPatch | UnsetType | None = UNSET
    """How often it can act for all participants together; null for no limit."""


class RuleLimitPeriods(Struct, frozen=True, kw_only=True):
    """The maximum number of times in each period; null means no limit."""

    day: int | None = None
    """How often in one day; null for no limit."""
    week: int | None = None
    """How often in one week; null for no limit."""
    month: int | None = None
    """How often in one month; null for no limit."""
    ever: int | None = None
    """How often over all time; null for no limit."""


class RuleLimitPeriodsPatch(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The maximum number of times in each period; null means no limit."""

    day: int | UnsetType | None = UNSET
    """How often in one day; null for no limit."""
    week: int | UnsetType | None = UNSET
    """How often in one week; null for no limit."""
    month: int | UnsetType | None = UNSET
    """How often in one month; null for no limit."""
    ever: int | UnsetType | None = UNSET
    """How often over all time; null for no limit."""


class SessionEnded(Struct, frozen=True, kw_only=True):
    """The response to signing out."""

    ended: bool
    """True, also if there was no session."""


class SessionProject(Struct, frozen=True, kw_only=True):
    """The project of the key."""

    code: str
    """The project's code."""
    name: str
    """The project's name."""
    mode: Extensible[Literal["live", "test"]]
    """`test` if the project's clock can be moved."""
    time_zone: str
    """The time zone in which the project's days begin."""


class SessionShown(Struct, frozen=True, kw_only=True):
    """The key for which a request acts."""

    project: SessionProject
    """The project of the key."""
    scope: Extensible[Literal["admin", "gamify", "gamify:admin", "gamify:read", "gamify:support", "operator"]]
    """The permissions of the key."""
    key_id: str | None
    """The id of the key; null for the key in the server's environment."""
    key_name: str
    """The name of the key in the audit log."""


class SimulateRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`definitions` has the sections of a definitions file. A section replaces all definitions of its kind; kinds
    without a section keep their live definitions. Leaderboards are not simulated.
    """

    definitions: Mapping[str, Any]
    """The draft, in the form of a definitions file: a list of definitions by section, such as `rules`. A section
    replaces all live definitions of its kind; kinds without a section stay as they are.
    """
    days: int | None = 30
    """The number of past days to simulate."""


class SimulatedDefinition(Struct, frozen=True, kw_only=True):
    """The actual effects of one definition, and its effects in the simulation. `is_live` and `in_draft` show on which
    side the definition exists.
    """

    kind: str
    """The kind of definition, such as `rule`."""
    code: str
    """The definition's code."""
    is_live: bool
    """Whether it is a live definition."""
    in_draft: bool
    """Whether it is a definition of the draft."""
    live: DefinitionTally
    """Its real results in the simulated time span."""
    draft: DefinitionTally
    """Its results with the draft."""


class SimulatedPoints(Struct, frozen=True, kw_only=True):
    """Points awarded and deducted in total."""

    awarded: int
    """Points awarded."""
    deducted: int
    """Points deducted."""


class SimulatedTierChange(Struct, frozen=True, kw_only=True):
    """The participants who would now be in another tier, with the first of them as examples."""

    live_tier: str | None
    """The code of the live tier; null for no tier."""
    draft_tier: str | None
    """The code of the tier with the draft; null for no tier."""
    participants: int
    """The number of participants with this change."""
    examples: list[str]
    """Ids of up to 100 of these participants."""


class SimulationLine(Struct, frozen=True, kw_only=True):
    """One line of the response: progress from time to time, and the result or an error at the end."""

    progress: SimulationProgress | None = None
    """The progress so far, twice per second."""
    result: SimulationResult | None = None
    """The result, in the last line of a simulation that succeeded."""
    error: str | None = None
    """A sentence, in the last line of a simulation that failed."""


class SimulationProgress(Struct, frozen=True, kw_only=True):
    """The progress of a simulation."""

    participants_done: int
    """The number of participants that are finished."""
    participants: int
    """The number of participants with a fact in the simulated time span."""
    events_done: int
    """The number of events that are finished."""


class SimulationResult(Struct, frozen=True, kw_only=True):
    """The result of a simulation. `since` and `until` are the bounds of the simulated time. `refused` is the number of
    commands that were accepted and would be refused. `forgotten_events` could not be decided again because their
    content is no longer kept. `approximations` are reasons why the draft could have had other effects; without any,
    the result is exact.
    """

    since: datetime
    """The beginning of the simulated time span."""
    until: datetime
    """The end of the simulated time span."""
    participants: int
    """The number of participants with a fact in the time span."""
    commands: int
    """The number of commands that were decided again."""
    events: int
    """The number of events that were decided again."""
    refused: int
    """The number of commands that were allowed and that the draft refuses."""
    forgotten_events: int
    """The number of events that could not be decided again, because their content is no longer kept."""
    approximations: list[
        Extensible[Literal["forgotten_events", "limits_in_total", "older_facts", "profiles", "rewards"]]
    ]
    """The reasons why the real result of the draft might differ; empty if the simulation is exact."""
    points_live: SimulatedPoints
    """The points that were really awarded and deducted."""
    points_draft: SimulatedPoints
    """The points that the draft awards and deducts."""
    definitions: list[SimulatedDefinition]
    """The results of each definition, live and in the draft."""
    tier_changes: list[SimulatedTierChange]
    """The participants that would be in another tier at the end, counted by change."""
    seconds: float
    """The duration of the simulation."""


class StateAnswer(Struct, frozen=True, kw_only=True):
    """The requested sections; others are absent."""

    participant_id: str
    """Your application's own id of the user."""
    points: PointsSection | None = None
    """The participant's points."""
    tier: TierSection | None = None
    """The participant's tier; null for none."""
    badges: list[BadgeSection] | None = None
    """The badges that the participant can see, earned or not."""
    streaks: StreaksSection | None = None
    """The best of the participant's streaks."""
    challenges: ChallengesSection | None = None
    """The number of the participant's challenges."""
    rewards: RewardsSection | None = None
    """The number of the participant's claims."""


class StatisticShown(Struct, frozen=True, kw_only=True):
    """The numbers of one statistic. A statistic with codes has one entry for the sum and one for each code."""

    name: str
    """The name of the statistic, such as `points_issued`."""
    code: str | None
    """The code that is counted, such as a badge's or the name of an event; null for the sum over all codes."""
    total: int
    """The sum over the days; for a level the number of the last day."""
    total_before: int
    """The same for as many days before."""
    by_day: list[int]
    """The number of each day, in the order of `days`."""


class StatisticsAnswer(Struct, frozen=True, kw_only=True):
    """The daily statistics of a period."""

    days: list[str]
    """The days, in the project's time zone."""
    time_zone: str
    """The time zone in which the days begin."""
    counted_until: datetime
    """Facts recorded before this time are counted; later ones follow within about 20 seconds. It is a real time, also
    in test projects.
    """
    statistics: list[StatisticShown]
    """The statistics, those with codes followed by their codes, the most frequent first."""


class StreakAtRiskData(Struct, frozen=True, kw_only=True):
    """A streak that is lost without a further record."""

    streak_code: str
    """The streak's code."""
    streak_name: str
    """The streak's name."""
    count: int
    """How many periods the streak has."""
    lost_at: datetime
    """When the streak is lost without a record."""


class StreakAtRiskEvent(Struct, frozen=True, kw_only=True, tag_field="type", tag="streak.at_risk"):
    """The period of a streak ends in `at_risk_hours`, and it has no record yet."""

    id: str
    """The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
    that of the transaction.
    """
    occurred_at: datetime
    """When it happened. For events of the past, this can be long ago."""
    recorded_at: datetime
    """When Laurels recorded it, by the project's clock."""
    participant_id: str | None
    """The participant; null for events about definitions, and once the person is erased."""
    sequence: int | None
    """The number of the fact among all facts of the participant: it puts the participant's events in order. Facts
    without an event leave gaps. Null without a participant.
    """
    historical: bool
    """Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
    events.
    """
    cause: FeedCause
    """The cause of the event."""
    data: StreakAtRiskData
    """The content of the event."""


class StreakData(Struct, frozen=True, kw_only=True):
    """A participant's streak."""

    streak_code: str
    """The streak's code."""
    streak_name: str
    """The streak's name."""
    count: int
    """How many periods the streak has."""


class StreakDefinition(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A streak. `grace_period_hours` are real hours after the end of the period in which the next record is due.
    `at_risk_hours` are hours before this end.
    """

    code: str
    """A short name, unique among the definitions of its kind in the project."""
    is_active: bool | None = True
    """Whether the definition is in use. False switches it off; its past effects remain."""
    display_order: int | None = 0
    """The position in lists, ascending; definitions with equal numbers are sorted by code."""
    name: str
    """The name that participants see."""
    description: str | None = None
    """The text that participants see; null for none."""
    icon_url: str | None = None
    """The address of an image: http, https, a data URL or a relative address; null for none."""
    period: Literal["daily", "monthly", "weekly"]
    """The period in which a record counts once. It cannot be changed."""
    grace_period_hours: int | None = 0
    """How many hours after the end of the following period a record can still continue the streak."""
    at_risk_hours: int | None = None
    """How many hours before the end of the period in which a record is due the feed has the event `streak.at_risk`;
    null for no such event.
    """


class StreakDefinitionAnswer(Struct, frozen=True, kw_only=True):
    """A streak. `grace_period_hours` are real hours after the end of the period in which the next record is due.
    `at_risk_hours` are hours before this end.
    """

    id: str
    """The definition's id, which never changes."""
    code: str
    """A short name, unique among the definitions of its kind in the project."""
    is_active: bool
    """Whether the definition is in use. False switches it off; its past effects remain."""
    display_order: int
    """The position in lists, ascending; definitions with equal numbers are sorted by code."""
    name: str
    """The name that participants see."""
    description: str | None
    """The text that participants see; null for none."""
    icon_url: str | None
    """The address of an image: http, https, a data URL or a relative address; null for none."""
    period: Extensible[Literal["daily", "monthly", "weekly"]]
    """The period in which a record counts once. It cannot be changed."""
    grace_period_hours: int
    """How many hours after the end of the following period a record can still continue the streak."""
    at_risk_hours: int | None
    """How many hours before the end of the period in which a record is due the feed has the event `streak.at_risk`;
    null for no such event.
    """
    created_at: datetime
    """When it was created."""
    updated_at: datetime
    """When it was last changed."""
    deleted_at: datetime | None
    """When it was deleted; null if it is not."""


class StreakDefinitionList(Struct, frozen=True, kw_only=True):
    """A page of the project's definitions of one kind."""

    items: list[StreakDefinitionAnswer]
    """The rows of this page, in their order."""
    total: int
    """The number of rows on all pages."""
    page: int
    """The number of this page, from 1."""
    page_size: int
    """The largest number of rows on a page."""
    next_cursor: str | None
    """The value of `after` for the next page; null on the last page."""


class StreakDefinitionPatch(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fields to change; all others stay as they are."""

    is_active: bool | UnsetType = UNSET
    """Whether the definition is in use. False switches it off; its past effects remain."""
    display_order: int | UnsetType = UNSET
    """The position in lists, ascending; definitions with equal numbers are sorted by code."""
    name: str | UnsetType = UNSET
    """The name that participants see."""
    description: str | UnsetType | None = UNSET
    """The text that participants see; null for none."""
    icon_url: str | UnsetType | None = UNSET
    """The address of an image: http, https, a data URL or a relative address; null for none."""
    grace_period_hours: int | UnsetType = UNSET
    """How many hours after the end of the following period a record can still continue the streak."""
    at_risk_hours: int | UnsetType | None = UNSET
    """How many hours before the end of the period in which a record is due the feed has the event `streak.at_risk`;
    null for no such event.
    """


class StreakEffect(Struct, frozen=True, kw_only=True):
    """A streak that was recorded."""

    streak_code: str
    """The streak's code."""
    streak_name: str
    """The streak's name."""
    new_count: int
    """How many periods the streak of this record now has."""
    due_to: str | None
    """The code of the rule or challenge that recorded it; null for other causes."""


class StreakExtendedEvent(Struct, frozen=True, kw_only=True, tag_field="type", tag="streak.extended"):
    """A period of a streak was recorded."""

    id: str
    """The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
    that of the transaction.
    """
    occurred_at: datetime
    """When it happened. For events of the past, this can be long ago."""
    recorded_at: datetime
    """When Laurels recorded it, by the project's clock."""
    participant_id: str | None
    """The participant; null for events about definitions, and once the person is erased."""
    sequence: int | None
    """The number of the fact among all facts of the participant: it puts the participant's events in order. Facts
    without an event leave gaps. Null without a participant.
    """
    historical: bool
    """Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
    events.
    """
    cause: FeedCause
    """The cause of the event."""
    data: StreakData
    """The content of the event."""


class StreakLostEvent(Struct, frozen=True, kw_only=True, tag_field="type", tag="streak.lost"):
    """A streak was lost. `count` is its former number of periods."""

    id: str
    """The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
    that of the transaction.
    """
    occurred_at: datetime
    """When it happened. For events of the past, this can be long ago."""
    recorded_at: datetime
    """When Laurels recorded it, by the project's clock."""
    participant_id: str | None
    """The participant; null for events about definitions, and once the person is erased."""
    sequence: int | None
    """The number of the fact among all facts of the participant: it puts the participant's events in order. Facts
    without an event leave gaps. Null without a participant.
    """
    historical: bool
    """Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
    events.
    """
    cause: FeedCause
    """The cause of the event."""
    data: StreakData
    """The content of the event."""


class StreakRecordedAnswer(Struct, frozen=True, kw_only=True):
    """The streak after the record."""

    streak_code: str
    """The streak's code."""
    new_count: int
    """How many periods the streak of this record now has."""
    longest_count: int
    """How many periods the longest streak has."""
    is_new_record: bool
    """Whether `longest_count` has grown."""
    already_recorded: bool
    """Whether the period had a record before; then nothing was changed."""
    effects: Effects | None = None
    """Everything else that the request caused, such as badges and tiers; left out if there is nothing."""


class StreakRecoveredEvent(Struct, frozen=True, kw_only=True, tag_field="type", tag="streak.recovered"):
    """A late record repaired a streak that was lost."""

    id: str
    """The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
    that of the transaction.
    """
    occurred_at: datetime
    """When it happened. For events of the past, this can be long ago."""
    recorded_at: datetime
    """When Laurels recorded it, by the project's clock."""
    participant_id: str | None
    """The participant; null for events about definitions, and once the person is erased."""
    sequence: int | None
    """The number of the fact among all facts of the participant: it puts the participant's events in order. Facts
    without an event leave gaps. Null without a participant.
    """
    historical: bool
    """Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
    events.
    """
    cause: FeedCause
    """The cause of the event."""
    data: StreakData
    """The content of the event."""


class StreakStatus(Struct, frozen=True, kw_only=True):
    """The state of a streak. `last_recorded_at` is the time of the record that counted for the latest period. The
    streak `is_at_risk` while the current period has no record; without a record before `expires_at`, it lapses.
    """

    code: str
    """The streak's code."""
    name: str
    """The streak's name."""
    current_count: int
    """How many periods the current streak has; 0 if it has lapsed."""
    longest_count: int
    """How many periods the longest streak had."""
    last_recorded_at: datetime | None
    """The record that counted for the latest period; null without records."""
    period: Extensible[Literal["daily", "monthly", "weekly"]]
    """The period of the streak."""
    is_at_risk: bool
    """Whether the streak is alive, but the current period has no record."""
    expires_at: datetime | None
    """When the streak lapses without a further record; null if there is no streak to lose."""


class StreaksAnswer(Struct, frozen=True, kw_only=True):
    """The streaks of a participant."""

    participant_id: str
    """Your application's own id of the user."""
    streaks: list[StreakStatus]
    """The streaks, in display order."""


class StreaksSection(Struct, frozen=True, kw_only=True):
    """The best of the participant's streaks."""

    current: int
    """The largest current count of all streaks."""
    longest: int
    """The largest longest count of all streaks."""


class TakePoints(Struct, frozen=True, kw_only=True, tag_field="type", tag="deduct_points"):
    """An action that deducts points. It is refused if the balance is too low."""

    amount: int | str
    """The number of points, or an expression that computes it."""
    reason: str | None = None
    """Shown in the transaction history; null for the name of the rule or challenge."""


class TieBreaker(Struct, frozen=True, kw_only=True):
    """A number that decides between participants with equal scores."""

    metric: Extensible[
        Literal["event_count", "event_last", "event_max", "event_min", "event_sum", "points_balance", "points_earned"]
    ]
    """The source of the number, as for the board."""
    event_name: str | None = None
    """The name of the events that count; null for all events. Only for metrics of events."""
    property: str | None = None
    """The name of the event's property, for metrics of a property; null for other metrics."""
    order: Extensible[Literal["asc", "desc"]] = "desc"
    """Whether the greater number is better (`desc`) or the smaller one (`asc`)."""


class TierAnswer(Struct, frozen=True, kw_only=True):
    """The tier of a participant, and the way to the next one."""

    participant_id: str
    """Your application's own id of the user."""
    current_tier: CurrentTier | None
    """The current tier; null for none."""
    next_tier: NextTier | None
    """The next tier; null if there is none to reach."""
    tier_history: list[TierPassedAnswer]
    """The tiers so far, the oldest first, at most the last 1,000."""


class TierAssignedAnswer(Struct, frozen=True, kw_only=True):
    """The tier that the participant is now in."""

    participant_id: str
    """Your application's own id of the user."""
    tier_code: str
    """The tier's code."""
    tier_name: str
    """The tier's name."""
    level: int
    """The tier's level; higher is better."""
    previous_code: str | None
    """The code of the tier before; null for none."""
    previous_level: int | None
    """The level of the tier before; null for none."""
    assigned_at: datetime
    """When the tier was assigned."""
    effects: Effects | None = None
    """Everything else that the request caused, such as badges and tiers; left out if there is nothing."""


class TierChangedData(Struct, frozen=True, kw_only=True):
    """The tier that a participant is now in, and the one before."""

    code: str
    """The tier's code."""
    name: str
    """The tier's name."""
    level: int
    """The tier's level; higher is better."""
    previous_code: str | None = None
    """The code of the tier before; null for none."""
    previous_name: str | None = None
    """The name of the tier before; null for none."""
    previous_level: int | None = None
    """The level of the tier before; null for none."""
    is_assigned: bool = False
    """Whether a request or an action assigned the tier. Otherwise points reached it."""
    is_entry: bool = False
    """Whether it is the entry tier, which every participant gets with the first award."""
    reason: str | None = None
    """The reason of the assignment; null for none."""


class TierChangedEvent(Struct, frozen=True, kw_only=True, tag_field="type", tag="tier.changed"):
    """A participant changed tiers. Applications usually announce nothing if `is_entry` is true."""

    id: str
    """The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
    that of the transaction.
    """
    occurred_at: datetime
    """When it happened. For events of the past, this can be long ago."""
    recorded_at: datetime
    """When Laurels recorded it, by the project's clock."""
    participant_id: str | None
    """The participant; null for events about definitions, and once the person is erased."""
    sequence: int | None
    """The number of the fact among all facts of the participant: it puts the participant's events in order. Facts
    without an event leave gaps. Null without a participant.
    """
    historical: bool
    """Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
    events.
    """
    cause: FeedCause
    """The cause of the event."""
    data: TierChangedData
    """The content of the event."""


class TierCriteria(Struct, frozen=True, kw_only=True):
    """The condition of an automatic tier. `basis` is either all points ever earned (the default, which spending never
    lowers) or the balance.
    """

    min_points: int
    """The threshold, in points."""
    basis: Extensible[Literal["balance", "total_earned"]] = "total_earned"
    """The number that is compared with the threshold: all points ever earned, or the balance."""


class TierCriteriaPatch(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The condition of an automatic tier. `basis` is either all points ever earned (the default, which spending never
    lowers) or the balance.
    """

    min_points: int | UnsetType = UNSET
    """The threshold, in points."""
    basis: Literal["balance", "total_earned"] | UnsetType = UNSET
    """The number that is compared with the threshold: all points ever earned, or the balance."""


class TierDefinition(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A tier. Automatic tiers are reached by points, manual ones only by assignment."""

    code: str
    """A short name, unique among the definitions of its kind in the project."""
    is_active: bool | None = True
    """Whether the definition is in use. False switches it off; its past effects remain."""
    display_order: int | None = 0
    """The position in lists, ascending; definitions with equal numbers are sorted by code."""
    name: str
    """The name that participants see."""
    level: int
    """The rank of the tier; higher is better."""
    description: str | None = None
    """The text that participants see; null for none."""
    color: str | None = None
    """A colour for your application, in any notation; null for none."""
    icon_url: str | None = None
    """The address of an image: http, https, a data URL or a relative address; null for none."""
    criteria_config: TierCriteria | None = None
    """The threshold; null for none. An automatic tier needs one."""
    award_type: Literal["automatic", "manual"] | None = "automatic"
    """`automatic`: reached by points. `manual`: only assigned by a call or an action."""
    benefits: Sequence[str] | None = ()
    """Texts that your application shows."""


class TierDefinitionAnswer(Struct, frozen=True, kw_only=True):
    """A tier. Automatic tiers are reached by points, manual ones only by assignment."""

    id: str
    """The definition's id, which never changes."""
    code: str
    """A short name, unique among the definitions of its kind in the project."""
    is_active: bool
    """Whether the definition is in use. False switches it off; its past effects remain."""
    display_order: int
    """The position in lists, ascending; definitions with equal numbers are sorted by code."""
    name: str
    """The name that participants see."""
    level: int
    """The rank of the tier; higher is better."""
    description: str | None
    """The text that participants see; null for none."""
    color: str | None
    """A colour for your application, in any notation; null for none."""
    icon_url: str | None
    """The address of an image: http, https, a data URL or a relative address; null for none."""
    criteria_config: TierCriteria | None
    """The threshold; null for none. An automatic tier needs one."""
    award_type: Extensible[Literal["automatic", "manual"]]
    """`automatic`: reached by points. `manual`: only assigned by a call or an action."""
    benefits: list[str]
    """Texts that your application shows."""
    created_at: datetime
    """When it was created."""
    updated_at: datetime
    """When it was last changed."""
    deleted_at: datetime | None
    """When it was deleted; null if it is not."""


class TierDefinitionList(Struct, frozen=True, kw_only=True):
    """A page of the project's definitions of one kind."""

    items: list[TierDefinitionAnswer]
    """The rows of this page, in their order."""
    total: int
    """The number of rows on all pages."""
    page: int
    """The number of this page, from 1."""
    page_size: int
    """The largest number of rows on a page."""
    next_cursor: str | None
    """The value of `after` for the next page; null on the last page."""


class TierDefinitionPatch(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fields to change; all others stay as they are."""

    is_active: bool | UnsetType = UNSET
    """Whether the definition is in use. False switches it off; its past effects remain."""
    display_order: int | UnsetType = UNSET
    """The position in lists, ascending; definitions with equal numbers are sorted by code."""
    name: str | UnsetType = UNSET
    """The name that participants see."""
    level: int | UnsetType = UNSET
    """The rank of the tier; higher is better."""
    description: str | UnsetType | None = UNSET
    """The text that participants see; null for none."""
    color: str | UnsetType | None = UNSET
    """A colour for your application, in any notation; null for none."""
    icon_url: str | UnsetType | None = UNSET
    """The address of an image: http, https, a data URL or a relative address; null for none."""
    criteria_config: TierCriteriaPatch | UnsetType | None = UNSET
    """The threshold; null for none. An automatic tier needs one."""
    award_type: Literal["automatic", "manual"] | UnsetType = UNSET
    """`automatic`: reached by points. `manual`: only assigned by a call or an action."""
    benefits: Sequence[str] | UnsetType = UNSET
    """Texts that your application shows."""


class TierPassedAnswer(Struct, frozen=True, kw_only=True):
    """A tier that the participant was in."""

    code: str
    """The tier's code."""
    achieved_at: datetime
    """When the participant reached it."""


class TierSection(Struct, frozen=True, kw_only=True):
    """The tier of a participant."""

    code: str
    """The tier's code."""
    name: str
    """The tier's name."""
    level: int
    """The tier's level; higher is better."""


class TierUpgrade(Struct, frozen=True, kw_only=True):
    """The tier just reached, and the previous tier, if any."""

    code: str
    """The tier's code."""
    name: str
    """The tier's name."""
    level: int
    """The tier's level; higher is better."""
    previous_code: str | None
    """The code of the tier before; null for none."""
    previous_level: int | None
    """The level of the tier before; null for none."""


class TransactionAnswer(Struct, frozen=True, kw_only=True):
    """A transaction. `amount` is never negative; `type` shows the direction. Fields that do not apply to a type are
    left out.
    """

    id: str
    """The id of the transaction."""
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
    """The kind of movement. It determines whether points were added or taken."""
    amount: int
    """The number of points, never negative."""
    balance_after: int
    """The balance after the transaction."""
    reason: str | None
    """The reason that was given; null for none."""
    metadata: dict[str, Any] | None
    """The metadata that was given; null for none."""
    created_at: datetime
    """The time of the transaction: the given `timestamp`, or the time of the request."""
    expires_at: datetime | None = None
    """The expiry of the awarded points or of the hold; left out if they do not expire."""
    requested_expires_at: datetime | None = None
    """The requested expiry, if the points expire at another time."""
    base_amount: int | None = None
    """The requested amount, if another amount was credited."""
    multiplier: int | float | None = None
    """The multiplier that applied, if there was one."""
    reverses: str | None = None
    """The id of the reversed transaction, for reversals."""
    hold_id: str | None = None
    """The id of the hold, for captures and releases."""
    reward_id: str | None = None
    """The id of the reward, for claims."""
    claim_id: str | None = None
    """The id of the claim, for claims and their cancellations."""


class TransactionsAnswer(Struct, frozen=True, kw_only=True):
    """A page of a participant's transactions."""

    participant_id: str
    """Your application's own id of the user."""
    transactions: list[TransactionAnswer]
    """The transactions; the last one to take effect comes first."""
    total: int
    """The number of rows on all pages."""
    page: int
    """The number of this page, from 1."""
    page_size: int
    """The largest number of rows on a page."""
    next_cursor: str | None
    """The value of `after` for the next page; null on the last page."""


class UploadCodesAnswer(Struct, frozen=True, kw_only=True):
    """The number of codes that were uploaded."""

    reward_id: str
    """The id of the reward."""
    received: int
    """The number of codes in the request."""
    added: int
    """The number of new codes."""
    duplicates: DuplicateCodes
    """Codes that were skipped."""
    available: int
    """The number of codes that can be claimed now."""


class UploadCodesRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Codes for a reward. Each claim gets one."""

    codes: Sequence[str]
    """The codes, of 1 to 255 printable characters each."""


class ValidateExpressionAnswer(Struct, frozen=True, kw_only=True):
    """The type of the expression's value. `reads` lists the variables that it reads, with the properties and attributes
    that are known from its text.
    """

    type: str
    """The type of the result, such as `bool` or `int`."""
    reads: list[str]
    """The variables that the expression reads."""


class ValidateExpressionRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An expression to check. `use` is its intended use: a condition of a rule or an objective, an amount of an action,
    or the criteria of a badge.
    """

    expression: str
    """The CEL expression."""
    use: Literal["amount", "condition", "criteria"] | None = "condition"
    """The place of the expression: the condition of a rule or objective, the amount of an action, or the criteria of a
    badge.
    """


class VariableShown(Struct, frozen=True, kw_only=True):
    """A variable that expressions can read."""

    name: str
    """The name of the variable, such as `participant.balance`."""
    type: str
    """The type of the variable, such as `int` or `map of string to int`."""
    is_of_event: bool
    """Whether the variable is a part of an event. Criteria of badges cannot read it."""


class VariablesAnswer(Struct, frozen=True, kw_only=True):
    """The variables of expressions."""

    variables: list[VariableShown]
    """The variables, by their names."""


class WebhookDefinition(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An address to which the project's events are sent."""

    code: str
    """A short name, unique among the definitions of its kind in the project."""
    is_active: bool | None = True
    """Whether the definition is in use. False switches it off; its past effects remain."""
    display_order: int | None = 0
    """The position in lists, ascending; definitions with equal numbers are sorted by code."""
    name: str
    """The webhook's name, for your team."""
    description: str | None = None
    """A text for your team; null for none."""
    url: str
    """The address, which begins with `https://` or `http://`. Private addresses are refused, unless the operator of the
    server allows their network.
    """
    types: Sequence[
        Literal[
            "*",
            "badge.earned",
            "badge.revoked",
            "challenge.completed",
            "challenge.joined",
            "challenge.left",
            "challenge.milestone_reached",
            "definition.changed",
            "hold.captured",
            "hold.created",
            "hold.expired",
            "hold.released",
            "leaderboard.closed",
            "leaderboard.placed",
            "multiplier.ended",
            "participant.anonymised",
            "participant.created",
            "participant.deleted",
            "participant.updated",
            "points.award_reversed",
            "points.awarded",
            "points.deducted",
            "points.deduction_reversed",
            "points.expired",
            "points.expiring",
            "reward.cancelled",
            "reward.claimed",
            "reward.fulfilled",
            "streak.at_risk",
            "streak.extended",
            "streak.lost",
            "streak.recovered",
            "tier.changed",
            "webhook.disabled",
            "webhook.tested",
        ]
    ]
    """The types of events that are sent; `*` for all, including types of later versions."""
    headers: Mapping[str, str] | UnsetType | None = UNSET
    """Further headers of the requests. They are shown to administrators and written into definitions files: secrets do
    not belong here.
    """
    include_historical: bool | None = False
    """Whether events of the past are sent as well: from imports, and from `laurels apply --past silently`."""
    signature_header: str | None = None
    """The name of a second header with `sha256=` and the HMAC of the body in hexadecimal, keyed with the text of the
    secret, for receivers written for other products; null for none.
    """


class WebhookDefinitionAnswer(Struct, frozen=True, kw_only=True):
    """An address to which the project's events are sent."""

    id: str
    """The definition's id, which never changes."""
    code: str
    """A short name, unique among the definitions of its kind in the project."""
    is_active: bool
    """Whether the definition is in use. False switches it off; its past effects remain."""
    display_order: int
    """The position in lists, ascending; definitions with equal numbers are sorted by code."""
    name: str
    """The webhook's name, for your team."""
    description: str | None
    """A text for your team; null for none."""
    url: str
    """The address, which begins with `https://` or `http://`. Private addresses are refused, unless the operator of the
    server allows their network.
    """
    types: list[
        Extensible[
            Literal[
                "*",
                "badge.earned",
                "badge.revoked",
                "challenge.completed",
                "challenge.joined",
                "challenge.left",
                "challenge.milestone_reached",
                "definition.changed",
                "hold.captured",
                "hold.created",
                "hold.expired",
                "hold.released",
                "leaderboard.closed",
                "leaderboard.placed",
                "multiplier.ended",
                "participant.anonymised",
                "participant.created",
                "participant.deleted",
                "participant.updated",
                "points.award_reversed",
                "points.awarded",
                "points.deducted",
                "points.deduction_reversed",
                "points.expired",
                "points.expiring",
                "reward.cancelled",
                "reward.claimed",
                "reward.fulfilled",
                "streak.at_risk",
                "streak.extended",
                "streak.lost",
                "streak.recovered",
                "tier.changed",
                "webhook.disabled",
                "webhook.tested",
            ]
        ]
    ]
    """The types of events that are sent; `*` for all, including types of later versions."""
    headers: dict[str, str]
    """Further headers of the requests. They are shown to administrators and written into definitions files: secrets do
    not belong here.
    """
    include_historical: bool
    """Whether events of the past are sent as well: from imports, and from `laurels apply --past silently`."""
    signature_header: str | None
    """The name of a second header with `sha256=` and the HMAC of the body in hexadecimal, keyed with the text of the
    secret, for receivers written for other products; null for none.
    """
    secret: str | None
    """The secret of the signatures, in the response that creates the webhook; else null."""
    failing_since: datetime | None
    """The first failed attempt after the last success; null if the last attempt succeeded."""
    disabled_reason: Extensible[Literal["gone", "no_success_in_five_days"]] | None
    """The reason why the server switched the webhook off; null if it did not."""
    created_at: datetime
    """When it was created."""
    updated_at: datetime
    """When it was last changed."""
    deleted_at: datetime | None
    """When it was deleted; null if it is not."""


class WebhookDefinitionList(Struct, frozen=True, kw_only=True):
    """A page of the project's definitions of one kind."""

    items: list[WebhookDefinitionAnswer]
    """The rows of this page, in their order."""
    total: int
    """The number of rows on all pages."""
    page: int
    """The number of this page, from 1."""
    page_size: int
    """The largest number of rows on a page."""
    next_cursor: str | None
    """The value of `after` for the next page; null on the last page."""


class WebhookDefinitionPatch(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fields to change; all others stay as they are."""

    is_active: bool | UnsetType = UNSET
    """Whether the definition is in use. False switches it off; its past effects remain."""
    display_order: int | UnsetType = UNSET
    """The position in lists, ascending; definitions with equal numbers are sorted by code."""
    name: str | UnsetType = UNSET
    """The webhook's name, for your team."""
    description: str | UnsetType | None = UNSET
    """A text for your team; null for none."""
    url: str | UnsetType = UNSET
    """The address, which begins with `https://` or `http://`. Private addresses are refused, unless the operator of the
    server allows their network.
    """
    types: (
        Sequence[
            Literal[
                "*",
                "badge.earned",
                "badge.revoked",
                "challenge.completed",
                "challenge.joined",
                "challenge.left",
                "challenge.milestone_reached",
                "definition.changed",
                "hold.captured",
                "hold.created",
                "hold.expired",
                "hold.released",
                "leaderboard.closed",
                "leaderboard.placed",
                "multiplier.ended",
                "participant.anonymised",
                "participant.created",
                "participant.deleted",
                "participant.updated",
                "points.award_reversed",
                "points.awarded",
                "points.deducted",
                "points.deduction_reversed",
                "points.expired",
                "points.expiring",
                "reward.cancelled",
                "reward.claimed",
                "reward.fulfilled",
                "streak.at_risk",
                "streak.extended",
                "streak.lost",
                "streak.recovered",
                "tier.changed",
                "webhook.disabled",
                "webhook.tested",
            ]
        ]
        | UnsetType
    ) = UNSET
    """The types of events that are sent; `*` for all, including types of later versions."""
    headers: Mapping[str, str] | UnsetType = UNSET
    """Further headers of the requests. They are shown to administrators and written into definitions files: secrets do
    not belong here.
    """
    include_historical: bool | UnsetType = UNSET
    """Whether events of the past are sent as well: from imports, and from `laurels apply --past silently`."""
    signature_header: str | UnsetType | None = UNSET
    """The name of a second header with `sha256=` and the HMAC of the body in hexadecimal, keyed with the text of the
    secret, for receivers written for other products; null for none.
    """


class WebhookDisabledData(Struct, frozen=True, kw_only=True):
    """A webhook that the server switched off."""

    webhook_code: str
    """The webhook's code."""
    reason: Extensible[Literal["gone", "no_success_in_five_days"]]
    """`gone`: the receiver responded with 410. `no_success_in_five_days`: no attempt of five days succeeded."""
    failing_since: datetime
    """The first failed attempt after the last success."""


class WebhookDisabledEvent(Struct, frozen=True, kw_only=True, tag_field="type", tag="webhook.disabled"):
    """A webhook was switched off by the server, because its receiver failed for too long or asked for it."""

    id: str
    """The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
    that of the transaction.
    """
    occurred_at: datetime
    """When it happened. For events of the past, this can be long ago."""
    recorded_at: datetime
    """When Laurels recorded it, by the project's clock."""
    participant_id: str | None
    """The participant; null for events about definitions, and once the person is erased."""
    sequence: int | None
    """The number of the fact among all facts of the participant: it puts the participant's events in order. Facts
    without an event leave gaps. Null without a participant.
    """
    historical: bool
    """Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
    events.
    """
    cause: FeedCause
    """The cause of the event."""
    data: WebhookDisabledData
    """The content of the event."""


class WebhookTestedData(Struct, frozen=True, kw_only=True):
    """A test of a webhook."""

    webhook_code: str
    """The webhook's code."""


class WebhookTestedEvent(Struct, frozen=True, kw_only=True, tag_field="type", tag="webhook.tested"):
    """An administrator asked for a test. Only the tested webhook receives this event; the feed does not have it."""

    id: str
    """The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
    that of the transaction.
    """
    occurred_at: datetime
    """When it happened. For events of the past, this can be long ago."""
    recorded_at: datetime
    """When Laurels recorded it, by the project's clock."""
    participant_id: str | None
    """The participant; null for events about definitions, and once the person is erased."""
    sequence: int | None
    """The number of the fact among all facts of the participant: it puts the participant's events in order. Facts
    without an event leave gaps. Null without a participant.
    """
    historical: bool
    """Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
    events.
    """
    cause: FeedCause
    """The cause of the event."""
    data: WebhookTestedData
    """The content of the event."""


class WindowRank(Struct, frozen=True, kw_only=True):
    """The rank of a participant in one window or season."""

    period: str
    """The time window, or the code of the season."""
    period_key: str | None
    """The current period, such as 2026-02-14, 2026-W07, 2026-02 or 2026; null for all time and seasons."""
    rank: int | None
    """The place, from 1; null without a score in the window."""
    score: int | float
    """The participant's score in the window; 0 without one."""
    tie_values: list[int | float | None] | None = None
    """The numbers of the tie-breakers, in order; only on boards with tie-breakers, and with a score."""
    total_participants: int
    """The number of participants with a score in the window."""
    percentile: float | None
    """The share of the participants that this one is ahead of, in percent with one decimal; null without a score."""
    resets_at: datetime | None
    """When the window ends; null for all time and past seasons."""
