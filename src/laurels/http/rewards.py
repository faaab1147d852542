"""Rewards: list, claim, history, how claims end, codes, and the rewards' definitions."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from laurels.core import decimals, rejections
from laurels.core import rewards as rules
from laurels.core.answers import ClaimCancelledAnswer, ClaimFulfilledAnswer, RewardClaimedAnswer
from laurels.core.commands import CancelClaim, ClaimReward, FulfilClaim
from laurels.core.model import Account, ClaimStatus, Definitions, Reward, RewardType, Stock
from laurels.core.rejections import Rejection
from laurels.http import code_lists, outcomes
from laurels.http.definition_checks import check_dates
from laurels.http.definitions import DefinitionBody, DefinitionResource, Edit
from laurels.http.endpoint import Access, Reply, Request, Routes
from laurels.http.errors import Refusal, field_problem
from laurels.http.fields import Code, CodeSought, IdempotencyKey, Page, ParticipantId, Reason
from laurels.http.found import find_participant
from laurels.store import audit, badges, participants, rewards
from laurels.store.audit import Action, Done
from laurels.store.database import Connection
from laurels.store.rewards import ClaimRow, StockRow

routes = Routes("Rewards")

UPLOAD_LIMIT_BYTES = 32 * 1024 * 1024
"""100,000 codes of the greatest length, and then some."""

ID = "0198c0de-1a2b-7c3d-8e4f-5a6b7c8d9e0f"
CLAIM = {
    "claim_id": ID,
    "reward_id": "0198c0de-0f1e-7d2c-8b3a-495867768594",
    "reward_code": "tenth_off",
    "reward_name": "A tenth off",
    "reward_type": "coupon",
    "status": "claimed",
    "code_value": "TENTH-7F3K",
    "points_deducted": 500,
    "claimed_at": "2026-03-01T09:30:00Z",
    "fulfilled_at": None,
    "cancelled_at": None,
}


class MultiplierConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a reward of type `points_multiplier` gives: awards count so many times, for so long after the claim."""

    multiplier: (
        Annotated[int, Meta(ge=1, le=100, extra_json_schema={"exclusiveMinimum": 1})]
        | Annotated[float, Meta(gt=1, le=100)]
    )
    duration_hours: Annotated[int, Meta(ge=1, le=8_760)]

    def __post_init__(self) -> None:
        if self.multiplier <= 1:
            raise field_problem("multiplier", "must be greater than 1")


