"""Endpoints of claims: claim a reward, list claims, fulfil or cancel a claim."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from laurels.kernel.definition import Definitions
from laurels.kernel.input.fields import CodeSought, IdempotencyKey, ParticipantId, Reason
from laurels.mechanics.rewards import claim_lists
from laurels.mechanics.rewards.claim_lists import ClaimEnd, ClaimRow
from laurels.mechanics.rewards.examples import (
    CANCEL_CLAIM_REFUSALS,
    CANCEL_CLAIM_REQUEST,
    CANCEL_CLAIM_RESPONSE,
    CLAIM_REWARD_REFUSALS,
    CLAIM_REWARD_REQUEST,
    CLAIM_REWARD_RESPONSE,
    FULFIL_CLAIM_REFUSALS,
    FULFIL_CLAIM_REQUEST,
    FULFIL_CLAIM_RESPONSE,
    LIST_CLAIMS_REFUSALS,
    LIST_CLAIMS_RESPONSE,
    PARTICIPANT_CLAIMS_RESPONSE,
)
from laurels.mechanics.rewards.lookup import find_reward
from laurels.mechanics.rewards.model import (
    CancelClaim,
    ClaimCancelledAnswer,
    ClaimFulfilledAnswer,
    ClaimNotFound,
    ClaimReward,
    ClaimStatus,
    FulfilClaim,
    Reward,
    RewardClaimedAnswer,
    RewardType,
)
from laurels.web import outcomes, pages
from laurels.web.endpoint import Reply, Request, Routes
from laurels.web.keys.access import Access
from laurels.web.lookup import find_participant
from laurels.web.protocol.errors import refusal_for
from laurels.web.requests.fields import NextCursor, PageQuery, PageSize

routes = Routes("Rewards")


class ClaimRewardRequest(Struct, frozen=True, kw_only=True):
    """A claim. With `points_deduction`, it costs the reward's `points_cost`; otherwise it is free."""

    participant_id: ParticipantId
    points_deduction: bool = False
    """Whether the claim costs the reward's `points_cost`. False claims it free."""
    idempotency_key: IdempotencyKey | None = None


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
    reward_type: RewardType
    """The kind of reward."""
    status: ClaimStatus
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


class ClaimsAnswer(Struct, frozen=True, kw_only=True):
    """A page of a participant's claims."""

    participant_id: str
    rewards: list[ClaimAnswer]
    """The claims, the newest first."""
    total: int
    page: int
    page_size: int
    next_cursor: NextCursor


class AdminClaim(ClaimAnswer, frozen=True, kw_only=True):
    """A claim, with its participant and its end."""

    participant_id: str
    display_name: str | None
    """The participant's name from the profile; null for none."""
    closed_by: str | None
    """The name of the key that fulfilled or cancelled the claim; null for open claims, and for
    claims that an older version closed."""
    reason: str | None
    """The reason or note with which the claim was fulfilled or cancelled; null for none."""


class AdminClaimsAnswer(Struct, frozen=True, kw_only=True):
    """A page of the project's claims."""

    items: list[AdminClaim]
    """The claims, the newest first."""
    total: int
    page: int
    page_size: int
    next_cursor: NextCursor


class AdminClaimsQuery(PageQuery, frozen=True):
    page_size: PageSize = 50
    status: ClaimStatus | None = None
    """Only claims with this status."""
    reward_id: Annotated[CodeSought | None, Meta(description="A reward's id or code.")] = None


class FulfilClaimRequest(Struct, frozen=True, kw_only=True):
    """The claim to mark as done."""

    participant_id: ParticipantId
    claim_id: str
    """The id of the claim."""
    reason: Reason | None = None


class CancelClaimRequest(Struct, frozen=True, kw_only=True):
    """A cancellation. With `return_item`, the code or the item of the inventory can be claimed again by any
    participant."""

    participant_id: ParticipantId
    claim_id: str
    """The id of the claim."""
    return_points: bool = True
    """Whether the points that the claim cost are returned, with their expiry dates."""
    return_item: bool = True
    """Whether its code and its item of the inventory can be claimed again."""
    reason: Reason | None = None


@routes.post(
    "/gamify/rewards/{reward_id}/claim",
    summary="Claim a reward",
    body=ClaimRewardRequest,
    answers={200: RewardClaimedAnswer},
    answer_example=CLAIM_REWARD_RESPONSE,
    refuses=(400, 404, 503),
    refusals=CLAIM_REWARD_REFUSALS,
    takes_idempotency_key=True,
    example=CLAIM_REWARD_REQUEST,
)
async def claim_reward(request: Request[ClaimRewardRequest, None]) -> Reply:
    """Claims a reward, by its id or code. The claim takes an item of the inventory and a code, if the reward has them,
    and the points, if requested. A refused claim takes nothing. Creates the participant if needed."""
    body = request.body
    command = ClaimReward(
        project_id=request.project_id,
        participant_id=body.participant_id,
        idempotency_key=request.idempotency_key(body.idempotency_key),
        reward=request.path[0],
        deducts_points=body.points_deduction,
    )
    return outcomes.reply(await outcomes.run(request, command))


