"""Definitions: the rows that admins edit, and the core's view of them.

Every edit takes the project's next definitions version in its own transaction. Whoever reads a project's state reads
that version along and so knows whether its `Definitions` are still the newest.
"""

from datetime import datetime
from typing import Any

import asyncpg
import msgspec
from msgspec import Struct

from laurels import time_zones
from laurels.core.model import Badge, Calendar, Definitions, Generation, Leaderboard, Streak, Tier
from laurels.store.database import Connection, Fetches


class DefinitionRow(Struct, frozen=True, kw_only=True):
    """A definition as stored. `body` holds what is particular to its kind."""

    id: str
    kind: str
    code: str
    body: dict[str, Any]
    is_active: bool
    display_order: int
    version: int
    created_at: datetime
    updated_at: datetime


class CodeTakenError(Exception):
    """Another definition of this kind already has the code."""


class DefinitionsCache:
    """Each project's newest `Definitions` that this process has seen."""

    def __init__(self) -> None:
        self._known: dict[int, Definitions] = {}

    async def known(self, connection: Fetches, project_id: int) -> Definitions:
        """Those seen last, which may be out of date."""
        return self._known.get(project_id) or await self.at(connection, project_id, 0)

    async def newest(self, connection: Fetches, project_id: int) -> Definitions:
        rows = await connection.fetch("SELECT definitions_version FROM project WHERE id = $1", project_id)
        return await self.at(connection, project_id, rows[0]["definitions_version"])

    async def at(self, connection: Fetches, project_id: int, version: int) -> Definitions:
        """The definitions of `version` or newer."""
        known = self._known.get(project_id)
        if known is None or known.version < version:
            known = self._known[project_id] = await _load(connection, project_id)
        return known


_COLUMNS = "id, kind, code, body, is_active, display_order, version, created_at, updated_at"


# One statement, and so one snapshot: the version is that of the rows beside it.
_EVERYTHING = """
SELECT project.definitions_version, project.time_zone, project.first_day_of_week, project.clock_offset_ms,
       d.id, d.kind, d.code, d.body, d.is_active, d.display_order, d.deleted_at IS NOT NULL AS is_deleted,
       (SELECT jsonb_agg(jsonb_build_object('id', g.id, 'metric', g.metric, 'event_name', g.event_name,
                                            'property', g.property, 'is_ready', g.status = 'ready') ORDER BY g.id)
        FROM board_generation g WHERE g.definition_id = d.id AND g.status <> 'retired') AS generations
FROM project LEFT JOIN definition d ON d.project_id = project.id
WHERE project.id = $1
"""


async def _load(connection: Fetches, project_id: int) -> Definitions:
    rows = await connection.fetch(_EVERYTHING, project_id)
    if not rows:
        return Definitions(0)
    project = rows[0]
    zone = time_zones.zone(project["time_zone"])
    return Definitions(
        project["definitions_version"],
        tiers=[_tier(row) for row in rows if row["kind"] == "tier"],
        badges=[_badge(row) for row in rows if row["kind"] == "badge"],
        streaks=[_streak(row) for row in rows if row["kind"] == "streak"],
        leaderboards=[_leaderboard(row) for row in rows if row["kind"] == "leaderboard"],
        calendar=Calendar(zone, project["first_day_of_week"], project["clock_offset_ms"]),
    )


def _tier(row: asyncpg.Record) -> Tier:
    body = msgspec.json.decode(row["body"])
    criteria = body["criteria_config"] or {"min_points": 0, "basis": "total_earned"}
    return Tier(
        id=str(row["id"]),
        code=row["code"],
        name=body["name"],
        level=body["level"],
        color=body["color"],
        automatic=body["award_type"] == "automatic",
        min_points=criteria["min_points"],
        basis=criteria["basis"],
        is_active=row["is_active"],
        is_deleted=row["is_deleted"],
    )


