"""All actions of rules and challenges."""

from laurels.kernel.actions import Action
from laurels.mechanics.badges.model import GiveBadge
from laurels.mechanics.challenges.model import AdvanceChallenge
from laurels.mechanics.points.model import GivePoints, TakePoints
from laurels.mechanics.rewards.model import GrantReward
from laurels.mechanics.streaks.model import ContinueStreak
from laurels.mechanics.tiers.model import PutInTier

AnyAction = GivePoints | TakePoints | PutInTier | ContinueStreak | AdvanceChallenge | GiveBadge | GrantReward


ORDER: tuple[type[Action], ...] = (
    GivePoints,
    TakePoints,
    PutInTier,
    ContinueStreak,
    AdvanceChallenge,
    GiveBadge,
    GrantReward,
)
"""Actions of one definition take effect in this order, whatever order they are written in."""