@routes.get(
    "/gamify/participants/{participant_id}/rewards",
    summary="Claims of a participant",
    query=PageQuery,
    answers={200: ClaimsAnswer},
    answer_example=PARTICIPANT_CLAIMS_RESPONSE,
    refuses=(404, 503),
)
async def participant_claims(request: Request[None, PageQuery]) -> Reply:
    """Returns the claims of a participant, newest first, with their codes."""
    participant = await find_participant(request)
    listing = pages.listing(request, "claims of a participant", claim_lists.ClaimPosition)
    readers = request.services.readers
    claims = await claim_lists.of_participant(readers, participant.lane, participant.subject, listing.bounds)
    definitions = await request.services.definitions.newest(readers, request.project_id)
    answer = ClaimsAnswer(
        participant_id=participant.participant_id,
        rewards=[ClaimAnswer(**_claim_fields(definitions, row)) for row in claims.rows],
        **listing.page_fields(claims.total, claims.last_position),
    )
    return Reply(msgspec.json.encode(answer))


@routes.get(
    "/gamify/admin/claims",
    summary="List claims",
    query=AdminClaimsQuery,
    answers={200: AdminClaimsAnswer},
    answer_example=LIST_CLAIMS_RESPONSE,
    refuses=(404,),
    refusals=LIST_CLAIMS_REFUSALS,
    access=Access.SUPPORT,
)
async def list_claims(request: Request[None, AdminClaimsQuery]) -> Reply:
    """Returns the claims of the project, newest first. `status=claimed` selects claims that are still to be
    fulfilled."""
    query = request.query
    readers = request.services.readers
    definitions = await request.services.definitions.newest(readers, request.project_id)
    reward_id = find_reward(definitions, query.reward_id).id if query.reward_id is not None else None
    statuses = [query.status] if query.status is not None else ["claimed", "fulfilled", "cancelled"]
    listing = pages.listing(request, "claims", claim_lists.ClaimPosition)
    claims = await claim_lists.of_project(
        readers, request.services.surveys, request.project_id, statuses, reward_id, listing.bounds
    )
    # Read again, as a reward may have been created and claimed in the meantime.
    definitions = await request.services.definitions.newest(readers, request.project_id)
    claim_ends = await claim_lists.claim_ends(request.services.surveys, claims.rows)
    answer = AdminClaimsAnswer(
        items=[_admin_claim(definitions, row, claim_ends.get(row.id)) for row in claims.rows],
        **listing.page_fields(claims.total, claims.last_position),
    )
    return Reply(msgspec.json.encode(answer))


@routes.post(
    "/gamify/admin/claims/fulfil",
    summary="Mark a claim as fulfilled",
    body=FulfilClaimRequest,
    answers={200: ClaimFulfilledAnswer},
    refuses=(400, 404, 503),
    refusals=FULFIL_CLAIM_REFUSALS,
    example=FULFIL_CLAIM_REQUEST,
    answer_example=FULFIL_CLAIM_RESPONSE,
    access=Access.SUPPORT,
)
async def fulfil_claim(request: Request[FulfilClaimRequest, None]) -> Reply:
    """Marks a claim as fulfilled, for rewards that have to be sent or provided after the claim. A fulfilled claim can
    no longer be cancelled."""
    command = FulfilClaim(
        project_id=request.project_id,
        actor=request.actor,
        participant_id=request.body.participant_id,
        claim_id=_claim_id(request.body.claim_id),
        reason=request.body.reason,
    )
    return outcomes.reply(await outcomes.run(request, command))


@routes.post(
    "/gamify/admin/claims/cancel",
    summary="Cancel a claim",
    body=CancelClaimRequest,
    answers={200: ClaimCancelledAnswer},
    refuses=(400, 404, 503),
    refusals=CANCEL_CLAIM_REFUSALS,
    example=CANCEL_CLAIM_REQUEST,
    answer_example=CANCEL_CLAIM_RESPONSE,
    access=Access.SUPPORT,
)
async def cancel_claim(request: Request[CancelClaimRequest, None]) -> Reply:
    """Cancels a claim. By default, this returns the points, and makes the code or the item of the inventory available
    to others. A running multiplier ends."""
    body = request.body
    command = CancelClaim(
        project_id=request.project_id,
        actor=request.actor,
        participant_id=body.participant_id,
        claim_id=_claim_id(body.claim_id),
        returns_points=body.return_points,
        returns_item=body.return_item,
        reason=body.reason,
    )
    return outcomes.reply(await outcomes.run(request, command))


def _admin_claim(definitions: Definitions, row: ClaimRow, end: ClaimEnd | None) -> AdminClaim:
    return AdminClaim(
        participant_id=row.participant_id,
        display_name=row.display_name,
        closed_by=end.actor if end else None,
        reason=end.reason if end else None,
        **_claim_fields(definitions, row),
    )


def _claim_fields(definitions: Definitions, row: ClaimRow) -> dict[str, Any]:
    reward = definitions[Reward].by_id[row.reward_id]
    return {
        "claim_id": row.id,
        "reward_id": row.reward_id,
        "reward_code": reward.code,
        "reward_name": reward.name,
        "reward_type": reward.type,
        "status": row.status,
        "code_value": row.code,
        "points_deducted": row.points,
        "claimed_at": row.claimed_at,
        "fulfilled_at": row.closed_at if row.status == "fulfilled" else None,
        "cancelled_at": row.closed_at if row.status == "cancelled" else None,
    }


def _claim_id(text: str) -> str:
    """The normalised id of a claim. Raises Refusal 404 if it is not a UUID, as no claim has such an id."""
    try:
        return str(UUID(text))
    except ValueError:
        raise refusal_for(ClaimNotFound(text)) from None
