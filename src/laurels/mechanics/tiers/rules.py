"""The rules of tiers: the tier that points reach, and the next one.

1. Automatic tiers are judged on every award, by all points ever earned or, if the tier's basis is the balance, by the
   balance.
2. The best tier is the tier with the highest level whose threshold is met. Judging never lowers a participant: a tier
   of the same level as the current one, or a lower one, changes nothing.
3. After a manual assignment, only thresholds above the points at that time can lift the participant again.
4. A participant without a tier passes through the entry tier (threshold 0), silently, even if the award reaches a
   higher tier.
5. A withdrawn tier (inactive, deleted) lifts no one; current holders keep it.
6. A tier is reached at the latest time of the awards that count, and never before the tier that it follows.
"""

from collections.abc import Container
from datetime import datetime

from laurels.kernel.definition import Definitions
from laurels.kernel.rejections import DefinitionInactive, DefinitionNotFound
from laurels.mechanics.points.purse.model import Purse
from laurels.mechanics.tiers.model import AssignTier, Tier, TierAssigned, TierReached, TierStanding


def reached(
    definitions: Definitions,
    standing: TierStanding | None,
    earned: int,
    balance: int,
    among: Container[str] | None = None,
) -> list[TierReached]:
    """The rises that `earned` and `balance` points cause: none, one, or the entry tier and one above it. With `among`,
    only these tiers are considered."""
    best = _best(definitions, standing, earned, balance, among)
    if best is None:
        return []
    if standing is not None:
        return [_rise(best, standing.tier_id)]
    entry = _entry(definitions)
    if entry is None:
        return [_rise(best, None)]
    silent = TierReached(tier_id=entry.id, tier_code=entry.code, silent=True)
    return [silent] if best is entry or best.level <= entry.level else [silent, _rise(best, entry.id)]


def reached_at(purse: Purse, standing: TierStanding | None, at: datetime) -> datetime:
    """The time at which awards, the last one recorded being of `at`, lift the participant into a tier (rule 6)."""
    return not_before_current(standing, max(purse.latest_earned_at or at, at))


def not_before_current(standing: TierStanding | None, at: datetime) -> datetime:
    return at if standing is None else max(standing.since, at)


def assign(
    definitions: Definitions, purse: Purse, standing: TierStanding | None, command: AssignTier
) -> TierAssigned | DefinitionNotFound | DefinitionInactive:
    tier = definitions[Tier].by_code.get(command.tier_code)
    if tier is None:
        return DefinitionNotFound("tier", command.tier_code)
    if not tier.is_active:
        return DefinitionInactive("tier", command.tier_code)
    return TierAssigned(
        tier_id=tier.id,
        tier_code=tier.code,
        held_earned=purse.total_earned,
        held_balance=purse.balance,
        previous_tier_id=standing.tier_id if standing else None,
        reason=command.reason,
    )


def automatic(definitions: Definitions) -> list[Tier]:
    """The tiers that points can reach, the lowest first."""
    cached: list[Tier] | None = definitions.memory.get(automatic)
    if cached is None:
        tiers = [tier for tier in definitions[Tier].by_code.values() if tier.automatic and tier.is_active]
        cached = definitions.memory[automatic] = sorted(tiers, key=lambda tier: (tier.level, tier.min_points))
    return cached


def next_tier(
    definitions: Definitions, standing: TierStanding | None, earned: int, balance: int
) -> tuple[Tier, int] | None:
    """The next tier that points can reach, and the number of missing points; None at the top."""
    for tier in automatic(definitions):
        if _can_lift(definitions, tier, standing):
            return tier, max(0, tier.min_points - _basis(tier, earned, balance))
    return None


def after_assignment(standing: TierStanding | None, fact: TierAssigned, occurred_at: datetime) -> TierStanding:
    unchanged = standing if fact.previous_tier_id == fact.tier_id else None
    since = unchanged.since if unchanged else occurred_at
    return TierStanding(fact.tier_id, since, fact.held_earned, fact.held_balance)


def _best(
    definitions: Definitions, standing: TierStanding | None, earned: int, balance: int, among: Container[str] | None
) -> Tier | None:
    current_level = None if standing is None else definitions[Tier].by_id[standing.tier_id].level
    for tier in reversed(automatic(definitions)):
        if current_level is not None and tier.level <= current_level:
            return None
        is_reached = _basis(tier, earned, balance) >= tier.min_points and _is_above_assignment(tier, standing)
        if is_reached and (among is None or tier.id in among):
            return tier
    return None


def _can_lift(definitions: Definitions, tier: Tier, standing: TierStanding | None) -> bool:
    if standing is not None and tier.level <= definitions[Tier].by_id[standing.tier_id].level:
        return False
    return _is_above_assignment(tier, standing)


def _is_above_assignment(tier: Tier, standing: TierStanding | None) -> bool:
    """Rule 3."""
    if standing is None:
        return True
    held = standing.held_balance if tier.basis == "balance" else standing.held_earned
    return held is None or tier.min_points > held


def _entry(definitions: Definitions) -> Tier | None:
    return next((tier for tier in automatic(definitions) if tier.min_points == 0), None)


def _basis(tier: Tier, earned: int, balance: int) -> int:
    return balance if tier.basis == "balance" else earned


def _rise(tier: Tier, previous_tier_id: str | None) -> TierReached:
    return TierReached(tier_id=tier.id, tier_code=tier.code, previous_tier_id=previous_tier_id)
