"""Needs: the state that a command can touch, beyond the participant's account, which every command needs.

`decide` returns the same result if all state outside a command's needs is removed.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar

from laurels.kernel.limits import Limited

Value = TypeVar("Value")
Item = TypeVar("Item")


class Need(Generic[Value]):
    """A kind of state that can be needed: as a whole, or the parts that the value names. `join` combines two values."""

    def __init__(self, name: str, join: Callable[[Value, Value], Value]) -> None:
        self.name = name
        self.join = join


def either(one: bool, other: bool) -> bool:
    return one or other


def union(one: frozenset[Item], other: frozenset[Item]) -> frozenset[Item]:
    return one | other


def each_once(one: tuple[Item, ...], other: tuple[Item, ...]) -> tuple[Item, ...]:
    return tuple(dict.fromkeys(one + other))


ZONE = Need[bool]("zone", either)
LIMITED = Need[tuple[Limited, ...]]("limited", each_once)
"""The definitions whose uses are needed."""


class Needs:
    """The needs of one or several commands."""

    __slots__ = ("_parts",)

    def __init__(self, parts: Mapping[Need[Any], Any] | None = None) -> None:
        self._parts: dict[Need[Any], Any] = {need: value for need, value in (parts or {}).items() if value}

    def __getitem__(self, need: Need[Value]) -> Value | None:
        value: Value | None = self._parts.get(need)
        return value

    def __iter__(self) -> Iterator[Need[Any]]:
        return iter(self._parts)

    def __bool__(self) -> bool:
        return bool(self._parts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Needs) and self._parts == other._parts

    __hash__ = None  # type: ignore[assignment]

    def with_all_of(self, other: "Needs") -> "Needs":
        if not other._parts:
            return self
        if not self._parts:
            return other
        joined = dict(self._parts)
        for need, value in other._parts.items():
            joined[need] = need.join(joined[need], value) if need in joined else value
        return Needs(joined)


NOTHING = Needs()
"""The needs of a command that needs only the account."""
