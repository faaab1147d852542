"""Feed events: the form in which facts leave Laurels for applications that listen.

Each mechanic lists the types of its events. An event is made of a fact and of the definitions by which it was decided,
so that a receiver needs no further request. Events about time, such as points that expire soon, have no fact.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from msgspec import Struct

from laurels.kernel.facts import Entry, Fact

EVERY_TYPE = "*"
"""Stands for all types of feed events, including those of later versions, among the types of a listener."""


class FeedData(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The part of a feed event that depends on its type. A field that is null is left out. Fields that may hold
    personal data have the same names as in facts, and a default: an erasure removes them."""


class FeedCause(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The cause of a feed event. A field that is null is left out."""

    command_id: str | None = None
    """The same for all events of one request; null for events about time and about definitions."""
    fact_id: str | None = None
    """The id of the fact that led to this event, such as a recorded event; null if the request itself did."""
    definition_kind: str | None = None
    """`rule` or `challenge`, if the actions of one led to this event; null for other causes."""
    definition_code: str | None = None
    """The code of that rule or challenge; null for other causes."""


DefinitionAction = Literal["created", "changed", "deleted", "restored"]


class DefinitionChangedData(FeedData, frozen=True, kw_only=True):
    """A definition that was changed."""

    action: DefinitionAction
    """The kind of change."""
    kind: str
    """The kind of definition, such as `badge`."""
    code: str
    """The definition's code."""
    definition_id: str
    """The definition's id."""
    version: int
    """The version of the project's definitions since the change."""


class ParticipantErasedData(FeedData, frozen=True, kw_only=True):
    """A person who was erased. The event's `participant_id` is the erased id, so that the receiver can erase the person
    as well. No other event names it."""

    erased_at: datetime
    """The time of the erasure."""


def _always(_: Fact) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class FeedType:
    """A type of feed events. `describe(definitions, entry, fact)` makes the data of the event of each of these `facts`
    for which `applies(fact)` is true. A type that `is_first` has an event for the first fact of each participant,
    whatever this fact is. All other types without `facts` are about time or about definitions.
    Events of a type that is not `is_of_participant` name no participant.

    `about` is a sentence for the documentation. `example` is an example of the data, and its class the type of all
    data."""

    name: str
    about: str
    example: FeedData
    facts: tuple[type[Fact], ...] = ()
    describe: Callable[..., FeedData] | None = None
    applies: Callable[..., bool] = _always
    is_first: bool = False
    is_of_participant: bool = True


class Announcing:
    """The feed events that a project listens to, by the facts of which they are made. False without listeners."""

    __slots__ = ("_first", "_of_fact", "types")

    def __init__(self, listed: Mapping[str, FeedType], listened: Iterable[str] = ()) -> None:
        """`listed` are the types of all mechanics, `listened` the types that the project listens to."""
        names = set(listened)
        self.types = frozenset(listed if EVERY_TYPE in names else names & listed.keys())
        used = [each for name, each in listed.items() if name in self.types]
        self._first = [each for each in used if each.is_first]
        self._of_fact: dict[type[Fact], list[FeedType]] = {}
        for each in used:
            for fact in each.facts:
                self._of_fact.setdefault(fact, []).append(each)

    def __bool__(self) -> bool:
        return bool(self.types)

    def events_of(self, definitions: object, entry: Entry) -> Iterator[tuple[FeedType, FeedData]]:
        """The events of a fact, each with its data. The first fact of a participant comes after the event about the
        participant."""
        fact = entry.fact
        types = self._of_fact.get(type(fact), ())
        for each in (*self._first, *types) if entry.seq == 1 else types:
            if each.describe is not None and each.applies(fact):
                yield each, each.describe(definitions, entry, fact)


DEFINITION_CHANGED = FeedType(
    name="definition.changed",
    is_of_participant=False,
    about="A definition was created, changed, deleted or restored.",
    example=DefinitionChangedData(
        action="changed",
        kind="badge",
        code="first_order",
        definition_id="0198c0de-6f70-7182-9394-0f1a2b3c4d5e",
        version=12,
    ),
)

_ERASED = ParticipantErasedData(erased_at=datetime(2026, 3, 1, 9, 30, tzinfo=UTC))

PARTICIPANT_ANONYMISED = FeedType(
    name="participant.anonymised",
    about="A person was anonymised: earlier events no longer name the person.",
    example=_ERASED,
)

PARTICIPANT_DELETED = FeedType(
    name="participant.deleted",
    about="A person was deleted: earlier events no longer name the person.",
    example=_ERASED,
)
