"""What listens to the facts: rules and challenges to an event, badges to what their criteria read."""

from collections.abc import Container
from datetime import datetime
from functools import partial

import msgspec

from laurels.kernel import expressions, readings
from laurels.kernel.acting import attempt
from laurels.kernel.expressions import EvaluationError, Expression
from laurels.kernel.facts import Entry, Outcome
from laurels.kernel.happening import Act, Happening
from laurels.kernel.needs import Listeners, criteria
from laurels.mechanics.badges import rules as badges
from laurels.mechanics.badges.model import Badge, BadgeRevoked
from laurels.mechanics.challenges import rules as challenges
from laurels.mechanics.challenges.advancing import advance, taking_of
from laurels.mechanics.challenges.model import Challenge, Objective
from laurels.mechanics.events.model import EventRecorded
from laurels.mechanics.rules import rules
from laurels.mechanics.rules.model import Rule
from laurels.mechanics.tiers import rules as tiers


def apply_rules(happening: Happening, heard: Listeners, event: Entry) -> None:
    if not heard.rules:
        return
    taken: dict[str, str] = {}
    outcomes = heard.conditions.outcomes(happening.values)
    for rule, verdict in zip(heard.rules, outcomes, strict=True):
        # Most conditions do not hold; that is told apart first.
        if verdict is False or not rules.is_in_time(rule, event.occurred_at):
            continue
        if isinstance(verdict, EvaluationError):
            happening.outcomes.append(Outcome(rule.id, "failed", f"condition: {verdict}"))
        else:
            outcome = _apply_rule(happening, rule, event, taken)
            happening.outcomes.append(outcome)
            if rule.group is not None and outcome.outcome == "acted":
                taken[rule.group] = rule.code


def _apply_rule(happening: Happening, rule: Rule, event: Entry, taken: dict[str, str]) -> Outcome:
    if rule.group in taken:
        return Outcome(rule.id, "group_taken", taken[rule.group])
    participant = happening.participant
    zone = participant.zone or happening.definitions.calendar.zone
    counted = list(rules.windows(rule, event.occurred_at, zone, happening.definitions.calendar))
    limit = rules.reached_limit(rule, counted, participant.limit_uses, participant.rule_totals)
    if limit is not None:
        return Outcome(rule.id, "limited", rules.limit_named(limit))
    reads = expressions.condition(rule.condition).reads if rule.condition is not None else frozenset[str]()
    done = attempt(happening, Act(rule.id, rule.name, rule.actions, event.id, event.occurred_at, reads))
    if done.failure is not None:
        return Outcome(rule.id, "failed", done.failure)
    return Outcome(rule.id, "acted", done.idle, [window for _, window in counted])


def advance_listening(happening: Happening, listening: list[Challenge], event: Entry) -> None:
    fact = event.fact
    assert isinstance(fact, EventRecorded)  # noqa: S101
    for challenge in listening:
        taking = taking_of(happening, challenge, event.occurred_at)
        if taking is None:
            continue
        gains = challenges.gains(challenge, taking.run, fact, partial(_holds, happening, challenge))
        advance(happening, challenge, taking, gains, event.occurred_at, event.id)


def _holds(happening: Happening, challenge: Challenge, objective: Objective) -> bool:
    if objective.condition is None:
        return True
    try:
        return expressions.condition(objective.condition).holds(happening.values)
    except EvaluationError as error:
        detail = f"condition of the objective {objective.code}: {error}"
        happening.outcomes.append(Outcome(challenge.id, "failed", detail))
        return False


def reach_anew(happening: Happening, definition_ids: Container[str], *, silent: bool) -> None:
    """The tiers and badges among these that were reached before they were what they are now. `silent` holds for
    what follows, too."""
    happening.is_silent = silent
    account = happening.participant.account
    rises = tiers.reached(
        happening.definitions, account.tier, account.total_earned, account.balance, among=definition_ids
    )
    for rise in rises:
        happening.happen(msgspec.structs.replace(rise, silent=rise.silent or silent), happening.now)
    for badge, expression in criteria(happening.definitions):
        if badge.id in definition_ids and badge.id not in happening.participant.badges:
            _earn_if(happening, badge, expression, happening.now)


def earn_badges(happening: Happening) -> None:
    """Rule 2. Each badge is earned once, so this ends."""
    judged = criteria(happening.definitions)
    if not judged:
        return
    # Taking a badge away is not undone at once by what it changes itself.
    taken_away = {entry.fact.badge_id for entry in happening.entries if isinstance(entry.fact, BadgeRevoked)}
    while happening.judged < len(happening.entries):
        fresh = happening.entries[happening.judged :]
        happening.judged = len(happening.entries)
        changed = readings.changed(fresh)
        for badge, expression in judged:
            if badge.id in happening.participant.badges or badge.id in taken_away or not expression.reads & changed:
                continue
            at = max(entry.occurred_at for entry in fresh if expression.reads & readings.changed([entry]))
            reached_at = readings.reached_at(happening.participant, expression.reads, at, happening.now)
            _earn_if(happening, badge, expression, reached_at, fresh[-1].id)


def _earn_if(
    happening: Happening, badge: Badge, expression: Expression, at: datetime, cause_id: str | None = None
) -> None:
    known = readings.of(happening.definitions, happening.participant, happening.now, expression.reads)
    try:
        if expression.holds(known):
            happening.happen(badges.earned_by_criteria(badge, silent=happening.is_silent), at, cause_id)
    except EvaluationError as error:
        happening.outcomes.append(Outcome(badge.id, "failed", f"criteria: {error}"))
