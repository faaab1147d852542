"""The play of rules: the actions that an event sets off."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from functools import partial

from msgspec import Struct

from laurels.kernel.cel.environment import EvaluationError
from laurels.kernel.cel.expressions import WITHOUT_VARIABLES, Conditions
from laurels.kernel.dates.calendar import Calendar
from laurels.kernel.deciding.acting import attempt
from laurels.kernel.deciding.happening import Act, Happening
from laurels.kernel.deciding.listening import Listening
from laurels.kernel.deciding.listing import listens
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry, Outcome
from laurels.kernel.limits import Limited
from laurels.kernel.needs import LIMITED, ZONE, Needs
from laurels.kernel.play import Play
from laurels.mechanics.events.model import EventRecorded
from laurels.mechanics.rules import rules
from laurels.mechanics.rules.model import Rule


class _ListeningRules(Struct, frozen=True):
    """The rules that listen to an event, in order, with their conditions."""

    rules: list[Rule]
    conditions: Conditions


_NO_RULES = _ListeningRules([], Conditions(WITHOUT_VARIABLES, []))


def _apply(happening: Happening, event: Entry) -> None:
    fact = event.fact
    assert isinstance(fact, EventRecorded)  # noqa: S101
    considered = _listening_rules(happening.definitions, fact.event_name)
    if not considered.rules:
        return
    taken: dict[str, str] = {}
    outcomes = considered.conditions.outcomes(happening.values)
    for rule, verdict in zip(considered.rules, outcomes, strict=True):
        # Most conditions are false, so this is checked first.
        if verdict is False or not rules.is_in_time(rule, event.occurred_at):
            continue
        if isinstance(verdict, EvaluationError):
            happening.outcomes.append(Outcome(rule.id, "failed", f"condition: {verdict}"))
        else:
            outcome = _apply_one(happening, rule, event, taken)
            happening.outcomes.append(outcome)
            if rule.group is not None and outcome.outcome == "acted":
                taken[rule.group] = rule.code


def _apply_one(happening: Happening, rule: Rule, event: Entry, taken: dict[str, str]) -> Outcome:
    if rule.group in taken:
        return Outcome(rule.id, "group_taken", taken[rule.group])
    participant = happening.participant
    counted = list(rules.windows(rule, event.occurred_at, happening.zone, happening.definitions.calendar))
    limit = rules.reached_limit(rule, counted, participant.limit_uses, participant.limit_totals)
    if limit is not None:
        return Outcome(rule.id, "limited", rules.limit_named(limit))
    reads = frozenset[str]()
    if rule.condition is not None:
        reads = happening.game.expressions.condition(rule.condition).reads
    done = attempt(happening, Act(rule.id, rule.name, rule.actions, event.id, event.occurred_at, reads))
    if done.failure is not None:
        return Outcome(rule.id, "failed", done.failure)
    return Outcome(rule.id, "acted", done.idle, [window for _, window in counted])


def _listening_rules(definitions: Definitions, event_name: str) -> _ListeningRules:
    key = (_listening_rules, event_name)
    cached: _ListeningRules | None = definitions.memory.get(key)
    if cached is None:
        if event_name not in _names(definitions):
            return _NO_RULES
        listening = rules.listening(definitions, event_name)
        conditions = Conditions(definitions.game.expressions, [rule.condition for rule in listening])
        cached = definitions.memory[key] = _ListeningRules(listening, conditions)
    return cached


def _names(definitions: Definitions) -> frozenset[str]:
    cached: frozenset[str] | None = definitions.memory.get(_names)
    if cached is None:
        cached = definitions.memory[_names] = frozenset(r.event_name for r in definitions[Rule].by_id.values())
    return cached


def _listening(definitions: Definitions, event_name: str) -> Listening:
    listening = rules.listening(definitions, event_name)
    limits = [limit for rule in listening for limit in rule.limits]
    return Listening(
        definitions=[*listening],
        conditions=[rule.condition for rule in listening if rule.condition is not None],
        actions=[action for rule in listening for action in rule.actions],
        needs=Needs(
            {
                LIMITED: tuple(Limited(rule.id, partial(_windows, rule)) for rule in listening if rule.limits),
                ZONE: any(not limit.in_total and limit.per != "ever" for limit in limits),
            }
        ),
    )


def _windows(rule: Rule, occurred_at: datetime, zone: tzinfo, calendar: Calendar) -> Iterator[tuple[int, int | None]]:
    for limit, window in rules.windows(rule, occurred_at, zone, calendar):
        yield window, limit.times if limit.in_total else None


PLAY = Play(
    listeners=(
        listens(
            EventRecorded,
            name_of=lambda event: event.event_name,
            names=_names,
            listening=_listening,
            react=_apply,
        ),
    ),
)
