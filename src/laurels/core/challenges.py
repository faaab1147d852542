"""Challenges: targets that events bring nearer, in runs.

| state of the participant | event that counts | call to join | call to leave |
|---|---|---|---|
| never joined       | joins, if the challenge joins automatically, and counts | joins | refused |
| in a run           | counts | stays as it is | leaves: the run is over |
| left               | nothing | joins anew | refused |
| run out of time    | a new run, if automatic and repeatable | joins anew, if repeatable | refused |
| period is over     | a new run, if automatic | joins anew | refused |
| completed          | nothing | refused | refused |

A repeatable challenge is in its next run when it is completed. One that was completed before it became repeatable is
like one whose run is out of time.

1. An event counts if it occurred within the challenge's dates and, where one joins by calls alone or runs have a
   duration, after joining and before the deadline; if its name, the condition and what the objective requires allow it.
2. Progress stops at the target. In a repeatable challenge it goes on: completing takes the targets off, the rest
   belongs to the next run, which begins at once. So what objectives count and sum completes it as often in any order
   of the events, unless an objective requires another or runs have a duration.
3. With a period each run is one period of the participant's calendar. It takes events from the period's start on; once
   completed, it is over, and the first event of a later period that counts begins the next run, if the challenge
   joins automatically. Events of earlier periods than the run's count nothing.
4. A milestone is reached when the mean of the objectives' shares of their targets reaches its percentage, once a run.
   Who leaves loses the progress, and finds in the next run the milestones reached before: leaving earns nothing twice.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta, tzinfo
from hashlib import blake2b
from typing import Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from laurels.core import decimals, periods
from laurels.core.commands import JoinChallenge, LeaveChallenge
from laurels.core.facts import (
    ChallengeAdvanced,
    ChallengeCompleted,
    ChallengeFact,
    ChallengeJoined,
    ChallengeLeft,
    EventRecorded,
    MilestoneReached,
)
from laurels.core.model import Calendar, Challenge, ChallengeState, Definitions, Milestone, Objective
from laurels.core.rejections import (
    ChallengeDone,
    ChallengeNotJoined,
    ChallengeNotOpen,
    DefinitionInactive,
    DefinitionNotFound,
)

Status = Literal["not_joined", "active", "completed", "expired"]
Holds = Callable[[Objective], bool]
States = dict[str, ChallengeState]

_canonical = msgspec.json.Encoder(order="deterministic")


class Gain(Struct, frozen=True):
    """What an event adds to an objective; `seen` is the fingerprint of a new value."""

    objective: Objective
    by: int
    seen: str | None = None


class ObjectiveSummary(Struct, frozen=True, kw_only=True):
    """`progress` and `target` in the unit of the objective: events, a sum, different values."""

    code: str
    name: str
    progress: int | float
    target: int | float
    is_complete: bool


class ChallengeSummary(Struct, frozen=True, kw_only=True):
    """`percent` is the mean of the objectives' shares, rounded down. `ends_at` is when the run ends."""

    status: Status
    percent: int
    objectives: list[ObjectiveSummary]
    milestones: list[int]
    joined_at: datetime | None
    ends_at: datetime | None
    completed_at: datetime | None
    completions: int


def offered(definitions: Definitions, now: datetime) -> list[Challenge]:
    """The active ones that are not over, those that are yet to begin too, in their order."""
    return [challenge for challenge in _in_order(definitions) if _is_offered(challenge, now)]


def shown(definitions: Definitions, states: Mapping[str, ChallengeState], now: datetime) -> list[Challenge]:
    """Those that concern a participant, in their order: what is offered, and what they ever took part in."""
    return [each for each in _in_order(definitions) if each.id in states or _is_offered(each, now)]


def listening(definitions: Definitions, event_name: str) -> list[Challenge]:
    found = [
        challenge
        for challenge in definitions.challenges.values()
        if challenge.is_active
        and not challenge.is_deleted
        and any(objective.event_name == event_name for objective in challenge.objectives)
    ]
    return sorted(found, key=lambda challenge: (challenge.display_order, challenge.code))


def join(
    definitions: Definitions, states: States, command: JoinChallenge, now: datetime, zone: tzinfo
) -> ChallengeJoined | DefinitionNotFound | DefinitionInactive | ChallengeNotOpen | ChallengeDone | None:
    """None if the participant is in a run already. `zone` is the participant's, here and below."""
    challenge = definitions.challenges_by_code.get(command.challenge_code)
    if challenge is None:
        return DefinitionNotFound("challenge", command.challenge_code)
    if not challenge.is_active:
        return DefinitionInactive("challenge", command.challenge_code)
    if not _is_open(challenge, now):
        has_ended = challenge.ends_at is not None and now >= challenge.ends_at
        return ChallengeNotOpen(challenge.code, has_ended=has_ended)
    state = states.get(challenge.id)
    if state is not None and _is_running(state, now):
        return None
    if state is not None and not _can_be_joined_again(challenge, state, now):
        again_at = state.deadline if challenge.period is not None else None
        return ChallengeDone(challenge.code, is_completed=not state.is_active, again_at=again_at)
    return _joined(challenge, now, zone, definitions.calendar)


