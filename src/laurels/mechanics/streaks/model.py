"""Streaks: definition, state, command and fact."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Literal

from msgspec import UNSET, Struct, UnsetType

from laurels.kernel.actions import Action, Code, Named
from laurels.kernel.commands import Command
from laurels.kernel.definition import Definition
from laurels.kernel.facts import Fact
from laurels.kernel.participant import Slice
from laurels.kernel.responses import Answer, AnyEffects

StreakPeriod = Literal["daily", "weekly", "monthly"]


class Streak(Definition, frozen=True, kw_only=True):
    kind: ClassVar[str] = "streak"

    period: StreakPeriod
    grace_period_hours: int = 0
    at_risk_hours: int | None = None
    display_order: int = 0


class StreakRun(Struct, array_like=True):
    """Periods recorded without a gap, from `first` to `last`. `first_at` and `last_at` are the earliest records of
    these two periods.

    A record before `continues_until` continues the run. `carried` is the number of periods in older runs that this run
    continues and that are no longer stored.
    """

    first: int
    last: int
    first_at: datetime
    last_at: datetime
    continues_until: datetime
    carried: int = 0


class StreakState(Struct):
    """A participant's records of a streak: runs in order, with gaps between them. `longest` is the longest streak of
    runs that are no longer stored."""

    runs: list[StreakRun] = []
    longest: int = 0


class StreakRecorded(Fact, frozen=True, kw_only=True):
    """A period was recorded. `count` is the length of its streak at that time; a later record continues the streak if
    it is before `continues_until`."""

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

    @property
    def reported_at(self) -> datetime | None:
        return self.occurred_at

    @property
    def named(self) -> Mapping[str, str | int | None]:
        return {"streak_code": self.streak_code}


class StreakEffect(Struct, frozen=True, kw_only=True):
    """A streak that was recorded."""

    streak_code: str
    """The streak's code."""
    streak_name: str
    """The streak's name."""
    new_count: int
    """How many periods the streak of this record now has."""
    due_to: str | None
    """The code of the rule or challenge that recorded it; null for other causes."""


class StreakRecordedAnswer(Answer, frozen=True, kw_only=True):
    """The streak after the record."""

    streak_code: str
    """The streak's code."""
    new_count: int
    """How many periods the streak of this record now has."""
    longest_count: int
    """How many periods the longest streak has."""
    is_new_record: bool
    """Whether `longest_count` has grown."""
    already_recorded: bool
    """Whether the period had a record before; then nothing was changed."""
    effects: AnyEffects | UnsetType = UNSET


class ContinueStreak(
    Action, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="record_streak"
):
    """An action that records the period of the event in a streak. It changes nothing if the period is already
    recorded."""

    streak_code: Code
    """The streak's code."""

    def named(self) -> Named:
        return Named("streak_code", "streak", self.streak_code)


def _no_streaks() -> dict[str, StreakState]:
    return {}


STREAKS = Slice[dict[str, StreakState]]("streaks", _no_streaks, dict)
"""The records of each streak, by streak id."""
