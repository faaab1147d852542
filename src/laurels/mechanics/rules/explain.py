"""The reasons why rules acted on an event, or did not."""

from datetime import datetime, tzinfo

from laurels.kernel.definition import Definitions
from laurels.kernel.explaining.explain import (
    ConsideredDefinition,
    JudgedCondition,
    LimitedWindow,
    judged_condition,
    outcomes_of,
    sentence,
)
from laurels.kernel.explaining.seen_values import Moment
from laurels.kernel.facts import Fact, Outcome
from laurels.mechanics.events.model import EventForgotten, EventRecorded
from laurels.mechanics.rules import rules
from laurels.mechanics.rules.model import Rule


def conditions(definitions: Definitions, event_name: str) -> list[str]:
    """The conditions that may have been evaluated for the event."""
    rules_ = [rule for rule in definitions[Rule].by_id.values() if rule.event_name == event_name]
    return [rule.condition for rule in rules_ if rule.condition is not None]


def considered_rules(
    definitions: Definitions, first: Fact, occurred_at: datetime, moment: Moment, zone: tzinfo
) -> list[ConsideredDefinition]:
    """The rules for this event name, in the order in which they were considered; inactive ones last. `moment` is right
    after the event, and `zone` the participant's time zone."""
    if not isinstance(first, (EventRecorded, EventForgotten)):
        return []
    outcomes = outcomes_of(first)
    listening = rules.listening(definitions, first.event_name)
    active = [_rule(rule, outcomes.get(rule.id), occurred_at, moment, zone) for rule in listening]
    inactive = [
        ConsideredDefinition(rule, "inactive", "The rule was not active.")
        for rule in definitions[Rule].by_id.values()
        if rule.event_name == first.event_name and not rule.is_active and not rule.is_deleted
    ]
    return [*active, *inactive]


def _rule(
    rule: Rule, outcome: Outcome | None, occurred_at: datetime, moment: Moment, zone: tzinfo
) -> ConsideredDefinition:
    if not rules.is_in_time(rule, occurred_at):
        return ConsideredDefinition(rule, "out_of_time", "The event occurred before the rule began or after it ended.")
    conditions: list[JudgedCondition] = []
    if rule.condition is not None:
        conditions = [judged_condition(moment.definitions.game.expressions.condition, rule.condition, moment)]
    if outcome is None:
        return ConsideredDefinition(rule, "condition_false", "The condition did not hold.", conditions)
    window = _window(moment.definitions, rule, outcome, occurred_at, zone)
    return ConsideredDefinition(rule, outcome.outcome, sentence(outcome), conditions, window)


def _window(
    definitions: Definitions, rule: Rule, outcome: Outcome, occurred_at: datetime, zone: tzinfo
) -> LimitedWindow | None:
    """The window of the limit that was reached; the outcome has its name only."""
    reached = [limit for limit in rule.limits if rules.limit_named(limit) == outcome.detail]
    if outcome.outcome != "limited" or not reached:
        return None
    window = rules.window_of(reached[0], occurred_at, zone, definitions.calendar)
    if window is None:
        return None
    period, counting, ends_at = window
    return LimitedWindow(period=period, zone=str(counting), ends_at=ends_at)
