"""The rules of challenges: progress of objectives, milestones, and completion.

mechanics/challenges/runs.py determines the run in which an event counts.

1. An event counts towards an objective if its name matches, the condition is true, and the required objectives are
   complete.
2. Progress stops at the target. In a repeatable challenge, it continues: a completion subtracts the targets, and the
   rest belongs to the next run, which begins at once. So counted events and sums complete it the same number of times
   in any order of the events, unless an objective requires another one or runs have a duration.
3. A milestone is reached once per run, when the mean of the objectives' shares of their targets reaches its percentage.
4. The time of a milestone or completion is the latest time of everything that the run counts: never earlier, in
   whatever order events are reported.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, tzinfo
from hashlib import blake2b
from typing import Literal

import msgspec
from msgspec import Struct

from laurels.kernel import decimals
from laurels.kernel.dates.calendar import Calendar
from laurels.kernel.definition import Definitions
from laurels.mechanics.challenges import runs as challenge_runs
from laurels.mechanics.challenges.model import (
    Challenge,
    ChallengeAdvanced,
    ChallengeCompleted,
    ChallengeRun,
    ChallengeState,
    Milestone,
    MilestoneReached,
    Objective,
)
from laurels.mechanics.events.model import EventRecorded

Status = Literal["not_joined", "active", "completed", "expired"]
Holds = Callable[[Objective], bool]
_canonical = msgspec.json.Encoder(order="deterministic")


class ObjectiveGain(Struct, frozen=True):
    """An increase of an objective's progress; `seen` is the fingerprint of a new value."""

    objective: Objective
    by: int
    seen: str | None = None


class ObjectiveSummary(Struct, frozen=True, kw_only=True):
    """The state of an objective. `progress` and `target` are in its unit: events, a sum, or distinct values."""

    code: str
    """The objective's code, unique in the challenge."""
    name: str
    """The objective's name."""
    progress: int | float
    """The number counted so far, at most the target."""
    target: int | float
    """The number to reach."""
    is_complete: bool
    """Whether the target is reached."""


class ChallengeSummary(Struct, frozen=True, kw_only=True):
    """The state of a run. `percent` is the mean of the objectives' shares, rounded down. `ends_at` is the time when the
    run ends."""

    status: Status
    percent: int
    objectives: list[ObjectiveSummary]
    milestones: list[int]
    joined_at: datetime | None
    ends_at: datetime | None
    completed_at: datetime | None
    completions: int


def offered(definitions: Definitions, now: datetime) -> list[Challenge]:
    """The active challenges that are open now or later, in display order."""
    return [challenge for challenge in _in_order(definitions) if _is_offered(challenge, now)]


def shown(definitions: Definitions, states: Mapping[str, ChallengeState], now: datetime) -> list[Challenge]:
    """The challenges shown to a participant, in display order: those on offer, and all that they ever took part in."""
    return [each for each in _in_order(definitions) if each.id in states or _is_offered(each, now)]


def listening(definitions: Definitions, event_name: str) -> list[Challenge]:
    """The active challenges with an objective for this event, in display order."""
    active = [
        challenge
        for challenge in definitions[Challenge].by_id.values()
        if challenge.is_active
        and not challenge.is_deleted
        and any(objective.event_name == event_name for objective in challenge.objectives)
    ]
    return sorted(active, key=lambda challenge: (challenge.display_order, challenge.code))


def reason_for_no_gain(
    challenge: Challenge,
    state: ChallengeState | None,
    advancing: EventRecorded | Objective,
    occurred_at: datetime,
    zone: tzinfo,
    calendar: Calendar,
) -> str:
    """The reason, in words, why an event or an action on an objective advanced nothing, given the state before it."""
    taking = challenge_runs.taking(challenge, state, occurred_at, zone, calendar)
    if taking is None:
        return challenge_runs.reason_for_no_run(challenge, state, occurred_at, zone, calendar)
    if isinstance(advancing, Objective):
        return _reason_for_no_progress(challenge, advancing, taking.run, None)
    objectives = [objective for objective in challenge.objectives if objective.event_name == advancing.event_name]
    return "; ".join(_reason_for_no_progress(challenge, each, taking.run, advancing) for each in objectives)


