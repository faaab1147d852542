"""Facts to projections: applies one entry of the journal to the participant it belongs to.

Deciding and rebuilding use this same fold: what a command leaves behind and what the journal says cannot differ.
"""

from laurels.core import badges, challenges, events, points, rules, streaks, tiers
from laurels.core.facts import (
    BadgeEarned,
    BadgeRevoked,
    ChallengeFact,
    Entry,
    EventRecorded,
    Outcome,
    PointsAwarded,
    PointsDeducted,
    StreakRecorded,
    TierAssigned,
    TierReached,
)
from laurels.core.model import Participant


def fold(participant: Participant, entry: Entry) -> None:
    """Changes the participant's projections to what they are after `entry`, which must be the next one by `seq`."""
    account = participant.account
    account.seq = entry.seq
    match entry.fact:
        case PointsAwarded() as fact:
            points.fold_awarded(account, fact)
        case PointsDeducted() as fact:
            points.fold_deducted(account, fact)
        case TierReached() as fact:
            tiers.fold_reached(account, fact, entry.occurred_at)
        case TierAssigned() as fact:
            tiers.fold_assigned(account, fact, entry.occurred_at)
        case BadgeEarned() as fact:
            badges.fold_earned(participant.badges, fact, entry.occurred_at)
        case BadgeRevoked() as fact:
            badges.fold_revoked(participant.badges, fact)
        case StreakRecorded() as fact:
            streaks.fold_recorded(participant.streaks, fact, entry.occurred_at)
        case EventRecorded() as fact:
            events.fold_recorded(account, fact)
        case ChallengeFact() as fact:
            challenges.fold(participant.challenges, fact, entry.occurred_at)
    fold_outcomes(participant, entry.fact.outcomes)


def fold_outcomes(participant: Participant, outcomes: list[Outcome]) -> None:
    """Counts what limited rules did."""
    for outcome in outcomes:
        rules.fold_acted(outcome, participant.rule_uses, participant.rule_totals)
