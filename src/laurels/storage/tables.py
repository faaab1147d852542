"""What a mechanic's tables need of storage: checking, rebuilding, erasing, exporting, spreading."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from laurels.kernel.definition import Definition
from laurels.kernel.definitions.body import Kind
from laurels.storage.checking.projections import Projection
from laurels.storage.database import Connection

OfOne = Callable[[Connection, int, str], Awaitable[None]]
"""Something done to the rows of one participant, by lane and subject, under the account's lock."""


@dataclass(frozen=True)
class Invariant:
    """What holds of stored rows. `query` selects the rows that break it: a `name` and what is `wrong`. It contains
    nothing that comes from outside."""

    name: str
    query: str


@dataclass(frozen=True, kw_only=True)
class PeopleTable:
    """A table with rows of participants, by lane and subject. Their export shows them, a deletion removes them, and on
    Citus they lie on the machine of the lane."""

    name: str

    section: str
    """The name of the rows in a participant's export."""

    key: tuple[tuple[str, str], ...] = ()
    """The columns that tell a participant's rows from each other and give their order, each with its type."""

    definition: str | None = None
    """SQL for the id of the definition that a row, `r`, is about."""

    is_searched_for_locks: bool = True
    """A search for locked people looks into it: commands change rows that are there."""

    is_left: bool = False
    """Leaving the shared rows removes the participant's rows."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What participants keep of a deleted definition of one kind, which a restored one has again."""

    kind: str

    shown: str
    """In words: what the holders are, or what becomes of a restored definition that has none."""

    holders: str | None = None
    """SQL for the number of participants who have something of the definition $1."""


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What the game knows of the definitions of one kind that is not in their rows, and changes without them."""

    kind: str

    query: str
    """SQL for it as JSON, about the row `d` of a definition; null where there is nothing."""

    complete: Callable[[Definition, str | None], Definition]
    """The definition with it."""


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Tables that Citus distributes by another column than the lane. The rows of one value lie on one machine."""

    column: str
    tables: tuple[str, ...]

    numbered: tuple[tuple[str, str], ...] = ()
    """Tables and their columns with a sequence, which would belong to one machine: the server gives the numbers."""


@dataclass(frozen=True, kw_only=True)
class SharedRows:
    """Rows that several participants change, locked after the accounts."""

    leave: OfOne
    """Locks them and takes a participant out of them, before the participant's own rows are deleted."""

    is_left_by_anonymous: bool = False
    """An anonymised participant leaves them, too."""


@dataclass(frozen=True, kw_only=True)
class Tables:
    """The tables of one mechanic. Names of tables, columns and fields become part of statements."""

    invariants: tuple[Invariant, ...] = ()
    """Those of `laurels check`."""

    projections: tuple[Projection[Any], ...] = ()

    people: tuple[PeopleTable, ...] = ()

    account_definition: str | None = None
    """The column of the account that has the id of a definition."""

    by_lane: tuple[str, ...] = ()
    """Further tables that begin with the lane, by which Citus distributes them."""

    apart: Spread | None = None

    everywhere: tuple[str, ...] = ()
    """Tables that every machine needs for deciding and reading, those that are referred to first."""

    in_one_place: tuple[str, ...] = ()
    """Tables that stay on the first machine."""

    shared: SharedRows | None = None

    kept: tuple[Kept, ...] = ()
    beside: tuple[Beside, ...] = ()

    anonymise: OfOne | None = None
    """Clears what speaks of the person in the participant's own rows."""

    personal_fields: tuple[str, ...] = ()
    """The fields of facts that may speak of the person. An erasure clears them."""


@dataclass(frozen=True, kw_only=True)
class AllTables:
    """The tables of all mechanics, as storage works with them. The composition root makes it once."""

    kinds: tuple[Kind, ...]
    """The kinds of definitions, in the order in which they are made: each names only those before it."""

    invariants: tuple[Invariant, ...]
    """In the order in which `laurels check` shows them, those of storage included."""

    projections: tuple[Projection[Any], ...]
    """In the order in which a rebuild compares them."""

    people: tuple[PeopleTable, ...]
    """In the order in which an export shows them."""

    account_definition: str | None

    by_lane: tuple[str, ...]
    """All tables that begin with the lane. Citus places the others beside the first."""

    apart: tuple[Spread, ...]
    everywhere: tuple[str, ...]
    in_one_place: tuple[str, ...]

    shared: tuple[SharedRows, ...]
    """In the order in which batches lock them."""

    kept: Mapping[str, Kept]
    """By the kind of definition."""

    beside: Mapping[str, Beside]
    """By the kind of definition."""

    anonymise: tuple[OfOne, ...]

    personal_fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Orders:
    """What comes first, and in which order; all else comes after it."""

    invariants: tuple[Invariant, ...]

    projections: tuple[str, ...]
    """By their names."""

    exported: tuple[Tables, ...]

    locks: tuple[Tables, ...]
    """All those with shared rows: a place among locks has to be chosen."""


def compose(tables: Iterable[Tables], kinds: Iterable[Kind], orders: Orders) -> AllTables:
    """Puts together what storage and mechanics list. The kinds come in order. Raises ValueError for shared rows without
    a place among locks."""
    every = list(tables)
    if unplaced := [each for each in every if each.shared and each not in orders.locks]:
        raise ValueError(f"Shared rows without a place in the order of locks: {unplaced}")
    places = {name: place for place, name in enumerate(orders.projections)}
    found = [projection for each in every for projection in each.projections]
    people = [table for each in _in_order(orders.exported, every) for table in each.people]
    return AllTables(
        kinds=tuple(kinds),
        invariants=tuple(dict.fromkeys((*orders.invariants, *(one for each in every for one in each.invariants)))),
        projections=tuple(sorted(found, key=lambda each: places.get(each.name, len(places)))),
        people=tuple(people),
        account_definition=next((each.account_definition for each in every if each.account_definition), None),
        by_lane=(*(table.name for table in people), *(table for each in every for table in each.by_lane)),
        apart=tuple(each.apart for each in every if each.apart),
        everywhere=tuple(table for each in every for table in each.everywhere),
        in_one_place=tuple(table for each in every for table in each.in_one_place),
        shared=tuple(each.shared for each in orders.locks if each.shared),
        kept={kept.kind: kept for each in every for kept in each.kept},
        beside={beside.kind: beside for each in every for beside in each.beside},
        anonymise=tuple(each.anonymise for each in every if each.anonymise),
        personal_fields=tuple(sorted({field for each in every for field in each.personal_fields})),
    )


def _in_order(first: tuple[Tables, ...], every: Iterable[Tables]) -> Iterator[Tables]:
    yield from first
    yield from (each for each in every if each not in first)
