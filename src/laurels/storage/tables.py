"""What a mechanic's tables need of storage: checking, rebuilding, erasing, exporting, spreading."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Invariant:
    """What holds of stored rows. `query` selects the rows that break it: a `name` and what is `wrong`. It contains
    nothing that comes from outside."""

    name: str
    query: str


@dataclass(frozen=True, kw_only=True)
class Tables:
    """The tables of one mechanic."""

    invariants: tuple[Invariant, ...] = ()
    """Those of `laurels check`."""


@dataclass(frozen=True, kw_only=True)
class AllTables:
    """The tables of all mechanics, as storage works with them. The composition root makes it once."""

    invariants: tuple[Invariant, ...]
    """In the order in which `laurels check` shows them, those of storage included."""


def compose(tables: Iterable[Tables], *, invariants: Iterable[Invariant]) -> AllTables:
    """Puts together what mechanics list. `invariants` come first and in this order, others of mechanics after them."""
    return AllTables(
        invariants=_first(invariants, (each for of_mechanic in tables for each in of_mechanic.invariants)),
    )


def _first(first: Iterable[Invariant], others: Iterable[Invariant]) -> tuple[Invariant, ...]:
    return tuple(dict.fromkeys((*first, *others)))
