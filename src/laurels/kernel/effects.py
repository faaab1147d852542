"""From facts to what an application shows at once: the effects of a command."""

from collections.abc import Iterable

from msgspec import UNSET

from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry
from laurels.kernel.model import Participant
from laurels.kernel.responses import (
    BadgeEffect,
    ChallengeEffect,
    Effects,
    PointsEffect,
    RewardEffect,
    StreakEffect,
    TierUpgrade,
)
from laurels.mechanics.badges.model import Badge, BadgeEarned
from laurels.mechanics.challenges import rules as challenges
from laurels.mechanics.challenges import runs as challenge_runs
from laurels.mechanics.challenges.model import (
    Challenge,
    ChallengeAdvanced,
    ChallengeCompleted,
    ChallengeJoined,
    MilestoneReached,
)
from laurels.mechanics.points.model import PointsAwarded, PointsDeducted
from laurels.mechanics.rewards.model import Reward, RewardClaimed
from laurels.mechanics.rules.model import Rule
from laurels.mechanics.streaks.model import Streak, StreakRecorded
from laurels.mechanics.tiers.model import Tier, TierAssigned, TierReached

_ChallengeFact = ChallengeJoined | ChallengeAdvanced | MilestoneReached | ChallengeCompleted


def of(definitions: Definitions, participant: Participant, entries: Iterable[Entry]) -> Effects:
    """Those of `entries`, which leave out the command's own fact; `participant` is as they left it."""
    found = Effects(points=[], tier_upgrade=None, streaks=[], challenges=[], badges=[], rewards=[])
    upgrade = None
    by_challenge: dict[str, list[_ChallengeFact]] = {}
    for entry in entries:
        due_to = _code_of(definitions, entry.fact.due_to)
        match entry.fact:
            case PointsAwarded() | PointsDeducted() as fact:
                found.points.append(_points(entry, fact, due_to))
            case TierReached() | TierAssigned() as fact:
                upgrade = tier_upgrade(definitions, fact) or upgrade
            case StreakRecorded() as fact:
                found.streaks.append(
                    StreakEffect(
                        streak_code=fact.streak_code,
                        streak_name=definitions[Streak].by_id[fact.streak_id].name,
                        new_count=fact.count,
                        due_to=due_to,
                    )
                )
            case BadgeEarned() as fact:
                badge = definitions[Badge].by_id[fact.badge_id]
                found.badges.append(
                    BadgeEffect(
                        badge_code=badge.code,
                        badge_name=badge.name,
                        icon=badge.icon_url,
                        rarity=badge.rarity,
                        due_to=due_to,
                    )
                )
            case RewardClaimed() as fact:
                found.rewards.append(
                    RewardEffect(
                        claim_id=entry.id,
                        reward_code=definitions[Reward].by_id[fact.reward_id].code,
                        reward_name=fact.reward_name,
                        reward_type=fact.reward_type,
                        code_value=fact.code,
                        due_to=due_to,
                    )
                )
            case ChallengeJoined() | ChallengeAdvanced() | MilestoneReached() | ChallengeCompleted() as fact:
                by_challenge.setdefault(fact.challenge_id, []).append(fact)
    moved = [_challenge(definitions, participant, name, facts) for name, facts in by_challenge.items()]
    return Effects(
        points=found.points,
        tier_upgrade=upgrade,
        streaks=found.streaks,
        challenges=moved,
        badges=found.badges,
        rewards=found.rewards,
    )


def tier_upgrade(definitions: Definitions, fact: TierReached | TierAssigned) -> TierUpgrade | None:
    """The rise, None for the entry tier, which nobody is congratulated for, and for no rise at all."""
    tier = definitions[Tier].by_id[fact.tier_id]
    previous = definitions[Tier].by_id[fact.previous_tier_id] if fact.previous_tier_id else None
    is_silent = isinstance(fact, TierReached) and fact.silent
    if is_silent or (previous is not None and previous.level >= tier.level):
        return None
    return TierUpgrade(
        code=tier.code,
        name=tier.name,
        level=tier.level,
        previous_code=previous.code if previous else None,
        previous_level=previous.level if previous else None,
    )


def _points(entry: Entry, fact: PointsAwarded | PointsDeducted, due_to: str | None) -> PointsEffect:
    requested = fact.requested_expires_at if isinstance(fact, PointsAwarded) else None
    return PointsEffect(
        transaction_id=entry.id,
        amount=fact.amount if isinstance(fact, PointsAwarded) else -fact.amount,
        new_balance=fact.balance_after,
        reason=fact.reason,
        due_to=due_to,
        expires_at=fact.lots[0].expires_at if requested else UNSET,
        requested_expires_at=requested or UNSET,
    )


def _challenge(
    definitions: Definitions, participant: Participant, challenge_id: str, facts: list[_ChallengeFact]
) -> ChallengeEffect:
    challenge = definitions[Challenge].by_id[challenge_id]
    run = challenge_runs.run_of(participant.challenges[challenge_id], facts[-1].period)
    return ChallengeEffect(
        challenge_code=challenge.code,
        challenge_name=challenge.name,
        percent=challenges.percent(challenge, run.progress),
        joined=any(isinstance(fact, ChallengeJoined) for fact in facts),
        completed=sum(isinstance(fact, ChallengeCompleted) for fact in facts),
        milestones=[fact.percent for fact in facts if isinstance(fact, MilestoneReached)],
    )


def _code_of(definitions: Definitions, definition_id: str | None) -> str | None:
    if definition_id is None:
        return None
    definition = definitions[Rule].by_id.get(definition_id) or definitions[Challenge].by_id.get(definition_id)
    return definition.code if definition else None
