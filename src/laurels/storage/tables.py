"""The declarations by which a mechanic's tables are loaded, saved, checked, rebuilt, exported, erased and spread."""

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
from laurels.storage.alarms import Alarm, Alarms
from laurels.storage.batches import CommandNeeds, Facts, Loading
from laurels.storage.locks import LockedRow
from laurels.storage.postgres.database import Connection, Fetches
from laurels.storage.projections import Projection
from laurels.storage.room import Room
from laurels.storage.statistics import AllStatistics, Lasting, Statistic, combine

OfOne = Callable[[Connection, int, str], Awaitable[None]]
"""An operation on the rows of one participant, by lane and subject, under the account's lock."""


@dataclass(frozen=True)
class Invariant:
    """A condition that stored rows must meet. `query` selects the rows that break it, with the columns `name` and
    `wrong`. It contains no user input."""

    name: str
    query: str | Callable[[Game], str]

    def of(self, game: Game) -> "Invariant":
        """The invariant with its query for this game."""
        return self if isinstance(self.query, str) else Invariant(self.name, self.query(game))


@dataclass(frozen=True, kw_only=True)
class PeopleTable:
    """A table with participants' rows, by lane and subject. The rows are part of the participant's export, are removed
    by a deletion, and are stored on the machine of the lane on Citus."""

    name: str

    section: str
    """The name of the rows in a participant's export. Tables that follow one another may share one."""

    unshown: tuple[str, ...] = ()
    """Columns that the export leaves out: they say where a row is found, and nothing of the participant."""

    key: tuple[tuple[str, str], ...] = ()
    """The columns that identify a row among the participant's rows and define their order, each with its type."""

    definition: str | None = None
    """SQL for the id of the definition that a row `r` belongs to."""

    is_searched_for_locks: bool = True
    """Whether a search for locked people includes this table: commands change existing rows in it."""

    is_left: bool = False
    """Whether `SharedRows.leave` removes the participant's rows."""


@dataclass(frozen=True, kw_only=True)
class KeptState:
    """The state that participants keep when a definition of this kind is deleted, and that takes effect again when the
    definition is restored."""

    kind: str

    shown: str
    """A description of the holders or, without them, of the effect of a restore."""

    holders: str | None = None
    """SQL for the number of participants with state for the definition $1."""


@dataclass(frozen=True, kw_only=True)
class ExternalData:
    """Data of the definitions of one kind that is stored outside their rows, and changes without them."""

    kind: str

    query: str
    """SQL for the data as JSON, given the row `d` of a definition; null where there is none."""

    complete: Callable[[Definition, str | None], Definition]
    """Adds the data to the definition."""


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Tables that Citus distributes by a column other than the lane. Rows with the same value are on one machine."""

    column: str
    tables: tuple[str, ...]

    numbered: tuple[tuple[str, str], ...] = ()
    """Tables and their identity columns. Citus gets them without the identity, as a sequence belongs to one machine:
    the server numbers the rows."""


@dataclass(frozen=True, kw_only=True)
class Load:
    """The function that loads one kind of need, given the commands that have it."""

    need: Need[Any]
    load: Callable[[Connection, Loading, Sequence[CommandNeeds]], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Settling:
    """The stored side of state that ends by itself (kernel/play.py, Settlement). `load_next` loads the next ends of
    each participant, up to a number per participant. `as_of` reads the slices of a participant's account as if all due
    ends were settled, except for numbers of facts."""

    load_next: Callable[[Connection, Collection[Participant], int, Room], Awaitable[None]]
    as_of: Callable[[Fetches, int, object, datetime], Awaitable[Slices]]


@dataclass(frozen=True, kw_only=True)
class SharedRows:
    """Rows that are changed on behalf of several participants. They are locked after the accounts."""

    leave: OfOne
    """Locks the rows and takes a participant out of them, before the participant's own rows are deleted."""

    save: Callable[[Connection, Facts], Awaitable[None]]

    lock: Callable[[Connection, Loading, Sequence[CommandNeeds]], Awaitable[None]] | None = None
    """Locks and loads the rows that commands need. If the batch skips locked rows, participants who need a locked row
    are left out."""

    locked_elsewhere: Callable[[Connection, Facts], Awaitable[Mapping[str, LockedRow]]] | None = None
    """Locks the rows before saving, if the batch skips locked rows; returns rows locked by other sessions, by
    subject."""

    is_left_by_anonymous: bool = False
    """Whether an anonymised participant also leaves the rows."""


