"""Definitions: the rows that admins edit, and the game's view of them.

Every edit takes the project's next definitions version in its own transaction. Each read of a project's state also
reads that version, and so shows whether the cached `Definitions` are still the newest.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from laurels.kernel.dates import time_zones
from laurels.kernel.dates.calendar import Calendar
from laurels.kernel.definition import Definitions
from laurels.kernel.definitions.body import StoredDefinition
from laurels.kernel.definitions.kinds import compiled
from laurels.storage.postgres.database import Connection, Fetches
from laurels.storage.postgres.page_bounds import Moment, Number, PageBounds, PageRows, Text
from laurels.storage.tables import AllTables


class DefinitionRow(Struct, frozen=True, kw_only=True):
    """A definition as stored. `body` holds the fields of its kind."""

    id: str
    kind: str
    code: str
    body: dict[str, Any]
    is_active: bool
    display_order: int
    version: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None


class CodeTakenError(Exception):
    """Another definition of this kind already has the code."""


class LoadedDefinitions(Struct, frozen=True):
    """The definitions as of one version. `versions` are the versions of all definition rows, by id."""

    definitions: Definitions
    versions: dict[str, int]


class DefinitionsCache:
    """Each project's newest `Definitions` that this process has seen. A newer version loads only the differences."""

    def __init__(self, tables: AllTables) -> None:
        self.tables = tables
        self._cached: dict[int, LoadedDefinitions] = {}
        self.with_participants: set[int] = set()
        """Projects whose calendar can no longer change, as far as this process has seen."""

    async def cached(self, connection: Fetches, project_id: int) -> Definitions:
        """The cached definitions, which may be outdated."""
        return await self.at(connection, project_id, 0)

    async def newest(self, connection: Fetches, project_id: int) -> Definitions:
        rows = await connection.fetch("SELECT definitions_version FROM project WHERE id = $1", project_id)
        return await self.at(connection, project_id, rows[0]["definitions_version"])

    async def at(self, connection: Fetches, project_id: int, version: int) -> Definitions:
        """The definitions of `version` or newer."""
        cached = self._cached.get(project_id)
        if cached is None or cached.definitions.version < version:
            cached = self._cached[project_id] = await _load(connection, self.tables, project_id, cached)
        return cached.definitions

    async def before_edit(self, connection: Connection, project_id: int) -> Definitions:
        """The definitions that the open transaction is about to edit."""
        loaded = await self.in_transaction(connection, project_id)
        cached = self._cached.get(project_id)
        # The cached object is preferred because it already holds derived values.
        return cached.definitions if cached and cached.versions == loaded.versions else loaded.definitions

    async def in_transaction(self, connection: Connection, project_id: int) -> LoadedDefinitions:
        """The definitions as the open transaction sees them. They are not cached, as it may be rolled back."""
        return await _load(connection, self.tables, project_id, self._cached.get(project_id))

    def keep_committed(self, project_id: int, loaded: LoadedDefinitions) -> None:
        """Caches definitions that were loaded inside a transaction, now that it is committed."""
        cached = self._cached.get(project_id)
        if cached is None or cached.definitions.version < loaded.definitions.version:
            self._cached[project_id] = loaded


_WRITTEN = "id, kind, code, body, is_active, display_order, version, created_at, updated_at"
_COLUMNS = f"{_WRITTEN}, deleted_at"


def _changed(tables: AllTables) -> str:
    """SQL for the rows since a version. It is one statement, and so one snapshot: the version belongs to the rows read
    with it. Some kinds also have data that changes without their rows."""
    cases = " ".join(f"WHEN '{each.kind}' THEN ({each.query})" for each in tables.external_data.values())
    kinds = ", ".join(f"'{kind}'" for kind in tables.external_data)
    return f"""
    SELECT project.definitions_version, project.time_zone, project.first_day_of_week, project.clock_offset_ms,
           project.listened_types,
           older.number AS older, older.versions AS older_versions,
           d.id::text, d.kind, d.code, CASE WHEN d.version >= $2 THEN d.body END AS body, d.is_active, d.display_order,
           d.version, d.deleted_at IS NOT NULL AS is_deleted,
           {f"CASE d.kind {cases} END" if cases else "NULL"} AS external_data
    FROM project
    CROSS JOIN (
        SELECT count(*) AS number, coalesce(sum(version), 0)::bigint AS versions FROM definition
        WHERE project_id = $1 AND version < $2
    ) AS older
    LEFT JOIN definition d ON d.project_id = project.id
        AND (d.version >= $2 {f"OR d.kind IN ({kinds})" if kinds else ""})
    WHERE project.id = $1
    """  # noqa: S608


