"""All kinds of definitions. One more, added to this list, is in the definitions file, its schema and its export.

Each names only those before it (challenges and rules may grant rewards, rules may advance challenges), so that they can
be created in this order.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from msgspec.structs import replace

from laurels.kernel.calendar import Calendar
from laurels.kernel.definition import Definitions
from laurels.kernel.definitions.body import Kind, Stored
from laurels.mechanics.badges import definition as badges
from laurels.mechanics.challenges import definition as challenges
from laurels.mechanics.leaderboards import definition as leaderboards
from laurels.mechanics.leaderboards.model import Generation, Leaderboard
from laurels.mechanics.points import cap_definition as earning_caps
from laurels.mechanics.rewards import definition as rewards
from laurels.mechanics.rules import definition as rules
from laurels.mechanics.streaks import definition as streaks
from laurels.mechanics.tiers import definition as tiers

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


def compiled(
    version: int,
    calendar: Calendar,
    rows: Iterable[Stored],
    generations: Mapping[str, tuple[Generation, ...]] = MappingProxyType({}),
    before: Definitions | None = None,
) -> Definitions:
    """The core's view. `generations` are those of leaderboards, by the definition's id. `before` has what is in no
    row."""
    by_kind: dict[str, list[Stored]] = defaultdict(list)
    for row in rows:
        by_kind[row.kind].append(row)
    found = {definition.id: definition for definition in before or ()}
    found |= {row.id: kind.compiled(row) for kind in KINDS for row in by_kind[kind.name]}
    boards = [each for each in found.values() if isinstance(each, Leaderboard)]
    found |= {board.id: replace(board, generations=generations.get(board.id, ())) for board in boards}
    return Definitions(version, found.values(), calendar)