@dataclass(frozen=True, kw_only=True)
class OwnMigrations:
    """The migrations of a mechanic that creates its own tables. They run after those of Laurels and are numbered
    separately; the table `alembic_version_NAME` has the last one that was run."""

    name: str
    folder: Path


@dataclass(frozen=True, kw_only=True)
class Tables:
    """The tables of one mechanic. Names of tables, columns and fields become part of statements."""

    migrations: OwnMigrations | None = None
    """None for tables created by the migrations of Laurels."""

    invariants: tuple[Invariant, ...] = ()
    """The invariants that `laurels check` checks."""

    projections: tuple[Projection[Any], ...] = ()

    account: AccountPart[Any] | None = None

    loads: tuple[Load, ...] = ()

    loads_after: tuple[Load, ...] = ()
    """Loads that run after all `loads`."""

    settling: Settling | None = None

    alarms: tuple[Alarm, ...] = ()

    save: Callable[[Connection, Facts], Awaitable[None]] | None = None
    """Saves the participants' own rows that facts have changed."""

    people: tuple[PeopleTable, ...] = ()

    account_definition: str | None = None
    """The column of the account that has the id of a definition."""

    by_lane: tuple[str, ...] = ()
    """Further tables whose first column is the lane, by which Citus distributes them."""

    apart: Spread | None = None

    everywhere: tuple[str, ...] = ()
    """Tables that every machine needs for deciding and reading; a table comes after the tables that it references."""

    in_one_place: tuple[str, ...] = ()
    """Tables that stay on the first machine."""

    shared: SharedRows | None = None

    kept_states: tuple[KeptState, ...] = ()
    external_data: tuple[ExternalData, ...] = ()

    anonymise: OfOne | None = None
    """Clears personal data in the participant's own rows."""

    personal_fields: tuple[str, ...] = ()
    """The fields of facts that may contain personal data. An erasure clears them."""

    statistics: tuple[Statistic, ...] = ()
    """The daily statistics of the mechanic's facts."""

    lasting: tuple[Lasting, ...] = ()
    """The daily statistics of objects that last until a time."""

    activity: tuple[str, ...] = ()
    """The kinds of facts by which a participant counts as active, if nothing caused the fact."""


@dataclass(frozen=True, kw_only=True)
class AllTables:
    """The tables of all mechanics, in the form that storage uses. The composition root builds it once."""

    game: Game

    migrations: tuple[OwnMigrations, ...]

    accounts: Accounts
    loads: tuple[Load, ...]
    loads_after: tuple[Load, ...]
    settling: Settling

    alarms: Alarms

    saves: tuple[Callable[[Connection, Facts], Awaitable[None]], ...]
    """In the order in which a batch saves the participants' own rows."""

    kinds: tuple[Kind, ...]
    """The kinds of definitions, in the order in which they are compiled: each refers only to earlier kinds."""

    invariants: tuple[Invariant, ...]
    """All invariants, including those of storage, in the order in which `laurels check` shows them."""

    projections: tuple[Projection[Any], ...]
    """In the order in which a rebuild compares them."""

    people: tuple[PeopleTable, ...]
    """In the order in which an export shows them."""

    account_definition: str | None

    by_lane: tuple[str, ...]
    """All tables whose first column is the lane. Citus colocates the others with the first."""

    apart: tuple[Spread, ...]
    everywhere: tuple[str, ...]
    in_one_place: tuple[str, ...]

    shared: tuple[SharedRows, ...]
    """In the order in which batches lock them."""

    kept_states: Mapping[str, KeptState]
    """By the kind of definition."""

    external_data: Mapping[str, ExternalData]
    """By the kind of definition."""

    anonymise: tuple[OfOne, ...]

    personal_fields: tuple[str, ...]

    statistics: AllStatistics


