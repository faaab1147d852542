"""The play of events: recording an event, and the variables that expressions read."""

from collections.abc import Sequence

from laurels.kernel import decimals
from laurels.kernel.cel.types import FREE_FIELDS, NUMBER, TEXT, TIME
from laurels.kernel.commands import Command
from laurels.kernel.deciding.cascade import follow
from laurels.kernel.deciding.decision import Decision, occurred_at
from laurels.kernel.deciding.effects import effects
from laurels.kernel.deciding.happening import Happening
from laurels.kernel.deciding.listening import listeners_of
from laurels.kernel.deciding.listing import decides, folds, reads, reads_first
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry
from laurels.kernel.measures import Combination, FactVariable, Measure, Scope, adds
from laurels.kernel.needs import Needs
from laurels.kernel.participant import Participant
from laurels.kernel.play import FactReplay, Play
from laurels.kernel.rejections import Rejection
from laurels.kernel.what_if.reconstruction import PastFact, Reconstruction
from laurels.mechanics.events import rules
from laurels.mechanics.events.model import EVENTS, EventForgotten, EventRecorded, EventRecordedAnswer, RecordEvent

CHANGED = frozenset({"participant.total_events"})
"""The variable that events change."""


def record(happening: Happening, command: RecordEvent) -> Decision | Rejection:
    happened_at = occurred_at(command.occurred_at, happening.now)
    if isinstance(happened_at, Rejection):
        return happened_at
    entry = happening.happen(rules.record(command), happened_at)
    follow(happening)
    shown = effects(happening.definitions, happening.participant, happening.entries[1:])
    answer = EventRecordedAnswer(event_id=entry.id, fact_id=entry.id, status="processed", effects=shown)
    return Decision(happening.entries, answer)


def _needed(definitions: Definitions, command: RecordEvent) -> Needs:
    listening = listeners_of(definitions, EventRecorded, command.event_name)
    return listening.needs if command.occurred_at is None else listening.past_needs


def _fold(participant: Participant, entry: Entry, _: EventRecorded | EventForgotten) -> None:
    participant[EVENTS] = rules.counted(participant[EVENTS], entry.occurred_at)


def _properties(entry: Entry) -> dict[str, object]:
    return entry.fact.properties if isinstance(entry.fact, EventRecorded) else {}


def _name(entry: Entry) -> str:
    return entry.fact.event_name if isinstance(entry.fact, EventRecorded) else ""


def _one(fact: EventRecorded | EventForgotten, scope: Scope) -> int | None:
    return 1 if _is_counted(fact, scope) else None


def _number(fact: EventRecorded, scope: Scope) -> int | None:
    return decimals.millionths(fact.properties.get(scope.property or "")) if _is_counted(fact, scope) else None


def _kept_number(fact: EventForgotten, scope: Scope) -> int | None:
    return decimals.millionths(fact.numbers.get(scope.property or "")) if _is_counted(fact, scope) else None


def _kept_verdicts(fact: EventForgotten) -> list[str]:
    return fact.verdicts


def _of_property(name: str, combination: Combination) -> Measure:
    """A measure by the numbers in one property."""
    return Measure(
        name=name,
        additions=(adds(EventRecorded, _number), adds(EventForgotten, _kept_number, verdicts=_kept_verdicts)),
        is_of_events=True,
        is_of_property=True,
        is_decimal=True,
        combination=combination,
        judged_by="event",
    )


def _is_counted(fact: EventRecorded | EventForgotten, scope: Scope) -> bool:
    return scope.event_name is None or scope.event_name == fact.event_name


def _reconstruct_record(reconstruction: Reconstruction, command_facts: Sequence[PastFact]) -> Command | None:
    entry = command_facts[0].entry
    if not isinstance(entry.fact, EventRecorded):
        return None
    event = entry.fact
    return RecordEvent(
        event_name=event.event_name,
        properties=event.properties,
        occurred_at=entry.occurred_at,
        **reconstruction.participant_fields,
    )


PLAY = Play(
    slices=(EVENTS,),
    commands=(decides(RecordEvent, record, particular=_needed, can_cause=()),),
    facts=(folds(EventRecorded, _fold, changes=CHANGED), folds(EventForgotten, _fold)),
    variables=(
        reads(
            "participant.total_events",
            NUMBER,
            lambda _, participant, __: participant[EVENTS].total,
            latest=lambda participant: (participant[EVENTS].latest_at,),
        ),
        reads_first("event.name", TEXT, EventRecorded, _name),
        reads_first("event.properties", FREE_FIELDS, EventRecorded, _properties),
        reads_first("event.occurred_at", TIME, EventRecorded, lambda entry: entry.occurred_at),
    ),
    measures=(
        Measure(
            name="event_count",
            additions=(adds(EventRecorded, _one), adds(EventForgotten, _one, verdicts=_kept_verdicts)),
            is_of_events=True,
            judged_by="event",
        ),
        _of_property("event_sum", "sum"),
        _of_property("event_max", "max"),
        _of_property("event_min", "min"),
        _of_property("event_last", "last"),
    ),
    fact_variables=(
        FactVariable(name="event.name", type=TEXT, fact=EventRecorded, read=lambda _, entry: _name(entry)),
        FactVariable(
            name="event.properties", type=FREE_FIELDS, fact=EventRecorded, read=lambda _, entry: _properties(entry)
        ),
        FactVariable(name="event.occurred_at", type=TIME, fact=EventRecorded, read=lambda _, entry: entry.occurred_at),
    ),
    replay=(
        FactReplay(fact=EventRecorded, reconstruct=_reconstruct_record),
        FactReplay(fact=EventForgotten, is_opaque=True),
    ),
)
