"""What edits the definitions of each kind, in the order of definitions/kinds.py."""

from laurels.http import badges, challenges, earning_caps, leaderboards, rewards, rules, streaks, tiers
from laurels.http.definitions import DefinitionResource

RESOURCES: tuple[DefinitionResource, ...] = (
    tiers.resource,
    badges.resource,
    streaks.resource,
    leaderboards.resource,
    rewards.resource,
    challenges.resource,
    rules.resource,
    earning_caps.resource,
)