def leave(
    definitions: Definitions, states: States, command: LeaveChallenge, now: datetime
) -> ChallengeLeft | DefinitionNotFound | ChallengeNotJoined:
    challenge = definitions.challenges_by_code.get(command.challenge_code)
    if challenge is None:
        return DefinitionNotFound("challenge", command.challenge_code)
    state = states.get(challenge.id)
    if state is None or not _is_running(state, now) or not _is_open(challenge, now):
        return ChallengeNotJoined(challenge.code)
    return ChallengeLeft(challenge_id=challenge.id, challenge_code=challenge.code)


def joins(
    challenge: Challenge, state: ChallengeState | None, occurred_at: datetime, zone: tzinfo, calendar: Calendar
) -> ChallengeJoined | None:
    """The run that an event which counts begins, if it does."""
    begins = _begins_run(challenge, state, occurred_at)
    return _joined(challenge, occurred_at, zone, calendar) if begins else None


def takes(challenge: Challenge, state: ChallengeState | None, occurred_at: datetime) -> bool:
    """Rules 1 and 3, as far as times say."""
    if not _is_open(challenge, occurred_at):
        return False
    if _begins_run(challenge, state, occurred_at):
        return True
    if state is None or not state.is_active:
        return False
    is_bounded = not challenge.joins_automatically or challenge.duration_days is not None
    begin = state.since or (state.joined_at if is_bounded else None)
    return (begin is None or occurred_at >= begin) and (state.deadline is None or occurred_at < state.deadline)


def why_nothing(
    challenge: Challenge, state: ChallengeState | None, advancing: EventRecorded | Objective, occurred_at: datetime
) -> str:
    """Why an event, or an action on an objective, advanced nothing, given the state before it. For people to read."""
    if not _is_open(challenge, occurred_at):
        return "the challenge had not begun, or was over"
    if not takes(challenge, state, occurred_at):
        if state is None:
            return "the participant had not joined it"
        if state.has_left:
            return "the participant had left it"
        if not state.is_active:
            return "the participant had completed it"
        is_late = state.deadline is not None and occurred_at >= state.deadline
        return "the participant's run was over" if is_late else "it occurred before the participant's run began"
    run = None if _begins_run(challenge, state, occurred_at) else state
    if isinstance(advancing, Objective):
        return _why_not_counted(challenge, advancing, run, None)
    named = [objective for objective in challenge.objectives if objective.event_name == advancing.event_name]
    return "; ".join(_why_not_counted(challenge, objective, run, advancing) for objective in named)


def _why_not_counted(
    challenge: Challenge, objective: Objective, state: ChallengeState | None, fact: EventRecorded | None
) -> str:
    progress = state.progress if state else {}
    if not challenge.is_repeatable and _is_complete(objective, progress):
        return f"the objective {objective.code} was complete"
    if fact is None or not _is_due(challenge, objective, progress):
        return f"the objective {objective.code} waited for {', '.join(objective.requires)}"
    if _gain(objective, state, fact) is not None:
        return f"the condition of the objective {objective.code} did not hold"
    if objective.measure == "sum":
        return f"the property {objective.property} was no number that the objective {objective.code} can add"
    return f"the property {objective.property} was no new value for the objective {objective.code}"


def gains(challenge: Challenge, state: ChallengeState | None, fact: EventRecorded, holds: Holds) -> list[Gain]:
    """What the event adds. `holds` judges an objective's condition."""
    progress = state.progress if state else {}
    found = []
    for objective in challenge.objectives:
        if objective.event_name != fact.event_name or not _is_due(challenge, objective, progress):
            continue
        gain = _gain(objective, state, fact)
        if gain is not None and holds(objective):
            room = gain.by if challenge.is_repeatable else objective.target - progress.get(objective.code, 0)
            found.append(Gain(objective, min(gain.by, room), gain.seen))
    return found


def objective_to_advance(challenge: Challenge, objective_code: str | None) -> Objective | None:
    """The one that an action names, or else the first; actions add to those that count or sum."""
    for objective in challenge.objectives:
        if objective.measure != "distinct" and objective_code in (None, objective.code):
            return objective
    return None


