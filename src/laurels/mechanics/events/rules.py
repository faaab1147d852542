"""The rules of events, which applications report."""

from collections.abc import Collection
from datetime import datetime

from msgspec import structs

from laurels.mechanics.events.model import EventCount, EventForgotten, EventRecorded, RecordEvent


def record(command: RecordEvent) -> EventRecorded:
    return EventRecorded(event_name=command.event_name, properties=command.properties)


def counted(before: EventCount, occurred_at: datetime) -> EventCount:
    """The count with one more event."""
    return EventCount(before.total + 1, max(before.latest_at or occurred_at, occurred_at))


def forget(fact: EventRecorded, counted_properties: Collection[str], verdicts: list[str]) -> EventForgotten:
    """The fact that replaces an event when its content is removed. It keeps the numbers of the properties
    named and the verdicts, but no details of outcomes, which may quote a value."""
    return EventForgotten(
        event_name=fact.event_name,
        numbers={
            name: value for name, value in fact.properties.items() if name in counted_properties and _is_number(value)
        },
        verdicts=verdicts,
        outcomes=[structs.replace(outcome, detail=None) for outcome in fact.outcomes],
    )


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
