"""Leaderboards: definition and generations."""

from datetime import date
from typing import ClassVar, Literal

from msgspec import Struct

from laurels.kernel.definition import Definition

Layout = Literal["counts", "leaves"]
"""The way to find ranks: by counts of each score, as older servers do, or by leaves."""

TimeWindow = Literal["all_time", "yearly", "monthly", "weekly", "daily"]
WINDOWS: tuple[TimeWindow, ...] = ("all_time", "yearly", "monthly", "weekly", "daily")

Order = Literal["desc", "asc"]
"""Whether more is better, or less."""


class Scored(Struct, frozen=True, kw_only=True):
    """A number by which a board ranks. `metric` is the name of a measure. `event_name` narrows it to one event;
    `property` has the numbers, where the measure takes them."""

    metric: str
    event_name: str | None = None
    property: str | None = None
    order: Order = "desc"


class Season(Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """A named window: the local dates of the project's calendar from the first to the last one."""

    code: str
    from_: date
    to: date


class ScoringRules(Struct, frozen=True, kw_only=True):
    """The part of a scoring that boards of older servers do not have."""

    order: Order = "desc"
    condition: str | None = None
    tie_breakers: tuple[Scored, ...] = ()
    windows: tuple[TimeWindow, ...] = WINDOWS
    seasons: tuple[Season, ...] = ()


PLAIN = ScoringRules()


class Scoring(Struct, frozen=True, kw_only=True):
    """The part of a definition that decides the scores: another scoring is another generation."""

    metric: str
    event_name: str | None
    property: str | None
    rules: ScoringRules


class Generation(Scored, frozen=True, kw_only=True):
    """One filling of a leaderboard with scores. A change of the scoring starts a new generation; until it is filled,
    the old one continues to count and is shown.

    `condition` is an expression over a fact that counts, `tie_breakers` decide between equal scores, in order.
    """

    id: int
    is_ready: bool = True
    layout: Layout = "leaves"
    condition: str | None = None
    tie_breakers: tuple[Scored, ...] = ()
    windows: tuple[TimeWindow, ...] = WINDOWS
    seasons: tuple[Season, ...] = ()

    @property
    def ranked_by(self) -> tuple[Scored, ...]:
        """The score, then the tie-breakers."""
        return (self, *self.tie_breakers)

    def season(self, code: str) -> int | None:
        """The position of the season with this code."""
        return next((place for place, season in enumerate(self.seasons) if season.code == code), None)


class Leaderboard(Definition, frozen=True, kw_only=True):
    """`generations` are the generations that count facts now, in their order."""

    kind: ClassVar[str] = "leaderboard"

    time_window: TimeWindow = "all_time"
    generations: tuple[Generation, ...] = ()