def _reason_for_no_progress(
    challenge: Challenge, objective: Objective, run: ChallengeRun | None, fact: EventRecorded | None
) -> str:
    progress = run.progress if run else {}
    if not challenge.is_repeatable and _is_complete(objective, progress):
        return f"the objective {objective.code} was complete"
    if fact is None or not _is_due(challenge, objective, progress):
        return f"the objective {objective.code} waited for {', '.join(objective.requires)}"
    if _gain(objective, run, fact) is not None:
        return f"the condition of the objective {objective.code} did not hold"
    if objective.measure == "sum":
        return f"the property {objective.property} was not a number that the objective {objective.code} can add"
    return f"the property {objective.property} was not a new value for the objective {objective.code}"


def gains(challenge: Challenge, run: ChallengeRun | None, fact: EventRecorded, holds: Holds) -> list[ObjectiveGain]:
    """The gains by an event. `holds` evaluates an objective's condition."""
    progress = run.progress if run else {}
    every = []
    for objective in challenge.objectives:
        if objective.event_name != fact.event_name or not _is_due(challenge, objective, progress):
            continue
        gain = _gain(objective, run, fact)
        if gain is not None and holds(objective):
            room = gain.by if challenge.is_repeatable else objective.target - progress.get(objective.code, 0)
            every.append(ObjectiveGain(objective, min(gain.by, room), gain.seen))
    return every


def objective_to_advance(challenge: Challenge, objective_code: str | None) -> Objective | None:
    """The objective that an action names, or else the first one. Actions add only to objectives that count or sum."""
    for objective in challenge.objectives:
        if objective.measure != "distinct" and objective_code in (None, objective.code):
            return objective
    return None


def advance(challenge: Challenge, run: ChallengeRun | None, objective: Objective, by: int) -> ObjectiveGain | None:
    """The gain by an action on the objective; None if the objective takes nothing now."""
    progress = run.progress if run else {}
    if not _is_due(challenge, objective, progress):
        return None
    amount = by * decimals.MILLIONTHS if objective.measure == "sum" else by
    room = amount if challenge.is_repeatable else objective.target - progress.get(objective.code, 0)
    return ObjectiveGain(objective, min(amount, room))


def advanced(challenge: Challenge, run: ChallengeRun, gain: ObjectiveGain) -> ChallengeAdvanced:
    return ChallengeAdvanced(
        challenge_id=challenge.id,
        challenge_code=challenge.code,
        period=run.period,
        objective=gain.objective.code,
        by=gain.by,
        seen=gain.seen,
    )


def milestones(challenge: Challenge, run: ChallengeRun) -> Iterator[tuple[Milestone, MilestoneReached]]:
    """The milestones reached now, the lowest first (rule 3)."""
    reached = percent(challenge, run.progress)
    for milestone in sorted(challenge.milestones, key=lambda milestone: milestone.percent):
        if milestone.percent <= reached and milestone.percent not in run.milestones:
            fact = MilestoneReached(
                challenge_id=challenge.id, challenge_code=challenge.code, period=run.period, percent=milestone.percent
            )
            yield milestone, fact


def completed(challenge: Challenge, run: ChallengeRun, at: datetime) -> ChallengeCompleted | None:
    """The completion of the run at `at`, if all targets are met (rule 2)."""
    if not run.is_active or any(not _is_complete(objective, run.progress) for objective in challenge.objectives):
        return None
    if not challenge.is_repeatable:
        return ChallengeCompleted(challenge_id=challenge.id, challenge_code=challenge.code, period=run.period)
    return ChallengeCompleted(
        challenge_id=challenge.id,
        challenge_code=challenge.code,
        used={objective.code: objective.target for objective in challenge.objectives},
        deadline=challenge_runs.deadline(challenge, at),
    )


