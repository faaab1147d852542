"""The rules of streaks: consecutive periods with a record.

1. A record counts once, for the period (day, week, month) of its local date: the earliest record of a period counts.
2. A streak continues if the next record is before the end of the following period plus the grace period. A date that a
   time zone skips is not a period, as no record can have it.
3. Grace bridges a gap, but does not fill it: the count of a streak is its number of recorded periods.
4. A streak that can no longer continue has lapsed: its current count is 0, and its former count stays in `longest`.
5. Late records repair a streak: the same records in any order give the same state.

For rule 5, the state keeps all recorded periods, as runs without a gap. Two neighbouring runs are one streak if the
first record of the later run was in time to continue the earlier run. Beyond RUNS_KEPT runs, the oldest ones are
reduced to `longest` and the carried count; records of their time are then too late.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, tzinfo

from msgspec import Struct

from laurels.kernel.dates import periods
from laurels.kernel.definition import Definitions
from laurels.kernel.rejections import DefinitionInactive, DefinitionNotFound
from laurels.mechanics.streaks.model import (
    RecordStreak,
    Streak,
    StreakRecorded,
    StreakRecordedAnswer,
    StreakRun,
    StreakState,
)

RUNS_KEPT = 1_000


class StreakSummary(Struct, frozen=True, kw_only=True):
    """The state of a streak at one time. `expires_at` is the time when the streak lapses without a further record; None
    if there is no current streak. It `is_at_risk` while the current period has no record."""

    current: int
    longest: int
    last_recorded_at: datetime | None
    is_at_risk: bool
    expires_at: datetime | None


class StreakSpan(Struct, frozen=True, kw_only=True):
    """One streak: the number of its first period, its last run, and its number of periods."""

    first: int
    last: StreakRun
    count: int


def record(
    definitions: Definitions, states: dict[str, StreakState], command: RecordStreak, at: datetime, zone: tzinfo
) -> tuple[StreakRecorded | None, StreakRecordedAnswer] | DefinitionNotFound | DefinitionInactive:
    """The fact, or None if the record changes nothing, and the response."""
    streak = definitions[Streak].by_code.get(command.streak_code)
    if streak is None:
        return DefinitionNotFound("streak", command.streak_code)
    if not streak.is_active:
        return DefinitionInactive("streak", command.streak_code)
    first_day_of_week = definitions.calendar.first_day_of_week
    number = periods.number_of(streak.period, periods.local_date(at, zone), first_day_of_week)
    until = _continues_until(streak, number, zone, first_day_of_week)
    before = states.get(streak.id, StreakState())
    after = _added(before, number, at, until)
    count = _count_at(after, number)
    answer = StreakRecordedAnswer(
        streak_code=streak.code,
        new_count=count,
        longest_count=longest(after),
        is_new_record=longest(after) > longest(before),
        already_recorded=any(run.first <= number <= run.last for run in before.runs),
    )
    if after is before:
        return None, answer
    fact = StreakRecorded(
        streak_id=streak.id, streak_code=streak.code, period=number, continues_until=until, count=count
    )
    return fact, answer


def longest(state: StreakState) -> int:
    return max([state.longest, *(count for _, count, _ in _counted(state))])


def length_with(state: StreakState, number: int) -> int:
    """The number of periods of the streak that contains the period; 0 if none does."""
    return _count_at(state, number)


def spans(state: StreakState) -> list[StreakSpan]:
    """All streaks of the records that are stored, in order. The last one may be alive."""
    found: list[StreakSpan] = []
    for run, count, continues in _counted(state):
        first = found.pop().first if continues else run.first
        found.append(StreakSpan(first=first, last=run, count=count))
    return found


def lost(state: StreakState, now: datetime) -> list[StreakSpan]:
    """The streaks that had lapsed at `now`, the latest first."""
    return [span for span in reversed(spans(state)) if span.last.continues_until <= now]


def shown(definitions: Definitions, states: Mapping[str, StreakState]) -> list[Streak]:
    """The streaks shown to a participant, in display order: active streaks, and all with records."""
    every = definitions[Streak].by_code.values()
    relevant = [streak for streak in every if streak.is_active or streak.id in states]
    return sorted(relevant, key=lambda streak: (streak.display_order, streak.code))


def summary(
    streak: Streak, state: StreakState, now: datetime, zone: tzinfo, first_day_of_week: int = periods.MONDAY
) -> StreakSummary:
    """The summary of the records at `now`."""
    if not state.runs:
        return StreakSummary(current=0, longest=0, last_recorded_at=None, is_at_risk=False, expires_at=None)
    last = state.runs[-1]
    is_alive = now < last.continues_until
    current = periods.number_of(streak.period, periods.local_date(now, zone), first_day_of_week)
    return StreakSummary(
        current=_count_at(state, last.last) if is_alive else 0,
        longest=longest(state),
        last_recorded_at=last.last_at,
        is_at_risk=is_alive and last.last < current,
        expires_at=last.continues_until if is_alive else None,
    )


def fold_recorded(states: dict[str, StreakState], fact: StreakRecorded, occurred_at: datetime) -> None:
    before = states.get(fact.streak_id, StreakState())
    states[fact.streak_id] = _added(before, fact.period, occurred_at, fact.continues_until)


def _continues_until(streak: Streak, number: int, zone: tzinfo, first_day_of_week: int) -> datetime:
    """The end of the next period that has any time, plus the grace period."""
    own_end = periods.end_of(streak.period, number, zone, first_day_of_week)
    following = number + 1
    while (end := periods.end_of(streak.period, following, zone, first_day_of_week)) <= own_end:
        following += 1
    return end + timedelta(hours=streak.grace_period_hours)


def _counted(state: StreakState) -> Iterator[tuple[StreakRun, int, bool]]:
    """Each run, the count of its streak at the end of the run, and whether it continues the run before it."""
    count = 0
    previous: StreakRun | None = None
    for run in state.runs:
        continues = previous is not None and run.first_at < previous.continues_until
        count = (count if continues else 0) + run.carried + run.last - run.first + 1
        yield run, count, continues
        previous = run


def _count_at(state: StreakState, number: int) -> int:
    """The full length of the streak that contains the period; 0 if none does."""
    length = 0
    for run, count, continues in _counted(state):
        if run.first <= number <= run.last or (length and continues):
            length = count
        elif length:
            break
    return length


def _added(state: StreakState, number: int, at: datetime, continues_until: datetime) -> StreakState:
    """The state with one more record; the same object if that changes nothing."""
    runs = state.runs
    index = bisect_right(runs, number, key=lambda run: run.first)
    before = runs[index - 1] if index else None
    after = runs[index] if index < len(runs) else None
    if before is None and state.longest:
        return state  # older than all stored runs
    if before and number <= before.last:
        return _earlier(state, index - 1, number, at, continues_until)
    single = StreakRun(number, number, at, at, continues_until)
    joined = [run for run in (before, single, after) if run and _touches(run, number)]
    first, last = joined[0], joined[-1]
    merged = StreakRun(first.first, last.last, first.first_at, last.last_at, last.continues_until, first.carried)
    start = index - 1 if before in joined else index
    end = index + 1 if after in joined else index
    return _bounded(StreakState([*runs[:start], merged, *runs[end:]], state.longest))


def _touches(run: StreakRun, number: int) -> bool:
    return run.first - 1 <= number <= run.last + 1


def _earlier(state: StreakState, index: int, number: int, at: datetime, continues_until: datetime) -> StreakState:
    """The state after another record of a recorded period. An earlier time matters at the ends of a run."""
    run = state.runs[index]
    first_at = min(run.first_at, at) if number == run.first else run.first_at
    last_at = min(run.last_at, at) if number == run.last else run.last_at
    until = max(run.continues_until, continues_until) if number == run.last else run.continues_until
    if (first_at, last_at, until) == (run.first_at, run.last_at, run.continues_until):
        return state
    changed = StreakRun(run.first, run.last, first_at, last_at, until, run.carried)
    return StreakState([*state.runs[:index], changed, *state.runs[index + 1 :]], state.longest)


def _bounded(state: StreakState) -> StreakState:
    """Drops the oldest run if there are more than RUNS_KEPT, and keeps its counts."""
    if len(state.runs) <= RUNS_KEPT:
        return state
    oldest, following, *rest = state.runs
    length = oldest.carried + oldest.last - oldest.first + 1
    if following.first_at < oldest.continues_until:
        following = StreakRun(
            following.first,
            following.last,
            following.first_at,
            following.last_at,
            following.continues_until,
            following.carried + length,
        )
    return StreakState([following, *rest], max(state.longest, length))