@dataclass(frozen=True, kw_only=True)
class TableOrders:
    """The elements that come first, in their order; all others follow."""

    invariants: tuple[Invariant, ...]

    projections: tuple[str, ...]
    """By their names."""

    exported: tuple[Tables, ...]

    locks: tuple[Tables, ...]
    """All tables with shared rows: their order has to be chosen, so none may be missing."""

    saves: tuple[Tables, ...]


def compose(game: Game, tables: Iterable[Tables], kinds: Iterable[Kind], orders: TableOrders) -> AllTables:
    """Combines the declarations of storage and all mechanics. The kinds are given in order. Raises ClashError for
    duplicate names, and for shared rows without a position in the order of locks."""
    every = list(tables)
    if unordered := [each for each in every if each.shared and each not in orders.locks]:
        raise ClashError(f"Shared rows without a position in the order of locks: {unordered}")
    positions = {name: position for position, name in enumerate(orders.projections)}
    projections = [projection for each in every for projection in each.projections]
    people = [table for each in _in_order(orders.exported, every) for table in each.people]
    invariants = [invariant for each in every for invariant in each.invariants]
    settling = only_one("settling", (each.settling for each in every if each.settling))
    other_tables = (table for each in every for table in (*each.by_lane, *each.everywhere, *each.in_one_place))
    refuse_twice(f"the table {name}" for name in (*(table.name for table in people), *other_tables))
    refuse_twice(f"the holders of a deleted {kept.kind}" for each in every for kept in each.kept_states)
    refuse_twice(f"the external data of a {data.kind}" for each in every for data in each.external_data)
    return AllTables(
        game=game,
        migrations=tuple(each.migrations for each in every if each.migrations),
        accounts=Accounts(each.account for each in every if each.account),
        loads=tuple(load for each in every for load in each.loads),
        loads_after=tuple(load for each in every for load in each.loads_after),
        settling=settling,
        alarms=Alarms(game, (alarm for each in every for alarm in each.alarms)),
        saves=tuple(each.save for each in _in_order(orders.saves, every) if each.save),
        kinds=tuple(kinds),
        invariants=tuple(each.of(game) for each in dict.fromkeys((*orders.invariants, *invariants))),
        projections=tuple(sorted(projections, key=lambda each: positions.get(each.name, len(positions)))),
        people=tuple(people),
        account_definition=next((each.account_definition for each in every if each.account_definition), None),
        by_lane=(*(table.name for table in people), *(table for each in every for table in each.by_lane)),
        apart=tuple(each.apart for each in every if each.apart),
        everywhere=tuple(table for each in every for table in each.everywhere),
        in_one_place=tuple(table for each in every for table in each.in_one_place),
        shared=tuple(each.shared for each in orders.locks if each.shared),
        kept_states={kept.kind: kept for each in every for kept in each.kept_states},
        external_data={data.kind: data for each in every for data in each.external_data},
        anonymise=tuple(each.anonymise for each in every if each.anonymise),
        personal_fields=tuple(sorted({field for each in every for field in each.personal_fields})),
        statistics=combine(
            game,
            (statistic for each in every for statistic in each.statistics),
            (lasting for each in every for lasting in each.lasting),
            (kind for each in every for kind in each.activity),
        ),
    )


def _in_order(first: tuple[Tables, ...], every: Iterable[Tables]) -> Iterator[Tables]:
    yield from first
    yield from (each for each in every if each not in first)