def reached_at(run: ChallengeRun, at: datetime) -> datetime:
    """The time at which a run has reached its progress, the last addition to it being of `at` (rule 4)."""
    return max(run.latest_at or run.joined_at, at)


def completions(definitions: Definitions, states: Mapping[str, ChallengeState]) -> dict[str, int]:
    """The number of completions of each challenge, by code."""
    return {
        challenge.code: states[challenge.id].completions if challenge.id in states else 0
        for challenge in definitions[Challenge].by_code.values()
    }


def percent(challenge: Challenge, progress: dict[str, int]) -> int:
    """The mean of the objectives' shares of their targets, rounded down."""
    common = math.lcm(*(objective.target for objective in challenge.objectives))
    reached = sum(
        min(progress.get(objective.code, 0), objective.target) * (common // objective.target)
        for objective in challenge.objectives
    )
    return reached * 100 // (common * len(challenge.objectives))


def summary(
    challenge: Challenge, state: ChallengeState | None, now: datetime, zone: tzinfo, calendar: Calendar
) -> ChallengeSummary:
    """The participant's state at `now` in the newest run."""
    # The next period has no run until it is joined.
    is_over = state is not None and challenge_runs.is_period_over(challenge, state, now, zone, calendar)
    run = None if state is None or state.has_left or is_over else state
    progress = run.progress if run else {}
    is_running = run is not None and challenge_runs.is_running(challenge, run, now, zone, calendar)
    status = _status(challenge, run, now, is_running=is_running)
    ends = [challenge.ends_at, challenge_runs.end_of_run(challenge, run, zone, calendar) if run else None]
    return ChallengeSummary(
        status=status,
        # A completed run stays complete, even if targets were raised since.
        percent=100 if status == "completed" else percent(challenge, progress),
        objectives=[_objective_summary(objective, progress) for objective in challenge.objectives],
        milestones=sorted(run.milestones) if run else [],
        joined_at=run.joined_at if run else None,
        ends_at=min((end for end in ends if end is not None), default=None),
        completed_at=state.completed_at if state else None,
        completions=state.completions if state else 0,
    )


def _in_order(definitions: Definitions) -> list[Challenge]:
    every = definitions[Challenge].by_code.values()
    return sorted(every, key=lambda challenge: (challenge.display_order, challenge.code))


def _is_offered(challenge: Challenge, now: datetime) -> bool:
    return challenge.is_active and (challenge.ends_at is None or now < challenge.ends_at)


def _is_due(challenge: Challenge, objective: Objective, progress: dict[str, int]) -> bool:
    """Whether the objective has room, and all objectives that it requires are complete."""
    if not challenge.is_repeatable and _is_complete(objective, progress):
        return False
    required = [other for other in challenge.objectives if other.code in objective.requires]
    return all(_is_complete(other, progress) for other in required)


def _gain(objective: Objective, run: ChallengeRun | None, fact: EventRecorded) -> ObjectiveGain | None:
    if objective.measure == "count":
        return ObjectiveGain(objective, 1)
    value = fact.properties.get(objective.property or "")
    if objective.measure == "sum":
        amount = decimals.millionths(value)
        return ObjectiveGain(objective, amount) if amount is not None and amount > 0 else None
    seen = run.seen.get(objective.code, []) if run else []
    if value is None or len(seen) >= objective.target:
        return None
    # JSON has one type of number: 1 and 1.0 are the same value.
    normalised = int(value) if isinstance(value, float) and value.is_integer() else value
    fingerprint = blake2b(_canonical.encode(normalised), digest_size=8).hexdigest()
    return None if fingerprint in seen else ObjectiveGain(objective, 1, fingerprint)


def _is_complete(objective: Objective, progress: dict[str, int]) -> bool:
    return progress.get(objective.code, 0) >= objective.target


def _status(challenge: Challenge, run: ChallengeState | None, now: datetime, *, is_running: bool) -> Status:
    if run is None:
        return "not_joined"
    if not run.is_active:
        return "completed"
    has_ended = challenge.ends_at is not None and now >= challenge.ends_at
    return "expired" if has_ended or not is_running else "active"


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
