"""Events: what the application says has happened."""

from collections.abc import Collection
from datetime import datetime

from msgspec import structs

from laurels.kernel.model import Account
from laurels.mechanics.events.model import EventForgotten, EventRecorded, RecordEvent


def record(command: RecordEvent) -> EventRecorded:
    return EventRecorded(event_name=command.event_name, properties=command.properties)


def fold_recorded(account: Account, occurred_at: datetime) -> None:
    account.total_events += 1
    account.latest_event_at = max(account.latest_event_at or occurred_at, occurred_at)


def forget(fact: EventRecorded, summed: Collection[str]) -> EventForgotten:
    """What stays of an event, with those numbers that `summed` names. Details of outcomes may quote a value."""
    return EventForgotten(
        event_name=fact.event_name,
        numbers={name: value for name, value in fact.properties.items() if name in summed and _is_number(value)},
        outcomes=[structs.replace(outcome, detail=None) for outcome in fact.outcomes],
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
