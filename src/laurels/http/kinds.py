"""All kinds of definitions. One more, added to this list, is in the definitions file, its schema and its export.

Each names only those before it (challenges and rules may grant rewards, rules may advance challenges), so that they can
be created in this order.
"""

from laurels.http import badges, challenges, earning_caps, leaderboards, rewards, rules, streaks, tiers
from laurels.http.definitions import DefinitionResource

KINDS: tuple[DefinitionResource, ...] = (
    tiers.resource,
    badges.resource,
    streaks.resource,
    leaderboards.resource,
    rewards.resource,
    challenges.resource,
    rules.resource,
    earning_caps.resource,
)