def advance(challenge: Challenge, state: ChallengeState | None, objective: Objective, by: int) -> Gain | None:
    """What an action adds to the objective; None if there is no room."""
    progress = state.progress if state else {}
    if not _is_due(challenge, objective, progress):
        return None
    amount = by * decimals.MILLIONTHS if objective.measure == "sum" else by
    room = amount if challenge.is_repeatable else objective.target - progress.get(objective.code, 0)
    return Gain(objective, min(amount, room))


def advanced(challenge: Challenge, gain: Gain) -> ChallengeAdvanced:
    return ChallengeAdvanced(
        challenge_id=challenge.id,
        challenge_code=challenge.code,
        objective=gain.objective.code,
        by=gain.by,
        seen=gain.seen,
    )


def milestones(challenge: Challenge, state: ChallengeState) -> Iterator[tuple[Milestone, MilestoneReached]]:
    """Those that are reached now, the lowest first (rule 4)."""
    reached = percent(challenge, state.progress)
    for milestone in sorted(challenge.milestones, key=lambda milestone: milestone.percent):
        if milestone.percent <= reached and milestone.percent not in state.milestones:
            yield (
                milestone,
                MilestoneReached(challenge_id=challenge.id, challenge_code=challenge.code, percent=milestone.percent),
            )


def completed(challenge: Challenge, state: ChallengeState, occurred_at: datetime) -> ChallengeCompleted | None:
    """Rule 2."""
    if not state.is_active or any(not _is_complete(objective, state.progress) for objective in challenge.objectives):
        return None
    if not challenge.is_repeatable:
        return ChallengeCompleted(challenge_id=challenge.id, challenge_code=challenge.code)
    return ChallengeCompleted(
        challenge_id=challenge.id,
        challenge_code=challenge.code,
        used={objective.code: objective.target for objective in challenge.objectives},
        deadline=_deadline(challenge, occurred_at),
    )


def completions(definitions: Definitions, states: States) -> dict[str, int]:
    """How often each challenge was completed, by code."""
    return {
        challenge.code: states[challenge.id].completions if challenge.id in states else 0
        for challenge in definitions.challenges_by_code.values()
    }