async def _load(
    connection: Fetches, tables: AllTables, project_id: int, cached: LoadedDefinitions | None
) -> LoadedDefinitions:
    """Loads the rows since the cached version and takes the rest from the cache. This is exact because an edit gives
    its rows a version that no row has had before."""
    since = cached.definitions.version if cached else 0
    rows = await connection.fetch(_changed(tables), project_id, since)
    if not rows:
        return LoadedDefinitions(Definitions(tables.game, 0), {})
    changed = [row for row in rows if row["body"] is not None]
    versions = {**(cached.versions if cached else {}), **{row["id"]: row["version"] for row in changed}}
    older = [version for version in versions.values() if version < since]
    project = rows[0]
    is_cache_right = (len(older), sum(older)) == (project["older"], project["older_versions"])
    if not is_cache_right or len(older) + len(changed) != len(versions):
        # The database is older than the cache, for example after a failover that lost the last edits.
        return await _load(connection, tables, project_id, None)
    zone = time_zones.zone(project["time_zone"])
    calendar = Calendar(zone, project["first_day_of_week"], project["clock_offset_ms"], time_zones.ZONES)
    external_data = {row["id"]: row["external_data"] for row in rows}
    definitions = [
        tables.external_data[each.kind].complete(each, external_data.get(each.id))
        if each.kind in tables.external_data
        else each
        for each in compiled(tables.kinds, map(_stored, changed), cached.definitions if cached else ())
    ]
    version, listened = project["definitions_version"], project["listened_types"]
    return LoadedDefinitions(Definitions(tables.game, version, definitions, calendar, listened), versions)


def _stored(row: asyncpg.Record) -> StoredDefinition:
    return StoredDefinition(
        id=str(row["id"]),
        kind=row["kind"],
        code=row["code"],
        body=msgspec.json.decode(row["body"]),
        version=row["version"],
        is_active=row["is_active"],
        is_deleted=row["is_deleted"],
        display_order=row["display_order"],
    )


_LISTED = """
FROM definition
WHERE project_id = $1 AND kind = $2 AND (deleted_at IS NOT NULL) = $3 AND ($4::boolean IS NULL OR is_active = $4)
"""

DefinitionPosition = tuple[Number, Text, Moment, UUID]
_DISPLAY_ORDER = ("display_order", "code", "created_at", "id")

_PAGE = f"""
SELECT {_COLUMNS} {_LISTED}
  AND ($7::bigint IS NULL
    OR (display_order, code, created_at, id) > ($7::bigint, $8::text, $9::timestamptz, $10::uuid))
ORDER BY display_order, code, created_at, id LIMIT $5 OFFSET $6
"""


async def page(
    connection: Fetches,
    project_id: int,
    kind: str,
    *,
    is_active: bool | None,
    is_deleted: bool,
    bounds: PageBounds,
) -> PageRows[DefinitionRow]:
    """A page of definitions in display order. Several deleted definitions can have the same code."""
    filters = (project_id, kind, is_deleted, is_active)
    rows = await connection.fetch(_PAGE, *filters, *bounds.arguments(_DISPLAY_ORDER))
    page, last_position = bounds.cut(rows, _DISPLAY_ORDER)
    counted = await connection.fetch(f"SELECT count(*) AS total {_LISTED}", *filters)
    return PageRows([_row(row) for row in page], counted[0]["total"], last_position)


async def get(
    connection: Fetches, project_id: int, kind: str, definition_id: str | None, code: str
) -> DefinitionRow | None:
    """The definition with this id, or else with this code, if it is not deleted."""
    rows = await connection.fetch(
        f"""
        SELECT {_COLUMNS} FROM definition
        WHERE project_id = $1 AND kind = $2 AND (id = $3 OR code = $4) AND deleted_at IS NULL
        ORDER BY id = $3 DESC LIMIT 1
        """,  # noqa: S608
        project_id,
        kind,
        definition_id,
        code,
    )
    return _row(rows[0]) if rows else None


async def present(connection: Fetches, project_id: int) -> list[DefinitionRow]:
    """All definitions of the project that are not deleted, of all kinds, in display order. The order does not depend on
    the database's collation."""
    rows = await connection.fetch(
        f"""
        SELECT {_COLUMNS} FROM definition WHERE project_id = $1 AND deleted_at IS NULL
        ORDER BY kind, display_order, code COLLATE "C"
        """,  # noqa: S608
        project_id,
    )
    return [_row(row) for row in rows]


async def any_of(connection: Fetches, project_id: int) -> bool:
    """Whether the project has a definition of any kind."""
    return bool(await connection.fetch("SELECT 1 FROM definition WHERE project_id = $1 LIMIT 1", project_id))


async def lock(connection: Connection, project_id: int) -> int:
    """Takes the project's next definitions version, so that edits of one project run one after another."""
    version: int = await connection.fetchval(
        "UPDATE project SET definitions_version = definitions_version + 1 WHERE id = $1 RETURNING definitions_version",
        project_id,
    )
    return version


