"""Measures: the numbers by which leaderboards rank participants. A participant's number is a sum over facts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from laurels.kernel.facts import Fact

AnyFact = TypeVar("AnyFact", bound=Fact)


class Scope(Protocol):
    """The part of a measure that a leaderboard counts: one event's facts, the numbers in one property."""

    @property
    def event_name(self) -> str | None: ...

    @property
    def property(self) -> str | None: ...


@dataclass(frozen=True, kw_only=True)
class Addition:
    """The addition of facts of a type and its subtypes to a measure: `number(fact, scope)` is a whole number, or None
    for a fact that does not count. Facts of types for which `counts` is false never count."""

    fact: type[Fact]
    number: Callable[..., int | None]
    counts: Callable[[Any], bool]


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


def adds(
    fact: type[AnyFact],
    number: Callable[[AnyFact, Scope], int | None],
    *,
    counts: Callable[[type[AnyFact]], bool] = lambda _: True,
) -> Addition:
    """See Addition."""
    return Addition(fact=fact, number=number, counts=counts)