def percent(challenge: Challenge, progress: dict[str, int]) -> int:
    """The mean of the objectives' shares of their targets, rounded down."""
    common = math.lcm(*(objective.target for objective in challenge.objectives))
    reached = sum(
        min(progress.get(objective.code, 0), objective.target) * (common // objective.target)
        for objective in challenge.objectives
    )
    return reached * 100 // (common * len(challenge.objectives))


def summary(challenge: Challenge, state: ChallengeState | None, now: datetime) -> ChallengeSummary:
    """What the participant has reached at `now`."""
    # Of the next period's run nothing is there until it begins.
    run = None if state is None or state.has_left or _is_period_over(state, now) else state
    progress = run.progress if run else {}
    status = _status(challenge, run, now)
    return ChallengeSummary(
        status=status,
        # What was completed stays so, whatever its targets have become.
        percent=100 if status == "completed" else percent(challenge, progress),
        objectives=[_objective_summary(objective, progress) for objective in challenge.objectives],
        milestones=sorted(run.milestones) if run else [],
        joined_at=run.joined_at if run else None,
        ends_at=_ends_at(challenge, run),
        completed_at=state.completed_at if state else None,
        completions=state.completions if state else 0,
    )


def fold(states: States, fact: ChallengeFact, occurred_at: datetime) -> None:
    states[fact.challenge_id] = _folded(states.get(fact.challenge_id), fact, occurred_at)


def _folded(state: ChallengeState | None, fact: ChallengeFact, occurred_at: datetime) -> ChallengeState:
    if state is None:
        state = ChallengeState(joined_at=occurred_at)
    match fact:
        case ChallengeJoined():
            is_same_run = state.has_left and state.since == fact.since
            return ChallengeState(
                joined_at=occurred_at,
                deadline=fact.deadline,
                since=fact.since,
                milestones=state.milestones if is_same_run else [],
                completions=state.completions,
                completed_at=state.completed_at,
            )
        case ChallengeAdvanced():
            progress = {**state.progress, fact.objective: state.progress.get(fact.objective, 0) + fact.by}
            seen = state.seen
            if fact.seen is not None:
                seen = {**seen, fact.objective: [*seen.get(fact.objective, []), fact.seen]}
            return replace(state, progress=progress, seen=seen)
        case MilestoneReached():
            return replace(state, milestones=[*state.milestones, fact.percent])
        case ChallengeCompleted():
            return _completed(state, fact, occurred_at)
        case _:
            return replace(state, is_active=False, has_left=True, progress={}, seen={})


def _completed(state: ChallengeState, fact: ChallengeCompleted, occurred_at: datetime) -> ChallengeState:
    state = replace(state, completions=state.completions + 1, completed_at=occurred_at)
    if not fact.used:
        return replace(state, is_active=False)
    left_over = {code: amount - fact.used.get(code, 0) for code, amount in state.progress.items()}
    # What was told apart belongs to the run that is over.
    # Without a deadline the participant has joined once for all runs: late events go on counting from then.
    joined_at = state.joined_at if fact.deadline is None else occurred_at
    return replace(state, progress=left_over, seen={}, milestones=[], joined_at=joined_at, deadline=fact.deadline)


def _in_order(definitions: Definitions) -> list[Challenge]:
    known = definitions.challenges_by_code.values()
    return sorted(known, key=lambda challenge: (challenge.display_order, challenge.code))


def _is_offered(challenge: Challenge, now: datetime) -> bool:
    return challenge.is_active and (challenge.ends_at is None or now < challenge.ends_at)


def _is_open(challenge: Challenge, at: datetime) -> bool:
    return (challenge.starts_at is None or at >= challenge.starts_at) and (
        challenge.ends_at is None or at < challenge.ends_at
    )


def _is_running(state: ChallengeState, at: datetime) -> bool:
    return state.is_active and (state.deadline is None or at < state.deadline)


def _is_period_over(state: ChallengeState, at: datetime) -> bool:
    """Whether the next run, of another period, may begin."""
    return state.since is not None and state.deadline is not None and at >= state.deadline


def _can_be_joined_again(challenge: Challenge, state: ChallengeState, at: datetime) -> bool:
    return state.has_left or challenge.is_repeatable or _is_period_over(state, at)


def _begins_run(challenge: Challenge, state: ChallengeState | None, occurred_at: datetime) -> bool:
    if not challenge.joins_automatically:
        return False
    if state is None:
        return True
    if state.has_left:
        return False
    return _is_period_over(state, occurred_at) or (challenge.is_repeatable and not _is_running(state, occurred_at))


def _joined(challenge: Challenge, at: datetime, zone: tzinfo, calendar: Calendar) -> ChallengeJoined:
    since, deadline = None, _deadline(challenge, at)
    if challenge.period is not None:
        first = calendar.first_day_of_week
        number = periods.number_of(challenge.period, periods.local_date(at, zone), first)
        since = periods.start_of(periods.first_day(challenge.period, number, first), zone)
        deadline = periods.end_of(challenge.period, number, zone, first)
    return ChallengeJoined(challenge_id=challenge.id, challenge_code=challenge.code, deadline=deadline, since=since)


def _deadline(challenge: Challenge, at: datetime) -> datetime | None:
    return None if challenge.duration_days is None else at + timedelta(days=challenge.duration_days)


def _is_due(challenge: Challenge, objective: Objective, progress: dict[str, int]) -> bool:
    """Whether the objective has room, and what it requires is complete."""
    if not challenge.is_repeatable and _is_complete(objective, progress):
        return False
    required = [other for other in challenge.objectives if other.code in objective.requires]
    return all(_is_complete(other, progress) for other in required)


def _gain(objective: Objective, state: ChallengeState | None, fact: EventRecorded) -> Gain | None:
    if objective.measure == "count":
        return Gain(objective, 1)
    value = fact.properties.get(objective.property or "")
    if objective.measure == "sum":
        amount = decimals.millionths(value)
        return Gain(objective, amount) if amount is not None and amount > 0 else None
    seen = state.seen.get(objective.code, []) if state else []
    if value is None or len(seen) >= objective.target:
        return None
    # JSON knows one kind of number: 1 and 1.0 are the same.
    same = int(value) if isinstance(value, float) and value.is_integer() else value
    fingerprint = blake2b(_canonical.encode(same), digest_size=8).hexdigest()
    return None if fingerprint in seen else Gain(objective, 1, fingerprint)


def _is_complete(objective: Objective, progress: dict[str, int]) -> bool:
    return progress.get(objective.code, 0) >= objective.target


def _status(challenge: Challenge, state: ChallengeState | None, now: datetime) -> Status:
    if state is None:
        return "not_joined"
    if not state.is_active:
        return "completed"
    has_ended = challenge.ends_at is not None and now >= challenge.ends_at
    return "expired" if has_ended or not _is_running(state, now) else "active"


def _ends_at(challenge: Challenge, state: ChallengeState | None) -> datetime | None:
    ends = [end for end in (challenge.ends_at, state.deadline if state else None) if end is not None]
    return min(ends, default=None)


def _objective_summary(objective: Objective, progress: dict[str, int]) -> ObjectiveSummary:
    reached = min(progress.get(objective.code, 0), objective.target)
    is_sum = objective.measure == "sum"
    return ObjectiveSummary(
        code=objective.code,
        name=objective.name,
        progress=decimals.shown(reached) if is_sum else reached,
        target=decimals.shown(objective.target) if is_sum else objective.target,
        is_complete=reached >= objective.target,
    )