async def insert(connection: Connection, project_id: int, row: DefinitionRow) -> None:
    """Adds a definition. Raises CodeTakenError."""
    try:
        await connection.execute(
            f"INSERT INTO definition (project_id, {_WRITTEN}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",  # noqa: S608
            project_id,
            row.id,
            row.kind,
            row.code,
            msgspec.json.encode(row.body).decode(),
            row.is_active,
            row.display_order,
            row.version,
            row.created_at,
            row.updated_at,
        )
    except asyncpg.UniqueViolationError as error:
        raise CodeTakenError from error
    await _keep_history(connection, row)


async def update(connection: Connection, row: DefinitionRow) -> None:
    """Changes, deletes or restores a definition. Raises CodeTakenError if another definition has the code by now."""
    try:
        await connection.execute(
            """
            UPDATE definition
            SET body = $2, is_active = $3, display_order = $4, version = $5, updated_at = $6, deleted_at = $7
            WHERE id = $1
            """,
            row.id,
            msgspec.json.encode(row.body).decode(),
            row.is_active,
            row.display_order,
            row.version,
            row.updated_at,
            row.deleted_at,
        )
    except asyncpg.UniqueViolationError as error:
        raise CodeTakenError from error
    await _keep_history(connection, row)


_DELETED = f"""
SELECT {_COLUMNS.replace("is_active", "coalesce(was_active, is_active) AS is_active")}
FROM definition d LEFT JOIN LATERAL (
    SELECT h.is_active AS was_active FROM definition_history h WHERE h.definition_id = d.id AND NOT h.is_deleted
    ORDER BY h.version DESC LIMIT 1
) AS before ON true
WHERE project_id = $1 AND deleted_at IS NOT NULL AND ($2::text IS NULL OR kind = $2)
  AND ($3::text IS NULL OR code = $3) AND ($4::uuid IS NULL OR id = $4)
ORDER BY version DESC, id
"""  # noqa: S608


async def deleted(
    connection: Fetches,
    project_id: int,
    *,
    kind: str | None = None,
    code: str | None = None,
    definition_id: str | None = None,
) -> dict[tuple[str, str], DefinitionRow]:
    """The most recently deleted definition for each kind and code; `is_active` is its value before the deletion."""
    latest: dict[tuple[str, str], DefinitionRow] = {}
    for row in await connection.fetch(_DELETED, project_id, kind, code, definition_id):
        latest.setdefault((row["kind"], row["code"]), _row(row))
    return latest


async def _keep_history(connection: Connection, row: DefinitionRow) -> None:
    await connection.execute(
        """
        INSERT INTO definition_history (definition_id, version, body, is_active, is_deleted, changed_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        """,
        row.id,
        row.version,
        msgspec.json.encode(row.body).decode(),
        row.is_active,
        row.deleted_at is not None,
        row.updated_at,
    )


_AS_OF = """
SELECT DISTINCT ON (d.id) d.id, d.kind, d.code, d.display_order, h.body, h.version, h.is_active, h.is_deleted
FROM definition d JOIN definition_history h ON h.definition_id = d.id AND h.version <= $2
WHERE d.project_id = $1 ORDER BY d.id, h.version DESC
"""


async def as_of(connection: Fetches, tables: AllTables, project_id: int, version: int) -> Definitions:
    """The definitions by which facts of `version` were decided, without the data beside their rows: their leaderboards
    count nothing."""
    project = (await connection.fetch("SELECT time_zone, first_day_of_week FROM project WHERE id = $1", project_id))[0]
    calendar = Calendar(time_zones.zone(project["time_zone"]), project["first_day_of_week"], zones=time_zones.ZONES)
    rows = await connection.fetch(_AS_OF, project_id, version)
    return Definitions(tables.game, version, compiled(tables.kinds, map(_stored, rows)), calendar)


async def changed_since_apply(connection: Connection, project_id: int, before: int) -> list[tuple[str, str]]:
    """The kinds and codes of definitions changed after the last apply, in versions before `before`; empty if there was
    no apply."""
    rows = await connection.fetch(
        """
        SELECT d.kind, d.code FROM project JOIN definition d ON d.project_id = project.id
        JOIN definition_history h ON h.definition_id = d.id AND h.version > project.applied_version AND h.version < $2
        WHERE project.id = $1 GROUP BY d.kind, d.code ORDER BY max(h.version), d.kind, d.code
        """,
        project_id,
        before,
    )
    return [(row["kind"], row["code"]) for row in rows]


def _row(record: asyncpg.Record) -> DefinitionRow:
    return DefinitionRow(
        id=str(record["id"]),
        kind=record["kind"],
        code=record["code"],
        body=msgspec.json.decode(record["body"]),
        is_active=record["is_active"],
        display_order=record["display_order"],
        version=record["version"],
        created_at=record["created_at"],
        updated_at=record["updated_at"],
        deleted_at=record["deleted_at"],
    )
