"""Runs of challenges: the run in which an event counts, the beginnings and ends of runs, and the state by their facts.

| state of the participant | event that counts | call to join | call to leave |
|---|---|---|---|
| never joined       | joins, if the challenge joins automatically, and counts | joins | refused |
| in a run           | counts | unchanged | leaves: the run ends |
| left               | nothing | joins again | refused |
| run out of time    | a new run, if automatic and repeatable | joins again, if repeatable | refused |
| period has ended   | a new run, if automatic | joins again | refused |
| completed          | nothing | refused | refused |

The completion of a repeatable challenge begins its next run. If a challenge becomes repeatable after the completion,
its state is as after a run out of time.

1. An event counts if it occurred within the challenge's dates. If participants join only by calls, or runs have a
   duration, it must also have occurred after joining and before the deadline.
2. With a period, each run is one period of the participant's calendar. It is identified by its number, and so is the
   same in all time zones of the participant. An event counts in the run of the period in which it occurred.
3. The newest run's period and `late_periods` periods before it are open: late events count in their runs, and begin
   runs if the challenge joins automatically. A closed period is never opened again.
4. A participant who leaves loses the progress. A new run in the same period keeps the milestones reached before, so
   that they are not earned twice. Joining after leaving closes all periods before the one joined.
"""

from datetime import datetime, timedelta, tzinfo

from msgspec import Struct
from msgspec.structs import asdict, replace

from laurels.kernel.dates import periods
from laurels.kernel.dates.calendar import Calendar
from laurels.kernel.definition import Definitions
from laurels.kernel.rejections import DefinitionInactive, DefinitionNotFound
from laurels.mechanics.challenges.model import (
    Challenge,
    ChallengeAdvanced,
    ChallengeCompleted,
    ChallengeDone,
    ChallengeFact,
    ChallengeJoined,
    ChallengeLeft,
    ChallengeNotJoined,
    ChallengeNotOpen,
    ChallengeRun,
    ChallengeState,
    JoinChallenge,
    LeaveChallenge,
    MilestoneReached,
)

States = dict[str, ChallengeState]


class Taking(Struct, frozen=True):
    """The run in which an event or action counts: the existing `run`, or a new one that begins with `joined`."""

    run: ChallengeRun | None
    joined: ChallengeJoined | None = None

    @property
    def period(self) -> int | None:
        source = self.run or self.joined
        return source.period if source else None


def join(
    definitions: Definitions, states: States, command: JoinChallenge, now: datetime, zone: tzinfo
) -> ChallengeJoined | DefinitionNotFound | DefinitionInactive | ChallengeNotOpen | ChallengeDone | None:
    """The fact of joining; None if the participant is already in a run. `zone` is the participant's time zone, here and
    below."""
    challenge = definitions[Challenge].by_code.get(command.challenge_code)
    if challenge is None:
        return DefinitionNotFound("challenge", command.challenge_code)
    if not challenge.is_active:
        return DefinitionInactive("challenge", command.challenge_code)
    if not is_open(challenge, now):
        has_ended = challenge.ends_at is not None and now >= challenge.ends_at
        return ChallengeNotOpen(challenge.code, has_ended=has_ended)
    calendar, state = definitions.calendar, states.get(challenge.id)
    if state is None or state.has_left:
        return _joined(challenge, state, now, zone, calendar)
    if is_running(challenge, state, now, zone, calendar):
        return None
    if challenge.is_repeatable or is_period_over(challenge, state, now, zone, calendar):
        return _joined(challenge, state, now, zone, calendar)
    again_at = end_of_run(challenge, state, zone, calendar) if challenge.period is not None else None
    return ChallengeDone(challenge.code, is_completed=not state.is_active, again_at=again_at)


def leave(
    definitions: Definitions, states: States, command: LeaveChallenge, now: datetime, zone: tzinfo
) -> ChallengeLeft | DefinitionNotFound | ChallengeNotJoined:
    challenge = definitions[Challenge].by_code.get(command.challenge_code)
    if challenge is None:
        return DefinitionNotFound("challenge", command.challenge_code)
    state = states.get(challenge.id)
    if (
        state is None
        or not is_running(challenge, state, now, zone, definitions.calendar)
        or not is_open(challenge, now)
    ):
        return ChallengeNotJoined(challenge.code)
    return ChallengeLeft(challenge_id=challenge.id, challenge_code=challenge.code)


def taking(
    challenge: Challenge, state: ChallengeState | None, occurred_at: datetime, zone: tzinfo, calendar: Calendar
) -> Taking | None:
    """The run in which something of `occurred_at` counts, considering only times (rules 1 to 3); None if it does not
    count."""
    if not is_open(challenge, occurred_at):
        return None
    if state is not None and state.has_left:
        return None
    if challenge.period is not None and state is not None:
        return _taking_in_period(challenge, state, occurred_at, zone, calendar)
    if challenge.joins_automatically and (
        state is None or (challenge.is_repeatable and not is_running(challenge, state, occurred_at, zone, calendar))
    ):
        return Taking(None, _joined(challenge, state, occurred_at, zone, calendar))
    if state is None or not state.is_active:
        return None
    is_bounded = not challenge.joins_automatically or challenge.duration_days is not None
    is_early = is_bounded and occurred_at < state.joined_at
    is_late = state.deadline is not None and occurred_at >= state.deadline
    return None if is_early or is_late else Taking(state)


