"""Leaderboards: definition and generations."""

from typing import ClassVar, Literal

from msgspec import Struct

from laurels.kernel.definition import Definition

Layout = Literal["counts", "leaves"]
"""How ranks are found: by counts of each score, as before, or by leaves."""

TimeWindow = Literal["all_time", "yearly", "monthly", "weekly", "daily"]


class Generation(Struct, frozen=True, kw_only=True):
    """One filling of a leaderboard with scores. A change of what is scored starts a new one; until that is filled, the
    old one goes on counting and is shown.

    `metric` is the name of a measure. `event_name` narrows it to one event, `property` has the numbers that are added
    up, where the measure takes them.
    """

    id: int
    metric: str
    event_name: str | None = None
    property: str | None = None
    is_ready: bool = True
    layout: Layout = "leaves"


class Leaderboard(Definition, frozen=True, kw_only=True):
    """`generations` are those that count facts now, in their order."""

    kind: ClassVar[str] = "leaderboard"

    time_window: TimeWindow = "all_time"
    generations: tuple[Generation, ...] = ()
