"""Why a command brought what it brought: what was considered, and what became of it.

A command's first fact keeps the outcome of everything that was considered but what simply did not apply; that follows
from the definitions of the fact's version (see facts.Outcome).
"""

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from typing import Any, Literal, Protocol

import msgspec
from msgspec import Struct

from laurels.kernel import expressions
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry, Fact, Outcome
from laurels.kernel.seen_values import Moment
from laurels.mechanics.badges.model import Badge, BadgeEarned
from laurels.mechanics.challenges import rules as challenges
from laurels.mechanics.challenges import runs as challenge_runs
from laurels.mechanics.challenges.model import Challenge, ChallengeAdvanced, ChallengeState
from laurels.mechanics.events.model import EventForgotten, EventRecorded
from laurels.mechanics.rules import rules
from laurels.mechanics.rules.model import Rule

Verdict = Literal[
    "acted",
    "limited",
    "group_taken",
    "failed",
    "cut",
    "postponed",
    "condition_false",
    "out_of_time",
    "inactive",
    "advanced",
    "not_advanced",
    "earned",
]


class Recorded(Protocol):
    """One fact of the journal."""

    @property
    def id(self) -> str: ...

    @property
    def seq(self) -> int: ...

    @property
    def fact(self) -> Fact: ...

    @property
    def occurred_at(self) -> datetime: ...


class Judged(Struct, frozen=True, kw_only=True):
    """A condition that was judged, with the values that it saw; of a challenge with the code of its objective."""

    expression: str
    values: dict[str, Any]
    objective: str | None = None


class Considered(Struct, frozen=True):
    """A definition, and why it acted or did not."""

    definition: Rule | Challenge | Badge
    verdict: Verdict
    reason: str
    judged: list[Judged] = []


def reads_state(definitions: Definitions, first: Fact) -> bool:
    """Whether a condition that may have been judged names the participant."""
    sources = [badge.criteria for badge in definitions[Badge].by_id.values()]
    if isinstance(first, EventRecorded | EventForgotten):
        sources += [rule.condition for rule in definitions[Rule].by_id.values() if rule.event_name == first.event_name]
        sources += [
            objective.condition
            for challenge in definitions[Challenge].by_id.values()
            for objective in challenge.objectives
            if objective.event_name == first.event_name
        ]
    return any(source is not None and "participant" in source for source in sources)


def entry_of(recorded: Recorded) -> Entry:
    return Entry(recorded.id, recorded.seq, recorded.fact, recorded.occurred_at)


def considered_rules(definitions: Definitions, first: Fact, occurred_at: datetime, moment: Moment) -> list[Considered]:
    """The rules that name the event, in the order in which they were considered; inactive ones last. `moment` is right
    after the event."""
    if not isinstance(first, EventRecorded | EventForgotten):
        return []
    outcomes = _outcomes(first)
    listening = rules.listening(definitions, first.event_name)
    found = [_rule(rule, outcomes.get(rule.id), occurred_at, moment) for rule in listening]
    inactive = [
        Considered(rule, "inactive", "The rule was not active.")
        for rule in definitions[Rule].by_id.values()
        if rule.event_name == first.event_name and not rule.is_active and not rule.is_deleted
    ]
    return [*found, *inactive]


def considered_challenges(
    definitions: Definitions,
    facts: Sequence[Recorded],
    states: dict[str, ChallengeState],
    moment: Moment,
    zone: tzinfo | None = None,
) -> list[Considered]:
    """The challenges that the event or an action could advance: those that it did, and those that listen to it.
    `states` are the participant's before the command, `zone` is the participant's own, if there is one, and `moment` is
    right after the event."""
    first, zone = facts[0].fact, zone or definitions.calendar.zone
    advanced = {each.fact.challenge_id for each in facts if isinstance(each.fact, ChallengeAdvanced)}
    outcomes = _outcomes(first)
    found = []
    for challenge in definitions[Challenge].by_id.values():
        outcome = outcomes.get(challenge.id)
        if outcome is not None and outcome.outcome == "acted":
            idle = outcome.detail or _ERASED
            found.append(Considered(challenge, "advanced", f"It was brought nearer its target; of its actions {idle}."))
        elif challenge.id in advanced:
            but = f" But: {_sentence(outcome)}" if outcome else ""
            verdict = outcome.outcome if outcome else "advanced"
            found.append(Considered(challenge, verdict, f"It was brought nearer its target.{but}"))
        elif outcome is not None:
            found.append(Considered(challenge, outcome.outcome, _sentence(outcome)))
        elif (
            isinstance(first, EventRecorded | EventForgotten)
            and not challenge.is_deleted
            and _listens(challenge, first)
        ):
            found.append(_not_advanced(definitions, challenge, states.get(challenge.id), facts[0], zone))
    return [_with_objectives(definitions, each, states, facts[0], zone, moment) for each in found]