def reason_for_no_run(
    challenge: Challenge, state: ChallengeState | None, occurred_at: datetime, zone: tzinfo, calendar: Calendar
) -> str:
    """The reason, in words, why `taking` is None."""
    if not is_open(challenge, occurred_at):
        return "the challenge had not begun, or was over"
    if state is None:
        return "the participant had not joined it"
    if state.has_left:
        return "the participant had left it"
    if challenge.period is not None:
        number = _number(challenge, occurred_at, zone, calendar)
        if number < _open_from(challenge, state, _newest(challenge, state, zone, calendar)):
            return "it came too late: the run of its period was closed"
        has_run = _run_of_number(challenge, state, number, zone, calendar) is not None
        return "the participant had completed it" if has_run else "the participant had not joined it in that period"
    if not state.is_active:
        return "the participant had completed it"
    is_late = state.deadline is not None and occurred_at >= state.deadline
    return "the participant's run was over" if is_late else "it occurred before the participant's run began"


def run_of(state: ChallengeState, period: int | None) -> ChallengeRun:
    """The run to which facts with this period belong. Raises KeyError."""
    if period is None or period == state.period:
        return state
    for run in state.earlier:
        if run.period == period:
            return run
    raise KeyError(period)


def _has_run(state: ChallengeState, period: int | None) -> bool:
    return period is None or period in (state.period, *(run.period for run in state.earlier))


def is_open(challenge: Challenge, at: datetime) -> bool:
    return (challenge.starts_at is None or at >= challenge.starts_at) and (
        challenge.ends_at is None or at < challenge.ends_at
    )


def is_running(challenge: Challenge, state: ChallengeState, at: datetime, zone: tzinfo, calendar: Calendar) -> bool:
    """Whether the newest run can still be completed."""
    if challenge.period is not None:
        return state.is_active and not is_period_over(challenge, state, at, zone, calendar)
    return state.is_active and (state.deadline is None or at < state.deadline)


def is_period_over(challenge: Challenge, state: ChallengeState, at: datetime, zone: tzinfo, calendar: Calendar) -> bool:
    """Whether a period after the newest run's period has begun."""
    if challenge.period is None:
        return False
    return _number(challenge, at, zone, calendar) > _newest(challenge, state, zone, calendar)


def end_of_run(challenge: Challenge, state: ChallengeState, zone: tzinfo, calendar: Calendar) -> datetime | None:
    if challenge.period is None:
        return state.deadline
    newest = _newest(challenge, state, zone, calendar)
    return periods.end_of(challenge.period, newest, zone, calendar.first_day_of_week)


def deadline(challenge: Challenge, at: datetime) -> datetime | None:
    """The deadline of a run that begins at `at`."""
    return None if challenge.duration_days is None else at + timedelta(days=challenge.duration_days)


def _taking_in_period(
    challenge: Challenge, state: ChallengeState, occurred_at: datetime, zone: tzinfo, calendar: Calendar
) -> Taking | None:
    number = _number(challenge, occurred_at, zone, calendar)
    run = _run_of_number(challenge, state, number, zone, calendar)
    if number < _open_from(challenge, state, _newest(challenge, state, zone, calendar)):
        return None
    if run is not None:
        return Taking(run) if run.is_active else None
    if not challenge.joins_automatically:
        return None
    return Taking(None, _joined(challenge, state, occurred_at, zone, calendar))


def _run_of_number(
    challenge: Challenge, state: ChallengeState, number: int, zone: tzinfo, calendar: Calendar
) -> ChallengeRun | None:
    if number == _newest(challenge, state, zone, calendar):
        return state
    return next((run for run in state.earlier if run.period == number), None)


def _joined(
    challenge: Challenge, state: ChallengeState | None, at: datetime, zone: tzinfo, calendar: Calendar
) -> ChallengeJoined:
    if challenge.period is None:
        return ChallengeJoined(
            challenge_id=challenge.id, challenge_code=challenge.code, deadline=deadline(challenge, at)
        )
    number = _number(challenge, at, zone, calendar)
    if state is None:
        open_from = number - challenge.late_periods
    elif state.has_left:
        # After a change of time zone, it may still be the previous day.
        number = open_from = max(number, _newest(challenge, state, zone, calendar))
    else:
        newest = _newest(challenge, state, zone, calendar)
        # Runs of older servers do not record which periods had runs before.
        older = newest + 1 if state.period is None else _open_from(challenge, state, newest)
        open_from = max(older, number - challenge.late_periods)
    first = calendar.first_day_of_week
    return ChallengeJoined(
        challenge_id=challenge.id,
        challenge_code=challenge.code,
        since=periods.start_of(periods.first_day(challenge.period, number, first), zone),
        deadline=periods.end_of(challenge.period, number, zone, first),
        period=number,
        open_from=open_from,
    )


