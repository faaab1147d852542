"""Streaks: definition, state, command and fact."""

from datetime import datetime
from typing import ClassVar, Literal

from msgspec import Struct

from laurels.kernel.commands import Command
from laurels.kernel.definition import Definition
from laurels.kernel.facts import Fact

StreakPeriod = Literal["daily", "weekly", "monthly"]


class Streak(Definition, frozen=True, kw_only=True):
    kind: ClassVar[str] = "streak"

    period: StreakPeriod
    grace_period_hours: int = 0
    display_order: int = 0


class StreakRun(Struct, array_like=True):
    """Periods recorded without a gap, from `first` to `last`, each the earliest record of its period.

    The run is continued by a record before `continues_until`. `carried` counts the periods of the older runs it
    continues that are no longer kept.
    """

    first: int
    last: int
    first_at: datetime
    last_at: datetime
    continues_until: datetime
    carried: int = 0


class StreakState(Struct):
    """One participant's records of one streak: runs in their order, never touching. `longest` is that of runs that are
    no longer kept."""

    runs: list[StreakRun] = []
    longest: int = 0


class StreakRecorded(Fact, frozen=True, kw_only=True):
    """A period was recorded. `count` is the length of the streak it belongs to, then; `continues_until` is when a later
    record at the latest continues it."""

    kind: ClassVar[str] = "streak_recorded"

    streak_id: str
    streak_code: str
    period: int
    continues_until: datetime
    count: int


class RecordStreak(Command, frozen=True, kw_only=True):
    operation: ClassVar[str] = "record_streak"

    streak_code: str
    occurred_at: datetime | None = None
