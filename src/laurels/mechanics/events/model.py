"""Events: command and facts."""

from datetime import datetime
from typing import Any, ClassVar

from laurels.kernel.commands import Command
from laurels.kernel.facts import Fact


class EventRecorded(Fact, frozen=True, kw_only=True):
    kind: ClassVar[str] = "event_recorded"

    event_name: str
    properties: dict[str, Any] = {}


class EventForgotten(Fact, frozen=True, kw_only=True):
    """An event whose content the project's retention has removed. What it set off stays, and what is counted: its name,
    the windows of limits in its outcomes, and the `numbers` of properties that leaderboards sum."""

    kind: ClassVar[str] = "event_forgotten"

    event_name: str
    numbers: dict[str, Any] = {}


class RecordEvent(Command, frozen=True, kw_only=True):
    operation: ClassVar[str] = "record_event"

    event_name: str
    properties: dict[str, Any] = {}
    occurred_at: datetime | None = None