def _with_objectives(
    definitions: Definitions,
    considered: Considered,
    states: dict[str, ChallengeState],
    event: Recorded,
    zone: tzinfo,
    moment: Moment,
) -> Considered:
    """With the conditions of those objectives that the event could have brought nearer."""
    challenge, fact = considered.definition, event.fact
    if not isinstance(challenge, Challenge) or not isinstance(fact, EventRecorded) or not challenge.is_active:
        return considered
    taking = challenge_runs.taking(challenge, states.get(challenge.id), event.occurred_at, zone, definitions.calendar)
    if taking is None:
        return considered
    asked = [gain.objective for gain in challenges.gains(challenge, taking.run, fact, lambda _: True)]
    judged = [
        _judged(expressions.condition, each.condition, moment, each.code)
        for each in asked
        if each.condition is not None
    ]
    return msgspec.structs.replace(considered, judged=judged)


def _listens(challenge: Challenge, event: EventRecorded | EventForgotten) -> bool:
    return any(objective.event_name == event.event_name for objective in challenge.objectives)


def _not_advanced(
    definitions: Definitions, challenge: Challenge, state: ChallengeState | None, event: Recorded, zone: tzinfo
) -> Considered:
    if not challenge.is_active:
        return Considered(challenge, "inactive", "The challenge was not active.")
    if not isinstance(event.fact, EventRecorded):
        return Considered(
            challenge, "not_advanced", f"Nothing was counted; why, nobody can tell any more. {FORGOTTEN}."
        )
    why = challenges.why_nothing(challenge, state, event.fact, event.occurred_at, zone, definitions.calendar)
    return Considered(challenge, "not_advanced", f"Nothing was counted: {why}.")


def considered_badges(definitions: Definitions, facts: Sequence[Recorded], moment: Moment) -> list[Considered]:
    """The badges with criteria that were earned, and those whose criteria failed. `moment` is right after the first
    fact; it goes on to the end."""
    outcomes = _outcomes(facts[0].fact)
    earned: dict[str, list[Judged]] = {}
    for recorded in facts[1:]:
        fact = recorded.fact
        # What a rule or challenge gives is due to it, whatever the criteria say; facts of old tell no more.
        if isinstance(fact, BadgeEarned) and fact.due_to is None and fact.badge_id in definitions[Badge].by_id:
            badge = definitions[Badge].by_id[fact.badge_id]
            earned[badge.id] = _criteria(badge, moment)
        moment.go_on([entry_of(recorded)])
    found = []
    for badge in definitions[Badge].by_id.values():
        if badge.id in outcomes:
            found.append(Considered(badge, "failed", _sentence(outcomes[badge.id]), _criteria(badge, moment)))
        elif badge.id in earned and badge.criteria is not None:
            found.append(Considered(badge, "earned", "It was earned.", earned[badge.id]))
    return found


def _criteria(badge: Badge, moment: Moment) -> list[Judged]:
    if badge.criteria is None:
        return []
    return [_judged(expressions.criterion, badge.criteria, moment)]


def _judged(
    compiled: Callable[[str], expressions.Expression], source: str, moment: Moment, objective: str | None = None
) -> Judged:
    try:
        values = moment.values(compiled(source))
    except expressions.ExpressionError:
        # A version before this one took it.
        values = {}
    return Judged(expression=source, values=values, objective=objective)


def _outcomes(first: Fact) -> dict[str, Outcome]:
    """By the definition's id; of several the one that went wrong."""
    found: dict[str, Outcome] = {}
    for outcome in first.outcomes:
        if outcome.definition_id not in found or found[outcome.definition_id].outcome == "acted":
            found[outcome.definition_id] = outcome
    return found


def _rule(rule: Rule, outcome: Outcome | None, occurred_at: datetime, moment: Moment) -> Considered:
    if not rules.is_in_time(rule, occurred_at):
        return Considered(rule, "out_of_time", "The event occurred before the rule began or after it ended.")
    judged = []
    if rule.condition is not None:
        judged = [_judged(expressions.condition, rule.condition, moment)]
    if outcome is None:
        return Considered(rule, "condition_false", "The condition did not hold.", judged)
    return Considered(rule, outcome.outcome, _sentence(outcome), judged)


FORGOTTEN = "The event's content has been removed, as the project keeps events only for so many days"

_ERASED = "what it was has been erased"


def _sentence(outcome: Outcome) -> str:
    match outcome.outcome:
        case "acted":
            idle = f"; {outcome.detail}" if outcome.detail else ""
            return f"The condition held, and all actions were done{idle}."
        case "limited":
            return f"The condition held, but the limit was reached: {outcome.detail or _ERASED}."
        case "group_taken":
            return f"The condition held, but another rule of the group had acted: {outcome.detail or _ERASED}."
        case "cut":
            return "More was due, but so many rounds had followed one another that the rest was cut off."
        case "postponed":
            return "It was completed as often as one command may; what is beyond counts with the next that advances it."
        case "failed":
            return f"It failed and did nothing: {(outcome.detail or _ERASED).rstrip('.')}."
