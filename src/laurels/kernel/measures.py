"""Measures: the numbers by which leaderboards rank participants. A participant's number is combined from the numbers of
facts: it is their sum, the greatest, the least or the latest."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol, TypeVar

from laurels.kernel.cel.types import Type
from laurels.kernel.facts import Entry, Fact
from laurels.kernel.participant import Participant

AnyFact = TypeVar("AnyFact", bound=Fact)

Combination = Literal["sum", "max", "min", "last"]
"""How the numbers of several facts become one."""


class Scope(Protocol):
    """The part of a measure that a leaderboard counts: one event's facts, the numbers in one property."""

    @property
    def event_name(self) -> str | None: ...

    @property
    def property(self) -> str | None: ...


class Original(NamedTuple):
    """A fact that another fact takes back, wholly or in part. `is_whole`: it is now taken back wholly."""

    entry: Entry
    is_whole: bool


def _nothing(_: Any) -> None:
    return None


def _no_original(_: Participant, __: Any) -> None:
    return None


@dataclass(frozen=True, kw_only=True)
class Addition:
    """The addition of facts of a type and its subtypes to a measure: `number(fact, scope)` is a whole number, or None
    for a fact that does not count. Facts of types for which `counts` is false never count."""

    fact: type[Fact]
    number: Callable[..., int | None]
    counts: Callable[[Any], bool]

    takes_back: Callable[[Any], str | None] = _nothing
    """The id of the earlier fact of which a fact takes back a part; None for other facts."""

    original: Callable[[Participant, Any], Original | None] = _no_original
    """The earlier fact, found in the state after the command."""

    verdicts: Callable[[Any], Collection[str] | None] = _nothing
    """The digests of the conditions that held for a fact that has lost its content; None for facts with content."""

    @property
    def can_be_taken_back(self) -> bool:
        return self.takes_back is not _nothing


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A number that mechanics offer under a name. If it `is_decimal`, its numbers are millionths."""

    name: str
    additions: tuple[Addition, ...]
    is_of_events: bool = False
    """Whether a leaderboard can name the event that it counts."""
    is_of_property: bool = False
    """Whether a leaderboard must name the property whose numbers it counts."""
    is_decimal: bool = False
    combination: Combination = "sum"
    judged_by: str | None = None
    """The first word of the variables that a leaderboard's condition reads, such as `event`; None if leaderboards of
    this measure cannot have a condition."""


@dataclass(frozen=True, kw_only=True)
class FactVariable:
    """A variable of leaderboards' conditions: a value of a fact that counts. `read(definitions, entry)` returns it."""

    name: str
    type: Type
    fact: type[Fact]
    read: Callable[..., object]


def adds(
    fact: type[AnyFact],
    number: Callable[[AnyFact, Scope], int | None],
    *,
    counts: Callable[[type[AnyFact]], bool] = lambda _: True,
    takes_back: Callable[[AnyFact], str | None] = _nothing,
    original: Callable[[Participant, AnyFact], Original | None] = _no_original,
    verdicts: Callable[[AnyFact], Collection[str] | None] = _nothing,
) -> Addition:
    """See Addition."""
    return Addition(
        fact=fact, number=number, counts=counts, takes_back=takes_back, original=original, verdicts=verdicts
    )
