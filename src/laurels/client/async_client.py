# Generated from the OpenAPI document by `make clients`. Do not edit.
"""The asynchronous client: a method for each operation of the API."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from msgspec import UNSET, UnsetType

from laurels.client.calls import ApiCall, key_or_new, quoted, with_keys
from laurels.client.pages import AsyncPages
from laurels.client.transport import AsyncTransport
from laurels.client.types import (
    AdminClaim,
    AdminClaimsAnswer,
    AdvanceChallenge,
    AmongRequest,
    ApiKey,
    ApiKeysAnswer,
    AssignTierRequest,
    AuditAnswer,
    AuditEntry,
    AwardBadgeRequest,
    AwardBatchAnswer,
    AwardBatchRequest,
    AwardPointsRequest,
    BadgeAwardedAnswer,
    BadgeDefinition,
    BadgeDefinitionAnswer,
    BadgeDefinitionList,
    BadgeDefinitionPatch,
    BadgeRevokedAnswer,
    BadgesAnswer,
    BoardAnswer,
    CancelClaimRequest,
    CaptureRequest,
    ChallengeDefinition,
    ChallengeDefinitionAnswer,
    ChallengeDefinitionList,
    ChallengeDefinitionPatch,
    ChallengeJoinedAnswer,
    ChallengeLeftAnswer,
    ChallengesAnswer,
    ChangeKeyRequest,
    ChangeProjectRequest,
    ClaimAnswer,
    ClaimCancelledAnswer,
    ClaimFulfilledAnswer,
    ClaimRewardRequest,
    ClaimsAnswer,
    ClockAnswer,
    ClockMovedAnswer,
    CodesAnswer,
    ContinueStreak,
    CreateKeyRequest,
    CreateProjectRequest,
    DeliveriesAnswer,
    Delivery,
    EarningCapDefinition,
    EarningCapDefinitionAnswer,
    EarningCapDefinitionList,
    EarningCapDefinitionPatch,
    ErasedAnswer,
    EventBatchAnswer,
    EventBatchRequest,
    EventRecordedAnswer,
    EventRequest,
    EventsAnswer,
    EventShown,
    ExplainAnswer,
    ExportAnswer,
    FeedAnswer,
    FulfilClaimRequest,
    FunnelAnswer,
    GiveBadge,
    GivePoints,
    GrantReward,
    HistoryAnswer,
    HistoryFact,
    HoldCapturedAnswer,
    HoldReleasedAnswer,
    HoldRequest,
    HoldsAnswer,
    LeaderboardDefinition,
    LeaderboardDefinitionAnswer,
    LeaderboardDefinitionList,
    LeaderboardDefinitionPatch,
    LiabilityAnswer,
    LostStreaksAnswer,
    MilestoneDefinition,
    MoveClockRequest,
    MultiplierConfig,
    MultiplierConfigPatch,
    NamedSeason,
    NewApiKey,
    NewProject,
    ObjectiveDefinition,
    OpenChallengesAnswer,
    ParticipantListed,
    ParticipantRanksAnswer,
    ParticipantsAnswer,
    ParticipationRequest,
    PointsAnswer,
    PointsAwardedAnswer,
    PointsDeductedAnswer,
    PointsHeldAnswer,
    PointsRequest,
    PointsReversedAnswer,
    ProfileAnswer,
    ProfileFields,
    ProjectsAnswer,
    ProjectShown,
    PutInTier,
    RankAnswer,
    RecordStreakRequest,
    RegisterRequest,
    ReleaseRequest,
    ResendAnswer,
    ResendRequest,
    ReverseRequest,
    RevokeBadgeRequest,
    RevokeCodesAnswer,
    RevokeCodesRequest,
    RewardClaimedAnswer,
    RewardDefinition,
    RewardDefinitionAnswer,
    RewardDefinitionList,
    RewardDefinitionPatch,
    RewardsAnswer,
    RotatedApiKey,
    RotatedSecret,
    RotateKeyRequest,
    RotateSecretRequest,
    RuleDefinition,
    RuleDefinitionAnswer,
    RuleDefinitionList,
    RuleDefinitionPatch,
    RuleLimit,
    RuleLimitPatch,
    SessionEnded,
    SessionShown,
    SimulateRequest,
    SimulationLine,
    StateAnswer,
    StatisticsAnswer,
    StreakDefinition,
    StreakDefinitionAnswer,
    StreakDefinitionList,
    StreakDefinitionPatch,
    StreakRecordedAnswer,
    StreaksAnswer,
    TakePoints,
    TieBreaker,
    TierAnswer,
    TierAssignedAnswer,
    TierCriteria,
    TierCriteriaPatch,
    TierDefinition,
    TierDefinitionAnswer,
    TierDefinitionList,
    TierDefinitionPatch,
    TransactionAnswer,
    TransactionsAnswer,
    UploadCodesAnswer,
    UploadCodesRequest,
    ValidateExpressionAnswer,
    ValidateExpressionRequest,
    VariablesAnswer,
    WebhookDefinition,
    WebhookDefinitionAnswer,
    WebhookDefinitionList,
    WebhookDefinitionPatch,
)


class AsyncLaurels(AsyncTransport):
    """The asynchronous client.

    All methods raise LaurelsError: RefusedError for an error response, UnreachableError without a response. Calls that
    can be repeated safely are retried after connection errors, 429 and 503. Calls that take an idempotency key get one,
    so that they can be repeated.
    """

    async def award_points(
        self,
        participant_id: str,
        amount: int,
        *,
        reason: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        timestamp: datetime | None = None,
        expires_at: datetime | None = None,
        expires_in_days: int | None = None,
    ) -> PointsAwardedAnswer:
        """Award points.

        Raises the balance and `total_earned`, then judges the automatic tiers. Creates the participant if needed. If
        the participant's points already have 1,000 different expiry times, the new points expire at the end of the
        requested day, and the response shows this. If they have 5,000, an award that expires is refused. `amount` in
        the response is the credited amount. Multipliers and earning caps can change it; the requested amount is then
        `base_amount`.

        Points to award. They never expire, unless `expires_at` or `expires_in_days` is given.

        - `participant_id`: Your application's id of the user: 1 to 255 characters, no control characters.
        - `amount`: Points, a whole number.
        - `reason`: Shown in the transaction history.
        - `metadata`: Your own data, stored with the fact: at most 65,536 bytes of JSON.
        - `idempotency_key`: Makes retries safe: the same key never acts twice for the same participant and operation.
        - `timestamp`: The time when it happened, by RFC 3339. A time without an offset is in UTC.
        - `expires_at`: The expiry of the points; null for never. RFC 3339; without an offset it is read as UTC.
        - `expires_in_days`: The points expire at the end of the day this many days later, in the participant's time
          zone; null for never.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path="/api/v1/gamify/points/award",
                response_type=PointsAwardedAnswer,
                body=AwardPointsRequest(
                    participant_id=participant_id,
                    amount=amount,
                    reason=reason,
                    metadata=metadata,
                    idempotency_key=key_or_new(idempotency_key),
                    timestamp=timestamp,
                    expires_at=expires_at,
                    expires_in_days=expires_in_days,
                ),
                is_keyed=True,
            )
        )

    async def deduct_points(
        self,
        participant_id: str,
        amount: int,
        *,
        reason: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        timestamp: datetime | None = None,
    ) -> PointsDeductedAnswer:
        """Deduct points.

        Lowers the balance, but never below zero, and raises `total_spent`. Tiers do not change.

        Points to deduct from a participant.

        - `participant_id`: Your application's id of the user: 1 to 255 characters, no control characters.
        - `amount`: Points, a whole number.
        - `reason`: Shown in the transaction history.
        - `metadata`: Your own data, stored with the fact: at most 65,536 bytes of JSON.
        - `idempotency_key`: Makes retries safe: the same key never acts twice for the same participant and operation.
        - `timestamp`: The time when it happened, by RFC 3339. A time without an offset is in UTC.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path="/api/v1/gamify/points/deduct",
                response_type=PointsDeductedAnswer,
                body=PointsRequest(
                    participant_id=participant_id,
                    amount=amount,
                    reason=reason,
                    metadata=metadata,
                    idempotency_key=key_or_new(idempotency_key),
                    timestamp=timestamp,
                ),
                is_keyed=True,
            )
        )

    async def award_points_batch(self, awards: Sequence[AwardPointsRequest | Mapping[str, Any]]) -> AwardBatchAnswer:
        """Award points to up to 100 participants.

        Returns 200 with one result for each award, in order. A refused award does not affect the others. Idempotency
        keys belong in the items.

        1 to 100 awards. Each is decided separately.

        - `awards`: The awards. Each is decided separately.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path="/api/v1/gamify/points/award-batch",
                response_type=AwardBatchAnswer,
                body=AwardBatchRequest(awards=with_keys(awards)),
                is_keyed=True,
            )
        )

    async def participant_points(self, participant_id: str) -> PointsAnswer:
        """Balance of a participant.

        `balance` is always `total_earned` − `total_spent` − `total_expired` − `held`.

        - `participant_id`: The user's id in your application.
        """
        return await self._run(
            ApiCall(
                method="GET",
                path=f"/api/v1/gamify/participants/{quoted(participant_id)}/points",
                response_type=PointsAnswer,
            )
        )

    def participant_transactions(
        self, participant_id: str, *, page_size: int = 20
    ) -> AsyncPages[TransactionsAnswer, TransactionAnswer]:
        """Transaction history of a participant.

        Transactions in the order in which they took effect, newest first. `created_at` is the time when they happened.

        - `participant_id`: The user's id in your application.
        - `page_size`: The largest number of rows on the page.
        """
        return self._pages(
            ApiCall(
                method="GET",
                path=f"/api/v1/gamify/participants/{quoted(participant_id)}/points/transactions",
                response_type=TransactionsAnswer,
                query={"page_size": page_size},
            ),
            lambda response: response.transactions,
        )

    async def reverse_transaction(
        self,
        participant_id: str,
        transaction_id: str,
        *,
        reason: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        amount: int | None = None,
    ) -> PointsReversedAnswer:
        """Reverse a transaction.

        Reverses an award, a deduction or a capture, whole or in parts, each point once. An award can be reversed only
        while its points are available. Tiers do not change.

        The transaction to reverse, and the points to reverse, by default all that are left.

        - `participant_id`: Your application's id of the user: 1 to 255 characters, no control characters.
        - `reason`: Shown in the transaction history.
        - `metadata`: Your own data, stored with the fact: at most 65,536 bytes of JSON.
        - `idempotency_key`: Makes retries safe: the same key never acts twice for the same participant and operation.
        - `transaction_id`: The id of an award, a deduction or a capture.
        - `amount`: The points to reverse; null for everything that is left of the transaction.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path="/api/v1/gamify/points/reverse",
                response_type=PointsReversedAnswer,
                body=ReverseRequest(
                    participant_id=participant_id,
                    reason=reason,
                    metadata=metadata,
                    idempotency_key=key_or_new(idempotency_key),
                    transaction_id=transaction_id,
                    amount=amount,
                ),
                is_keyed=True,
            )
        )

    async def hold_points(
        self,
        participant_id: str,
        amount: int,
        *,
        reason: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        expires_at: datetime | None = None,
        expires_in_minutes: int | None = None,
    ) -> PointsHeldAnswer:
        """Hold points.

        Sets points aside: they leave the balance, and only a capture of the hold can spend them. They return to the
        balance when the hold is released or expires.

        Points to hold, until `expires_at` or for `expires_in_minutes`, by default for an hour.

        - `participant_id`: Your application's id of the user: 1 to 255 characters, no control characters.
        - `reason`: Shown in the transaction history.
        - `metadata`: Your own data, stored with the fact: at most 65,536 bytes of JSON.
        - `idempotency_key`: Makes retries safe: the same key never acts twice for the same participant and operation.
        - `amount`: Points, a whole number.
        - `expires_at`: The time when the hold releases its points by itself; null for `expires_in_minutes`.
        - `expires_in_minutes`: The number of minutes after which the hold releases its points by itself; null stands
          for 60. Not together with `expires_at`.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path="/api/v1/gamify/points/hold",
                response_type=PointsHeldAnswer,
                body=HoldRequest(
                    participant_id=participant_id,
                    reason=reason,
                    metadata=metadata,
                    idempotency_key=key_or_new(idempotency_key),
                    amount=amount,
                    expires_at=expires_at,
                    expires_in_minutes=expires_in_minutes,
                ),
                is_keyed=True,
            )
        )

    async def capture_hold(
        self,
        participant_id: str,
        hold_id: str,
        *,
        reason: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        amount: int | None = None,
    ) -> HoldCapturedAnswer:
        """Capture a hold.

        Spends held points and releases the rest.

        The hold to capture, and the points to spend, by default all of them. The rest is released.

        - `participant_id`: Your application's id of the user: 1 to 255 characters, no control characters.
        - `reason`: Shown in the transaction history.
        - `metadata`: Your own data, stored with the fact: at most 65,536 bytes of JSON.
        - `idempotency_key`: Makes retries safe: the same key never acts twice for the same participant and operation.
        - `hold_id`: The id of the hold.
        - `amount`: The points to spend; null for all points of the hold.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path="/api/v1/gamify/points/capture",
                response_type=HoldCapturedAnswer,
                body=CaptureRequest(
                    participant_id=participant_id,
                    reason=reason,
                    metadata=metadata,
                    idempotency_key=key_or_new(idempotency_key),
                    hold_id=hold_id,
                    amount=amount,
                ),
                is_keyed=True,
            )
        )

    async def release_hold(
        self,
        participant_id: str,
        hold_id: str,
        *,
        reason: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> HoldReleasedAnswer:
        """Release a hold.

        Returns all held points to the balance. Points whose expiry has passed meanwhile expire at once.

        The hold to release.

        - `participant_id`: Your application's id of the user: 1 to 255 characters, no control characters.
        - `reason`: Shown in the transaction history.
        - `metadata`: Your own data, stored with the fact: at most 65,536 bytes of JSON.
        - `idempotency_key`: Makes retries safe: the same key never acts twice for the same participant and operation.
        - `hold_id`: The id of the hold.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path="/api/v1/gamify/points/release",
                response_type=HoldReleasedAnswer,
                body=ReleaseRequest(
                    participant_id=participant_id,
                    reason=reason,
                    metadata=metadata,
                    idempotency_key=key_or_new(idempotency_key),
                    hold_id=hold_id,
                ),
                is_keyed=True,
            )
        )

    async def participant_holds(self, participant_id: str) -> HoldsAnswer:
        """Open holds of a participant.

        The open holds; the first to end comes first.

        - `participant_id`: The user's id in your application.
        """
        return await self._run(
            ApiCall(
                method="GET",
                path=f"/api/v1/gamify/participants/{quoted(participant_id)}/points/holds",
                response_type=HoldsAnswer,
            )
        )

    async def points_liability(self) -> LiabilityAnswer:
        """Points that the project owes.

        Sums over all participants, including anonymized ones. Held points do not expire while they are held.
        """
        return await self._run(
            ApiCall(method="GET", path="/api/v1/gamify/admin/liability", response_type=LiabilityAnswer)
        )

    async def transactions_csv(self, from_: str, to: str) -> str:
        """All transactions between two days as CSV.

        Returns each transaction of all participants, in the order in which they were recorded. The response is sent
        while it is read from the database. Texts that a spreadsheet would take for a formula begin with an apostrophe.

        - `from_`: The first day, such as 2026-03-01, in the project's time zone.
        - `to`: The last day.
        """
        return await self._run(
            ApiCall(
                method="GET",
                path="/api/v1/gamify/admin/transactions.csv",
                response_type=str,
                query={"from": from_, "to": to},
            )
        )

    def list_badges(
        self, *, page_size: int = 50, is_active: bool | None = None, is_deleted: bool = False
    ) -> AsyncPages[BadgeDefinitionList, BadgeDefinitionAnswer]:
        """List badges.

        The definitions in display order. With `is_deleted=true`, the deleted definitions, which can be restored.

        - `page_size`: The largest number of rows on the page.
        - `is_active`: Only definitions that are switched on, or off.
        - `is_deleted`: Deleted definitions instead of the others.
        """
        return self._pages(
            ApiCall(
                method="GET",
                path="/api/v1/gamify/admin/badges",
                response_type=BadgeDefinitionList,
                query={"page_size": page_size, "is_active": is_active, "is_deleted": is_deleted},
            ),
            lambda response: response.items,
        )

    async def create_badge(
        self,
        code: str,
        name: str,
        *,
        is_active: bool | None = True,
        display_order: int | None = 0,
        description: str | None = None,
        icon_url: str | None = None,
        category: str | None = None,
        rarity: str | None = "common",
        is_hidden: bool | None = False,
        criteria: str | None = None,
    ) -> BadgeDefinitionAnswer:
        """Create a badge.

        Unknown fields are refused, so that misspelt names do not pass unnoticed. Creating a definition with the code of
        a deleted one restores the deleted definition, with its id and its history, and changes it to the new content.

        A badge. A hidden badge is shown only to participants who have earned it.

        - `code`: A short name, unique among the definitions of its kind in the project.
        - `is_active`: Whether the definition is in use. False switches it off; its past effects remain.
        - `display_order`: The position in lists, ascending; definitions with equal numbers are sorted by code.
        - `name`: The name that participants see.
        - `description`: The text that participants see; null for none.
        - `icon_url`: The address of an image: http, https, a data URL or a relative address; null for none.
        - `category`: A word for your application to group badges by; null for none.
        - `rarity`: How rare the badge is, in your own words.
        - `is_hidden`: Whether only participants who have earned the badge see it.
        - `criteria`: A CEL expression over participant and now. The badge is earned as soon as it is true.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path="/api/v1/gamify/admin/badges",
                response_type=BadgeDefinitionAnswer,
                body=BadgeDefinition(
                    code=code,
                    is_active=is_active,
                    display_order=display_order,
                    name=name,
                    description=description,
                    icon_url=icon_url,
                    category=category,
                    rarity=rarity,
                    is_hidden=is_hidden,
                    criteria=criteria,
                ),
            )
        )

    async def get_badge(self, badge_id: str) -> BadgeDefinitionAnswer:
        """Get a badge.

        The definition with this id or code, unless it is deleted.

        - `badge_id`: The definition's id or its code.
        """
        return await self._run(
            ApiCall(
                method="GET",
                path=f"/api/v1/gamify/admin/badges/{quoted(badge_id)}",
                response_type=BadgeDefinitionAnswer,
            )
        )

    async def update_badge(
        self,
        badge_id: str,
        *,
        is_active: bool | UnsetType = UNSET,
        display_order: int | UnsetType = UNSET,
        name: str | UnsetType = UNSET,
        description: str | UnsetType | None = UNSET,
        icon_url: str | UnsetType | None = UNSET,
        category: str | UnsetType | None = UNSET,
        rarity: str | UnsetType = UNSET,
        is_hidden: bool | UnsetType = UNSET,
        criteria: str | UnsetType | None = UNSET,
    ) -> BadgeDefinitionAnswer:
        """Change a badge.

        Fields in the body replace the current values; objects are merged. The code cannot be changed. The body may be
        the definition as a response shows it. Read-only fields must then have their current values. This includes
        `updated_at`, so sending it protects against overwriting somebody else's change.

        The fields to change; all others stay as they are.

        - `badge_id`: The definition's id or its code.
        - `is_active`: Whether the definition is in use. False switches it off; its past effects remain.
        - `display_order`: The position in lists, ascending; definitions with equal numbers are sorted by code.
        - `name`: The name that participants see.
        - `description`: The text that participants see; null for none.
        - `icon_url`: The address of an image: http, https, a data URL or a relative address; null for none.
        - `category`: A word for your application to group badges by; null for none.
        - `rarity`: How rare the badge is, in your own words.
        - `is_hidden`: Whether only participants who have earned the badge see it.
        - `criteria`: A CEL expression over participant and now. The badge is earned as soon as it is true.
        """
        return await self._run(
            ApiCall(
                method="PATCH",
                path=f"/api/v1/gamify/admin/badges/{quoted(badge_id)}",
                response_type=BadgeDefinitionAnswer,
                body=BadgeDefinitionPatch(
                    is_active=is_active,
                    display_order=display_order,
                    name=name,
                    description=description,
                    icon_url=icon_url,
                    category=category,
                    rarity=rarity,
                    is_hidden=is_hidden,
                    criteria=criteria,
                ),
            )
        )

    async def delete_badge(self, badge_id: str) -> BadgeDefinitionAnswer:
        """Delete a badge.

        The definition stops working and disappears from the lists, but histories still show it. Its code stays
        reserved: creating a definition with the same code restores it.

        - `badge_id`: The definition's id or its code.
        """
        return await self._run(
            ApiCall(
                method="DELETE",
                path=f"/api/v1/gamify/admin/badges/{quoted(badge_id)}",
                response_type=BadgeDefinitionAnswer,
            )
        )

    async def restore_badge(self, badge_id: str) -> BadgeDefinitionAnswer:
        """Restore a badge.

        Restores a deleted definition as it was. Activity from the time while it was deleted is not counted, except on
        leaderboards: their scores are computed again.

        - `badge_id`: The definition's id or its code.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path=f"/api/v1/gamify/admin/badges/{quoted(badge_id)}/restore",
                response_type=BadgeDefinitionAnswer,
            )
        )

    async def award_badge(
        self,
        participant_id: str,
        badge_code: str,
        *,
        reason: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> BadgeAwardedAnswer:
        """Award a badge.

        Awards a badge. A badge is earned once: awarding it again changes nothing, and returns the time when it was
        earned.

        The badge to award, and the participant.

        - `participant_id`: Your application's id of the user: 1 to 255 characters, no control characters.
        - `badge_code`: The badge's code.
        - `reason`: Shown in the transaction history.
        - `metadata`: Your own data, stored with the fact: at most 65,536 bytes of JSON.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path="/api/v1/gamify/badges/award",
                response_type=BadgeAwardedAnswer,
                body=AwardBadgeRequest(
                    participant_id=participant_id, badge_code=badge_code, reason=reason, metadata=metadata
                ),
            )
        )

    async def revoke_badge(
        self, participant_id: str, badge_code: str, *, reason: str | None = None
    ) -> BadgeRevokedAnswer:
        """Take a badge away.

        Takes a badge away from a participant. The journal keeps both facts. The badge can be earned again.

        The badge to take away, and the participant.

        - `participant_id`: Your application's id of the user: 1 to 255 characters, no control characters.
        - `badge_code`: The badge's code.
        - `reason`: Shown in the transaction history.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path="/api/v1/gamify/admin/badges/revoke",
                response_type=BadgeRevokedAnswer,
                body=RevokeBadgeRequest(participant_id=participant_id, badge_code=badge_code, reason=reason),
            )
        )

    async def participant_badges(
        self, participant_id: str, *, earned_only: bool = False, badge_codes: str | Sequence[str] | None = None
    ) -> BadgesAnswer:
        """Badges of a participant.

        Returns all badges that the participant can see, earned or not, in display order.

        - `participant_id`: The user's id in your application.
        - `earned_only`: Only badges that the participant has earned.
        - `badge_codes`: Badge codes, separated by commas.
        """
        return await self._run(
            ApiCall(
                method="GET",
                path=f"/api/v1/gamify/participants/{quoted(participant_id)}/badges",
                response_type=BadgesAnswer,
                query={"earned_only": earned_only, "badge_codes": badge_codes},
            )
        )

    def list_tiers(
        self, *, page_size: int = 50, is_active: bool | None = None, is_deleted: bool = False
    ) -> AsyncPages[TierDefinitionList, TierDefinitionAnswer]:
        """List tiers.

        The definitions in display order. With `is_deleted=true`, the deleted definitions, which can be restored.

        - `page_size`: The largest number of rows on the page.
        - `is_active`: Only definitions that are switched on, or off.
        - `is_deleted`: Deleted definitions instead of the others.
        """
        return self._pages(
            ApiCall(
                method="GET",
                path="/api/v1/gamify/admin/tiers",
                response_type=TierDefinitionList,
                query={"page_size": page_size, "is_active": is_active, "is_deleted": is_deleted},
            ),
            lambda response: response.items,
        )

    async def create_tier(
        self,
        code: str,
        name: str,
        level: int,
        *,
        is_active: bool | None = True,
        display_order: int | None = 0,
        description: str | None = None,
        color: str | None = None,
        icon_url: str | None = None,
        criteria_config: TierCriteria | None = None,
        award_type: Literal["automatic", "manual"] | None = "automatic",
        benefits: Sequence[str] | None = (),
    ) -> TierDefinitionAnswer:
        """Create a tier.

        Unknown fields are refused, so that misspelt names do not pass unnoticed. Creating a definition with the code of
        a deleted one restores the deleted definition, with its id and its history, and changes it to the new content.

        A tier. Automatic tiers are reached by points, manual ones only by assignment.

        - `code`: A short name, unique among the definitions of its kind in the project.
        - `is_active`: Whether the definition is in use. False switches it off; its past effects remain.
        - `display_order`: The position in lists, ascending; definitions with equal numbers are sorted by code.
        - `name`: The name that participants see.
        - `level`: The rank of the tier; higher is better.
        - `description`: The text that participants see; null for none.
        - `color`: A colour for your application, in any notation; null for none.
        - `icon_url`: The address of an image: http, https, a data URL or a relative address; null for none.
        - `criteria_config`: The threshold; null for none. An automatic tier needs one.
        - `award_type`: `automatic`: reached by points. `manual`: only assigned by a call or an action.
        - `benefits`: Texts that your application shows.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path="/api/v1/gamify/admin/tiers",
                response_type=TierDefinitionAnswer,
                body=TierDefinition(
                    code=code,
                    is_active=is_active,
                    display_order=display_order,
                    name=name,
                    level=level,
                    description=description,
                    color=color,
                    icon_url=icon_url,
                    criteria_config=criteria_config,
                    award_type=award_type,
                    benefits=benefits,
                ),
            )
        )

    async def get_tier(self, tier_id: str) -> TierDefinitionAnswer:
        """Get a tier.

        The definition with this id or code, unless it is deleted.

        - `tier_id`: The definition's id or its code.
        """
        return await self._run(
            ApiCall(
                method="GET", path=f"/api/v1/gamify/admin/tiers/{quoted(tier_id)}", response_type=TierDefinitionAnswer
            )
        )

    async def update_tier(
        self,
        tier_id: str,
        *,
        is_active: bool | UnsetType = UNSET,
        display_order: int | UnsetType = UNSET,
        name: str | UnsetType = UNSET,
        level: int | UnsetType = UNSET,
        description: str | UnsetType | None = UNSET,
        color: str | UnsetType | None = UNSET,
        icon_url: str | UnsetType | None = UNSET,
        criteria_config: TierCriteriaPatch | UnsetType | None = UNSET,
        award_type: Literal["automatic", "manual"] | UnsetType = UNSET,
        benefits: Sequence[str] | UnsetType = UNSET,
    ) -> TierDefinitionAnswer:
        """Change a tier.

        Fields in the body replace the current values; objects are merged. The code cannot be changed. The body may be
        the definition as a response shows it. Read-only fields must then have their current values. This includes
        `updated_at`, so sending it protects against overwriting somebody else's change.

        The fields to change; all others stay as they are.

        - `tier_id`: The definition's id or its code.
        - `is_active`: Whether the definition is in use. False switches it off; its past effects remain.
        - `display_order`: The position in lists, ascending; definitions with equal numbers are sorted by code.
        - `name`: The name that participants see.
        - `level`: The rank of the tier; higher is better.
        - `description`: The text that participants see; null for none.
        - `color`: A colour for your application, in any notation; null for none.
        - `icon_url`: The address of an image: http, https, a data URL or a relative address; null for none.
        - `criteria_config`: The threshold; null for none. An automatic tier needs one.
        - `award_type`: `automatic`: reached by points. `manual`: only assigned by a call or an action.
        - `benefits`: Texts that your application shows.
        """
        return await self._run(
            ApiCall(
                method="PATCH",
                path=f"/api/v1/gamify/admin/tiers/{quoted(tier_id)}",
                response_type=TierDefinitionAnswer,
                body=TierDefinitionPatch(
                    is_active=is_active,
                    display_order=display_order,
                    name=name,
                    level=level,
                    description=description,
                    color=color,
                    icon_url=icon_url,
                    criteria_config=criteria_config,
                    award_type=award_type,
                    benefits=benefits,
                ),
            )
        )

    async def delete_tier(self, tier_id: str) -> TierDefinitionAnswer:
        """Delete a tier.

        The definition stops working and disappears from the lists, but histories still show it. Its code stays
        reserved: creating a definition with the same code restores it.

        - `tier_id`: The definition's id or its code.
        """
        return await self._run(
            ApiCall(
                method="DELETE",
                path=f"/api/v1/gamify/admin/tiers/{quoted(tier_id)}",
                response_type=TierDefinitionAnswer,
            )
        )

    async def restore_tier(self, tier_id: str) -> TierDefinitionAnswer:
        """Restore a tier.

        Restores a deleted definition as it was. Activity from the time while it was deleted is not counted, except on
        leaderboards: their scores are computed again.

        - `tier_id`: The definition's id or its code.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path=f"/api/v1/gamify/admin/tiers/{quoted(tier_id)}/restore",
                response_type=TierDefinitionAnswer,
            )
        )

    async def assign_tier(
        self, participant_id: str, tier_code: str, *, reason: str | None = None
    ) -> TierAssignedAnswer:
        """Put a participant into a tier.

        Assigns a tier, which may be higher or lower than the current one. The participant stays in it until points
        reach a threshold above the points at this time.

        The tier to assign, and the participant.

        - `participant_id`: Your application's id of the user: 1 to 255 characters, no control characters.
        - `tier_code`: The tier's code.
        - `reason`: Shown in the transaction history.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path="/api/v1/gamify/tiers/assign",
                response_type=TierAssignedAnswer,
                body=AssignTierRequest(participant_id=participant_id, tier_code=tier_code, reason=reason),
            )
        )

    async def participant_tier(self, participant_id: str) -> TierAnswer:
        """Tier of a participant.

        Returns the current tier, the next tier that points can reach, and the tier history with the last 1,000 changes,
        oldest first.

        - `participant_id`: The user's id in your application.
        """
        return await self._run(
            ApiCall(
                method="GET",
                path=f"/api/v1/gamify/participants/{quoted(participant_id)}/tier",
                response_type=TierAnswer,
            )
        )

    def list_leaderboards(
        self, *, page_size: int = 50, is_active: bool | None = None, is_deleted: bool = False
    ) -> AsyncPages[LeaderboardDefinitionList, LeaderboardDefinitionAnswer]:
        """List leaderboards.

        The definitions in display order. With `is_deleted=true`, the deleted definitions, which can be restored.

        - `page_size`: The largest number of rows on the page.
        - `is_active`: Only definitions that are switched on, or off.
        - `is_deleted`: Deleted definitions instead of the others.
        """
        return self._pages(
            ApiCall(
                method="GET",
                path="/api/v1/gamify/admin/leaderboards",
                response_type=LeaderboardDefinitionList,
                query={"page_size": page_size, "is_active": is_active, "is_deleted": is_deleted},
            ),
            lambda response: response.items,
        )

    async def create_leaderboard(
        self,
        code: str,
        name: str,
        *,
        is_active: bool | None = True,
        display_order: int | None = 0,
        description: str | None = None,
        metric: Literal[
            "event_count", "event_last", "event_max", "event_min", "event_sum", "points_balance", "points_earned"
        ]
        | None = "points_earned",
        event_name: str | None = None,
        property: str | None = None,
        order: Literal["asc", "desc"] | None = "desc",
        condition: str | None = None,
        tie_breakers: Sequence[TieBreaker] | None = (),
        time_window: Literal["all_time", "daily", "monthly", "weekly", "yearly"] | None = "all_time",
        windows: Sequence[Literal["all_time", "daily", "monthly", "weekly", "yearly"]] | UnsetType | None = UNSET,
        seasons: Sequence[NamedSeason] | None = (),
    ) -> LeaderboardDefinitionAnswer:
        """Create a leaderboard.

        Unknown fields are refused, so that misspelt names do not pass unnoticed. Creating a definition with the code of
        a deleted one restores the deleted definition, with its id and its history, and changes it to the new content.

        A board. It keeps scores in time windows and seasons; `time_window` is the window that it shows by default.

        - `code`: A short name, unique among the definitions of its kind in the project.
        - `is_active`: Whether the definition is in use. False switches it off; its past effects remain.
        - `display_order`: The position in lists, ascending; definitions with equal numbers are sorted by code.
        - `name`: The name that participants see.
        - `description`: The text that participants see; null for none.
        - `metric`: The source of scores: points earned, the change of the balance, the number of events, or the sum,
          the greatest, the least or the latest value of an event's property.
        - `event_name`: The name of the events that count; null for all events. Only for metrics of events.
        - `property`: The name of the event's property, for `event_sum`, `event_max`, `event_min` and `event_last`; null
          for other metrics.
        - `order`: Whether the greater score is better (`desc`) or the smaller one (`asc`), as for lap times.
        - `condition`: A CEL expression over `event` or `points`; only facts for which it is true count. Null for all
          facts.
        - `tie_breakers`: The numbers that decide between equal scores, in order. After them comes the time at which the
          score was reached.
        - `time_window`: The window that the board shows by default; one of `windows`. It is required if `windows` do
          not have `all_time`.
        - `windows`: The time windows in which the board keeps scores.
        - `seasons`: Further windows with names and dates.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path="/api/v1/gamify/admin/leaderboards",
                response_type=LeaderboardDefinitionAnswer,
                body=LeaderboardDefinition(
                    code=code,
                    is_active=is_active,
                    display_order=display_order,
                    name=name,
                    description=description,
                    metric=metric,
                    event_name=event_name,
                    property=property,
                    order=order,
                    condition=condition,
                    tie_breakers=tie_breakers,
                    time_window=time_window,
                    windows=windows,
                    seasons=seasons,
                ),
            )
        )

    async def get_leaderboard(self, leaderboard_id: str) -> LeaderboardDefinitionAnswer:
        """Get a leaderboard.

        The definition with this id or code, unless it is deleted.

        - `leaderboard_id`: The definition's id or its code.
        """
        return await self._run(
            ApiCall(
                method="GET",
                path=f"/api/v1/gamify/admin/leaderboards/{quoted(leaderboard_id)}",
                response_type=LeaderboardDefinitionAnswer,
            )
        )

    async def update_leaderboard(
        self,
        leaderboard_id: str,
        *,
        is_active: bool | UnsetType = UNSET,
        display_order: int | UnsetType = UNSET,
        name: str | UnsetType = UNSET,
        description: str | UnsetType | None = UNSET,
        metric: Literal[
            "event_count", "event_last", "event_max", "event_min", "event_sum", "points_balance", "points_earned"
        ]
        | UnsetType = UNSET,
        event_name: str | UnsetType | None = UNSET,
        property: str | UnsetType | None = UNSET,
        order: Literal["asc", "desc"] | UnsetType = UNSET,
        condition: str | UnsetType | None = UNSET,
        tie_breakers: Sequence[TieBreaker] | UnsetType = UNSET,
        time_window: Literal["all_time", "daily", "monthly", "weekly", "yearly"] | UnsetType = UNSET,
        windows: Sequence[Literal["all_time", "daily", "monthly", "weekly", "yearly"]] | UnsetType = UNSET,
        seasons: Sequence[NamedSeason] | UnsetType = UNSET,
    ) -> LeaderboardDefinitionAnswer:
        """Change a leaderboard.

        Fields in the body replace the current values; objects are merged. The code cannot be changed. The body may be
        the definition as a response shows it. Read-only fields must then have their current values. This includes
        `updated_at`, so sending it protects against overwriting somebody else's change.

        The fields to change; all others stay as they are.

        - `leaderboard_id`: The definition's id or its code.
        - `is_active`: Whether the definition is in use. False switches it off; its past effects remain.
        - `display_order`: The position in lists, ascending; definitions with equal numbers are sorted by code.
        - `name`: The name that participants see.
        - `description`: The text that participants see; null for none.
        - `metric`: The source of scores: points earned, the change of the balance, the number of events, or the sum,
          the greatest, the least or the latest value of an event's property.
        - `event_name`: The name of the events that count; null for all events. Only for metrics of events.
        - `property`: The name of the event's property, for `event_sum`, `event_max`, `event_min` and `event_last`; null
          for other metrics.
        - `order`: Whether the greater score is better (`desc`) or the smaller one (`asc`), as for lap times.
        - `condition`: A CEL expression over `event` or `points`; only facts for which it is true count. Null for all
          facts.
        - `tie_breakers`: The numbers that decide between equal scores, in order. After them comes the time at which the
          score was reached.
        - `time_window`: The window that the board shows by default; one of `windows`. It is required if `windows` do
          not have `all_time`.
        - `windows`: The time windows in which the board keeps scores.
        - `seasons`: Further windows with names and dates.
        """
        return await self._run(
            ApiCall(
                method="PATCH",
                path=f"/api/v1/gamify/admin/leaderboards/{quoted(leaderboard_id)}",
                response_type=LeaderboardDefinitionAnswer,
                body=LeaderboardDefinitionPatch(
                    is_active=is_active,
                    display_order=display_order,
                    name=name,
                    description=description,
                    metric=metric,
                    event_name=event_name,
                    property=property,
                    order=order,
                    condition=condition,
                    tie_breakers=tie_breakers,
                    time_window=time_window,
                    windows=windows,
                    seasons=seasons,
                ),
            )
        )

    async def delete_leaderboard(self, leaderboard_id: str) -> LeaderboardDefinitionAnswer:
        """Delete a leaderboard.

        The definition stops working and disappears from the lists, but histories still show it. Its code stays
        reserved: creating a definition with the same code restores it.

        - `leaderboard_id`: The definition's id or its code.
        """
        return await self._run(
            ApiCall(
                method="DELETE",
                path=f"/api/v1/gamify/admin/leaderboards/{quoted(leaderboard_id)}",
                response_type=LeaderboardDefinitionAnswer,
            )
        )

    async def restore_leaderboard(self, leaderboard_id: str) -> LeaderboardDefinitionAnswer:
        """Restore a leaderboard.

        Restores a deleted definition as it was. Activity from the time while it was deleted is not counted, except on
        leaderboards: their scores are computed again.

        - `leaderboard_id`: The definition's id or its code.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path=f"/api/v1/gamify/admin/leaderboards/{quoted(leaderboard_id)}/restore",
                response_type=LeaderboardDefinitionAnswer,
            )
        )

    async def leaderboard_standings(
        self,
        code: str,
        *,
        period: str | None = None,
        period_key: str | None = None,
        limit: int = 20,
        around: str | None = None,
        include: str | None = None,
        among: str | None = None,
        after: str | None = None,
        result: bool = False,
    ) -> BoardAnswer:
        """Top of a leaderboard.

        The first `limit` places of a period, the places around a participant, or a ranking among some participants.
        Ties share a rank (1, 1, 3) and are listed in the order of the time at which they reached the score.

        - `code`: The definition's code.
        - `period`: A time window (all_time, daily, monthly, weekly, yearly) or the code of a season; the board's own
          time window if omitted.
        - `period_key`: A past period, such as 2026-02-14, 2026-W07, 2026-02 or 2026; the current one if omitted.
        - `limit`: The largest number of entries.
        - `around`: Show the neighbours of this participant.
        - `include`: `profile` adds names and avatars.
        - `among`: Rank these participants among themselves: up to 500 ids, separated by commas. For ids with commas,
          use POST.
        - `after`: The `next_cursor` of a response: shows the entries that follow.
        - `result`: The result of a past period or season: its first 1,000 places 24 hours after its end.
        """
        return await self._run(
            ApiCall(
                method="GET",
                path=f"/api/v1/gamify/leaderboards/{quoted(code)}",
                response_type=BoardAnswer,
                query={
                    "period": period,
                    "period_key": period_key,
                    "limit": limit,
                    "around": around,
                    "include": include,
                    "among": among,
                    "after": after,
                    "result": result,
                },
            )
        )

    async def leaderboard_among(
        self,
        code: str,
        participant_ids: Sequence[str],
        *,
        period: str | None = None,
        period_key: str | None = None,
        include: str | None = None,
    ) -> BoardAnswer:
        """Ranking among some participants.

        The same as `?among=`, for up to 500 participants in the request body. `rank` is the place among them,
        `global_rank` the place on the whole board.

        The participants of a ranking among friends, and the window.

        - `code`: The definition's code.
        - `participant_ids`: The participants. Participants without a score in the window are not shown.
        - `period`: A time window or the code of a season; null for the board's own time window.
        - `period_key`: A past period, such as 2026-02; null for the current one.
        - `include`: `profile` adds names and avatars; null for neither.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path=f"/api/v1/gamify/leaderboards/{quoted(code)}/among",
                response_type=BoardAnswer,
                body=AmongRequest(
                    participant_ids=participant_ids, period=period, period_key=period_key, include=include
                ),
            )
        )

    async def participant_rank(
        self, code: str, participant_id: str, *, period: str | None = None, period_key: str | None = None
    ) -> RankAnswer:
        """Rank of a participant.

        `percentile` is the share of the board that the participant is ahead of.

        - `code`: The definition's code.
        - `participant_id`: The user's id in your application.
        - `period`: A time window (all_time, daily, monthly, weekly, yearly) or the code of a season; the board's own
          time window if omitted.
        - `period_key`: A past period, such as 2026-02-14, 2026-W07, 2026-02 or 2026; the current one if omitted.
        """
        return await self._run(
            ApiCall(
                method="GET",
                path=f"/api/v1/gamify/leaderboards/{quoted(code)}/rank/{quoted(participant_id)}",
                response_type=RankAnswer,
                query={"period": period, "period_key": period_key},
            )
        )

    async def participant_ranks(self, code: str, participant_id: str) -> ParticipantRanksAnswer:
        """Ranks of a participant in all windows.

        The participant's rank in the current period of each time window that the board keeps, and in each season.

        - `code`: The definition's code.
        - `participant_id`: The user's id in your application.
        """
        return await self._run(
            ApiCall(
                method="GET",
                path=f"/api/v1/gamify/leaderboards/{quoted(code)}/ranks/{quoted(participant_id)}",
                response_type=ParticipantRanksAnswer,
            )
        )

    def list_streaks(
        self, *, page_size: int = 50, is_active: bool | None = None, is_deleted: bool = False
    ) -> AsyncPages[StreakDefinitionList, StreakDefinitionAnswer]:
        """List streaks.

        The definitions in display order. With `is_deleted=true`, the deleted definitions, which can be restored.

        - `page_size`: The largest number of rows on the page.
        - `is_active`: Only definitions that are switched on, or off.
        - `is_deleted`: Deleted definitions instead of the others.
        """
        return self._pages(
            ApiCall(
                method="GET",
                path="/api/v1/gamify/admin/streaks",
                response_type=StreakDefinitionList,
                query={"page_size": page_size, "is_active": is_active, "is_deleted": is_deleted},
            ),
            lambda response: response.items,
        )

    async def create_streak(
        self,
        code: str,
        name: str,
        period: Literal["daily", "monthly", "weekly"],
        *,
        is_active: bool | None = True,
        display_order: int | None = 0,
        description: str | None = None,
        icon_url: str | None = None,
        grace_period_hours: int | None = 0,
        at_risk_hours: int | None = None,
    ) -> StreakDefinitionAnswer:
        """Create a streak.

        Unknown fields are refused, so that misspelt names do not pass unnoticed. Creating a definition with the code of
        a deleted one restores the deleted definition, with its id and its history, and changes it to the new content.

        A streak. `grace_period_hours` are real hours after the end of the period in which the next record is due.
        `at_risk_hours` are hours before this end.

        - `code`: A short name, unique among the definitions of its kind in the project.
        - `is_active`: Whether the definition is in use. False switches it off; its past effects remain.
        - `display_order`: The position in lists, ascending; definitions with equal numbers are sorted by code.
        - `name`: The name that participants see.
        - `description`: The text that participants see; null for none.
        - `icon_url`: The address of an image: http, https, a data URL or a relative address; null for none.
        - `period`: The period in which a record counts once. It cannot be changed.
        - `grace_period_hours`: How many hours after the end of the following period a record can still continue the
          streak.
        - `at_risk_hours`: How many hours before the end of the period in which a record is due the feed has the event
          `streak.at_risk`; null for no such event.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path="/api/v1/gamify/admin/streaks",
                response_type=StreakDefinitionAnswer,
                body=StreakDefinition(
                    code=code,
                    is_active=is_active,
                    display_order=display_order,
                    name=name,
                    description=description,
                    icon_url=icon_url,
                    period=period,
                    grace_period_hours=grace_period_hours,
                    at_risk_hours=at_risk_hours,
                ),
            )
        )

    async def get_streak(self, streak_id: str) -> StreakDefinitionAnswer:
        """Get a streak.

        The definition with this id or code, unless it is deleted.

        - `streak_id`: The definition's id or its code.
        """
        return await self._run(
            ApiCall(
                method="GET",
                path=f"/api/v1/gamify/admin/streaks/{quoted(streak_id)}",
                response_type=StreakDefinitionAnswer,
            )
        )

    async def update_streak(
        self,
        streak_id: str,
        *,
        is_active: bool | UnsetType = UNSET,
        display_order: int | UnsetType = UNSET,
        name: str | UnsetType = UNSET,
        description: str | UnsetType | None = UNSET,
        icon_url: str | UnsetType | None = UNSET,
        grace_period_hours: int | UnsetType = UNSET,
        at_risk_hours: int | UnsetType | None = UNSET,
    ) -> StreakDefinitionAnswer:
        """Change a streak.

        Fields in the body replace the current values; objects are merged. The code cannot be changed. The body may be
        the definition as a response shows it. Read-only fields must then have their current values. This includes
        `updated_at`, so sending it protects against overwriting somebody else's change.

        The fields to change; all others stay as they are.

        - `streak_id`: The definition's id or its code.
        - `is_active`: Whether the definition is in use. False switches it off; its past effects remain.
        - `display_order`: The position in lists, ascending; definitions with equal numbers are sorted by code.
        - `name`: The name that participants see.
        - `description`: The text that participants see; null for none.
        - `icon_url`: The address of an image: http, https, a data URL or a relative address; null for none.
        - `grace_period_hours`: How many hours after the end of the following period a record can still continue the
          streak.
        - `at_risk_hours`: How many hours before the end of the period in which a record is due the feed has the event
          `streak.at_risk`; null for no such event.
        """
        return await self._run(
            ApiCall(
                method="PATCH",
                path=f"/api/v1/gamify/admin/streaks/{quoted(streak_id)}",
                response_type=StreakDefinitionAnswer,
                body=StreakDefinitionPatch(
                    is_active=is_active,
                    display_order=display_order,
                    name=name,
                    description=description,
                    icon_url=icon_url,
                    grace_period_hours=grace_period_hours,
                    at_risk_hours=at_risk_hours,
                ),
            )
        )

    async def delete_streak(self, streak_id: str) -> StreakDefinitionAnswer:
        """Delete a streak.

        The definition stops working and disappears from the lists, but histories still show it. Its code stays
        reserved: creating a definition with the same code restores it.

        - `streak_id`: The definition's id or its code.
        """
        return await self._run(
            ApiCall(
                method="DELETE",
                path=f"/api/v1/gamify/admin/streaks/{quoted(streak_id)}",
                response_type=StreakDefinitionAnswer,
            )
        )

    async def restore_streak(self, streak_id: str) -> StreakDefinitionAnswer:
        """Restore a streak.

        Restores a deleted definition as it was. Activity from the time while it was deleted is not counted, except on
        leaderboards: their scores are computed again.

        - `streak_id`: The definition's id or its code.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path=f"/api/v1/gamify/admin/streaks/{quoted(streak_id)}/restore",
                response_type=StreakDefinitionAnswer,
            )
        )

    async def record_streak(
        self, participant_id: str, streak_code: str, *, timestamp: datetime | None = None
    ) -> StreakRecordedAnswer:
        """Record an activity.

        Records an activity, which counts once per period. `new_count` is the length of the streak that the record
        belongs to, also for a late record.

        The streak in which the participant was active.

        - `participant_id`: Your application's id of the user: 1 to 255 characters, no control characters.
        - `streak_code`: The streak's code.
        - `timestamp`: The time when it happened, by RFC 3339. A time without an offset is in UTC.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path="/api/v1/gamify/streaks/record",
                response_type=StreakRecordedAnswer,
                body=RecordStreakRequest(participant_id=participant_id, streak_code=streak_code, timestamp=timestamp),
            )
        )

    async def participant_streaks(self, participant_id: str) -> StreaksAnswer:
        """Streaks of a participant.

        Returns all active streaks, including those without records, and inactive ones with records. A lapsed streak has
        a count of 0.

        - `participant_id`: The user's id in your application.
        """
        return await self._run(
            ApiCall(
                method="GET",
                path=f"/api/v1/gamify/participants/{quoted(participant_id)}/streaks",
                response_type=StreaksAnswer,
            )
        )

    async def lost_streaks(self, participant_id: str) -> LostStreaksAnswer:
        """Lost streaks of a participant.

        Returns the streaks that lapsed, the latest first. A late record that repairs a streak removes it from this
        list.

        - `participant_id`: The user's id in your application.
        """
        return await self._run(
            ApiCall(
                method="GET",
                path=f"/api/v1/gamify/participants/{quoted(participant_id)}/streaks/lost",
                response_type=LostStreaksAnswer,
            )
        )

    def list_rewards(
        self, *, page_size: int = 50, is_active: bool | None = None, is_deleted: bool = False
    ) -> AsyncPages[RewardDefinitionList, RewardDefinitionAnswer]:
        """List rewards.

        The definitions in display order. With `is_deleted=true`, the deleted definitions, which can be restored.

        - `page_size`: The largest number of rows on the page.
        - `is_active`: Only definitions that are switched on, or off.
        - `is_deleted`: Deleted definitions instead of the others.
        """
        return self._pages(
            ApiCall(
                method="GET",
                path="/api/v1/gamify/admin/rewards",
                response_type=RewardDefinitionList,
                query={"page_size": page_size, "is_active": is_active, "is_deleted": is_deleted},
            ),
            lambda response: response.items,
        )

    async def create_reward(
        self,
        name: str,
        type: Literal["coupon", "digital", "physical", "points_multiplier", "voucher"],
        *,
        code: str | UnsetType | None = UNSET,
        is_active: bool | None = True,
        display_order: int | None = 0,
        description: str | None = None,
        points_cost: int | None = 0,
        max_claims_per_user: int | None = None,
        total_inventory: int | None = None,
        has_codes: bool | None = None,
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
        required_tier: str | None = None,
        required_badges: Sequence[str] | None = (),
        config: MultiplierConfig | None = None,
    ) -> RewardDefinitionAnswer:
        """Create a reward.

        Unknown fields are refused, so that misspelt names do not pass unnoticed. Creating a definition with the code of
        a deleted one restores the deleted definition, with its id and its history, and changes it to the new content.

        A reward that participants can claim. Null means no limit in `max_claims_per_user` and `total_inventory`. With
        `has_codes`, which is the default for coupons, each claim receives one of the uploaded codes.

        - `code`: A short name, unique among the definitions of its kind in the project.
        - `is_active`: Whether the definition is in use. False switches it off; its past effects remain.
        - `display_order`: The position in lists, ascending; definitions with equal numbers are sorted by code.
        - `name`: The name that participants see.
        - `type`: The kind of reward. It cannot be changed.
        - `description`: The text that participants see; null for none.
        - `points_cost`: The price in points, for a claim that asks for points to be deducted.
        - `max_claims_per_user`: How often one participant can claim it; null for no limit. Cancelled claims do not
          count.
        - `total_inventory`: How many claims there can be in total; null for no limit, 0 for sold out.
        - `has_codes`: Whether each claim gets one of the uploaded codes; null stands for true for coupons, false for
          other kinds.
        - `starts_at`: When claims begin; null for no beginning.
        - `ends_at`: When claims end; null for no end.
        - `required_tier`: The code of the tier that a participant needs, or a higher one; null for none.
        - `required_badges`: The codes of the badges that a participant needs, all of them.
        - `config`: The multiplier, for rewards of the kind `points_multiplier`; null for all others.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path="/api/v1/gamify/admin/rewards",
                response_type=RewardDefinitionAnswer,
                body=RewardDefinition(
                    code=code,
                    is_active=is_active,
                    display_order=display_order,
                    name=name,
                    type=type,
                    description=description,
                    points_cost=points_cost,
                    max_claims_per_user=max_claims_per_user,
                    total_inventory=total_inventory,
                    has_codes=has_codes,
                    starts_at=starts_at,
                    ends_at=ends_at,
                    required_tier=required_tier,
                    required_badges=required_badges,
                    config=config,
                ),
            )
        )

    async def get_reward(self, reward_id: str) -> RewardDefinitionAnswer:
        """Get a reward.

        The definition with this id or code, unless it is deleted.

        - `reward_id`: The reward's id or its code.
        """
        return await self._run(
            ApiCall(
                method="GET",
                path=f"/api/v1/gamify/admin/rewards/{quoted(reward_id)}",
                response_type=RewardDefinitionAnswer,
            )
        )

    async def update_reward(
        self,
        reward_id: str,
        *,
        is_active: bool | UnsetType = UNSET,
        display_order: int | UnsetType = UNSET,
        name: str | UnsetType = UNSET,
        description: str | UnsetType | None = UNSET,
        points_cost: int | UnsetType = UNSET,
        max_claims_per_user: int | UnsetType | None = UNSET,
        total_inventory: int | UnsetType | None = UNSET,
        has_codes: bool | UnsetType | None = UNSET,
        starts_at: datetime | UnsetType | None = UNSET,
        ends_at: datetime | UnsetType | None = UNSET,
        required_tier: str | UnsetType | None = UNSET,
        required_badges: Sequence[str] | UnsetType = UNSET,
        config: MultiplierConfigPatch | UnsetType | None = UNSET,
    ) -> RewardDefinitionAnswer:
        """Change a reward.

        Fields in the body replace the current values; objects are merged. The code cannot be changed. The body may be
        the definition as a response shows it. Read-only fields must then have their current values. This includes
        `updated_at`, so sending it protects against overwriting somebody else's change.

        The fields to change; all others stay as they are.

        - `reward_id`: The reward's id or its code.
        - `is_active`: Whether the definition is in use. False switches it off; its past effects remain.
        - `display_order`: The position in lists, ascending; definitions with equal numbers are sorted by code.
        - `name`: The name that participants see.
        - `description`: The text that participants see; null for none.
        - `points_cost`: The price in points, for a claim that asks for points to be deducted.
        - `max_claims_per_user`: How often one participant can claim it; null for no limit. Cancelled claims do not
          count.
        - `total_inventory`: How many claims there can be in total; null for no limit, 0 for sold out.
        - `has_codes`: Whether each claim gets one of the uploaded codes; null stands for true for coupons, false for
          other kinds.
        - `starts_at`: When claims begin; null for no beginning.
        - `ends_at`: When claims end; null for no end.
        - `required_tier`: The code of the tier that a participant needs, or a higher one; null for none.
        - `required_badges`: The codes of the badges that a participant needs, all of them.
        - `config`: The multiplier, for rewards of the kind `points_multiplier`; null for all others.
        """
        return await self._run(
            ApiCall(
                method="PATCH",
                path=f"/api/v1/gamify/admin/rewards/{quoted(reward_id)}",
                response_type=RewardDefinitionAnswer,
                body=RewardDefinitionPatch(
                    is_active=is_active,
                    display_order=display_order,
                    name=name,
                    description=description,
                    points_cost=points_cost,
                    max_claims_per_user=max_claims_per_user,
                    total_inventory=total_inventory,
                    has_codes=has_codes,
                    starts_at=starts_at,
                    ends_at=ends_at,
                    required_tier=required_tier,
                    required_badges=required_badges,
                    config=config,
                ),
            )
        )

    async def delete_reward(self, reward_id: str) -> RewardDefinitionAnswer:
        """Delete a reward.

        The definition stops working and disappears from the lists, but histories still show it. Its code stays
        reserved: creating a definition with the same code restores it.

        - `reward_id`: The reward's id or its code.
        """
        return await self._run(
            ApiCall(
                method="DELETE",
                path=f"/api/v1/gamify/admin/rewards/{quoted(reward_id)}",
                response_type=RewardDefinitionAnswer,
            )
        )

    async def restore_reward(self, reward_id: str) -> RewardDefinitionAnswer:
        """Restore a reward.

        Restores a deleted definition as it was. Activity from the time while it was deleted is not counted, except on
        leaderboards: their scores are computed again.

        - `reward_id`: The reward's id or its code.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path=f"/api/v1/gamify/admin/rewards/{quoted(reward_id)}/restore",
                response_type=RewardDefinitionAnswer,
            )
        )

    async def available_rewards(
        self,
        *,
        reward_type: Literal["coupon", "digital", "physical", "points_multiplier", "voucher"] | None = None,
        participant_id: str | None = None,
    ) -> RewardsAnswer:
        """Rewards on offer.

        Returns the active rewards that can be claimed now or later, in display order. An unknown participant has no
        points.

        - `reward_type`: Only rewards of this kind.
        - `participant_id`: Adds to each reward whether this participant can claim it now.
        """
        return await self._run(
            ApiCall(
                method="GET",
                path="/api/v1/gamify/rewards",
                response_type=RewardsAnswer,
                query={"reward_type": reward_type, "participant_id": participant_id},
            )
        )

    async def claim_reward(
        self,
        reward_id: str,
        participant_id: str,
        *,
        points_deduction: bool | None = False,
        idempotency_key: str | None = None,
    ) -> RewardClaimedAnswer:
        """Claim a reward.

        Claims a reward, by its id or code. The claim takes an item of the inventory and a code, if the reward has them,
        and the points, if requested. A refused claim takes nothing. Creates the participant if needed.

        A claim. With `points_deduction`, it costs the reward's `points_cost`; otherwise it is free.

        - `reward_id`: The reward's id or its code.
        - `participant_id`: Your application's id of the user: 1 to 255 characters, no control characters.
        - `points_deduction`: Whether the claim costs the reward's `points_cost`. False claims it free.
        - `idempotency_key`: Makes retries safe: the same key never acts twice for the same participant and operation.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path=f"/api/v1/gamify/rewards/{quoted(reward_id)}/claim",
                response_type=RewardClaimedAnswer,
                body=ClaimRewardRequest(
                    participant_id=participant_id,
                    points_deduction=points_deduction,
                    idempotency_key=key_or_new(idempotency_key),
                ),
                is_keyed=True,
            )
        )

    def participant_claims(self, participant_id: str, *, page_size: int = 20) -> AsyncPages[ClaimsAnswer, ClaimAnswer]:
        """Claims of a participant.

        Returns the claims of a participant, newest first, with their codes.

        - `participant_id`: The user's id in your application.
        - `page_size`: The largest number of rows on the page.
        """
        return self._pages(
            ApiCall(
                method="GET",
                path=f"/api/v1/gamify/participants/{quoted(participant_id)}/rewards",
                response_type=ClaimsAnswer,
                query={"page_size": page_size},
            ),
            lambda response: response.rewards,
        )

    def list_claims(
        self,
        *,
        page_size: int = 50,
        status: Literal["cancelled", "claimed", "fulfilled"] | None = None,
        reward_id: str | None = None,
    ) -> AsyncPages[AdminClaimsAnswer, AdminClaim]:
        """List claims.

        Returns the claims of the project, newest first. `status=claimed` selects claims that are still to be fulfilled.

        - `page_size`: The largest number of rows on the page.
        - `status`: Only claims with this status.
        - `reward_id`: A reward's id or code.
        """
        return self._pages(
            ApiCall(
                method="GET",
                path="/api/v1/gamify/admin/claims",
                response_type=AdminClaimsAnswer,
                query={"page_size": page_size, "status": status, "reward_id": reward_id},
            ),
            lambda response: response.items,
        )

    async def fulfil_claim(
        self, participant_id: str, claim_id: str, *, reason: str | None = None
    ) -> ClaimFulfilledAnswer:
        """Mark a claim as fulfilled.

        Marks a claim as fulfilled, for rewards that have to be sent or provided after the claim. A fulfilled claim can
        no longer be cancelled.

        The claim to mark as done.

        - `participant_id`: Your application's id of the user: 1 to 255 characters, no control characters.
        - `claim_id`: The id of the claim.
        - `reason`: Shown in the transaction history.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path="/api/v1/gamify/admin/claims/fulfil",
                response_type=ClaimFulfilledAnswer,
                body=FulfilClaimRequest(participant_id=participant_id, claim_id=claim_id, reason=reason),
            )
        )

    async def cancel_claim(
        self,
        participant_id: str,
        claim_id: str,
        *,
        return_points: bool | None = True,
        return_item: bool | None = True,
        reason: str | None = None,
    ) -> ClaimCancelledAnswer:
        """Cancel a claim.

        Cancels a claim. By default, this returns the points, and makes the code or the item of the inventory available
        to others. A running multiplier ends.

        A cancellation. With `return_item`, the code or the item of the inventory can be claimed again by any
        participant.

        - `participant_id`: Your application's id of the user: 1 to 255 characters, no control characters.
        - `claim_id`: The id of the claim.
        - `return_points`: Whether the points that the claim cost are returned, with their expiry dates.
        - `return_item`: Whether its code and its item of the inventory can be claimed again.
        - `reason`: Shown in the transaction history.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path="/api/v1/gamify/admin/claims/cancel",
                response_type=ClaimCancelledAnswer,
                body=CancelClaimRequest(
                    participant_id=participant_id,
                    claim_id=claim_id,
                    return_points=return_points,
                    return_item=return_item,
                    reason=reason,
                ),
            )
        )

    async def upload_reward_codes(self, reward_id: str, codes: Sequence[str]) -> UploadCodesAnswer:
        """Upload codes.

        Uploads codes for a reward, as JSON, or as `text/csv` with a code in the first column of each line; a first line
        `code` is a heading. Existing codes stay unchanged, and are reported. An upload with an invalid code is refused
        as a whole.

        Codes for a reward. Each claim gets one.

        - `reward_id`: The reward's id or its code.
        - `codes`: The codes, of 1 to 255 printable characters each.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path=f"/api/v1/gamify/admin/rewards/{quoted(reward_id)}/codes",
                response_type=UploadCodesAnswer,
                body=UploadCodesRequest(codes=codes),
            )
        )

    async def count_reward_codes(self, reward_id: str) -> CodesAnswer:
        """Count codes.

        Returns the number of a reward's codes, in total and by status.

        - `reward_id`: The reward's id or its code.
        """
        return await self._run(
            ApiCall(
                method="GET", path=f"/api/v1/gamify/admin/rewards/{quoted(reward_id)}/codes", response_type=CodesAnswer
            )
        )

    async def revoke_reward_codes(
        self, reward_id: str, *, codes: Sequence[str] | None = None, all_available: bool | None = False
    ) -> RevokeCodesAnswer:
        """Revoke unused codes.

        Revokes available codes, so that no claim receives them. Claimed codes stay with their claims.

        The codes to revoke: those listed, or all available codes.

        - `reward_id`: The reward's id or its code.
        - `codes`: The codes to revoke; null with `all_available`.
        - `all_available`: Whether all codes that are not claimed are revoked.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path=f"/api/v1/gamify/admin/rewards/{quoted(reward_id)}/codes/revoke",
                response_type=RevokeCodesAnswer,
                body=RevokeCodesRequest(codes=codes, all_available=all_available),
            )
        )

    def list_challenges(
        self, *, page_size: int = 50, is_active: bool | None = None, is_deleted: bool = False
    ) -> AsyncPages[ChallengeDefinitionList, ChallengeDefinitionAnswer]:
        """List challenges.

        The definitions in display order. With `is_deleted=true`, the deleted definitions, which can be restored.

        - `page_size`: The largest number of rows on the page.
        - `is_active`: Only definitions that are switched on, or off.
        - `is_deleted`: Deleted definitions instead of the others.
        """
        return self._pages(
            ApiCall(
                method="GET",
                path="/api/v1/gamify/admin/challenges",
                response_type=ChallengeDefinitionList,
                query={"page_size": page_size, "is_active": is_active, "is_deleted": is_deleted},
            ),
            lambda response: response.items,
        )

    async def create_challenge(
        self,
        code: str,
        name: str,
        objectives: Sequence[ObjectiveDefinition],
        *,
        is_active: bool | None = True,
        display_order: int | None = 0,
        description: str | None = None,
        icon_url: str | None = None,
        join_type: Literal["automatic", "manual"] | None = "automatic",
        is_repeatable: bool | None = False,
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
        duration_days: int | None = None,
        period: Literal["daily", "monthly", "weekly"] | None = None,
        late_periods: int | None = None,
        milestones: Sequence[MilestoneDefinition] | None = (),
        actions: Sequence[
            GivePoints | TakePoints | PutInTier | ContinueStreak | AdvanceChallenge | GiveBadge | GrantReward
        ]
        | None = (),
    ) -> ChallengeDefinitionAnswer:
        """Create a challenge.

        Unknown fields are refused, so that misspelt names do not pass unnoticed. Creating a definition with the code of
        a deleted one restores the deleted definition, with its id and its history, and changes it to the new content.

        A challenge: objectives, and the actions for completing all of them. With a `period`, it can be completed once
        per day, week or month of the participant's calendar; the last `late_periods` periods take late events.

        - `code`: A short name, unique among the definitions of its kind in the project.
        - `is_active`: Whether the definition is in use. False switches it off; its past effects remain.
        - `display_order`: The position in lists, ascending; definitions with equal numbers are sorted by code.
        - `name`: The name that participants see. It is the reason of awarded points without a reason.
        - `description`: The text that participants see; null for none.
        - `icon_url`: The address of an image: http, https, a data URL or a relative address; null for none.
        - `join_type`: `automatic`: the first event that counts begins a run. `manual`: participants join by a call.
        - `is_repeatable`: Whether a participant can complete the challenge more than once. Not together with `period`.
        - `starts_at`: Events that occurred at this time or later count; null for no beginning.
        - `ends_at`: Events that occurred before this time count; null for no end.
        - `duration_days`: How many days of 24 hours a run may take; null for no deadline. Not together with `period`.
        - `period`: The challenge can be completed once in each such period of the participant's calendar; null for no
          periods. It cannot be changed.
        - `late_periods`: With a `period`: how many periods before the newest one accept late events; null stands for 2.
        - `objectives`: The objectives, all of which must be reached.
        - `milestones`: Actions on the way to completing the challenge.
        - `actions`: The actions that take effect when the challenge is completed.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path="/api/v1/gamify/admin/challenges",
                response_type=ChallengeDefinitionAnswer,
                body=ChallengeDefinition(
                    code=code,
                    is_active=is_active,
                    display_order=display_order,
                    name=name,
                    description=description,
                    icon_url=icon_url,
                    join_type=join_type,
                    is_repeatable=is_repeatable,
                    starts_at=starts_at,
                    ends_at=ends_at,
                    duration_days=duration_days,
                    period=period,
                    late_periods=late_periods,
                    objectives=objectives,
                    milestones=milestones,
                    actions=actions,
                ),
            )
        )

    async def get_challenge(self, challenge_id: str) -> ChallengeDefinitionAnswer:
        """Get a challenge.

        The definition with this id or code, unless it is deleted.

        - `challenge_id`: The definition's id or its code.
        """
        return await self._run(
            ApiCall(
                method="GET",
                path=f"/api/v1/gamify/admin/challenges/{quoted(challenge_id)}",
                response_type=ChallengeDefinitionAnswer,
            )
        )

    async def update_challenge(
        self,
        challenge_id: str,
        *,
        is_active: bool | UnsetType = UNSET,
        display_order: int | UnsetType = UNSET,
        name: str | UnsetType = UNSET,
        description: str | UnsetType | None = UNSET,
        icon_url: str | UnsetType | None = UNSET,
        join_type: Literal["automatic", "manual"] | UnsetType = UNSET,
        is_repeatable: bool | UnsetType = UNSET,
        starts_at: datetime | UnsetType | None = UNSET,
        ends_at: datetime | UnsetType | None = UNSET,
        duration_days: int | UnsetType | None = UNSET,
        late_periods: int | UnsetType | None = UNSET,
        objectives: Sequence[ObjectiveDefinition] | UnsetType = UNSET,
        milestones: Sequence[MilestoneDefinition] | UnsetType = UNSET,
        actions: Sequence[
            GivePoints | TakePoints | PutInTier | ContinueStreak | AdvanceChallenge | GiveBadge | GrantReward
        ]
        | UnsetType = UNSET,
    ) -> ChallengeDefinitionAnswer:
        """Change a challenge.

        Fields in the body replace the current values; objects are merged. The code cannot be changed. The body may be
        the definition as a response shows it. Read-only fields must then have their current values. This includes
        `updated_at`, so sending it protects against overwriting somebody else's change.

        The fields to change; all others stay as they are.

        - `challenge_id`: The definition's id or its code.
        - `is_active`: Whether the definition is in use. False switches it off; its past effects remain.
        - `display_order`: The position in lists, ascending; definitions with equal numbers are sorted by code.
        - `name`: The name that participants see. It is the reason of awarded points without a reason.
        - `description`: The text that participants see; null for none.
        - `icon_url`: The address of an image: http, https, a data URL or a relative address; null for none.
        - `join_type`: `automatic`: the first event that counts begins a run. `manual`: participants join by a call.
        - `is_repeatable`: Whether a participant can complete the challenge more than once. Not together with `period`.
        - `starts_at`: Events that occurred at this time or later count; null for no beginning.
        - `ends_at`: Events that occurred before this time count; null for no end.
        - `duration_days`: How many days of 24 hours a run may take; null for no deadline. Not together with `period`.
        - `late_periods`: With a `period`: how many periods before the newest one accept late events; null stands for 2.
        - `objectives`: The objectives, all of which must be reached.
        - `milestones`: Actions on the way to completing the challenge.
        - `actions`: The actions that take effect when the challenge is completed.
        """
        return await self._run(
            ApiCall(
                method="PATCH",
                path=f"/api/v1/gamify/admin/challenges/{quoted(challenge_id)}",
                response_type=ChallengeDefinitionAnswer,
                body=ChallengeDefinitionPatch(
                    is_active=is_active,
                    display_order=display_order,
                    name=name,
                    description=description,
                    icon_url=icon_url,
                    join_type=join_type,
                    is_repeatable=is_repeatable,
                    starts_at=starts_at,
                    ends_at=ends_at,
                    duration_days=duration_days,
                    late_periods=late_periods,
                    objectives=objectives,
                    milestones=milestones,
                    actions=actions,
                ),
            )
        )

    async def delete_challenge(self, challenge_id: str) -> ChallengeDefinitionAnswer:
        """Delete a challenge.

        The definition stops working and disappears from the lists, but histories still show it. Its code stays
        reserved: creating a definition with the same code restores it.

        - `challenge_id`: The definition's id or its code.
        """
        return await self._run(
            ApiCall(
                method="DELETE",
                path=f"/api/v1/gamify/admin/challenges/{quoted(challenge_id)}",
                response_type=ChallengeDefinitionAnswer,
            )
        )

    async def restore_challenge(self, challenge_id: str) -> ChallengeDefinitionAnswer:
        """Restore a challenge.

        Restores a deleted definition as it was. Activity from the time while it was deleted is not counted, except on
        leaderboards: their scores are computed again.

        - `challenge_id`: The definition's id or its code.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path=f"/api/v1/gamify/admin/challenges/{quoted(challenge_id)}/restore",
                response_type=ChallengeDefinitionAnswer,
            )
        )

    async def open_challenges(self) -> OpenChallengesAnswer:
        """Open challenges.

        Returns the active challenges that are open now or later, in display order.
        """
        return await self._run(
            ApiCall(method="GET", path="/api/v1/gamify/challenges", response_type=OpenChallengesAnswer)
        )

    async def participant_challenges(
        self, participant_id: str, *, status: Literal["active", "completed", "expired", "not_joined"] | None = None
    ) -> ChallengesAnswer:
        """Challenges of a participant.

        Returns the active challenges that are open now or later, and all challenges that the participant ever joined,
        in display order.

        - `participant_id`: The user's id in your application.
        - `status`: Only challenges with this status for the participant.
        """
        return await self._run(
            ApiCall(
                method="GET",
                path=f"/api/v1/gamify/participants/{quoted(participant_id)}/challenges",
                response_type=ChallengesAnswer,
                query={"status": status},
            )
        )

    async def join_challenge(self, code: str, participant_id: str) -> ChallengeJoinedAnswer:
        """Join a challenge.

        Joins a challenge, which begins a run. Joining again during the run changes nothing. Creates the participant if
        needed.

        The participant to join or leave the challenge.

        - `code`: The definition's code.
        - `participant_id`: Your application's id of the user: 1 to 255 characters, no control characters.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path=f"/api/v1/gamify/challenges/{quoted(code)}/join",
                response_type=ChallengeJoinedAnswer,
                body=ParticipationRequest(participant_id=participant_id),
            )
        )

    async def leave_challenge(self, code: str, participant_id: str) -> ChallengeLeftAnswer:
        """Leave a challenge.

        Leaves a challenge, which ends the run. Joining again begins a new run.

        The participant to join or leave the challenge.

        - `code`: The definition's code.
        - `participant_id`: Your application's id of the user: 1 to 255 characters, no control characters.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path=f"/api/v1/gamify/challenges/{quoted(code)}/leave",
                response_type=ChallengeLeftAnswer,
                body=ParticipationRequest(participant_id=participant_id),
            )
        )

    async def challenge_funnel(self, code: str) -> FunnelAnswer:
        """The progress of all participants in a challenge.

        Returns how many participants have joined the challenge, begun it, come to a quarter, half and three quarters,
        and completed it. Anonymized participants are included.

        - `code`: The definition's code.
        """
        return await self._run(
            ApiCall(
                method="GET", path=f"/api/v1/gamify/admin/challenges/{quoted(code)}/funnel", response_type=FunnelAnswer
            )
        )

    def list_rules(
        self, *, page_size: int = 50, is_active: bool | None = None, is_deleted: bool = False
    ) -> AsyncPages[RuleDefinitionList, RuleDefinitionAnswer]:
        """List rules.

        The definitions in display order. With `is_deleted=true`, the deleted definitions, which can be restored.

        - `page_size`: The largest number of rows on the page.
        - `is_active`: Only definitions that are switched on, or off.
        - `is_deleted`: Deleted definitions instead of the others.
        """
        return self._pages(
            ApiCall(
                method="GET",
                path="/api/v1/gamify/admin/rules",
                response_type=RuleDefinitionList,
                query={"page_size": page_size, "is_active": is_active, "is_deleted": is_deleted},
            ),
            lambda response: response.items,
        )

    async def create_rule(
        self,
        code: str,
        name: str,
        event_name: str,
        actions: Sequence[
            GivePoints | TakePoints | PutInTier | ContinueStreak | AdvanceChallenge | GiveBadge | GrantReward
        ],
        *,
        is_active: bool | None = True,
        display_order: int | None = 0,
        description: str | None = None,
        condition: str | None = None,
        limit: RuleLimit | None = None,
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
        priority: int | None = 0,
        group: str | None = None,
    ) -> RuleDefinitionAnswer:
        """Create a rule.

        Unknown fields are refused, so that misspelt names do not pass unnoticed. Creating a definition with the code of
        a deleted one restores the deleted definition, with its id and its history, and changes it to the new content.

        A rule: when the event occurs and the condition is true, the actions are done.

        - `code`: A short name, unique among the definitions of its kind in the project.
        - `is_active`: Whether the definition is in use. False switches it off; its past effects remain.
        - `display_order`: The position in lists, ascending; definitions with equal numbers are sorted by code.
        - `name`: The rule's name. It is the reason of awarded points without a reason.
        - `description`: A text for your team; null for none.
        - `event_name`: The name of the events to which the rule applies.
        - `condition`: A CEL expression over event, participant and now; the rule acts only if it is true. Null for
          always.
        - `actions`: The actions. They take effect together or not at all.
        - `limit`: How often the rule can act; null for no limit.
        - `starts_at`: The rule applies to events that occurred at this time or later; null for no beginning.
        - `ends_at`: The rule applies to events that occurred before this time; null for no end.
        - `priority`: Rules with a higher priority come first; rules with equal priorities are sorted by code.
        - `group`: A word that rules share, of which only one acts on an event; null for no group.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path="/api/v1/gamify/admin/rules",
                response_type=RuleDefinitionAnswer,
                body=RuleDefinition(
                    code=code,
                    is_active=is_active,
                    display_order=display_order,
                    name=name,
                    description=description,
                    event_name=event_name,
                    condition=condition,
                    actions=actions,
                    limit=limit,
                    starts_at=starts_at,
                    ends_at=ends_at,
                    priority=priority,
                    group=group,
                ),
            )
        )

    async def get_rule(self, rule_id: str) -> RuleDefinitionAnswer:
        """Get a rule.

        The definition with this id or code, unless it is deleted.

        - `rule_id`: The definition's id or its code.
        """
        return await self._run(
            ApiCall(
                method="GET", path=f"/api/v1/gamify/admin/rules/{quoted(rule_id)}", response_type=RuleDefinitionAnswer
            )
        )

    async def update_rule(
        self,
        rule_id: str,
        *,
        is_active: bool | UnsetType = UNSET,
        display_order: int | UnsetType = UNSET,
        name: str | UnsetType = UNSET,
        description: str | UnsetType | None = UNSET,
        event_name: str | UnsetType = UNSET,
        condition: str | UnsetType | None = UNSET,
        actions: Sequence[
            GivePoints | TakePoints | PutInTier | ContinueStreak | AdvanceChallenge | GiveBadge | GrantReward
        ]
        | UnsetType = UNSET,
        limit: RuleLimitPatch | UnsetType | None = UNSET,
        starts_at: datetime | UnsetType | None = UNSET,
        ends_at: datetime | UnsetType | None = UNSET,
        priority: int | UnsetType = UNSET,
        group: str | UnsetType | None = UNSET,
    ) -> RuleDefinitionAnswer:
        """Change a rule.

        Fields in the body replace the current values; objects are merged. The code cannot be changed. The body may be
        the definition as a response shows it. Read-only fields must then have their current values. This includes
        `updated_at`, so sending it protects against overwriting somebody else's change.

        The fields to change; all others stay as they are.

        - `rule_id`: The definition's id or its code.
        - `is_active`: Whether the definition is in use. False switches it off; its past effects remain.
        - `display_order`: The position in lists, ascending; definitions with equal numbers are sorted by code.
        - `name`: The rule's name. It is the reason of awarded points without a reason.
        - `description`: A text for your team; null for none.
        - `event_name`: The name of the events to which the rule applies.
        - `condition`: A CEL expression over event, participant and now; the rule acts only if it is true. Null for
          always.
        - `actions`: The actions. They take effect together or not at all.
        - `limit`: How often the rule can act; null for no limit.
        - `starts_at`: The rule applies to events that occurred at this time or later; null for no beginning.
        - `ends_at`: The rule applies to events that occurred before this time; null for no end.
        - `priority`: Rules with a higher priority come first; rules with equal priorities are sorted by code.
        - `group`: A word that rules share, of which only one acts on an event; null for no group.
        """
        return await self._run(
            ApiCall(
                method="PATCH",
                path=f"/api/v1/gamify/admin/rules/{quoted(rule_id)}",
                response_type=RuleDefinitionAnswer,
                body=RuleDefinitionPatch(
                    is_active=is_active,
                    display_order=display_order,
                    name=name,
                    description=description,
                    event_name=event_name,
                    condition=condition,
                    actions=actions,
                    limit=limit,
                    starts_at=starts_at,
                    ends_at=ends_at,
                    priority=priority,
                    group=group,
                ),
            )
        )

    async def delete_rule(self, rule_id: str) -> RuleDefinitionAnswer:
        """Delete a rule.

        The definition stops working and disappears from the lists, but histories still show it. Its code stays
        reserved: creating a definition with the same code restores it.

        - `rule_id`: The definition's id or its code.
        """
        return await self._run(
            ApiCall(
                method="DELETE",
                path=f"/api/v1/gamify/admin/rules/{quoted(rule_id)}",
                response_type=RuleDefinitionAnswer,
            )
        )

    async def restore_rule(self, rule_id: str) -> RuleDefinitionAnswer:
        """Restore a rule.

        Restores a deleted definition as it was. Activity from the time while it was deleted is not counted, except on
        leaderboards: their scores are computed again.

        - `rule_id`: The definition's id or its code.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path=f"/api/v1/gamify/admin/rules/{quoted(rule_id)}/restore",
                response_type=RuleDefinitionAnswer,
            )
        )

    async def validate_expression(
        self, expression: str, *, use: Literal["amount", "condition", "criteria"] | None = "condition"
    ) -> ValidateExpressionAnswer:
        """Validate an expression.

        Returns the type of an expression and the variables that it reads. Saves nothing. An expression that is invalid
        in a definition is refused here with the same message.

        An expression to check. `use` is its intended use: a condition of a rule or an objective, an amount of an
        action, or the criteria of a badge.

        - `expression`: The CEL expression.
        - `use`: The place of the expression: the condition of a rule or objective, the amount of an action, or the
          criteria of a badge.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path="/api/v1/gamify/admin/rules/validate",
                response_type=ValidateExpressionAnswer,
                body=ValidateExpressionRequest(expression=expression, use=use),
            )
        )

    async def list_variables(self) -> VariablesAnswer:
        """Variables of expressions.

        Returns the variables that expressions can read, with their types. Editors complete expressions by them.
        """
        return await self._run(
            ApiCall(method="GET", path="/api/v1/gamify/admin/expressions", response_type=VariablesAnswer)
        )

    def list_earning_caps(
        self, *, page_size: int = 50, is_active: bool | None = None, is_deleted: bool = False
    ) -> AsyncPages[EarningCapDefinitionList, EarningCapDefinitionAnswer]:
        """List earning caps.

        The definitions in display order. With `is_deleted=true`, the deleted definitions, which can be restored.

        - `page_size`: The largest number of rows on the page.
        - `is_active`: Only definitions that are switched on, or off.
        - `is_deleted`: Deleted definitions instead of the others.
        """
        return self._pages(
            ApiCall(
                method="GET",
                path="/api/v1/gamify/admin/earning-caps",
                response_type=EarningCapDefinitionList,
                query={"page_size": page_size, "is_active": is_active, "is_deleted": is_deleted},
            ),
            lambda response: response.items,
        )

    async def create_earning_cap(
        self,
        code: str,
        name: str,
        period: Literal["day", "month", "week"],
        points: int,
        *,
        is_active: bool | None = True,
        display_order: int | None = 0,
        description: str | None = None,
        rule_code: str | None = None,
    ) -> EarningCapDefinitionAnswer:
        """Create an earning cap.

        Unknown fields are refused, so that misspelt names do not pass unnoticed. Creating a definition with the code of
        a deleted one restores the deleted definition, with its id and its history, and changes it to the new content.

        How many points a participant is awarded at most in each day, week or month: by all awards together or, with a
        `rule_code`, by that rule.

        - `code`: A short name, unique among the definitions of its kind in the project.
        - `is_active`: Whether the definition is in use. False switches it off; its past effects remain.
        - `display_order`: The position in lists, ascending; definitions with equal numbers are sorted by code.
        - `name`: The cap's name, for your team.
        - `description`: A text for your team; null for none.
        - `period`: The period in which points are counted, in the participant's calendar.
        - `points`: How many points a participant can be awarded in one period.
        - `rule_code`: The code of the rule whose awards count; null for all awards.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path="/api/v1/gamify/admin/earning-caps",
                response_type=EarningCapDefinitionAnswer,
                body=EarningCapDefinition(
                    code=code,
                    is_active=is_active,
                    display_order=display_order,
                    name=name,
                    description=description,
                    period=period,
                    points=points,
                    rule_code=rule_code,
                ),
            )
        )

    async def get_earning_cap(self, earning_cap_id: str) -> EarningCapDefinitionAnswer:
        """Get an earning cap.

        The definition with this id or code, unless it is deleted.

        - `earning_cap_id`: The definition's id or its code.
        """
        return await self._run(
            ApiCall(
                method="GET",
                path=f"/api/v1/gamify/admin/earning-caps/{quoted(earning_cap_id)}",
                response_type=EarningCapDefinitionAnswer,
            )
        )

    async def update_earning_cap(
        self,
        earning_cap_id: str,
        *,
        is_active: bool | UnsetType = UNSET,
        display_order: int | UnsetType = UNSET,
        name: str | UnsetType = UNSET,
        description: str | UnsetType | None = UNSET,
        points: int | UnsetType = UNSET,
    ) -> EarningCapDefinitionAnswer:
        """Change an earning cap.

        Fields in the body replace the current values; objects are merged. The code cannot be changed. The body may be
        the definition as a response shows it. Read-only fields must then have their current values. This includes
        `updated_at`, so sending it protects against overwriting somebody else's change.

        The fields to change; all others stay as they are.

        - `earning_cap_id`: The definition's id or its code.
        - `is_active`: Whether the definition is in use. False switches it off; its past effects remain.
        - `display_order`: The position in lists, ascending; definitions with equal numbers are sorted by code.
        - `name`: The cap's name, for your team.
        - `description`: A text for your team; null for none.
        - `points`: How many points a participant can be awarded in one period.
        """
        return await self._run(
            ApiCall(
                method="PATCH",
                path=f"/api/v1/gamify/admin/earning-caps/{quoted(earning_cap_id)}",
                response_type=EarningCapDefinitionAnswer,
                body=EarningCapDefinitionPatch(
                    is_active=is_active, display_order=display_order, name=name, description=description, points=points
                ),
            )
        )

    async def delete_earning_cap(self, earning_cap_id: str) -> EarningCapDefinitionAnswer:
        """Delete an earning cap.

        The definition stops working and disappears from the lists, but histories still show it. Its code stays
        reserved: creating a definition with the same code restores it.

        - `earning_cap_id`: The definition's id or its code.
        """
        return await self._run(
            ApiCall(
                method="DELETE",
                path=f"/api/v1/gamify/admin/earning-caps/{quoted(earning_cap_id)}",
                response_type=EarningCapDefinitionAnswer,
            )
        )

    async def restore_earning_cap(self, earning_cap_id: str) -> EarningCapDefinitionAnswer:
        """Restore an earning cap.

        Restores a deleted definition as it was. Activity from the time while it was deleted is not counted, except on
        leaderboards: their scores are computed again.

        - `earning_cap_id`: The definition's id or its code.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path=f"/api/v1/gamify/admin/earning-caps/{quoted(earning_cap_id)}/restore",
                response_type=EarningCapDefinitionAnswer,
            )
        )

    async def record_event(
        self,
        participant_id: str,
        event_name: str,
        *,
        properties: Mapping[str, Any] | UnsetType | None = UNSET,
        timestamp: datetime | None = None,
        idempotency_key: str | None = None,
    ) -> EventRecordedAnswer:
        """Record an event.

        Records an event. Everything that the event sets off happens in the same transaction, and is listed in
        `effects`. Creates the participant if needed.

        An event to record.

        - `participant_id`: Your application's id of the user: 1 to 255 characters, no control characters.
        - `event_name`: The name of the event, which you choose: 1 to 100 characters.
        - `properties`: Data for rules, challenges and leaderboards: at most 65,536 bytes of JSON.
        - `timestamp`: The time when it happened, by RFC 3339. A time without an offset is in UTC.
        - `idempotency_key`: Makes retries safe: the same key never acts twice for the same participant and operation.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path="/api/v1/gamify/events",
                response_type=EventRecordedAnswer,
                body=EventRequest(
                    participant_id=participant_id,
                    event_name=event_name,
                    properties=properties,
                    timestamp=timestamp,
                    idempotency_key=key_or_new(idempotency_key),
                ),
                is_keyed=True,
            )
        )

    async def record_event_batch(self, events: Sequence[EventRequest | Mapping[str, Any]]) -> EventBatchAnswer:
        """Record up to 100 events.

        Records events. Returns 200 with one result for each event, in the same order; a refused event does not affect
        the others. Idempotency keys are fields of the items.

        1 to 100 events; each is processed independently.

        - `events`: The events. Each is judged by itself.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path="/api/v1/gamify/events/batch",
                response_type=EventBatchAnswer,
                body=EventBatchRequest(events=with_keys(events)),
                is_keyed=True,
            )
        )

    def participant_events(
        self,
        participant_id: str,
        *,
        page_size: int = 20,
        event_name: str | None = None,
        from_: datetime | None = None,
        to: datetime | None = None,
    ) -> AsyncPages[EventsAnswer, EventShown]:
        """Event history of a participant.

        Returns the events of a participant, the latest first, by the time when they occurred.

        - `participant_id`: The user's id in your application.
        - `page_size`: The largest number of rows on the page.
        - `event_name`: The name of the event, which you choose: 1 to 100 characters.
        - `from_`: The time when it happened, by RFC 3339. A time without an offset is in UTC.
        - `to`: The time when it happened, by RFC 3339. A time without an offset is in UTC.
        """
        return self._pages(
            ApiCall(
                method="GET",
                path=f"/api/v1/gamify/participants/{quoted(participant_id)}/events",
                response_type=EventsAnswer,
                query={"page_size": page_size, "event_name": event_name, "from": from_, "to": to},
            ),
            lambda response: response.events,
        )

    async def explain_event(self, participant_id: str, event_id: str) -> ExplainAnswer:
        """Explain the consequences of an event.

        Shows all facts that an event caused, and the definitions that were considered. The id may also be that of
        another fact, such as a transaction; the response then explains all facts that were recorded together with it.

        - `participant_id`: The user's id in your application.
        - `event_id`: The id of an event or another fact, such as a transaction.
        """
        return await self._run(
            ApiCall(
                method="GET",
                path=f"/api/v1/gamify/participants/{quoted(participant_id)}/events/{quoted(event_id)}/explain",
                response_type=ExplainAnswer,
            )
        )

    async def read_feed(
        self,
        *,
        after: str | None = None,
        types: str | Sequence[str] | None = None,
        participant_id: str | None = None,
        limit: int = 1000,
        wait_seconds: int = 0,
    ) -> FeedAnswer:
        """Read the feed.

        The events after a cursor, in an order that never changes. Nothing is skipped: read on with the `cursor` of each
        response. The first call begins the feed of the project: it has the events of every request that is sent after
        its response. If nobody reads it for as long as events are kept, the feed ends.

        - `after`: The `cursor` of the previous response: the events after it are returned. `latest` stands for the
          newest event. Without it, the response begins with the oldest event that is kept.
        - `types`: Only events of these types, separated by commas.
        - `participant_id`: Only events of this participant.
        - `limit`: The largest number of events in the response.
        - `wait_seconds`: How long to wait for an event if there is none. The response comes with the first event, or
          without one after this time.
        """
        return await self._run(
            ApiCall(
                method="GET",
                path="/api/v1/gamify/feed",
                response_type=FeedAnswer,
                query={
                    "after": after,
                    "types": types,
                    "participant_id": participant_id,
                    "limit": limit,
                    "wait_seconds": wait_seconds,
                },
            )
        )

    def list_webhooks(
        self, *, page_size: int = 50, is_active: bool | None = None, is_deleted: bool = False
    ) -> AsyncPages[WebhookDefinitionList, WebhookDefinitionAnswer]:
        """List webhooks.

        The definitions in display order. With `is_deleted=true`, the deleted definitions, which can be restored.

        - `page_size`: The largest number of rows on the page.
        - `is_active`: Only definitions that are switched on, or off.
        - `is_deleted`: Deleted definitions instead of the others.
        """
        return self._pages(
            ApiCall(
                method="GET",
                path="/api/v1/gamify/admin/webhooks",
                response_type=WebhookDefinitionList,
                query={"page_size": page_size, "is_active": is_active, "is_deleted": is_deleted},
            ),
            lambda response: response.items,
        )

    async def create_webhook(
        self,
        code: str,
        name: str,
        url: str,
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
        ],
        *,
        is_active: bool | None = True,
        display_order: int | None = 0,
        description: str | None = None,
        headers: Mapping[str, str] | UnsetType | None = UNSET,
        include_historical: bool | None = False,
        signature_header: str | None = None,
    ) -> WebhookDefinitionAnswer:
        """Create a webhook.

        Unknown fields are refused, so that misspelt names do not pass unnoticed. Creating a definition with the code of
        a deleted one restores the deleted definition, with its id and its history, and changes it to the new content.

        An address to which the project's events are sent.

        - `code`: A short name, unique among the definitions of its kind in the project.
        - `is_active`: Whether the definition is in use. False switches it off; its past effects remain.
        - `display_order`: The position in lists, ascending; definitions with equal numbers are sorted by code.
        - `name`: The webhook's name, for your team.
        - `description`: A text for your team; null for none.
        - `url`: The address, which begins with `https://` or `http://`. Private addresses are refused, unless the
          operator of the server allows their network.
        - `types`: The types of events that are sent; `*` for all, including types of later versions.
        - `headers`: Further headers of the requests. They are shown to administrators and written into definitions
          files: secrets do not belong here.
        - `include_historical`: Whether events of the past are sent as well: from imports, and from `laurels apply
          --past silently`.
        - `signature_header`: The name of a second header with `sha256=` and the HMAC of the body in hexadecimal, keyed
          with the text of the secret, for receivers written for other products; null for none.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path="/api/v1/gamify/admin/webhooks",
                response_type=WebhookDefinitionAnswer,
                body=WebhookDefinition(
                    code=code,
                    is_active=is_active,
                    display_order=display_order,
                    name=name,
                    description=description,
                    url=url,
                    types=types,
                    headers=headers,
                    include_historical=include_historical,
                    signature_header=signature_header,
                ),
            )
        )

    async def get_webhook(self, webhook_id: str) -> WebhookDefinitionAnswer:
        """Get a webhook.

        The definition with this id or code, unless it is deleted.

        - `webhook_id`: The definition's id or its code.
        """
        return await self._run(
            ApiCall(
                method="GET",
                path=f"/api/v1/gamify/admin/webhooks/{quoted(webhook_id)}",
                response_type=WebhookDefinitionAnswer,
            )
        )

    async def update_webhook(
        self,
        webhook_id: str,
        *,
        is_active: bool | UnsetType = UNSET,
        display_order: int | UnsetType = UNSET,
        name: str | UnsetType = UNSET,
        description: str | UnsetType | None = UNSET,
        url: str | UnsetType = UNSET,
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
        | UnsetType = UNSET,
        headers: Mapping[str, str] | UnsetType = UNSET,
        include_historical: bool | UnsetType = UNSET,
        signature_header: str | UnsetType | None = UNSET,
    ) -> WebhookDefinitionAnswer:
        """Change a webhook.

        Fields in the body replace the current values; objects are merged. The code cannot be changed. The body may be
        the definition as a response shows it. Read-only fields must then have their current values. This includes
        `updated_at`, so sending it protects against overwriting somebody else's change.

        The fields to change; all others stay as they are.

        - `webhook_id`: The definition's id or its code.
        - `is_active`: Whether the definition is in use. False switches it off; its past effects remain.
        - `display_order`: The position in lists, ascending; definitions with equal numbers are sorted by code.
        - `name`: The webhook's name, for your team.
        - `description`: A text for your team; null for none.
        - `url`: The address, which begins with `https://` or `http://`. Private addresses are refused, unless the
          operator of the server allows their network.
        - `types`: The types of events that are sent; `*` for all, including types of later versions.
        - `headers`: Further headers of the requests. They are shown to administrators and written into definitions
          files: secrets do not belong here.
        - `include_historical`: Whether events of the past are sent as well: from imports, and from `laurels apply
          --past silently`.
        - `signature_header`: The name of a second header with `sha256=` and the HMAC of the body in hexadecimal, keyed
          with the text of the secret, for receivers written for other products; null for none.
        """
        return await self._run(
            ApiCall(
                method="PATCH",
                path=f"/api/v1/gamify/admin/webhooks/{quoted(webhook_id)}",
                response_type=WebhookDefinitionAnswer,
                body=WebhookDefinitionPatch(
                    is_active=is_active,
                    display_order=display_order,
                    name=name,
                    description=description,
                    url=url,
                    types=types,
                    headers=headers,
                    include_historical=include_historical,
                    signature_header=signature_header,
                ),
            )
        )

    async def delete_webhook(self, webhook_id: str) -> WebhookDefinitionAnswer:
        """Delete a webhook.

        The definition stops working and disappears from the lists, but histories still show it. Its code stays
        reserved: creating a definition with the same code restores it.

        - `webhook_id`: The definition's id or its code.
        """
        return await self._run(
            ApiCall(
                method="DELETE",
                path=f"/api/v1/gamify/admin/webhooks/{quoted(webhook_id)}",
                response_type=WebhookDefinitionAnswer,
            )
        )

    async def restore_webhook(self, webhook_id: str) -> WebhookDefinitionAnswer:
        """Restore a webhook.

        Restores a deleted definition as it was. Activity from the time while it was deleted is not counted, except on
        leaderboards: their scores are computed again.

        - `webhook_id`: The definition's id or its code.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path=f"/api/v1/gamify/admin/webhooks/{quoted(webhook_id)}/restore",
                response_type=WebhookDefinitionAnswer,
            )
        )

    async def rotate_webhook_secret(self, webhook_id: str, *, valid_hours: int | None = 24) -> RotatedSecret:
        """Replace the secret of a webhook.

        Returns a new secret. Requests have a signature of each valid secret: set the new one in the receiver before the
        old one ends. All requests that begin after the response, which takes 1 second, are signed with the new secret.
        This is also the way to get the secret of a webhook from a definitions file.

        When the old secret ends.

        - `webhook_id`: The definition's id or its code.
        - `valid_hours`: For how long requests are signed with the old secret too. 0 ends all old secrets at once.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path=f"/api/v1/gamify/admin/webhooks/{quoted(webhook_id)}/rotate",
                response_type=RotatedSecret,
                body=RotateSecretRequest(valid_hours=valid_hours),
            )
        )

    async def test_webhook(self, webhook_id: str) -> Delivery:
        """Send a test event.

        Sends an event of the type `webhook.tested` to this webhook alone, whatever its types are. Read the delivery to
        see the result.

        - `webhook_id`: The definition's id or its code.
        """
        return await self._run(
            ApiCall(
                method="POST", path=f"/api/v1/gamify/admin/webhooks/{quoted(webhook_id)}/test", response_type=Delivery
            )
        )

    def list_webhook_deliveries(
        self,
        webhook_id: str,
        *,
        page_size: int = 20,
        state: Literal["delivered", "failed", "waiting"] | None = None,
        type: str | None = None,
    ) -> AsyncPages[DeliveriesAnswer, Delivery]:
        """List the deliveries of a webhook.

        The deliveries with their attempts, latest first. They are kept as long as the events of the feed.

        - `webhook_id`: The definition's id or its code.
        - `page_size`: The largest number of rows on the page.
        - `state`: Only deliveries in this state.
        - `type`: Only deliveries of events of this type.
        """
        return self._pages(
            ApiCall(
                method="GET",
                path=f"/api/v1/gamify/admin/webhooks/{quoted(webhook_id)}/deliveries",
                response_type=DeliveriesAnswer,
                query={"page_size": page_size, "state": state, "type": type},
            ),
            lambda response: response.items,
        )

    async def get_webhook_delivery(self, webhook_id: str, delivery_number: str) -> Delivery:
        """Get a delivery.

        One delivery with its attempts.

        - `webhook_id`: The definition's id or its code.
        - `delivery_number`: The definition's id or its code.
        """
        return await self._run(
            ApiCall(
                method="GET",
                path=f"/api/v1/gamify/admin/webhooks/{quoted(webhook_id)}/deliveries/{quoted(delivery_number)}",
                response_type=Delivery,
            )
        )

    async def resend_webhook_delivery(self, webhook_id: str, delivery_number: str) -> Delivery:
        """Send an event again.

        Creates a further delivery of the same event, with the same id, at once and outside the order of the
        participant's events.

        - `webhook_id`: The definition's id or its code.
        - `delivery_number`: The definition's id or its code.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path=f"/api/v1/gamify/admin/webhooks/{quoted(webhook_id)}/deliveries/{quoted(delivery_number)}/resend",
                response_type=Delivery,
            )
        )

    async def resend_webhook_events(self, webhook_id: str, since: datetime) -> ResendAnswer:
        """Send all events since a time again.

        Sends all events of the webhook's types that the feed got since then, as far as it keeps them, also those from
        before the webhook was created. They have the same ids and further delivery numbers.

        The events to send again.

        - `webhook_id`: The definition's id or its code.
        - `since`: Events that the feed got at this time or later are sent again, in real time also in test projects.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path=f"/api/v1/gamify/admin/webhooks/{quoted(webhook_id)}/resend",
                response_type=ResendAnswer,
                body=ResendRequest(since=since),
            )
        )

    def simulate_definitions(
        self, definitions: Mapping[str, Any], *, days: int | None = 30
    ) -> AsyncIterator[SimulationLine]:
        """Simulate draft definitions on past activity.

        Decides the commands of the last days again with the draft definitions, without writing anything. The response
        is one JSON object per line: progress from time to time, and the result at the end. Each server process runs one
        simulation per project at a time.

        `definitions` has the sections of a definitions file. A section replaces all definitions of its kind; kinds
        without a section keep their live definitions. Leaderboards are not simulated.

        - `definitions`: The draft, in the form of a definitions file: a list of definitions by section, such as
          `rules`. A section replaces all live definitions of its kind; kinds without a section stay as they are.
        - `days`: The number of past days to simulate.
        """
        return self._lines(
            ApiCall(
                method="POST",
                path="/api/v1/gamify/admin/simulate",
                response_type=SimulationLine,
                body=SimulateRequest(definitions=definitions, days=days),
            )
        )

    async def register_participant(
        self,
        participant_id: str,
        *,
        display_name: str | UnsetType | None = UNSET,
        avatar_url: str | UnsetType | None = UNSET,
        attributes: Mapping[str, Any] | UnsetType | None = UNSET,
    ) -> ProfileAnswer:
        """Register a participant.

        Registers a participant and returns 201, or updates the given fields of a known participant and returns 200.
        Fields that are null are ignored. Registration is optional: the first award also registers a participant.

        A participant to register. A field that is left out stays as it is, if the participant exists.

        - `display_name`: The name that others see, on leaderboards for example; null for none.
        - `avatar_url`: The address of an image: http, https, a data URL or a relative address; null for none.
        - `attributes`: Your own data, merged into the stored attributes; null removes one. `timezone` is an IANA name.
        - `participant_id`: Your application's id of the user: 1 to 255 characters, no control characters.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path="/api/v1/gamify/participants",
                response_type=ProfileAnswer,
                body=RegisterRequest(
                    display_name=display_name,
                    avatar_url=avatar_url,
                    attributes=attributes,
                    participant_id=participant_id,
                ),
            )
        )

    async def get_participant(self, participant_id: str) -> ProfileAnswer:
        """Profile of a participant.

        Returns the profile of a participant, with points, badges, streaks and the next tier.

        - `participant_id`: The user's id in your application.
        """
        return await self._run(
            ApiCall(
                method="GET", path=f"/api/v1/gamify/participants/{quoted(participant_id)}", response_type=ProfileAnswer
            )
        )

    async def update_participant(
        self,
        participant_id: str,
        *,
        display_name: str | UnsetType | None = UNSET,
        avatar_url: str | UnsetType | None = UNSET,
        attributes: Mapping[str, Any] | UnsetType = UNSET,
    ) -> ProfileAnswer:
        """Change a participant's profile.

        Changes a profile. Given fields are replaced, and null clears a field; attributes are merged, and null removes
        an attribute (JSON Merge Patch).

        The fields of a profile that a call can change. A field that is left out stays as it is.

        - `participant_id`: The user's id in your application.
        - `display_name`: The name that others see, on leaderboards for example; null for none.
        - `avatar_url`: The address of an image: http, https, a data URL or a relative address; null for none.
        - `attributes`: Your own data, merged into the stored attributes; null removes one. `timezone` is an IANA name.
        """
        return await self._run(
            ApiCall(
                method="PATCH",
                path=f"/api/v1/gamify/participants/{quoted(participant_id)}",
                response_type=ProfileAnswer,
                body=ProfileFields(display_name=display_name, avatar_url=avatar_url, attributes=attributes),
            )
        )

    async def participant_state(
        self,
        participant_id: str,
        *,
        include: str | Sequence[Literal["points", "tier", "badges", "streaks", "challenges", "rewards"]] | None = None,
    ) -> StateAnswer:
        """Selected sections of a participant's state.

        Returns the sections named in `include`, or all sections.

        - `participant_id`: The user's id in your application.
        - `include`: Names of sections, separated by commas; all sections by default.
        """
        return await self._run(
            ApiCall(
                method="GET",
                path=f"/api/v1/gamify/participants/{quoted(participant_id)}/state",
                response_type=StateAnswer,
                query={"include": include},
            )
        )

    async def erase_participant(self, participant_id: str, *, anonymize: bool = False) -> ErasedAnswer:
        """Delete or anonymize a participant.

        `anonymize=true` keeps the facts under a random id and clears all personal data. Otherwise every row of the
        participant is removed. Neither can be undone. If the participant has more than 10,000 facts, they are cleared
        or removed step by step after the response; they cannot be read in the meantime.

        - `participant_id`: The user's id in your application.
        - `anonymize`: True keeps the facts under a random id and removes everything personal. False removes all rows of
          the participant.
        """
        return await self._run(
            ApiCall(
                method="DELETE",
                path=f"/api/v1/gamify/admin/participants/{quoted(participant_id)}",
                response_type=ErasedAnswer,
                query={"anonymize": anonymize},
            )
        )

    def list_participants(
        self,
        *,
        page_size: int = 50,
        search: str | None = None,
        match: Literal["part", "prefix"] = "part",
        sort_by: Literal[
            "available_points",
            "created_at",
            "current_tier",
            "display_name",
            "last_seen_at",
            "participant_id",
            "total_events",
            "total_points",
        ] = "created_at",
        sort_order: Literal["asc", "desc"] = "asc",
        tier: str | None = None,
        badge: str | None = None,
        is_active: bool | None = None,
        seen_since: datetime | None = None,
    ) -> AsyncPages[ParticipantsAnswer, ParticipantListed]:
        """List participants.

        The participants, with optional search, filters and order. Participants with equal values are sorted by id.
        Strings are sorted by code point, ignoring case. Points that expired within the last minute may still be
        counted.

        - `page_size`: The largest number of rows on the page.
        - `search`: Part of the id or the name, ignoring case.
        - `match`: `part` finds `search` anywhere, `prefix` only at the beginning, which is faster.
        - `sort_by`: The field to sort by; participants with equal values are sorted by their ids.
        - `sort_order`: Ascending or descending.
        - `tier`: The code of a tier: only participants who are in this tier now.
        - `badge`: The code of a badge: only participants who have earned this badge.
        - `is_active`: true: only participants who are not anonymized; false: only anonymized ones.
        - `seen_since`: Only participants with activity at this time or later.
        """
        return self._pages(
            ApiCall(
                method="GET",
                path="/api/v1/gamify/admin/participants",
                response_type=ParticipantsAnswer,
                query={
                    "page_size": page_size,
                    "search": search,
                    "match": match,
                    "sort_by": sort_by,
                    "sort_order": sort_order,
                    "tier": tier,
                    "badge": badge,
                    "is_active": is_active,
                    "seen_since": seen_since,
                },
            ),
            lambda response: response.items,
        )

    async def export_participant(self, participant_id: str) -> ExportAnswer:
        """Export all stored data of a participant.

        All stored data of one participant, for example to fulfil a person's request for it. The response is streamed.

        - `participant_id`: The user's id in your application.
        """
        return await self._run(
            ApiCall(
                method="GET",
                path=f"/api/v1/gamify/admin/participants/{quoted(participant_id)}/export",
                response_type=ExportAnswer,
            )
        )

    def participant_history(
        self, participant_id: str, *, page_size: int = 20, kinds: str | Sequence[str] | None = None
    ) -> AsyncPages[HistoryAnswer, HistoryFact]:
        """History of a participant.

        Returns all facts of a participant, the latest first: points, events, badges, tiers, streaks, challenges, claims
        and changes of the profile. The facts of administrators and of the console have their authors.

        - `participant_id`: The user's id in your application.
        - `page_size`: The largest number of rows on the page.
        - `kinds`: Only facts of these kinds, separated by commas. Without it, all facts.
        """
        return self._pages(
            ApiCall(
                method="GET",
                path=f"/api/v1/gamify/admin/participants/{quoted(participant_id)}/history",
                response_type=HistoryAnswer,
                query={"page_size": page_size, "kinds": kinds},
            ),
            lambda response: response.facts,
        )

    async def get_clock(self) -> ClockAnswer:
        """Get the time of the project's clock.

        The clock of a live project shows real time.
        """
        return await self._run(ApiCall(method="GET", path="/api/v1/gamify/admin/clock", response_type=ClockAnswer))

    async def move_clock(self, *, now: datetime | None = None, advance_seconds: int | None = None) -> ClockMovedAnswer:
        """Move a test project's clock forward.

        The clock continues from the new time, on all servers. Everything that comes due in between happens before the
        response: points and holds expire, and ranks are recorded.

        The new time, or the number of seconds to advance: one of the two.

        - `now`: The time to move to; null with `advance_seconds`. Without an offset it is read as UTC.
        - `advance_seconds`: By how many seconds to move; null with `now`.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path="/api/v1/gamify/admin/clock",
                response_type=ClockMovedAnswer,
                body=MoveClockRequest(now=now, advance_seconds=advance_seconds),
            )
        )

    async def list_projects(self) -> ProjectsAnswer:
        """List the projects.

        All projects, including archived ones, sorted by code.
        """
        return await self._run(
            ApiCall(method="GET", path="/api/v1/gamify/admin/projects", response_type=ProjectsAnswer)
        )

    async def create_project(
        self,
        code: str,
        *,
        name: str | None = None,
        mode: Literal["live", "test"] | None = "live",
        time_zone: str | None = "UTC",
        first_day_of_week: Literal["friday", "monday", "saturday", "sunday", "thursday", "tuesday", "wednesday"]
        | None = "monday",
        rate_limit: int | None = None,
        strict_fields: bool | None = None,
    ) -> NewProject:
        """Create a project.

        Creates a project with its first key, which has the scope admin. The mode cannot be changed later. The time zone
        and the first day of the week can be changed only until the project has a participant.

        The project to create.

        - `code`: A short name, unique among the projects of the server.
        - `name`: The project's name; null for the code.
        - `mode`: A `test` project has a clock that can be moved. It cannot be changed.
        - `time_zone`: IANA name of the time zone in which the project's days and weeks begin.
        - `first_day_of_week`: The day on which weeks begin.
        - `rate_limit`: Requests per second; null for the server's default, 0 for no limit.
        - `strict_fields`: Refuse unknown fields and parameters. By default, test projects refuse them, live ones do
          not.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path="/api/v1/gamify/admin/projects",
                response_type=NewProject,
                body=CreateProjectRequest(
                    code=code,
                    name=name,
                    mode=mode,
                    time_zone=time_zone,
                    first_day_of_week=first_day_of_week,
                    rate_limit=rate_limit,
                    strict_fields=strict_fields,
                ),
            )
        )

    async def get_project(self, project_code: str) -> ProjectShown:
        """Get a project.

        The project with this code, even if it is archived.

        - `project_code`: The project's code.
        """
        return await self._run(
            ApiCall(
                method="GET", path=f"/api/v1/gamify/admin/projects/{quoted(project_code)}", response_type=ProjectShown
            )
        )

    async def change_project(
        self,
        project_code: str,
        *,
        name: str | UnsetType = UNSET,
        time_zone: str | UnsetType = UNSET,
        first_day_of_week: Literal["friday", "monday", "saturday", "sunday", "thursday", "tuesday", "wednesday"]
        | UnsetType = UNSET,
        rate_limit: int | UnsetType | None = UNSET,
        event_retention_days: int | UnsetType | None = UNSET,
        strict_fields: bool | UnsetType = UNSET,
    ) -> ProjectShown:
        """Change a project's settings.

        All servers apply a new limit or `strict_fields` within 5 seconds. Events older than a new
        `event_retention_days` permanently lose their content within the hour. The time zone and the first day of the
        week can be changed only until the project has a participant. The body may be the project as a response shows
        it; read-only fields must then have their current values.

        The settings to change; all others stay as they are.

        - `project_code`: The project's code.
        - `name`: The project's name.
        - `time_zone`: IANA name of the time zone in which the project's days and weeks begin.
        - `first_day_of_week`: The day on which weeks begin. It can be changed only before the project has a
          participant.
        - `rate_limit`: Requests per second; null for the server's default, 0 for no limit.
        - `event_retention_days`: For how many days the content of events is kept; null keeps it permanently.
        - `strict_fields`: Whether unknown fields and parameters are refused.
        """
        return await self._run(
            ApiCall(
                method="PATCH",
                path=f"/api/v1/gamify/admin/projects/{quoted(project_code)}",
                response_type=ProjectShown,
                body=ChangeProjectRequest(
                    name=name,
                    time_zone=time_zone,
                    first_day_of_week=first_day_of_week,
                    rate_limit=rate_limit,
                    event_retention_days=event_retention_days,
                    strict_fields=strict_fields,
                ),
            )
        )

    async def archive_project(self, project_code: str) -> ProjectShown:
        """Archive a project.

        The project's keys stop working within 5 seconds, and nothing in it expires any more. All its data are kept.

        - `project_code`: The project's code.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path=f"/api/v1/gamify/admin/projects/{quoted(project_code)}/archive",
                response_type=ProjectShown,
            )
        )

    async def unarchive_project(self, project_code: str) -> ProjectShown:
        """Unarchive a project.

        The project's keys work again, except for revoked and expired ones.

        - `project_code`: The project's code.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path=f"/api/v1/gamify/admin/projects/{quoted(project_code)}/unarchive",
                response_type=ProjectShown,
            )
        )

    async def create_project_key(
        self,
        project_code: str,
        *,
        scope: Literal["admin", "gamify", "gamify:admin", "gamify:read", "gamify:support", "operator"]
        | None = "gamify",
        name: str | None = "",
        rate_limit: int | None = None,
    ) -> NewApiKey:
        """Create a key for a project.

        Creates a key for any project, for example after all its keys were lost.

        The key to create.

        - `project_code`: The project's code.
        - `scope`: The permissions of the key: each scope includes those before it.
        - `name`: A name by which you recognise the key later.
        - `rate_limit`: Requests per second; null for the server's default, 0 for no limit.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path=f"/api/v1/gamify/admin/projects/{quoted(project_code)}/keys",
                response_type=NewApiKey,
                body=CreateKeyRequest(scope=scope, name=name, rate_limit=rate_limit),
            )
        )

    async def list_keys(self) -> ApiKeysAnswer:
        """List the project's keys.

        The valid keys, and the last 1,000 keys that were revoked or expired, in the order of their creation.
        """
        return await self._run(ApiCall(method="GET", path="/api/v1/gamify/admin/keys", response_type=ApiKeysAnswer))

    async def create_key(
        self,
        *,
        scope: Literal["admin", "gamify", "gamify:admin", "gamify:read", "gamify:support", "operator"]
        | None = "gamify",
        name: str | None = "",
        rate_limit: int | None = None,
    ) -> NewApiKey:
        """Create a key.

        Creates a key for the project of the caller's key. The scope may be up to that of the caller's key. A project
        can have up to 200 valid keys.

        The key to create.

        - `scope`: The permissions of the key: each scope includes those before it.
        - `name`: A name by which you recognise the key later.
        - `rate_limit`: Requests per second; null for the server's default, 0 for no limit.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path="/api/v1/gamify/admin/keys",
                response_type=NewApiKey,
                body=CreateKeyRequest(scope=scope, name=name, rate_limit=rate_limit),
            )
        )

    async def change_key(
        self, key_id: str, *, name: str | UnsetType = UNSET, rate_limit: int | UnsetType | None = UNSET
    ) -> ApiKey:
        """Change a key's name or limit.

        All servers apply the change within 5 seconds. The body may be the key as a response shows it; read-only fields
        must then have their current values.

        The fields to change; all others stay as they are.

        - `key_id`: The key's id, as in the list of keys.
        - `name`: A name by which you recognise the key later.
        - `rate_limit`: Requests per second; null for the server's default, 0 for no limit.
        """
        return await self._run(
            ApiCall(
                method="PATCH",
                path=f"/api/v1/gamify/admin/keys/{quoted(key_id)}",
                response_type=ApiKey,
                body=ChangeKeyRequest(name=name, rate_limit=rate_limit),
            )
        )

    async def rotate_key(self, key_id: str, *, valid_hours: int | None = 24) -> RotatedApiKey:
        """Replace a key.

        Creates a successor with the same name, scope and limit. Both keys work until the old one ends. In a project
        with 400 valid keys the old key must end at once.

        When the old key ends.

        - `key_id`: The key's id, as in the list of keys.
        - `valid_hours`: The time for which the old key still works.
        """
        return await self._run(
            ApiCall(
                method="POST",
                path=f"/api/v1/gamify/admin/keys/{quoted(key_id)}/rotate",
                response_type=RotatedApiKey,
                body=RotateKeyRequest(valid_hours=valid_hours),
            )
        )

    async def revoke_key(self, key_id: str) -> ApiKey:
        """Revoke a key.

        All servers refuse the key within 5 seconds. A key cannot revoke itself, and the project's last key with the
        scope admin cannot be revoked.

        - `key_id`: The key's id, as in the list of keys.
        """
        return await self._run(
            ApiCall(method="POST", path=f"/api/v1/gamify/admin/keys/{quoted(key_id)}/revoke", response_type=ApiKey)
        )

    def list_audit_log(
        self,
        *,
        page_size: int = 50,
        action: Literal[
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
        | None = None,
        kind: str | None = None,
        code: str | None = None,
        key_id: str | None = None,
        from_: datetime | None = None,
        to: datetime | None = None,
    ) -> AsyncPages[AuditAnswer, AuditEntry]:
        """List the entries of the audit log.

        The changes that administrators made in the project, latest first. The log contains no keys and no personal
        data.

        - `page_size`: The largest number of rows on the page.
        - `action`: Only changes of this kind.
        - `kind`: Only changes of things of this kind, such as `badge`.
        - `code`: Only changes of the thing with this code.
        - `key_id`: Only changes made with this key.
        - `from_`: The time when it happened, by RFC 3339. A time without an offset is in UTC.
        - `to`: The time when it happened, by RFC 3339. A time without an offset is in UTC.
        """
        return self._pages(
            ApiCall(
                method="GET",
                path="/api/v1/gamify/admin/audit-log",
                response_type=AuditAnswer,
                query={
                    "page_size": page_size,
                    "action": action,
                    "kind": kind,
                    "code": code,
                    "key_id": key_id,
                    "from": from_,
                    "to": to,
                },
            ),
            lambda response: response.items,
        )

    async def sign_in(self) -> SessionShown:
        """Sign in to the console.

        Begins a session of the key in `X-API-Key`: the response sets a cookie that no script can read, and requests
        with the header `Laurels-Session: 1` then need no key. Another value of the header names one of several sessions
        of a browser. A session ends after 12 hours without a request, when the key ends, or by signing out.
        """
        return await self._run(ApiCall(method="POST", path="/api/v1/gamify/session", response_type=SessionShown))

    async def current_session(self) -> SessionShown:
        """The key of a session.

        The project, the scope and the name in the audit log of the key, which is sent itself or as a session.
        """
        return await self._run(ApiCall(method="GET", path="/api/v1/gamify/session", response_type=SessionShown))

    async def sign_out(self) -> SessionEnded:
        """Sign out of the console.

        Ends the session on all servers and removes the cookie. The key stays as it is.
        """
        return await self._run(ApiCall(method="DELETE", path="/api/v1/gamify/session", response_type=SessionEnded))

    async def daily_statistics(self, *, from_: str | None = None, to: str | None = None) -> StatisticsAnswer:
        """Daily statistics of the project.

        Returns the figures of each day: active and new participants, points, events by name, badges, tiers, challenges,
        streaks and claims. A fact belongs to the day on which it was recorded. Figures are counted from the journal in
        the background; the erasure of a participant does not change them.

        - `from_`: The first day, such as 2026-03-01. Default: 29 days before the last day.
        - `to`: The last day. Default: today in the project's time zone.
        """
        return await self._run(
            ApiCall(
                method="GET",
                path="/api/v1/gamify/admin/statistics",
                response_type=StatisticsAnswer,
                query={"from": from_, "to": to},
            )
        )

    async def daily_statistics_csv(self, *, from_: str | None = None, to: str | None = None) -> str:
        """Daily statistics as CSV.

        The same figures, with a line for each statistic, code and day that is not 0. Texts that a spreadsheet would
        take for a formula begin with an apostrophe.

        - `from_`: The first day, such as 2026-03-01. Default: 29 days before the last day.
        - `to`: The last day. Default: today in the project's time zone.
        """
        return await self._run(
            ApiCall(
                method="GET",
                path="/api/v1/gamify/admin/statistics.csv",
                response_type=str,
                query={"from": from_, "to": to},
            )
        )