class RewardDefinition(DefinitionBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something to claim. Null is no limit in `max_claims_per_user` and `total_inventory`. With `has_codes`, which
    coupons have unless told otherwise, each claim is given one of the codes that were uploaded."""

    code: Code = msgspec.field(default_factory=lambda: f"reward_{uuid4().hex[:12]}")
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    type: RewardType
    description: Annotated[str, Meta(max_length=2_000)] | None = None
    points_cost: Annotated[int, Meta(ge=0, le=1_000_000_000)] = 0
    max_claims_per_user: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    total_inventory: Annotated[int, Meta(ge=0, le=1_000_000_000)] | None = None
    has_codes: bool | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    required_tier: Code | None = None
    required_badges: Annotated[tuple[Code, ...], Meta(max_length=20)] = ()
    config: MultiplierConfig | None = None

    def __post_init__(self) -> None:
        check_dates(self.starts_at, self.ends_at)
        if (self.type == "points_multiplier") != (self.config is not None):
            needs = "is required for a points_multiplier" if self.config is None else "is for a points_multiplier alone"
            raise field_problem("config", needs)
        if self.has_codes is None:
            msgspec.structs.force_setattr(self, "has_codes", self.type == "coupon")


class RewardsQuery(Struct, frozen=True):
    reward_type: RewardType | None = None
    participant_id: Annotated[
        ParticipantId | None, Meta(description="Adds to each reward whether this participant can claim it now.")
    ] = None


NotClaimable = Literal[
    "not_started",
    "ended",
    "tier_required",
    "badges_required",
    "limit_reached",
    "sold_out",
    "no_codes",
    "insufficient_points",
]


class RewardShown(Struct, frozen=True, kw_only=True):
    """A reward on offer. `available_codes` is null where claims are given no codes, `remaining_inventory` where there
    is no limit. The last four come with `participant_id`: `reason` is null when the reward can be claimed now for its
    price, `shortfall` the points that are missing for it."""

    id: str
    code: str
    name: str
    type: RewardType
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
    can_claim: bool | UnsetType = UNSET
    reason: NotClaimable | UnsetType | None = UNSET
    shortfall: int | UnsetType = UNSET
    claims: int | UnsetType = UNSET


class RewardsAnswer(Struct, frozen=True):
    rewards: list[RewardShown]
    total: int


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


class AdminClaim(ClaimAnswer, frozen=True, kw_only=True):
    participant_id: str


class AdminClaimsAnswer(Struct, frozen=True, kw_only=True):
    items: list[AdminClaim]
    total: int
    page: int
    page_size: int


class AdminClaimsQuery(Page, frozen=True):
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


class UploadCodesRequest(Struct, frozen=True):
    codes: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=code_lists.LONGEST_CODE)]],
        Meta(min_length=1, max_length=code_lists.CODES_LIMIT),
    ]


class DuplicateCodes(Struct, frozen=True, kw_only=True):
    """Codes that were not added: given twice in the request, or there already. The first 100 are named."""

    in_request: int
    existing: int
    examples: list[str]


class UploadCodesAnswer(Struct, frozen=True, kw_only=True):
    reward_id: str
    received: int
    added: int
    duplicates: DuplicateCodes
    available: int


class CodesAnswer(Struct, frozen=True, kw_only=True):
    reward_id: str
    total: int
    available: int
    claimed: int
    revoked: int


class RevokeCodesRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Those named, or all that are available."""

    codes: Annotated[list[str], Meta(min_length=1, max_length=10_000)] | None = None
    all_available: bool = False

    def __post_init__(self) -> None:
        if (self.codes is None) != self.all_available:
            raise field_problem("codes", "is required unless all_available is true, and not used when it is")


class RevokeCodesAnswer(Struct, frozen=True, kw_only=True):
    """`not_revoked` names the codes that are claimed, revoked already, or not of this reward."""

    reward_id: str
    revoked: int
    not_revoked: list[str]
    available: int


async def _on_edit(connection: Connection, edit: Edit) -> None:
    if edit.before is None:
        await rewards.add_stock(connection, edit.after.id)


resource = DefinitionResource(
    routes,
    "reward",
    "/gamify/admin/rewards",
    RewardDefinition,
    example={
        "code": "gift_card",
        "name": "Gift Card",
        "type": "voucher",
        "description": "For the shop, sent by post",
        "points_cost": 1000,
        "max_claims_per_user": 1,
        "total_inventory": 100,
    },
    fixed_fields={"type": "claims have been made of it"},
    on_edit=_on_edit,
)


@routes.get(
    "/gamify/rewards",
    summary="Rewards on offer",
    query=RewardsQuery,
    answers={200: RewardsAnswer},
    answer_example={
        "rewards": [
            {
                "id": ID,
                "code": "tenth_off",
                "name": "A tenth off",
                "type": "coupon",
                "description": "On the next order",
                "points_cost": 500,
                "available_codes": 45,
                "remaining_inventory": None,
                "max_claims_per_user": 1,
                "starts_at": None,
                "ends_at": None,
                "required_tier": "silver",
                "required_badges": [],
                "multiplier": None,
                "duration_hours": None,
                "can_claim": False,
                "reason": "insufficient_points",
                "shortfall": 120,
                "claims": 0,
            }
        ],
        "total": 1,
    },
    refuses=(503,),
)
async def available_rewards(request: Request[None, RewardsQuery]) -> Reply:
    """The active ones that are not over, in display order, with those that are yet to begin. A participant that nobody
    has heard of yet has no points."""
    definitions = await request.services.definitions.newest(request.services.readers, request.project_id)
    now = definitions.calendar.at(datetime.now(UTC))
    wanted = request.query.reward_type
    offered = [
        reward
        for reward in definitions.rewards_by_code.values()
        if reward.is_active and (reward.ends_at is None or now < reward.ends_at) and wanted in (None, reward.type)
    ]
    offered.sort(key=lambda reward: (reward.display_order, reward.code))
    stocks = await rewards.stock_rows(request.services.readers, [reward.id for reward in offered])
    shown = [_shown(reward, stocks[reward.id]) for reward in offered]
    if request.query.participant_id is not None:
        who = await _claimant(request, request.query.participant_id)
        shown = [
            _for_claimant(definitions, reward, stocks[reward.id], each, who, now)
            for reward, each in zip(offered, shown, strict=True)
        ]
    return Reply(msgspec.json.encode(RewardsAnswer(shown, len(shown))))


class _Claimant(Struct, frozen=True):
    account: Account
    badges: dict[str, datetime]
    claims: dict[str, int]


async def _claimant(request: Request[Any, Any], name: str) -> _Claimant:
    readers = request.services.readers
    found = await participants.find(readers, request.project_id, name)
    if found is None:
        return _Claimant(Account(), {}, {})
    return _Claimant(
        found.account,
        await badges.earned(readers, found.lane, found.subject),
        await rewards.claim_counts(readers, found.lane, found.subject),
    )


_REASONS: dict[type[Rejection], NotClaimable] = {
    rejections.TierRequired: "tier_required",
    rejections.BadgesRequired: "badges_required",
    rejections.ClaimLimitReached: "limit_reached",
    rejections.SoldOut: "sold_out",
    rejections.NoRewardCodes: "no_codes",
    rejections.InsufficientPoints: "insufficient_points",
}


def _for_claimant(
    definitions: Definitions, reward: Reward, row: StockRow, shown: RewardShown, who: _Claimant, now: datetime
) -> RewardShown:
    claims = who.claims.get(reward.id, 0)
    stock = Stock(row.taken, ["a code"] if row.codes_available else [])
    refused = rules.refusal(definitions, reward, who.account, who.badges, claims, stock, now, price=reward.points_cost)
    reason: NotClaimable | None = None
    if isinstance(refused, rejections.RewardNotOpen):
        reason = "ended" if refused.has_ended else "not_started"
    elif refused is not None:
        reason = _REASONS[type(refused)]
    return msgspec.structs.replace(
        shown,
        can_claim=refused is None,
        reason=reason,
        shortfall=max(0, reward.points_cost - who.account.balance),
        claims=claims,
    )


def _shown(reward: Reward, stock: StockRow) -> RewardShown:
    millionths = reward.multiplier_millionths
    inventory = reward.total_inventory
    return RewardShown(
        id=reward.id,
        code=reward.code,
        name=reward.name,
        type=reward.type,
        description=reward.description,
        points_cost=reward.points_cost,
        available_codes=stock.codes_available if reward.has_codes else None,
        remaining_inventory=None if inventory is None else max(0, inventory - stock.taken),
        max_claims_per_user=reward.max_claims_per_user,
        starts_at=reward.starts_at,
        ends_at=reward.ends_at,
        required_tier=reward.required_tier,
        required_badges=list(reward.required_badges),
        multiplier=None if millionths is None else decimals.shown(millionths),
        duration_hours=reward.duration_hours,
    )


@routes.post(
    "/gamify/rewards/{reward_id}/claim",
    summary="Claim a reward",
    body=ClaimRewardRequest,
    answers={200: RewardClaimedAnswer},
    answer_example={
        "claim_id": ID,
        "participant_id": "user_123",
        "reward_name": "A tenth off",
        "reward_type": "coupon",
        "code_value": "TENTH-7F3K",
        "points_deducted": 500,
        "new_balance": 1000,
    },
    refuses=(400, 404, 503),
    refusals={400: "No available reward codes"},
    takes_idempotency_key=True,
    example={"participant_id": "user_123", "points_deduction": True},
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
    return outcomes.reply(await outcomes.run(request.services.engine, command))


@routes.get(
    "/gamify/participants/{participant_id}/rewards",
    summary="Claims of a participant",
    query=Page,
    answers={200: ClaimsAnswer},
    answer_example={"participant_id": "user_123", "rewards": [CLAIM], "total": 1, "page": 1, "page_size": 20},
    refuses=(404, 503),
)
async def participant_claims(request: Request[None, Page]) -> Reply:
    """Newest first, with the codes that were given."""
    found = await find_participant(request)
    page = request.query
    readers = request.services.readers
    rows, total = await rewards.of_participant(readers, found.lane, found.subject, page.page_size, page.offset)
    definitions = await request.services.definitions.newest(readers, request.project_id)
    answer = ClaimsAnswer(
        participant_id=found.participant_id,
        rewards=[ClaimAnswer(**_claim_fields(definitions, row)) for row in rows],
        total=total,
        page=page.page,
        page_size=page.page_size,
    )
    return Reply(msgspec.json.encode(answer))


@routes.get(
    "/gamify/admin/claims",
    summary="List claims",
    query=AdminClaimsQuery,
    answers={200: AdminClaimsAnswer},
    answer_example={
        "items": [{**CLAIM, "participant_id": "user_123"}],
        "total": 1,
        "page": 1,
        "page_size": 50,
    },
    refuses=(404,),
    refusals={404: "Reward definition not found: gift_card"},
    access=Access.ADMIN,
)
async def list_claims(request: Request[None, AdminClaimsQuery]) -> Reply:
    """Newest first; `status=claimed` are those still to be fulfilled."""
    query = request.query
    readers = request.services.readers
    definitions = await request.services.definitions.newest(readers, request.project_id)
    reward_id = _reward(definitions, query.reward_id).id if query.reward_id is not None else None
    statuses = [query.status] if query.status is not None else ["claimed", "fulfilled", "cancelled"]
    rows, total = await rewards.of_project(
        readers, request.project_id, statuses, reward_id, query.page_size, query.offset
    )
    answer = AdminClaimsAnswer(
        items=[AdminClaim(participant_id=row.participant_id, **_claim_fields(definitions, row)) for row in rows],
        total=total,
        page=query.page,
        page_size=query.page_size,
    )
    return Reply(msgspec.json.encode(answer))


@routes.post(
    "/gamify/admin/claims/fulfil",
    summary="Mark a claim as fulfilled",
    body=FulfilClaimRequest,
    answers={200: ClaimFulfilledAnswer},
    refuses=(400, 404, 503),
    refusals={400: "The claim is cancelled already", 404: f"Claim not found: {ID}"},
    example={"participant_id": "user_123", "claim_id": ID, "reason": "Sent by post"},
    answer_example={
        "claim_id": ID,
        "participant_id": "user_123",
        "reward_name": "Gift Card",
        "status": "fulfilled",
        "fulfilled_at": "2026-03-02T08:00:00Z",
    },
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
    return outcomes.reply(await outcomes.run(request.services.engine, command))


@routes.post(
    "/gamify/admin/claims/cancel",
    summary="Cancel a claim",
    body=CancelClaimRequest,
    answers={200: ClaimCancelledAnswer},
    refuses=(400, 404, 503),
    refusals={400: "The claim is fulfilled already", 404: f"Claim not found: {ID}"},
    example={"participant_id": "user_123", "claim_id": ID, "reason": "Out of stock at the shop"},
    answer_example={
        "claim_id": ID,
        "participant_id": "user_123",
        "reward_name": "Gift Card",
        "status": "cancelled",
        "points_returned": 1000,
        "item_returned": True,
        "new_balance": 1500,
        "cancelled_at": "2026-03-02T08:00:00Z",
    },
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
    return outcomes.reply(await outcomes.run(request.services.engine, command))


@routes.post(
    "/gamify/admin/rewards/{reward_id}/codes",
    summary="Upload codes",
    body_documented=UploadCodesRequest,
    answers={200: UploadCodesAnswer},
    refuses=(400, 404, 413),
    refusals={400: "The reward gives no codes; set its has_codes to true first: gift_card"},
    example={"codes": ["TENTH-7F3K", "TENTH-9QX2"]},
    answer_example={
        "reward_id": ID,
        "received": 3,
        "added": 2,
        "duplicates": {"in_request": 1, "existing": 0, "examples": ["TENTH-7F3K"]},
        "available": 47,
    },
    access=Access.ADMIN,
    streams_up_to_bytes=UPLOAD_LIMIT_BYTES,
    csv_example="code\nTENTH-7F3K\nTENTH-9QX2\n",
)
async def upload_reward_codes(request: Request[None, None]) -> Reply:
    """JSON, or `text/csv` with a code in the first column of each line; a first line `code` is a heading. Codes that
    are there already are left as they are and reported. An invalid code refuses the whole upload."""
    codes = await code_lists.read(request)
    definitions = await request.services.definitions.newest(request.services.readers, request.project_id)
    reward = _reward(definitions, request.path[0])
    if not reward.has_codes:
        raise Refusal(400, f"The reward gives no codes; set its has_codes to true first: {reward.code}")
    different = dict.fromkeys(codes)
    async with request.services.readers.transaction() as connection:
        added = await rewards.add_codes(connection, reward.id, list(different), datetime.now(UTC))
        counts = await rewards.code_counts(connection, reward.id)
        await audit.record(connection, _codes_done(request, "upload_codes", reward, len(added)))
    existing = [code for code in different if code not in added]
    twice = code_lists.repeated(codes)
    answer = UploadCodesAnswer(
        reward_id=reward.id,
        received=len(codes),
        added=len(added),
        duplicates=DuplicateCodes(
            in_request=len(codes) - len(different), existing=len(existing), examples=[*twice, *existing][:100]
        ),
        available=counts.get("available", 0),
    )
    return Reply(msgspec.json.encode(answer))


@routes.get(
    "/gamify/admin/rewards/{reward_id}/codes",
    summary="Count codes",
    answers={200: CodesAnswer},
    answer_example={"reward_id": ID, "total": 100, "available": 45, "claimed": 53, "revoked": 2},
    refuses=(404,),
    access=Access.ADMIN,
)
async def count_reward_codes(request: Request[None, None]) -> Reply:
    """How many of a reward's codes there are, and what has become of them."""
    definitions = await request.services.definitions.newest(request.services.readers, request.project_id)
    reward = _reward(definitions, request.path[0])
    counts = await rewards.code_counts(request.services.readers, reward.id)
    answer = CodesAnswer(
        reward_id=reward.id,
        total=sum(counts.values()),
        available=counts.get("available", 0),
        claimed=counts.get("claimed", 0),
        revoked=counts.get("revoked", 0),
    )
    return Reply(msgspec.json.encode(answer))


@routes.post(
    "/gamify/admin/rewards/{reward_id}/codes/revoke",
    summary="Revoke unused codes",
    body=RevokeCodesRequest,
    answers={200: RevokeCodesAnswer},
    refuses=(404,),
    example={"codes": ["TENTH-9QX2", "TENTH-0000"]},
    answer_example={"reward_id": ID, "revoked": 1, "not_revoked": ["TENTH-0000"], "available": 44},
    access=Access.ADMIN,
)
async def revoke_reward_codes(request: Request[RevokeCodesRequest, None]) -> Reply:
    """A revoked code is never given to anybody. Codes that have been claimed stay with their claims."""
    definitions = await request.services.definitions.newest(request.services.readers, request.project_id)
    reward = _reward(definitions, request.path[0])
    named = request.body.codes
    async with request.services.readers.transaction() as connection:
        revoked = await rewards.revoke_codes(connection, reward.id, named)
        counts = await rewards.code_counts(connection, reward.id)
        await audit.record(connection, _codes_done(request, "revoke_codes", reward, len(revoked)))
    answer = RevokeCodesAnswer(
        reward_id=reward.id,
        revoked=len(revoked),
        not_revoked=[code for code in dict.fromkeys(named or ()) if code not in revoked],
        available=counts.get("available", 0),
    )
    return Reply(msgspec.json.encode(answer))


def _codes_done(request: Request[Any, None], action: Action, reward: Reward, codes: int) -> Done:
    """How many, never which."""
    after = {"codes": codes}
    return Done(
        project_id=request.project_id, action=action, kind="reward", object_id=reward.id, code=reward.code, after=after
    )


def _reward(definitions: Definitions, name: str) -> Reward:
    """Raises Refusal 404."""
    found = rules.named(definitions, name)
    if found is None:
        raise Refusal(404, f"Reward definition not found: {name}")
    return found


def _claim_fields(definitions: Definitions, row: ClaimRow) -> dict[str, Any]:
    reward = definitions.rewards[row.reward_id]
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
        raise Refusal(404, f"Claim not found: {text}") from None
