"""All kinds of definitions. One more, added to this list, is in the definitions file, its schema and its export."""

from laurels.http import badges, leaderboards, streaks, tiers
from laurels.http.definitions import DefinitionResource

KINDS: tuple[DefinitionResource, ...] = (
    tiers.resource,
    badges.resource,
    streaks.resource,
    leaderboards.resource,
)
