"""Rewards: who can claim one now, what a claim gives, and how it ends.

| command | allowed when | outcome |
|---|---|---|
| claim  | what `refusal` checks, in its order | one more claim: a piece of the inventory, a code, the price |
| fulfil | the claim is claimed | fulfilled |
| cancel | the claim is claimed | cancelled; points and code or piece of stock go back, unless told otherwise |

1. Every claim takes a piece, also of a reward without an inventory: so one that is set later holds for all claims.
2. A cancelled claim does not count towards the limit of a participant.
3. Free claims are those whose caller does not ask for the points to be deducted, and those that rules grant.
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
"""Claims of a participant that stand."""

MULTIPLIERS_LIMIT = 100
"""Running ones of a participant."""


class Claimant(Struct, frozen=True):
    """Who claims a reward. `badges` are by id, `claims` those of the reward that stand."""

    purse: Purse
    tier: TierStanding | None
    badges: dict[str, datetime]
    claims: int


def named(definitions: Definitions, name: str) -> Reward | None:
    """By id or by code."""
    found = definitions[Reward].by_id.get(name)
    return found if found is not None and not found.is_deleted else definitions[Reward].by_code.get(name)


def offered(definitions: Definitions, now: datetime) -> list[Reward]:
    """The active ones that are not over, those that are yet to begin too, in their order."""
    known = definitions[Reward].by_code.values()
    found = [reward for reward in known if reward.is_active and (reward.ends_at is None or now < reward.ends_at)]
    return sorted(found, key=lambda reward: (reward.display_order, reward.code))


def refusal(
    definitions: Definitions,
    reward: Reward,
    claimant: Claimant,
    stock: Stock,
    now: datetime,
    price: int,
) -> Rejection | None:
    """Why a participant cannot claim the reward for that price now, None if it can be."""
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
    reward = named(definitions, name)
    if reward is None:
        return DefinitionNotFound("reward", name)
    claims, purse = participant[CLAIMS], participant[PURSE]
    if claims.standing_in_all >= CLAIMS_LIMIT:
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
    found = _open(claims, command.claim_id)
    if not isinstance(found, Claim):
        return found
    return ClaimFulfilled(claim_id=command.claim_id, reward_id=found.reward_id, reason=command.reason)


def cancel(
    purse: Purse, claims: Mapping[str, Claim], command: CancelClaim
) -> ClaimCancelled | ClaimNotFound | ClaimClosed:
    found = _open(claims, command.claim_id)
    if not isinstance(found, Claim):
        return found
    points = found.points if command.returns_points else 0
    return ClaimCancelled(
        amount=points,
        balance_after=purse.balance + points,
        lots=found.lots if command.returns_points else [],
        reason=command.reason,
        claim_id=command.claim_id,
        reward_id=found.reward_id,
        code=found.code,
        returns_points=command.returns_points,
        returns_item=command.returns_item,
    )


def fold_claimed(participant: Participant, entry: Entry, fact: RewardClaimed) -> None:
    claims, stocks = participant[CLAIMS], participant.rows(STOCKS)
    claims.by_id[entry.id] = Claim(fact.reward_id, fact.amount, fact.lots, fact.code)
    claims.standing[fact.reward_id] = claims.standing.get(fact.reward_id, 0) + 1
    claims.standing_in_all += 1
    stock = stocks.get(fact.reward_id)
    if stock is not None:
        codes = [code for code in stock.codes if code != fact.code] if fact.code is not None else stock.codes
        stocks[fact.reward_id] = Stock(stock.taken + 1, codes)
    if fact.multiplier is not None and fact.ends_at is not None:
        purse = participant[PURSE]
        started = Multiplier(entry.id, fact.multiplier, entry.occurred_at, fact.ends_at)
        purse.multipliers = [*purse.multipliers, started]


def fold_fulfilled(claims: Claims, fact: ClaimFulfilled) -> None:
    found = claims.by_id.get(fact.claim_id)
    if found is not None:
        claims.by_id[fact.claim_id] = replace(found, status="fulfilled")


def fold_cancelled(participant: Participant, fact: ClaimCancelled) -> None:
    claims, stocks = participant[CLAIMS], participant.rows(STOCKS)
    found = claims.by_id.get(fact.claim_id)
    if found is not None:
        claims.by_id[fact.claim_id] = replace(found, status="cancelled")
    claims.standing[fact.reward_id] = claims.standing.get(fact.reward_id, 1) - 1
    claims.standing_in_all -= 1
    stock = stocks.get(fact.reward_id)
    if stock is not None and fact.returns_item:
        codes = [*stock.codes, fact.code] if fact.code is not None else stock.codes
        stocks[fact.reward_id] = Stock(stock.taken - 1, codes)


def _has_tier(definitions: Definitions, tier_code: str, standing: TierStanding | None) -> bool:
    """That tier or a higher one."""
    required = definitions[Tier].by_code.get(tier_code)
    if required is None or standing is None:
        return False
    return definitions[Tier].by_id[standing.tier_id].level >= required.level


def _open(claims: Mapping[str, Claim], claim_id: str) -> Claim | ClaimNotFound | ClaimClosed:
    found = claims.get(claim_id)
    if found is None:
        return ClaimNotFound(claim_id)
    return found if found.status == "claimed" else ClaimClosed(found.status)
