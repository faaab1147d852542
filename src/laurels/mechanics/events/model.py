"""Events: command and facts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from msgspec import Struct

from laurels.kernel.commands import Command
from laurels.kernel.facts import Fact
from laurels.kernel.participant import Slice, unchanging
from laurels.kernel.responses import Answer, AnyEffects


class EventRecorded(Fact, frozen=True, kw_only=True):
    kind: ClassVar[str] = "event_recorded"

    event_name: str
    properties: dict[str, Any] = {}


class EventForgotten(Fact, frozen=True, kw_only=True):
    """An event whose content was removed by the project's retention. Its consequences stay, and so do the values that
    are counted: its name, the limit windows in its outcomes, the `numbers` of properties that leaderboards count, and
    the `verdicts`: the digests of the conditions of leaderboards that held."""

    kind: ClassVar[str] = "event_forgotten"

    event_name: str
    numbers: dict[str, Any] = {}
    verdicts: list[str] = []


class RecordEvent(Command, frozen=True, kw_only=True):
    operation: ClassVar[str] = "record_event"
    is_event: ClassVar[bool] = True

    event_name: str
    properties: dict[str, Any] = {}
    occurred_at: datetime | None = None

    @property
    def reported_at(self) -> datetime | None:
        return self.occurred_at

    @property
    def named(self) -> Mapping[str, str | int | None]:
        return {"event_name": self.event_name}


class EventRecordedAnswer(Answer, frozen=True, kw_only=True):
    """The recorded event and everything that it caused."""

    event_id: str
    """The id of the event."""
    fact_id: str
    """The same id, as the id of the fact in the journal."""
    status: str
    """Always `processed`."""
    effects: AnyEffects
    """Everything that the event caused."""


class EventCount(Struct, frozen=True):
    """The number of a participant's events. `latest_at` is the latest time of an event; None if only older servers have
    counted."""

    total: int = 0
    latest_at: datetime | None = None


EVENTS = Slice("events", EventCount, unchanging)
