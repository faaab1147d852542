"""Endpoints of rewards: the rewards on offer, and definitions. claims_api.py and codes_api.py have the others."""

from datetime import UTC, datetime
from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from laurels.kernel import decimals
from laurels.kernel.definition import Definitions
from laurels.kernel.input.fields import ParticipantId
from laurels.kernel.rejections import Rejection
from laurels.mechanics.badges import store as badges
from laurels.mechanics.points.purse.commands import InsufficientPoints
from laurels.mechanics.points.purse.model import PURSE, Purse
from laurels.mechanics.rewards import rules
from laurels.mechanics.rewards import store as rewards
from laurels.mechanics.rewards.definition import KIND
from laurels.mechanics.rewards.examples import AVAILABLE_REWARDS_RESPONSE
from laurels.mechanics.rewards.model import (
    BadgesRequired,
    ClaimLimitReached,
    NoRewardCodes,
    Reward,
    RewardNotOpen,
    RewardType,
    SoldOut,
    Stock,
    TierRequired,
)
from laurels.mechanics.rewards.rules import Claimant
from laurels.mechanics.rewards.store import StockRow
from laurels.mechanics.tiers.model import TIER
from laurels.storage import participants
from laurels.storage.postgres.database import Connection
from laurels.web.definition_editor import Edit
from laurels.web.definitions import DeclaredResource
from laurels.web.endpoint import AnyRequest, Reply, Request, Routes

routes = Routes(
    "Rewards",
    about="Coupons, gifts and multipliers that participants claim, for points or free. Guides: "
    "[Rewards](docs/rewards.md), [Coupons](docs/coupons.md).",
)


class RewardsQuery(Struct, frozen=True):
    reward_type: RewardType | None = None
    """Only rewards of this kind."""
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
    """A reward on offer. `available_codes` is null if the reward has no codes, `remaining_inventory` if it has no
    limit. The last four fields are present if `participant_id` was given: `reason` is null if the participant can claim
    the reward now for its price, and `shortfall` is the number of missing points."""

    id: str
    """The reward's id."""
    code: str
    """The reward's code."""
    name: str
    """The reward's name."""
    type: RewardType
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
    can_claim: bool | UnsetType = UNSET
    """With `participant_id`: whether the participant can claim it now, for its price."""
    reason: NotClaimable | UnsetType | None = UNSET
    """With `participant_id`: why the participant cannot claim it; null if possible."""
    shortfall: int | UnsetType = UNSET
    """With `participant_id`: the points that are missing for its price."""
    claims: int | UnsetType = UNSET
    """With `participant_id`: how many claims of the participant count against `max_claims_per_user`."""


class RewardsAnswer(Struct, frozen=True):
    """The rewards that can be claimed."""

    rewards: list[RewardShown]
    """The rewards, in display order."""
    total: int


async def _on_edit(connection: Connection, edit: Edit) -> None:
    if edit.before is None:
        await rewards.add_stock(connection, edit.after.id)


resource = routes.place(DeclaredResource(KIND, on_edit=_on_edit))


@routes.get(
    "/gamify/rewards",
    summary="Rewards on offer",
    query=RewardsQuery,
    answers={200: RewardsAnswer},
    answer_example=AVAILABLE_REWARDS_RESPONSE,
    refuses=(503,),
)
async def available_rewards(request: Request[None, RewardsQuery]) -> Reply:
    """Returns the active rewards that can be claimed now or later, in display order. An unknown participant has no
    points."""
    definitions = await request.services.definitions.newest(request.services.readers, request.project_id)
    now = definitions.calendar.at(datetime.now(UTC))
    reward_type = request.query.reward_type
    offered = [reward for reward in rules.offered(definitions, now) if reward_type in (None, reward.type)]
    stocks = await rewards.stock_rows(request.services.readers, [reward.id for reward in offered])
    shown = [_shown(reward, stocks[reward.id]) for reward in offered]
    if request.query.participant_id is not None:
        candidate = await _candidate(request, request.query.participant_id)
        shown = [
            _for_candidate(definitions, reward, stocks[reward.id], each, candidate, now)
            for reward, each in zip(offered, shown, strict=True)
        ]
    return Reply(msgspec.json.encode(RewardsAnswer(shown, len(shown))))


class _Candidate(NamedTuple):
    """A possible claimant, with the number of standing claims by reward."""

    claimant: Claimant
    claims: dict[str, int]


async def _candidate(request: AnyRequest, name: str) -> _Candidate:
    readers = request.services.readers
    participant = await participants.find(readers, request.services.definitions.tables, request.project_id, name)
    if participant is None:
        return _Candidate(Claimant(Purse(), None, {}, 0), {})
    earned = await badges.earned(readers, participant.lane, participant.subject)
    claims = await rewards.claim_counts(readers, participant.lane, participant.subject)
    return _Candidate(Claimant(participant[PURSE], participant[TIER], earned, 0), claims)


_REASONS: dict[type[Rejection], NotClaimable] = {
    TierRequired: "tier_required",
    BadgesRequired: "badges_required",
    ClaimLimitReached: "limit_reached",
    SoldOut: "sold_out",
    NoRewardCodes: "no_codes",
    InsufficientPoints: "insufficient_points",
}


def _for_candidate(
    definitions: Definitions, reward: Reward, row: StockRow, shown: RewardShown, candidate: _Candidate, now: datetime
) -> RewardShown:
    claims = candidate.claims.get(reward.id, 0)
    stock = Stock(row.taken, ["a code"] if row.codes_available else [])
    claimant = msgspec.structs.replace(candidate.claimant, claims=claims)
    refused = rules.refusal(definitions, reward, claimant, stock, now, price=reward.points_cost)
    reason: NotClaimable | None = None
    if isinstance(refused, RewardNotOpen):
        reason = "ended" if refused.has_ended else "not_started"
    elif refused is not None:
        reason = _REASONS[type(refused)]
    return msgspec.structs.replace(
        shown,
        can_claim=refused is None,
        reason=reason,
        shortfall=max(0, reward.points_cost - claimant.purse.balance),
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
