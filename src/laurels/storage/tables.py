"""What a mechanic's tables need of storage: checking, rebuilding, erasing, exporting, spreading."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

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

    deleted: tuple[str, ...] = ()
    """The tables whose rows of a participant a deletion removes at once."""

    shared: SharedRows | None = None

    anonymise: OfOne | None = None
    """Clears what speaks of the person in the participant's own rows."""

    personal_fields: tuple[str, ...] = ()
    """The fields of facts that may speak of the person. An erasure clears them."""


@dataclass(frozen=True, kw_only=True)
class AllTables:
    """The tables of all mechanics, as storage works with them. The composition root makes it once."""

    invariants: tuple[Invariant, ...]
    """In the order in which `laurels check` shows them, those of storage included."""

    deleted: tuple[str, ...]

    shared: tuple[SharedRows, ...]
    """In the order in which batches lock them."""

    anonymise: tuple[OfOne, ...]

    personal_fields: tuple[str, ...]


def compose(tables: Iterable[Tables], *, invariants: Iterable[Invariant], locks: Iterable[Tables]) -> AllTables:
    """Puts together what mechanics list. `invariants` come first and in this order, others of mechanics after them;
    `locks` are those with shared rows, in the order of locking. Raises ValueError for shared rows without a place in
    that order."""
    every, in_order = list(tables), list(locks)
    if unplaced := [each for each in every if each.shared and each not in in_order]:
        raise ValueError(f"Shared rows without a place in the order of locks: {unplaced}")
    return AllTables(
        invariants=tuple(dict.fromkeys((*invariants, *(one for each in every for one in each.invariants)))),
        deleted=tuple(table for each in every for table in each.deleted),
        shared=tuple(each.shared for each in in_order if each.shared),
        anonymise=tuple(each.anonymise for each in every if each.anonymise),
        personal_fields=tuple(sorted({field for each in every for field in each.personal_fields})),
    )
