"""Events: what the application says has happened."""

from collections.abc import Collection
from datetime import datetime

from msgspec import structs

from laurels.mechanics.events.model import EventCount, EventForgotten, EventRecorded, RecordEvent


def record(command: RecordEvent) -> EventRecorded:
    return EventRecorded(event_name=command.event_name, properties=command.properties)


def counted(before: EventCount, occurred_at: datetime) -> EventCount:
    """With one event more."""
    return EventCount(before.total + 1, max(before.latest_at or occurred_at, occurred_at))


def forget(fact: EventRecorded, summed: Collection[str]) -> EventForgotten:
    """What stays of an event, with those numbers that `summed` names. Details of outcomes may quote a value."""
    return EventForgotten(
        event_name=fact.event_name,
        numbers={name: value for name, value in fact.properties.items() if name in summed and _is_number(value)},
        outcomes=[structs.replace(outcome, detail=None) for outcome in fact.outcomes],
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
