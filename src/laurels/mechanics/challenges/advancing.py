"""Advancing challenges by an event or an action, with the milestones and completions that result."""

from datetime import datetime

from laurels.kernel.deciding.happening import Act, Happening
from laurels.kernel.facts import Outcome
from laurels.mechanics.challenges import rules as challenges
from laurels.mechanics.challenges import runs as challenge_runs
from laurels.mechanics.challenges.model import CHALLENGES, Challenge, ChallengeRun
from laurels.mechanics.challenges.runs import Taking

COMPLETIONS_LIMIT = 8
"""The maximum number of completions of a challenge by one command (kernel/deciding/cascade.py, rule 6)."""


_COMPLETIONS_BEFORE = "completions before the command"


def advance(
    happening: Happening,
    challenge: Challenge,
    taking: Taking,
    gains: list[challenges.ObjectiveGain],
    occurred_at: datetime,
    cause_id: str,
    due_to: str | None = None,
) -> None:
    """Records the gains, and the resulting milestones and completions, whose actions are then due. Even without gains,
    a run is completed if its targets were lowered to the progress that it already had."""
    states = happening.participant[CHALLENGES]
    if not gains and (taking.run is None or challenges.completed(challenge, taking.run, occurred_at) is None):
        return
    before = states[challenge.id].completions if challenge.id in states else 0
    before = happening.memory.setdefault((_COMPLETIONS_BEFORE, challenge.id), before)
    if taking.joined is not None:
        happening.happen(taking.joined, occurred_at, cause_id, due_to)
    run = _run(happening, challenge, taking)
    advanced = [challenges.advanced(challenge, run, gain) for gain in gains]
    fact_ids = [happening.happen(fact, occurred_at, cause_id, due_to).id for fact in advanced]
    cause_id = fact_ids[-1] if fact_ids else cause_id
    while True:
        run = _run(happening, challenge, taking)
        at = challenges.reached_at(run, occurred_at)
        for milestone, reached in challenges.milestones(challenge, run):
            entry = happening.happen(reached, at, cause_id)
            happening.due.append(Act(challenge.id, challenge.name, milestone.actions, entry.id, at))
        completed = challenges.completed(challenge, _run(happening, challenge, taking), at)
        if completed is None:
            return
        if states[challenge.id].completions - before >= COMPLETIONS_LIMIT:
            happening.note(Outcome(challenge.id, "postponed"))
            return
        entry = happening.happen(completed, at, cause_id)
        happening.due.append(Act(challenge.id, challenge.name, challenge.actions, entry.id, at))


def taking_of(happening: Happening, challenge: Challenge, occurred_at: datetime) -> Taking | None:
    participant, calendar = happening.participant, happening.definitions.calendar
    state = participant[CHALLENGES].get(challenge.id)
    return challenge_runs.taking(challenge, state, occurred_at, participant.zone or calendar.zone, calendar)


def _run(happening: Happening, challenge: Challenge, taking: Taking) -> ChallengeRun:
    """The current state of the run."""
    return challenge_runs.run_of(happening.participant[CHALLENGES][challenge.id], taking.period)
