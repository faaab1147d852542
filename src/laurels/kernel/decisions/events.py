"""Deciding about events."""

from laurels.kernel import effects
from laurels.kernel.cascade import Cascade
from laurels.kernel.decisions import Decision, occurred_at
from laurels.kernel.rejections import Rejection
from laurels.kernel.responses import EventRecordedAnswer
from laurels.mechanics.events import rules as events
from laurels.mechanics.events.model import RecordEvent


def record_event(cascade: Cascade, command: RecordEvent) -> Decision | Rejection:
    happened_at = occurred_at(command.occurred_at, cascade.now)
    if isinstance(happened_at, Rejection):
        return happened_at
    entry = cascade.happen(events.record(command), happened_at)
    cascade.follow()
    brought_about = effects.of(cascade.definitions, cascade.participant, cascade.entries[1:])
    answer = EventRecordedAnswer(event_id=entry.id, fact_id=entry.id, status="processed", effects=brought_about)
    return Decision(cascade.entries, answer)
