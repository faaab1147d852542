"""What conditions saw."""

from datetime import UTC, datetime
from typing import Any

import pytest

from laurels.kernel.explaining.explain import JudgedCondition
from laurels.kernel.explaining.seen_values import LONGEST_VALUE_BYTES, Moment
from laurels.kernel.facts import Entry, Fact
from laurels.mechanics.events.model import EventForgotten, EventRecorded
from laurels.mechanics.rules.explain import considered_rules
from laurels.mechanics.rules.model import Rule
from tests.core.given import GAME, definitions_with

NOW = datetime(2026, 2, 14, 10, tzinfo=UTC)


def moment(fact: Fact) -> Moment:
    """Of a participant of whom nothing is known."""
    return Moment(definitions_with(1), None, Entry("e", 1, fact, NOW), NOW)


def event(**properties: Any) -> EventRecorded:
    return EventRecorded(event_name="order", properties=properties)


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ("event.properties.a == 1", {"event.properties.a": 1}),
        ("event.properties['a'] == 1 || has(event.properties.b)", {"event.properties.a": 1}),
        ("'a' in event.properties", {"event.properties": {"a": 1}}),
        ("event.name == 'x' && event.occurred_at < now", {"event.name": "order", "event.occurred_at": NOW, "now": NOW}),
        ("participant.balance > 1 && event.properties.a > 0", {"event.properties.a": 1}),
        ("true", {}),
    ],
)
def test_what_is_known_is_shown(source: str, values: dict[str, Any]) -> None:
    assert moment(event(a=1)).values(GAME.expressions.condition(source)) == values


def test_of_an_event_that_was_forgotten_nothing_is_known() -> None:
    forgotten = moment(EventForgotten(event_name="order"))
    assert forgotten.values(GAME.expressions.condition("event.properties.a == 1")) == {}


@pytest.mark.parametrize(("length", "is_whole"), [(LONGEST_VALUE_BYTES - 2, True), (LONGEST_VALUE_BYTES - 1, False)])
def test_a_long_value_becomes_a_shortened_text(length: int, is_whole: bool) -> None:
    """The bytes are those of its JSON, with two quotes."""
    text = "x" * length
    [seen] = moment(event(a=text)).values(GAME.expressions.condition("event.properties.a != ''")).values()
    assert (seen == text) == is_whole
    assert is_whole or (seen.endswith("…") and len(seen) == LONGEST_VALUE_BYTES)


def test_a_condition_that_this_version_does_not_take() -> None:
    """An older one may have."""
    rule = Rule(id="r", code="r", name="R", event_name="order", condition="no such (", actions=())
    definitions = definitions_with(1, rules=[rule])
    [told] = considered_rules(definitions, event(), NOW, moment(event()), definitions.calendar.zone)
    assert told.judged == [JudgedCondition(expression="no such (", values={})]
