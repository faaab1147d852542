"""The declarations of statistics: the facts that each one counts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from laurels.kernel.game import refuse_twice

ACTIVE_PARTICIPANTS = "active_participants"
NEW_PARTICIPANTS = "new_participants"


@dataclass(frozen=True, kw_only=True)
class Statistic:
    """A number for each day, as a sum over the facts recorded on this day. Names of kinds and fields become part of
    statements."""

    name: str

    facts: Mapping[str, int]
    """The factor of each kind of fact: 1 adds, -1 subtracts."""

    field: str | None = None
    """The field of the facts that is summed. None counts the facts."""

    code: str | None = None
    """The field by whose values the number is divided, such as `badge_code`."""

    is_level: bool = False
    """Whether the number of a day is the sum over all days until then."""


@dataclass(frozen=True, kw_only=True)
class AllStatistics:
    """The statistics of all mechanics. `activity` are the kinds of facts that make a participant active."""

    all: tuple[Statistic, ...]
    activity: tuple[str, ...]
    fields: Mapping[str, str]
    """The field that is summed, by kind of fact."""
    codes: Mapping[str, str]
    """The field of the code, by kind of fact."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """All kinds of facts that are counted."""
        return tuple(dict.fromkeys(kind for statistic in self.all for kind in statistic.facts))


def combine(statistics: Iterable[Statistic], activity: Iterable[str]) -> AllStatistics:
    """Combines the statistics of all mechanics. Raises ClashError for duplicate names, and ValueError for a kind of fact
    with two fields or two codes."""
    every = tuple(statistics)
    refuse_twice(f"the statistic {name}" for name in (*(each.name for each in every), ACTIVE_PARTICIPANTS, NEW_PARTICIPANTS))
    fields: dict[str, str] = {}
    codes: dict[str, str] = {}
    for statistic in every:
        for kind in statistic.facts:
            for chosen, field in ((fields, statistic.field), (codes, statistic.code)):
                if field is not None and chosen.setdefault(kind, field) != field:
                    raise ValueError(f"Statistics read two fields of {kind}: {chosen[kind]} and {field}")
    return AllStatistics(all=every, activity=tuple(dict.fromkeys(activity)), fields=fields, codes=codes)
