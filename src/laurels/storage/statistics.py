"""The declarations of statistics: the facts that each one counts."""

from collections.abc import Callable, Iterable, Iterator, Mapping
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
class Lasting:
    """Two statistics of objects that last until a time, unless a later fact about them moves it, such as streaks. Names
    of kinds and fields become part of statements."""

    lasting: str
    """The name of the statistic of the objects that last at the end of the day."""

    ended: str
    """The name of the statistic of the objects that ended on the day."""

    fact: str
    """The kind of the facts."""

    key: str
    """The field with the id of the object, among those of the participant."""

    position: str
    """The field with a whole number: of the facts about an object, those with the highest number decide."""

    until: str
    """The field with the time. Of facts with the same number the latest time counts."""

    code: str
    """The field by whose values the numbers are divided."""


@dataclass(frozen=True, kw_only=True)
class ListedStatistic:
    """A statistic as readers see it."""

    name: str
    is_divided: bool = False
    """Whether it has numbers by code."""
    is_level: bool = False


@dataclass(frozen=True, kw_only=True)
class Sum:
    """A statistic in a game, with the factors of its facts."""

    statistic: Statistic
    factors: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class AllStatistics:
    """The statistics of all mechanics. `activity` are the kinds of facts that make a participant active."""

    sums: tuple[Sum, ...]
    lasting: tuple[Lasting, ...]
    listed: tuple[ListedStatistic, ...]
    """All statistics, in the order in which they are listed."""
    activity: tuple[str, ...]
    fields: Mapping[str, str]
    """The field that is summed, by kind of fact."""
    codes: Mapping[str, str]
    """The field of the code, by kind of fact."""


def combine(
    game: Game, statistics: Iterable[Statistic], lasting: Iterable[Lasting], activity: Iterable[str]
) -> AllStatistics:
    """Combines the statistics of all mechanics. Raises ClashError for duplicate names, and ValueError for a kind of
    fact with two fields or two codes."""
    sums = tuple(Sum(statistic=each, factors=each.factors(game)) for each in statistics)
    every_lasting = tuple(lasting)
    listed = tuple(_listed([each.statistic for each in sums], every_lasting))
    refuse_twice(f"the statistic {each.name}" for each in listed)
    fields: dict[str, str] = {}
    codes: dict[str, str] = {}
    for each in sums:
        for kind in each.factors:
            for chosen, field in ((fields, each.statistic.field), (codes, each.statistic.code)):
                if field is not None and chosen.setdefault(kind, field) != field:
                    raise ValueError(f"Statistics read two fields of {kind}: {chosen[kind]} and {field}")
    return AllStatistics(
        sums=sums,
        lasting=every_lasting,
        listed=listed,
        activity=tuple(dict.fromkeys(activity)),
        fields=fields,
        codes=codes,
    )


def _listed(statistics: Iterable[Statistic], lasting: Iterable[Lasting]) -> Iterator[ListedStatistic]:
    yield ListedStatistic(name=ACTIVE_PARTICIPANTS)
    yield ListedStatistic(name=NEW_PARTICIPANTS)
    for each in statistics:
        yield ListedStatistic(name=each.name, is_divided=each.code is not None, is_level=each.is_level)
    for pair in lasting:
        yield ListedStatistic(name=pair.lasting, is_divided=True, is_level=True)
        yield ListedStatistic(name=pair.ended, is_divided=True)
