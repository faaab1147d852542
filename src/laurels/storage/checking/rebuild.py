"""Folding the journal again, and comparing every stored projection with the result."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import asyncpg

from laurels.kernel.deciding.fold import fold
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry, Fact
from laurels.kernel.participant import Participant
from laurels.storage.checking.invariants import FETCH_ROWS, Finding
from laurels.storage.definitions import DefinitionsCache
from laurels.storage.postgres.database import Connection
from laurels.storage.projections import Add, AsKept, Gathered, Projection
from laurels.storage.tables import AllTables

REBUILT = "folding the journal again gives every projection as stored"

ACCOUNT = "account"


async def rebuild(connection: Connection, tables: AllTables, lanes: range) -> Finding:
    """Reads accounts, journal and projections side by side, all in the order of (lane, subject), in the open
    transaction; returns the differences."""
    finding = Finding(REBUILT)
    projections = tables.projections
    folding = _RebuiltProjections(tables, await _all_definitions(connection, tables))
    of_lanes = f"lane >= {lanes.start} AND lane < {lanes.stop}"
    being_erased = await connection.fetch("SELECT lane, subject, is_deletion FROM erasure")
    # During an erasure, neither the facts nor the projections of a person are complete.
    skipped = {(row["lane"], row["subject"]) for row in being_erased}
    left_over_facts = ", ".join(f"'{row['subject']}'" for row in being_erased if row["is_deletion"])
    not_left_over = f"AND subject NOT IN ({left_over_facts})" if left_over_facts else ""
    recorded_at = "recorded_at" if folding.reads_recorded_at else "NULL"
    columns = f"lane, subject, id, seq, kind, data, occurred_at, {recorded_at} AS recorded_at"
    facts = f"SELECT {columns} FROM journal WHERE {of_lanes} {not_left_over} ORDER BY lane, subject, seq"  # noqa: S608
    entries = _Grouped(connection, facts)
    stored = _StoredProjections(connection, tables, of_lanes)
    as_kept: dict[str, AsKept[Any]] = {each.name: each.as_kept for each in projections}
    as_kept[ACCOUNT] = partial(_account_as_kept, tables)
    accounts = connection.cursor(
        f"""
        SELECT a.*, p.project_id, p.anonymised_at IS NOT NULL AS is_anonymised
        FROM account a LEFT JOIN participant p USING (lane, subject) WHERE {of_lanes} ORDER BY lane, subject
        """,  # noqa: S608
        prefetch=FETCH_ROWS,
    )
    async for row in accounts:
        key = (row["lane"], row["subject"])
        rebuilt = folding.all_of(row, await entries.take(key))
        for name, value in (await stored.take(row)).items():
            is_different = rebuilt[name] != value and as_kept[name](rebuilt[name], value) != value
            if is_different and key not in skipped:
                finding.add(f"{row['subject']}: stored {name} {value}, rebuilt {rebuilt[name]}")
    for remaining in (entries, *stored.rows.values()):
        if next_key := await remaining.next_key():
            finding.add(f"{next_key[1]}: rows without an account")
    return finding


def _account_as_kept(tables: AllTables, rebuilt: dict[str, Any], stored: dict[str, Any]) -> dict[str, Any]:
    slices = [(part.slice.name, part.as_kept) for part in tables.accounts.parts]
    return rebuilt | {name: as_kept(rebuilt[name], stored[name]) for name, as_kept in slices}


async def _all_definitions(connection: Connection, tables: AllTables) -> dict[int, Definitions]:
    """The newest definitions of each project."""
    cache = DefinitionsCache(tables)
    rows = await connection.fetch("SELECT id FROM project")
    return {row["id"]: await cache.newest(connection, row["id"]) for row in rows}


class _Gathering:
    """The functions that add facts to the gathered projections of one project's participants."""

    def __init__(self, projections: Sequence[Projection[Any]], definitions: Definitions | None) -> None:
        self._projections = [
            (each.name, each.rebuilt, add)
            for each in projections
            if isinstance(each.rebuilt, Gathered) and (add := each.rebuilt.adding(definitions))
        ]
        self._by_fact: dict[tuple[type[Fact], bool], list[tuple[str, Add[Any]]]] = {}

    @property
    def reads_recorded_at(self) -> bool:
        return any(gathered.reads_recorded_at for _, gathered, _ in self._projections)

    def of(self, fact: type[Fact], *, is_anonymised: bool) -> list[tuple[str, Add[Any]]]:
        """The names of the projections that such a fact may change, each with its function."""
        adders = self._by_fact.get((fact, is_anonymised))
        if adders is None:
            adders = self._by_fact[fact, is_anonymised] = [
                (name, add)
                for name, gathered, add in self._projections
                if issubclass(fact, gathered.facts) and not (is_anonymised and gathered.skips_anonymous)
            ]
        return adders


