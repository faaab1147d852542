"""The rules of rewards: conditions and effects of claims, and their ends.

| command | condition | outcome |
|---|---|---|
| claim  | `refusal` is None | one more claim: it takes an item of the inventory, a code, and the price |
| fulfil | status is claimed | fulfilled |
| cancel | status is claimed | cancelled; by default, the points and the code or item of the inventory are returned |

1. Every claim takes an item, even of a reward without an inventory, so that an inventory set later counts all claims.
2. A cancelled claim does not count towards the limit of a participant.
3. A claim is free if its caller does not request the deduction of points, or if a rule or challenge grants it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry
from laurels.kernel.participant import Participant
from laurels.kernel.rejections import DefinitionInactive, DefinitionNotFound, Rejection
from laurels.mechanics.badges.model import BADGES, Badge
from laurels.mechanics.points.purse import lots as lots_of
from laurels.mechanics.points.purse.commands import InsufficientPoints
from laurels.mechanics.points.purse.model import PURSE, Multiplier, Purse
from laurels.mechanics.rewards.model import (
    CLAIMS,
    STOCKS,
    BadgesRequired,
    CancelClaim,
    Claim,
    ClaimCancelled,
    ClaimClosed,
    ClaimFulfilled,
    ClaimLimitReached,
    ClaimNotFound,
    Claims,
    FulfilClaim,
    NoRewardCodes,
    Reward,
    RewardClaimed,
    RewardNotOpen,
    SoldOut,
    Stock,
    TierRequired,
    TooManyClaims,
    TooManyMultipliers,
)
from laurels.mechanics.tiers.model import TIER, Tier, TierStanding

CLAIMS_LIMIT = 100_000
"""The maximum number of standing claims of a participant."""

MULTIPLIERS_LIMIT = 100
"""The maximum number of running multipliers of a participant."""


class Claimant(Struct, frozen=True):
    """The state of a participant that a claim depends on. `badges` are by id, `claims` is the number of standing claims
    of the reward."""

    purse: Purse
    tier: TierStanding | None
    badges: dict[str, datetime]
    claims: int


def find(definitions: Definitions, name: str) -> Reward | None:
    """The reward with this id or code."""
    reward = definitions[Reward].by_id.get(name)
    return reward if reward is not None and not reward.is_deleted else definitions[Reward].by_code.get(name)


def offered(definitions: Definitions, now: datetime) -> list[Reward]:
    """The active rewards that can be claimed now or later, in display order."""
    every = definitions[Reward].by_code.values()
    offered = [reward for reward in every if reward.is_active and (reward.ends_at is None or now < reward.ends_at)]
    return sorted(offered, key=lambda reward: (reward.display_order, reward.code))


def refusal(
    definitions: Definitions,
    reward: Reward,
    claimant: Claimant,
    stock: Stock,
    now: datetime,
    price: int,
) -> Rejection | None:
    """The first reason why the participant cannot claim the reward for this price now; None if there is none."""
    if not reward.is_active:
        return DefinitionInactive("reward", reward.code)
    if reward.starts_at is not None and now < reward.starts_at:
        return RewardNotOpen(reward.code, has_ended=False)
    if reward.ends_at is not None and now >= reward.ends_at:
        return RewardNotOpen(reward.code, has_ended=True)
    if reward.required_tier is not None and not _has_tier(definitions, reward.required_tier, claimant.tier):
        return TierRequired(reward.required_tier)
    earned = {definitions[Badge].by_id[badge].code for badge in claimant.badges if badge in definitions[Badge].by_id}
    missing = [code for code in reward.required_badges if code not in earned]
    if missing:
        return BadgesRequired(missing)
    if reward.max_claims_per_user is not None and claimant.claims >= reward.max_claims_per_user:
        return ClaimLimitReached(reward.max_claims_per_user)
    if reward.type == "points_multiplier" and len(claimant.purse.multipliers) >= MULTIPLIERS_LIMIT:
        return TooManyMultipliers(MULTIPLIERS_LIMIT)
    if reward.total_inventory is not None and stock.taken >= reward.total_inventory:
        return SoldOut(reward.code)
    if reward.has_codes and not stock.codes:
        return NoRewardCodes(reward.code)
    if price > claimant.purse.balance:
        return InsufficientPoints(available=claimant.purse.balance, requested=price)
    return None


def claim(
    definitions: Definitions, participant: Participant, name: str, now: datetime, *, deducts_points: bool
) -> RewardClaimed | Rejection:
    reward = find(definitions, name)
    if reward is None:
        return DefinitionNotFound("reward", name)
    claims, purse = participant[CLAIMS], participant[PURSE]
    if claims.total_standing >= CLAIMS_LIMIT:
        return TooManyClaims(CLAIMS_LIMIT)
    price = reward.points_cost if deducts_points else 0
    stock = participant.rows(STOCKS).get(reward.id, Stock())
    claimant = Claimant(purse, participant[TIER], participant[BADGES], claims.standing.get(reward.id, 0))
    refused = refusal(definitions, reward, claimant, stock, now, price)
    if refused is not None:
        return refused
    is_multiplier = reward.type == "points_multiplier"
    return RewardClaimed(
        amount=price,
        balance_after=purse.balance - price,
        lots=lots_of.take(purse.lots, price),
        reason=reward.name if price else None,
        reward_id=reward.id,
        reward_name=reward.name,
        reward_type=reward.type,
        deducts_points=deducts_points,
        code=stock.codes[0] if reward.has_codes else None,
        multiplier=reward.multiplier_millionths if is_multiplier else None,
        ends_at=now + timedelta(hours=reward.duration_hours or 0) if is_multiplier else None,
    )


def fulfil(claims: Mapping[str, Claim], command: FulfilClaim) -> ClaimFulfilled | ClaimNotFound | ClaimClosed:
    claim = _open_claim(claims, command.claim_id)
    if not isinstance(claim, Claim):
        return claim
    return ClaimFulfilled(claim_id=command.claim_id, reward_id=claim.reward_id, reason=command.reason)


def cancel(
    purse: Purse, claims: Mapping[str, Claim], command: CancelClaim
) -> ClaimCancelled | ClaimNotFound | ClaimClosed:
    claim = _open_claim(claims, command.claim_id)
    if not isinstance(claim, Claim):
        return claim
    points = claim.points if command.returns_points else 0
    return ClaimCancelled(
        amount=points,
        balance_after=purse.balance + points,
        lots=claim.lots if command.returns_points else [],
        reason=command.reason,
        claim_id=command.claim_id,
        reward_id=claim.reward_id,
        code=claim.code,
        returns_points=command.returns_points,
        returns_item=command.returns_item,
    )


def fold_claimed(participant: Participant, entry: Entry, fact: RewardClaimed) -> None:
    claims, stocks = participant[CLAIMS], participant.rows(STOCKS)
    claims.by_id[entry.id] = Claim(fact.reward_id, fact.amount, fact.lots, fact.code)
    claims.standing[fact.reward_id] = claims.standing.get(fact.reward_id, 0) + 1
    claims.total_standing += 1
    stock = stocks.get(fact.reward_id)
    if stock is not None:
        codes = [code for code in stock.codes if code != fact.code] if fact.code is not None else stock.codes
        stocks[fact.reward_id] = Stock(stock.taken + 1, codes)
    if fact.multiplier is not None and fact.ends_at is not None:
        purse = participant[PURSE]
        started = Multiplier(entry.id, fact.multiplier, entry.occurred_at, fact.ends_at)
        purse.multipliers = [*purse.multipliers, started]


def fold_fulfilled(claims: Claims, fact: ClaimFulfilled) -> None:
    claim = claims.by_id.get(fact.claim_id)
    if claim is not None:
        claims.by_id[fact.claim_id] = replace(claim, status="fulfilled")


def fold_cancelled(participant: Participant, fact: ClaimCancelled) -> None:
    claims, stocks = participant[CLAIMS], participant.rows(STOCKS)
    claim = claims.by_id.get(fact.claim_id)
    if claim is not None:
        claims.by_id[fact.claim_id] = replace(claim, status="cancelled")
    claims.standing[fact.reward_id] = claims.standing.get(fact.reward_id, 1) - 1
    claims.total_standing -= 1
    stock = stocks.get(fact.reward_id)
    if stock is not None and fact.returns_item:
        codes = [*stock.codes, fact.code] if fact.code is not None else stock.codes
        stocks[fact.reward_id] = Stock(stock.taken - 1, codes)


def _has_tier(definitions: Definitions, tier_code: str, standing: TierStanding | None) -> bool:
    """Whether the participant is in this tier or a higher one."""
    required = definitions[Tier].by_code.get(tier_code)
    if required is None or standing is None:
        return False
    return definitions[Tier].by_id[standing.tier_id].level >= required.level


def _open_claim(claims: Mapping[str, Claim], claim_id: str) -> Claim | ClaimNotFound | ClaimClosed:
    claim = claims.get(claim_id)
    if claim is None:
        return ClaimNotFound(claim_id)
    return claim if claim.status == "claimed" else ClaimClosed(claim.status)