def _number(challenge: Challenge, at: datetime, zone: tzinfo, calendar: Calendar) -> int:
    """The number of the period that contains `at`."""
    assert challenge.period is not None  # noqa: S101
    return periods.number_of(challenge.period, periods.local_date(at, zone), calendar.first_day_of_week)


def _newest(challenge: Challenge, state: ChallengeState, zone: tzinfo, calendar: Calendar) -> int:
    """The number of the newest run's period. Older servers stored no number, but the start and end of the period: its
    middle is in the same period in any time zone that differs by less than twelve hours."""
    if state.period is not None:
        return state.period
    if state.since is None or state.deadline is None:
        return _number(challenge, state.joined_at, zone, calendar)
    return _number(challenge, state.since + (state.deadline - state.since) / 2, zone, calendar)


def _open_from(challenge: Challenge, state: ChallengeState, newest: int) -> int:
    """The number of the first period that takes events (rule 3)."""
    if state.period is None or state.open_from is None:
        return newest
    return max(state.open_from, newest - challenge.late_periods)


def fold(states: States, fact: ChallengeFact, occurred_at: datetime) -> None:
    states[fact.challenge_id] = _folded(states.get(fact.challenge_id), fact, occurred_at)


def _folded(state: ChallengeState | None, fact: ChallengeFact, occurred_at: datetime) -> ChallengeState:
    if isinstance(fact, ChallengeJoined):
        return _folded_joined(state, fact, occurred_at)
    if state is None:
        state = ChallengeState(joined_at=occurred_at)
    if isinstance(fact, ChallengeLeft):
        return replace(state, is_active=False, has_left=True, progress={}, seen={}, earlier=[])
    assert isinstance(fact, (ChallengeAdvanced, MilestoneReached, ChallengeCompleted))  # noqa: S101
    if fact.period is None and state.period is not None:
        # From an older server, which has only the newest run.
        state = replace(state, period=None, open_from=None, earlier=[])
    if not _has_run(state, fact.period):
        # In a simulation, the facts of a forgotten event are taken over even if the draft's challenge has other
        # periods.
        joined = ChallengeJoined(challenge_id=fact.challenge_id, challenge_code=fact.challenge_code, period=fact.period)
        state = _folded_joined(state, joined, occurred_at)
    run = _folded_run(run_of(state, fact.period), fact, occurred_at)
    if isinstance(run, ChallengeState):
        state = run
    else:
        state = replace(state, earlier=[run if other.period == run.period else other for other in state.earlier])
    if isinstance(fact, ChallengeCompleted):
        completed_at = max(state.completed_at or occurred_at, occurred_at)
        state = replace(state, completions=state.completions + 1, completed_at=completed_at)
    return state


def _folded_joined(state: ChallengeState | None, fact: ChallengeJoined, occurred_at: datetime) -> ChallengeState:
    run = ChallengeRun(
        joined_at=occurred_at, deadline=fact.deadline, since=fact.since, period=fact.period, latest_at=occurred_at
    )
    if state is None:
        return ChallengeState(**asdict(run), open_from=fact.open_from)
    earlier: list[ChallengeRun] = []
    if fact.period is not None and state.period is not None and not state.has_left:
        runs = sorted([*state.earlier, state.newest, run], key=_period)
        *earlier, run = [each for each in runs if _period(each) >= (fact.open_from or 0)]
    elif state.has_left and _is_same_run(state, fact):
        run = replace(run, milestones=state.milestones)
    return ChallengeState(
        **asdict(run),
        completions=state.completions,
        completed_at=state.completed_at,
        earlier=earlier,
        open_from=fact.open_from,
    )


def _period(run: ChallengeRun) -> int:
    return run.period or 0


def _is_same_run(state: ChallengeState, fact: ChallengeJoined) -> bool:
    if state.period is None or fact.period is None:
        return state.since == fact.since
    return state.period == fact.period


def _folded_run(
    run: ChallengeRun, fact: ChallengeAdvanced | MilestoneReached | ChallengeCompleted, occurred_at: datetime
) -> ChallengeRun:
    match fact:
        case ChallengeAdvanced():
            progress = {**run.progress, fact.objective: run.progress.get(fact.objective, 0) + fact.by}
            seen = run.seen
            if fact.seen is not None:
                seen = {**seen, fact.objective: [*seen.get(fact.objective, []), fact.seen]}
            latest_at = max(run.latest_at or run.joined_at, occurred_at)
            return replace(run, progress=progress, seen=seen, latest_at=latest_at)
        case MilestoneReached():
            return replace(run, milestones=[*run.milestones, fact.percent])
        case ChallengeCompleted():
            if not fact.used:
                return replace(run, is_active=False)
            left_over = {code: amount - fact.used.get(code, 0) for code, amount in run.progress.items()}
            # The distinct values belong to the completed run. Without a deadline, the participant joined once for all
            # runs, and late events still count from that time.
            joined_at = run.joined_at if fact.deadline is None else occurred_at
            return replace(run, progress=left_over, seen={}, milestones=[], joined_at=joined_at, deadline=fact.deadline)