class _RebuiltProjections:
    """Rebuilds all projections of a participant from the facts alone."""

    def __init__(self, tables: AllTables, definitions: dict[int, Definitions]) -> None:
        """`definitions` are those of all projects, by project id."""
        self._tables = tables
        self._projections = projections = tables.projections
        self._by_project = {
            project_id: _Gathering(projections, of_project) for project_id, of_project in definitions.items()
        }
        self._without_project = _Gathering(projections, None)

    @property
    def reads_recorded_at(self) -> bool:
        return any(gathering.reads_recorded_at for gathering in self._by_project.values())

    def all_of(self, account: asyncpg.Record, rows: Sequence[asyncpg.Record]) -> dict[str, Any]:
        """The rebuilt values of all projections, by name."""
        participant = Participant(
            project_id=account["project_id"],
            participant_id="",
            lane=account["lane"],
            subject=str(account["subject"]),
            exists=True,
        )
        game = self._tables.game
        gathering = self._by_project.get(account["project_id"], self._without_project)
        values = {each.name: each.rebuilt.empty() for each in self._projections if isinstance(each.rebuilt, Gathered)}
        for _, _, entry_id, seq, kind, data, occurred_at, recorded_at in rows:
            fact = game.fact_from(kind, data)
            entry = Entry(str(entry_id), seq, fact, occurred_at)
            fold(game, participant, entry)
            for name, add in gathering.of(type(fact), is_anonymised=account["is_anonymised"]):
                add(values[name], entry, recorded_at)
        folded = {
            each.name: each.rebuilt(participant) for each in self._projections if not isinstance(each.rebuilt, Gathered)
        }
        held = {part.slice.name: part.held(participant[part.slice]) for part in self._tables.accounts.parts}
        own = {"seq": participant.seq, "next_expiry_at": participant.next_expiry_at}
        return {ACCOUNT: own | held, **folded, **values}


class _StoredProjections:
    """The projections as stored."""

    def __init__(self, connection: Connection, tables: AllTables, of_lanes: str) -> None:
        self._parts = tables.accounts.parts
        self._projections = projections = tables.projections
        self.rows = {
            each.name: _Grouped(
                connection,
                f"SELECT * FROM {each.table} WHERE {each.condition} AND {of_lanes} ORDER BY lane, subject",  # noqa: S608
            )
            for each in projections
        }

    async def take(self, account: asyncpg.Record) -> dict[str, Any]:
        key = (account["lane"], account["subject"])
        stored = {each.name: each.stored(await self.rows[each.name].take(key)) for each in self._projections}
        held = {part.slice.name: part.held(part.read(account)) for part in self._parts}
        own = {"seq": account["seq"], "next_expiry_at": account["next_expiry_at"]}
        return {ACCOUNT: own | held, **stored}


class _Grouped:
    """Rows in the order of (lane, subject), read one participant at a time."""

    def __init__(self, connection: Connection, query: str) -> None:
        self._connection = connection
        self._query = query
        self._cursor: Any = None
        self._rows: list[asyncpg.Record] = []
        self._next = 0
        self._has_ended = False

    async def next_key(self) -> tuple[int, Any] | None:
        if self._next == len(self._rows) and not self._has_ended:
            await self._fetch()
        if not self._rows:
            return None
        row = self._rows[self._next]
        return row["lane"], row["subject"]

    async def take(self, key: tuple[int, Any]) -> list[asyncpg.Record]:
        """The rows with this lane and subject; none if the next rows belong to a later participant."""
        taken: list[asyncpg.Record] = []
        if self._has_ended:
            return taken
        while await self.next_key() == key:
            first, rows = self._next, self._rows
            end = first + 1
            while end < len(rows) and rows[end]["subject"] == key[1] and rows[end]["lane"] == key[0]:
                end += 1
            taken += rows[first:end]
            self._next = end
        return taken

    async def _fetch(self) -> None:
        if self._cursor is None:
            self._cursor = await self._connection.cursor(self._query)
        self._rows = await self._cursor.fetch(FETCH_ROWS)
        self._next = 0
        self._has_ended = not self._rows
