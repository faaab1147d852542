"""Events: what the application says has happened."""

from laurels.core.commands import RecordEvent
from laurels.core.facts import EventRecorded
from laurels.core.model import Account


def record(command: RecordEvent) -> EventRecorded:
    return EventRecorded(event_name=command.event_name, properties=command.properties)


def fold_recorded(account: Account, _fact: EventRecorded) -> None:
    account.total_events += 1
