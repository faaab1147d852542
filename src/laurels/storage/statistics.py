"""The declarations of statistics: the facts that each one counts."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from laurels.kernel.game import Game, refuse_twice

ACTIVE_PARTICIPANTS = "active_participants"
NEW_PARTICIPANTS = "new_participants"


@dataclass(frozen=True, kw_only=True)
class Statistic:
    """A number for each day, as a sum over the facts recorded on this day. Names of kinds and fields become part of
    statements."""

    name: str

    facts: Mapping[str, int] | Callable[[Game], Mapping[str, int]]
    """The factor of each kind of fact: 1 adds, -1 subtracts."""

    field: str | None = None
    """The field of the facts that is summed. None counts the facts."""

    code: str | None = None
    """The field by whose values the number is divided, such as `badge_code`."""

    is_level: bool = False
    """Whether the number of a day is the sum over all days until then."""

    def factors(self, game: Game) -> Mapping[str, int]:
        """The factors of the kinds of facts in this game."""
        return self.facts(game) if callable(self.facts) else self.facts


@dataclass(frozen=True, kw_only=True)
class Sum:
    """A statistic in a game, with the factors of its facts."""

    statistic: Statistic
    factors: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class AllStatistics:
    """The statistics of all mechanics. `activity` are the kinds of facts that make a participant active."""

    sums: tuple[Sum, ...]
    activity: tuple[str, ...]
    fields: Mapping[str, str]
    """The field that is summed, by kind of fact."""
    codes: Mapping[str, str]
    """The field of the code, by kind of fact."""


def combine(game: Game, statistics: Iterable[Statistic], activity: Iterable[str]) -> AllStatistics:
    """Combines the statistics of all mechanics. Raises ClashError for duplicate names, and ValueError for a kind of
    fact with two fields or two codes."""
    sums = tuple(Sum(statistic=each, factors=each.factors(game)) for each in statistics)
    names = [ACTIVE_PARTICIPANTS, NEW_PARTICIPANTS, *(each.statistic.name for each in sums)]
    refuse_twice(f"the statistic {name}" for name in names)
    fields: dict[str, str] = {}
    codes: dict[str, str] = {}
    for each in sums:
        for kind in each.factors:
            for chosen, field in ((fields, each.statistic.field), (codes, each.statistic.code)):
                if field is not None and chosen.setdefault(kind, field) != field:
                    raise ValueError(f"Statistics read two fields of {kind}: {chosen[kind]} and {field}")
    return AllStatistics(sums=sums, activity=tuple(dict.fromkeys(activity)), fields=fields, codes=codes)
