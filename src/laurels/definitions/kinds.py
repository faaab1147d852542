"""All kinds of definitions. One more, added to this list, is in the definitions file, its schema and its export.

Each names only those before it (challenges and rules may grant rewards, rules may advance challenges), so that they can
be created in this order.
"""

from collections import defaultdict
from collections.abc import Iterable

from laurels.core.model import Calendar, Definitions
from laurels.definitions import badges, challenges, earning_caps, leaderboards, rewards, rules, streaks, tiers
from laurels.definitions.body import Kind, Stored

KINDS: tuple[Kind, ...] = (
    tiers.KIND,
    badges.KIND,
    streaks.KIND,
    leaderboards.KIND,
    rewards.KIND,
    challenges.KIND,
    rules.KIND,
    earning_caps.KIND,
)


def compiled(version: int, calendar: Calendar, rows: Iterable[Stored]) -> Definitions:
    """The core's view of all definitions of a project."""
    by_kind: dict[str, list[Stored]] = defaultdict(list)
    for row in rows:
        by_kind[row.kind].append(row)
    return Definitions(
        version, calendar=calendar, **{kind.section: map(kind.compiled, by_kind[kind.name]) for kind in KINDS}
    )
