"""Why a command brought what it brought: what was considered, and what became of it.

A command's first fact keeps the outcome of everything that was considered but what simply did not apply; that follows
from the definitions of the fact's version (see facts.Outcome).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct

from laurels.core import rules
from laurels.core.facts import BadgeEarned, ChallengeAdvanced, EventRecorded, Fact, Outcome
from laurels.core.model import Badge, Challenge, Definitions, Rule

Verdict = Literal[
    "acted",
    "limited",
    "group_taken",
    "failed",
    "cut",
    "condition_false",
    "out_of_time",
    "inactive",
    "advanced",
    "not_advanced",
    "earned",
]


class Considered(Struct, frozen=True):
    """A definition, and why it acted or did not."""

    definition: Rule | Challenge | Badge
    verdict: Verdict
    reason: str


def considered_rules(definitions: Definitions, first: Fact, occurred_at: datetime) -> list[Considered]:
    """The rules that name the event, in the order in which they were considered; inactive ones last."""
    if not isinstance(first, EventRecorded):
        return []
    outcomes = {outcome.definition_id: outcome for outcome in first.outcomes}
    listening = rules.listening(definitions, first.event_name)
    found = [_rule(rule, outcomes.get(rule.id), occurred_at) for rule in listening]
    inactive = [
        Considered(rule, "inactive", "The rule was not active.")
        for rule in definitions.rules.values()
        if rule.event_name == first.event_name and not rule.is_active and not rule.is_deleted
    ]
    return [*found, *inactive]


def considered_challenges(definitions: Definitions, facts: Sequence[Fact]) -> list[Considered]:
    """The challenges that the event or an action could advance: those that it did, and those that listen to it."""
    first = facts[0]
    advanced = {fact.challenge_id for fact in facts if isinstance(fact, ChallengeAdvanced)}
    failed = {outcome.definition_id: outcome for outcome in first.outcomes}
    found = []
    for challenge in definitions.challenges.values():
        names = [objective.event_name for objective in challenge.objectives]
        listens = isinstance(first, EventRecorded) and first.event_name in names and not challenge.is_deleted
        outcome = failed.get(challenge.id)
        if challenge.id in advanced:
            but = f" But its actions: {_sentence(outcome)}" if outcome else ""
            found.append(Considered(challenge, "advanced", f"The event brought it nearer its target.{but}"))
        elif outcome is not None:
            found.append(Considered(challenge, outcome.outcome, _sentence(outcome)))
        elif listens and not challenge.is_active:
            found.append(Considered(challenge, "inactive", "The challenge was not active."))
        elif listens:
            found.append(Considered(challenge, "not_advanced", _NOT_ADVANCED))
    return found


def considered_badges(definitions: Definitions, facts: Sequence[Fact]) -> list[Considered]:
    """The badges with criteria that were earned, and those whose criteria failed."""
    earned = {fact.badge_id for fact in facts if isinstance(fact, BadgeEarned)}
    outcomes = {outcome.definition_id: outcome for outcome in facts[0].outcomes}
    found = []
    for badge in definitions.badges.values():
        if badge.id in outcomes:
            found.append(Considered(badge, "failed", _sentence(outcomes[badge.id])))
        elif badge.id in earned and badge.criteria is not None:
            found.append(Considered(badge, "earned", "It was earned."))
    return found


_NOT_ADVANCED = (
    "No objective counted the event: its condition did not hold or it had nothing to count, the objective was complete "
    "or waits for another one, or the participant was not in a run of the challenge when the event occurred."
)


def _rule(rule: Rule, outcome: Outcome | None, occurred_at: datetime) -> Considered:
    if not rules.is_in_time(rule, occurred_at):
        return Considered(rule, "out_of_time", "The event occurred before the rule began or after it ended.")
    if outcome is None:
        return Considered(rule, "condition_false", "The condition did not hold.")
    return Considered(rule, outcome.outcome, _sentence(outcome))


def _sentence(outcome: Outcome) -> str:
    match outcome.outcome:
        case "acted":
            return "The condition held, and all actions were done."
        case "limited":
            return f"The condition held, but the limit was reached: {outcome.detail}."
        case "group_taken":
            return f"The condition held, but another rule of the group had acted: {outcome.detail}."
        case "cut":
            return "More was due, but so many rounds had followed one another that the rest was cut off."
        case "failed":
            return f"It failed and did nothing: {outcome.detail or 'what failed has been erased'}."
