"""All facts, by their names in the journal."""

from laurels.kernel.facts import Fact
from laurels.mechanics.badges.model import BadgeEarned, BadgeRevoked
from laurels.mechanics.challenges.model import (
    ChallengeAdvanced,
    ChallengeCompleted,
    ChallengeJoined,
    ChallengeLeft,
    MilestoneReached,
)
from laurels.mechanics.events.model import EventForgotten, EventRecorded
from laurels.mechanics.participants.model import ParticipantRegistered, ProfileChanged
from laurels.mechanics.points.model import (
    AwardReversed,
    DeductReversed,
    HoldCaptured,
    HoldReleased,
    MultiplierEnded,
    PointsAwarded,
    PointsDeducted,
    PointsExpired,
    PointsFact,
    PointsHeld,
)
from laurels.mechanics.rewards.model import ClaimCancelled, ClaimFulfilled, RewardClaimed
from laurels.mechanics.streaks.model import StreakRecorded
from laurels.mechanics.tiers.model import TierAssigned, TierReached

FACTS: dict[str, type[Fact]] = {
    fact.kind: fact
    for fact in (
        PointsAwarded,
        PointsDeducted,
        PointsExpired,
        PointsHeld,
        HoldCaptured,
        HoldReleased,
        AwardReversed,
        DeductReversed,
        RewardClaimed,
        ClaimCancelled,
        ClaimFulfilled,
        MultiplierEnded,
        TierReached,
        TierAssigned,
        BadgeEarned,
        BadgeRevoked,
        StreakRecorded,
        EventRecorded,
        EventForgotten,
        ChallengeJoined,
        ChallengeLeft,
        ChallengeAdvanced,
        MilestoneReached,
        ChallengeCompleted,
        ParticipantRegistered,
        ProfileChanged,
    )
}


POINTS_FACTS: dict[str, type[PointsFact]] = {kind: fact for kind, fact in FACTS.items() if issubclass(fact, PointsFact)}
"""The facts that move points: the transaction history is these, but for claims that cost nothing."""
