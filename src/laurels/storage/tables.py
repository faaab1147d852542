"""What a mechanic's tables need of storage: checking, rebuilding, erasing, exporting, spreading."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from laurels.kernel.definition import Definition
from laurels.kernel.definitions.body import Kind
from laurels.kernel.game import ClashError, Game, only_one, refuse_twice
from laurels.kernel.needs import Need
from laurels.kernel.participant import Participant, Slices
from laurels.storage.accounts import AccountPart, Accounts
from laurels.storage.batches import Facts, Loading, Wanted
from laurels.storage.locks import LockedRow
from laurels.storage.postgres.database import Connection, Fetches
from laurels.storage.projections import Projection
from laurels.storage.room import Room

OfOne = Callable[[Connection, int, str], Awaitable[None]]
"""Something done to the rows of one participant, by lane and subject, under the account's lock."""


@dataclass(frozen=True)
class Invariant:
    """What holds of stored rows. `query` selects the rows that break it: a `name` and what is `wrong`. It contains
    nothing that comes from outside."""

    name: str
    query: str | Callable[[Game], str]

    def of(self, game: Game) -> "Invariant":
        """The invariant with the query that the game makes."""
        return self if isinstance(self.query, str) else Invariant(self.name, self.query(game))


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
class Load:
    """Loads what commands need of one kind, given those that need it."""

    need: Need[Any]
    load: Callable[[Connection, Loading, Sequence[Wanted]], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Settling:
    """What of a participant's ends by itself (kernel/play.py, Settlement), in the tables. `load_next` loads of each
    participant the first so many ends. `as_of` reads the slices of a participant's account as they will be when all
    that is due is settled, but for numbers of facts."""

    load_next: Callable[[Connection, Collection[Participant], int, Room], Awaitable[None]]
    as_of: Callable[[Fetches, int, object, datetime], Awaitable[Slices]]


@dataclass(frozen=True, kw_only=True)
class SharedRows:
    """Rows that several participants change, locked after the accounts."""

    leave: OfOne
    """Locks them and takes a participant out of them, before the participant's own rows are deleted."""

    save: Callable[[Connection, Facts], Awaitable[None]]

    lock: Callable[[Connection, Loading, Sequence[Wanted]], Awaitable[None]] | None = None
    """Locks and loads those that commands need. People are left out whose rows are locked elsewhere, where the batch
    waits for no row."""

    locked_elsewhere: Callable[[Connection, Facts], Awaitable[Mapping[str, LockedRow]]] | None = None
    """Before saving, where the batch waits for no row: locks them, and gives by subject those locked elsewhere."""

    is_left_by_anonymous: bool = False
    """An anonymised participant leaves them, too."""


@dataclass(frozen=True, kw_only=True)
class OwnMigrations:
    """The migrations of a mechanic that makes its tables itself, after those of Laurels. They are numbered by
    themselves, and the table `alembic_version_NAME` has the last one that was run."""

    name: str
    folder: Path


@dataclass(frozen=True, kw_only=True)
class Tables:
    """The tables of one mechanic. Names of tables, columns and fields become part of statements."""

    migrations: OwnMigrations | None = None
    """None for tables that the migrations of Laurels make."""

    invariants: tuple[Invariant, ...] = ()
    """Those of `laurels check`."""

    projections: tuple[Projection[Any], ...] = ()

    account: AccountPart[Any] | None = None

    loads: tuple[Load, ...] = ()

    loads_after: tuple[Load, ...] = ()
    """Those that come when all that commands name has been loaded."""

    settling: Settling | None = None

    save: Callable[[Connection, Facts], Awaitable[None]] | None = None
    """Saves what facts have changed of the participants' own rows."""

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

    game: Game

    migrations: tuple[OwnMigrations, ...]

    accounts: Accounts
    loads: tuple[Load, ...]
    loads_after: tuple[Load, ...]
    settling: Settling

    saves: tuple[Callable[[Connection, Facts], Awaitable[None]], ...]
    """In the order in which a batch saves the participants' own rows."""

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

    saves: tuple[Tables, ...]


def compose(game: Game, tables: Iterable[Tables], kinds: Iterable[Kind], orders: Orders) -> AllTables:
    """Puts together what storage and mechanics list. The kinds come in order. Raises ClashError for two of one name,
    and for shared rows without a place among locks."""
    every = list(tables)
    if unplaced := [each for each in every if each.shared and each not in orders.locks]:
        raise ClashError(f"Shared rows without a place in the order of locks: {unplaced}")
    places = {name: place for place, name in enumerate(orders.projections)}
    found = [projection for each in every for projection in each.projections]
    people = [table for each in _in_order(orders.exported, every) for table in each.people]
    listed = [invariant for each in every for invariant in each.invariants]
    settling = only_one("settling", (each.settling for each in every if each.settling))
    placed = (table for each in every for table in (*each.by_lane, *each.everywhere, *each.in_one_place))
    refuse_twice(f"the table {name}" for name in (*(table.name for table in people), *placed))
    refuse_twice(f"the holders of a deleted {kept.kind}" for each in every for kept in each.kept)
    refuse_twice(f"what is beside a {beside.kind}" for each in every for beside in each.beside)
    return AllTables(
        game=game,
        migrations=tuple(each.migrations for each in every if each.migrations),
        accounts=Accounts(each.account for each in every if each.account),
        loads=tuple(load for each in every for load in each.loads),
        loads_after=tuple(load for each in every for load in each.loads_after),
        settling=settling,
        saves=tuple(each.save for each in _in_order(orders.saves, every) if each.save),
        kinds=tuple(kinds),
        invariants=tuple(each.of(game) for each in dict.fromkeys((*orders.invariants, *listed))),
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
