"""The reasons why an event advanced challenges, or did not, and the form in which explain shows facts about them."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

import msgspec

from laurels.kernel import decimals
from laurels.kernel.definition import Definitions
from laurels.kernel.explaining.explain import (
    ERASED,
    FORGOTTEN,
    ConsideredDefinition,
    JournalFact,
    judged_condition,
    outcomes_of,
    sentence,
)
from laurels.kernel.explaining.fact_data import name_periods
from laurels.kernel.explaining.seen_values import Moment
from laurels.mechanics.challenges import rules as challenges
from laurels.mechanics.challenges import runs as challenge_runs
from laurels.mechanics.challenges.model import (
    Challenge,
    ChallengeAdvanced,
    ChallengeCompleted,
    ChallengeFact,
    ChallengeState,
)
from laurels.mechanics.events.model import EventForgotten, EventRecorded


def conditions(definitions: Definitions, event_name: str) -> list[str]:
    """The conditions that may have been evaluated for the event."""
    objectives = [each for challenge in definitions[Challenge].by_id.values() for each in challenge.objectives]
    return [o.condition for o in objectives if o.event_name == event_name and o.condition is not None]


def considered_challenges(
    definitions: Definitions,
    facts: Sequence[JournalFact],
    states: dict[str, ChallengeState],
    moment: Moment,
    zone: tzinfo | None = None,
) -> list[ConsideredDefinition]:
    """The challenges that the event or an action could advance: advanced ones, and others that listen to the event.
    `states` are the participant's states before the command, `zone` is the participant's own time zone, if any, and
    `moment` is right after the event."""
    first, zone = facts[0].fact, zone or definitions.calendar.zone
    advanced = {each.fact.challenge_id for each in facts if isinstance(each.fact, ChallengeAdvanced)}
    outcomes = outcomes_of(first)
    every = []
    for challenge in definitions[Challenge].by_id.values():
        outcome = outcomes.get(challenge.id)
        if outcome is not None and outcome.outcome == "acted":
            idle = outcome.detail or ERASED
            every.append(
                ConsideredDefinition(challenge, "advanced", f"It was brought nearer its target; of its actions {idle}.")
            )
        elif challenge.id in advanced:
            but = f" But: {sentence(outcome)}" if outcome else ""
            verdict = outcome.outcome if outcome else "advanced"
            every.append(ConsideredDefinition(challenge, verdict, f"It was brought nearer its target.{but}"))
        elif outcome is not None:
            every.append(ConsideredDefinition(challenge, outcome.outcome, sentence(outcome)))
        elif (
            isinstance(first, (EventRecorded, EventForgotten))
            and not challenge.is_deleted
            and _listens(challenge, first)
        ):
            every.append(_not_advanced(definitions, challenge, states.get(challenge.id), facts[0], zone))
    return [_with_objectives(definitions, each, states, facts[0], zone, moment) for each in every]


def show(data: dict[str, Any], definitions: Definitions, fact: ChallengeFact) -> None:
    """Shows a fact with the names of its periods, and progress in the unit of the objective."""
    data.pop("seen", None)
    challenge = definitions[Challenge].by_id.get(fact.challenge_id)
    name_periods(data, ("period", "open_from"), definitions, challenge.period if challenge else None)
    if isinstance(fact, ChallengeAdvanced):
        data["by"] = _progress(challenge, fact.objective, fact.by)
    elif isinstance(fact, ChallengeCompleted) and fact.used:
        data["used"] = {code: _progress(challenge, code, number) for code, number in fact.used.items()}


def _progress(challenge: Challenge | None, objective_code: str, number: int) -> int | float:
    """The progress in the unit of the objective: events, a sum, or distinct values."""
    objectives = challenge.objectives if challenge else ()
    is_sum = any(each.code == objective_code and each.measure == "sum" for each in objectives)
    return decimals.shown(number) if is_sum else number


def _with_objectives(
    definitions: Definitions,
    considered: ConsideredDefinition,
    states: dict[str, ChallengeState],
    event: JournalFact,
    zone: tzinfo,
    moment: Moment,
) -> ConsideredDefinition:
    """Adds the conditions of the objectives that the event could advance."""
    challenge, fact = considered.definition, event.fact
    if not isinstance(challenge, Challenge) or not isinstance(fact, EventRecorded) or not challenge.is_active:
        return considered
    taking = challenge_runs.taking(challenge, states.get(challenge.id), event.occurred_at, zone, definitions.calendar)
    if taking is None:
        return considered
    objectives = [gain.objective for gain in challenges.gains(challenge, taking.run, fact, lambda _: True)]
    condition = moment.definitions.game.expressions.condition
    conditions = [
        judged_condition(condition, each.condition, moment, each.code)
        for each in objectives
        if each.condition is not None
    ]
    return msgspec.structs.replace(considered, judged=conditions)


def _listens(challenge: Challenge, event: EventRecorded | EventForgotten) -> bool:
    return any(objective.event_name == event.event_name for objective in challenge.objectives)


def _not_advanced(
    definitions: Definitions, challenge: Challenge, state: ChallengeState | None, event: JournalFact, zone: tzinfo
) -> ConsideredDefinition:
    if not challenge.is_active:
        return ConsideredDefinition(challenge, "inactive", "The challenge was not active.")
    if not isinstance(event.fact, EventRecorded):
        return ConsideredDefinition(
            challenge, "not_advanced", f"Nothing was counted. The reason is no longer known. {FORGOTTEN}."
        )
    reason = challenges.reason_for_no_gain(challenge, state, event.fact, event.occurred_at, zone, definitions.calendar)
    return ConsideredDefinition(challenge, "not_advanced", f"Nothing was counted: {reason}.")
