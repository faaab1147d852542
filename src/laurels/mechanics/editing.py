"""What edits the definitions of each kind, in the order of kernel/definitions/kinds.py."""

from laurels.mechanics.badges import api as badges
from laurels.mechanics.challenges import api as challenges
from laurels.mechanics.leaderboards import api as leaderboards
from laurels.mechanics.points import cap_api as earning_caps
from laurels.mechanics.rewards import api as rewards
from laurels.mechanics.rules import api as rules
from laurels.mechanics.streaks import api as streaks
from laurels.mechanics.tiers import api as tiers
from laurels.web.definitions import DefinitionResource

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
