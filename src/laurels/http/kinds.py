"""All kinds of definitions. One more, added to this list, is in the definitions file, its schema and its export.

Each names only those before it (rules may advance challenges), so that they can be created in this order.
"""

from laurels.http import badges, challenges, leaderboards, rules, streaks, tiers
from laurels.http.definitions import DefinitionResource

KINDS: tuple[DefinitionResource, ...] = (
    tiers.resource,
    badges.resource,
    streaks.resource,
    leaderboards.resource,
    challenges.resource,
    rules.resource,
)