def _badge(row: asyncpg.Record) -> Badge:
    body = msgspec.json.decode(row["body"])
    return Badge(
        id=str(row["id"]),
        code=row["code"],
        name=body["name"],
        description=body["description"],
        icon_url=body["icon_url"],
        rarity=body["rarity"],
        display_order=row["display_order"],
        is_hidden=body["is_hidden"],
        is_active=row["is_active"],
        is_deleted=row["is_deleted"],
    )


def _streak(row: asyncpg.Record) -> Streak:
    body = msgspec.json.decode(row["body"])
    return Streak(
        id=str(row["id"]),
        code=row["code"],
        name=body["name"],
        period=body["period"],
        grace_period_hours=body["grace_period_hours"],
        display_order=row["display_order"],
        is_active=row["is_active"],
        is_deleted=row["is_deleted"],
    )


def _leaderboard(row: asyncpg.Record) -> Leaderboard:
    body = msgspec.json.decode(row["body"])
    return Leaderboard(
        id=str(row["id"]),
        code=row["code"],
        name=body["name"],
        time_window=body["time_window"],
        generations=msgspec.json.decode(row["generations"] or b"[]", type=tuple[Generation, ...]),
        is_active=row["is_active"],
        is_deleted=row["is_deleted"],
    )


async def page(
    connection: Fetches, project_id: int, kind: str, *, is_active: bool | None, limit: int, offset: int
) -> tuple[list[DefinitionRow], int]:
    """One page in display order, and how many there are in all."""
    rows = await connection.fetch(
        f"""
        SELECT {_COLUMNS} FROM definition
        WHERE project_id = $1 AND kind = $2 AND deleted_at IS NULL AND ($3::boolean IS NULL OR is_active = $3)
        ORDER BY display_order, code LIMIT $4 OFFSET $5
        """,  # noqa: S608
        project_id,
        kind,
        is_active,
        limit,
        offset,
    )
    counted = await connection.fetch(
        """
        SELECT count(*) AS total FROM definition
        WHERE project_id = $1 AND kind = $2 AND deleted_at IS NULL AND ($3::boolean IS NULL OR is_active = $3)
        """,
        project_id,
        kind,
        is_active,
    )
    return [_row(row) for row in rows], counted[0]["total"]


async def get(connection: Fetches, project_id: int, kind: str, definition_id: str) -> DefinitionRow | None:
    rows = await connection.fetch(
        f"""
        SELECT {_COLUMNS} FROM definition
        WHERE project_id = $1 AND kind = $2 AND id = $3 AND deleted_at IS NULL
        """,  # noqa: S608
        project_id,
        kind,
        definition_id,
    )
    return _row(rows[0]) if rows else None


async def present(connection: Fetches, project_id: int) -> list[DefinitionRow]:
    """All definitions of the project that are not deleted, of all kinds, in display order whatever the database's
    collation."""
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
    """Takes the project's next definitions version; edits of one project happen one after another."""
    version: int = await connection.fetchval(
        "UPDATE project SET definitions_version = definitions_version + 1 WHERE id = $1 RETURNING definitions_version",
        project_id,
    )
    return version


async def insert(connection: Connection, project_id: int, row: DefinitionRow) -> None:
    """Adds a definition. Raises CodeTakenError."""
    try:
        await connection.execute(
            f"INSERT INTO definition (project_id, {_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",  # noqa: S608
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


async def update(connection: Connection, row: DefinitionRow) -> None:
    await connection.execute(
        """
        UPDATE definition SET body = $2, is_active = $3, display_order = $4, version = $5, updated_at = $6
        WHERE id = $1
        """,
        row.id,
        msgspec.json.encode(row.body).decode(),
        row.is_active,
        row.display_order,
        row.version,
        row.updated_at,
    )


async def soft_delete(connection: Connection, row: DefinitionRow, deleted_at: datetime) -> None:
    await connection.execute(
        "UPDATE definition SET deleted_at = $2, updated_at = $2, is_active = false, version = $3 WHERE id = $1",
        row.id,
        deleted_at,
        row.version,
    )


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
    )
