"""Claims of rewards: claiming, a participant's claims, and how claims end."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from laurels.kernel.definition import Definitions
from laurels.kernel.input.fields import CodeSought, IdempotencyKey, ParticipantId, Reason
from laurels.mechanics.rewards import claim_lists
from laurels.mechanics.rewards.claim_lists import ClaimRow
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
from laurels.web.requests.fields import NextCursor, PageQuery

routes = Routes("Rewards")


class ClaimRewardRequest(Struct, frozen=True, kw_only=True):
    """`points_deduction`: whether the claim costs the reward's `points_cost`; free otherwise."""

    participant_id: ParticipantId
    points_deduction: bool = False
    idempotency_key: IdempotencyKey | None = None


class ClaimAnswer(Struct, frozen=True, kw_only=True):
    claim_id: str
    reward_id: str
    reward_code: str
    reward_name: str
    reward_type: RewardType
    status: ClaimStatus
    code_value: str | None
    points_deducted: int
    claimed_at: datetime
    fulfilled_at: datetime | None
    cancelled_at: datetime | None


class ClaimsAnswer(Struct, frozen=True, kw_only=True):
    participant_id: str
    rewards: list[ClaimAnswer]
    total: int
    page: int
    page_size: int
    next_cursor: NextCursor


class AdminClaim(ClaimAnswer, frozen=True, kw_only=True):
    participant_id: str


class AdminClaimsAnswer(Struct, frozen=True, kw_only=True):
    items: list[AdminClaim]
    total: int
    page: int
    page_size: int
    next_cursor: NextCursor


class AdminClaimsQuery(PageQuery, frozen=True):
    page_size: Annotated[int, Meta(ge=1, le=100)] = 50
    status: ClaimStatus | None = None
    reward_id: Annotated[CodeSought | None, Meta(description="A reward's id or code.")] = None


class FulfilClaimRequest(Struct, frozen=True, kw_only=True):
    participant_id: ParticipantId
    claim_id: str
    reason: Reason | None = None


class CancelClaimRequest(Struct, frozen=True, kw_only=True):
    """`return_item`: the code or the piece of stock can be claimed again, by anybody."""

    participant_id: ParticipantId
    claim_id: str
    return_points: bool = True
    return_item: bool = True
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
    """By the reward's id or code. Takes a piece of the inventory and a code, where the reward has them, and the points
    if asked to: all of it or, when refused, nothing. Creates the participant if need be."""
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
    """Newest first, with the codes that were given."""
    found = await find_participant(request)
    listing = pages.listing(request, "claims of a participant", claim_lists.ClaimPosition)
    readers = request.services.readers
    claims = await claim_lists.of_participant(readers, found.lane, found.subject, listing.bounds)
    definitions = await request.services.definitions.newest(readers, request.project_id)
    answer = ClaimsAnswer(
        participant_id=found.participant_id,
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
    access=Access.ADMIN,
)
async def list_claims(request: Request[None, AdminClaimsQuery]) -> Reply:
    """Newest first; `status=claimed` are those still to be fulfilled."""
    query = request.query
    readers = request.services.readers
    definitions = await request.services.definitions.newest(readers, request.project_id)
    reward_id = find_reward(definitions, query.reward_id).id if query.reward_id is not None else None
    statuses = [query.status] if query.status is not None else ["claimed", "fulfilled", "cancelled"]
    listing = pages.listing(request, "claims", claim_lists.ClaimPosition)
    claims = await claim_lists.of_project(
        readers, request.services.surveys, request.project_id, statuses, reward_id, listing.bounds
    )
    # Anew, as a reward may be made and claimed meanwhile.
    definitions = await request.services.definitions.newest(readers, request.project_id)
    answer = AdminClaimsAnswer(
        items=[AdminClaim(participant_id=row.participant_id, **_claim_fields(definitions, row)) for row in claims.rows],
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
    access=Access.ADMIN,
)
async def fulfil_claim(request: Request[FulfilClaimRequest, None]) -> Reply:
    """For what has to be sent or done after the claim. A fulfilled claim can no longer be cancelled."""
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
    access=Access.ADMIN,
)
async def cancel_claim(request: Request[CancelClaimRequest, None]) -> Reply:
    """Gives back the points, and the code or the piece of stock for others to claim, unless told otherwise. A running
    multiplier ends."""
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
    """Anything but a UUID cannot be one of ours."""
    try:
        return str(UUID(text))
    except ValueError:
        raise refusal_for(ClaimNotFound(text)) from None
