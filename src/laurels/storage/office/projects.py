"""Projects, the tenants of an installation."""

from datetime import UTC, datetime
from typing import Any, Literal, get_args

import asyncpg
from msgspec import Struct
from msgspec.structs import asdict, replace

from laurels.storage.office import audit
from laurels.storage.office.audit import Action, AuditedChange
from laurels.storage.postgres.database import Connection, Fetches

Mode = Literal["live", "test"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)


class Project(Struct, frozen=True, kw_only=True):
    id: int
    code: str
    name: str
    mode: Mode
    time_zone: str
    first_day_of_week: Weekday
    clock_offset_ms: int
    rate_limit: int | None
    event_retention_days: int | None
    strict_fields: bool
    created_at: datetime
    archived_at: datetime | None


class CalendarInUseError(Exception):
    """The calendar cannot change: days and weeks have already been counted by it."""


_COLUMNS = """
id, code, name, mode, time_zone, first_day_of_week, clock_offset_ms, rate_limit, event_retention_days, strict_fields,
created_at, archived_at
"""
_CHANGEABLE = ("name", "rate_limit", "event_retention_days", "strict_fields", "archived_at")


async def all_projects(connection: Fetches) -> list[Project]:
    """All projects, including archived ones."""
    rows = await connection.fetch(f"SELECT {_COLUMNS} FROM project ORDER BY code")  # noqa: S608
    return [_project(row) for row in rows]


async def by_code(connection: Fetches, code: str) -> Project | None:
    rows = await connection.fetch(f"SELECT {_COLUMNS} FROM project WHERE code = $1", code)  # noqa: S608
    return _project(rows[0]) if rows else None


async def by_id(connection: Fetches, project_id: int) -> Project:
    rows = await connection.fetch(f"SELECT {_COLUMNS} FROM project WHERE id = $1", project_id)  # noqa: S608
    return _project(rows[0])


async def lock(connection: Connection, project_id: int) -> Project:
    """Locks the project until the transaction ends, and returns its current row."""
    statement = f"SELECT {_COLUMNS} FROM project WHERE id = $1 FOR NO KEY UPDATE"  # noqa: S608
    return _project((await connection.fetch(statement, project_id))[0])


async def change(connection: Connection, project_id: int, action: Action = "change", **changes: Any) -> Project:
    """Stores the fields in _CHANGEABLE and no others; returns the project."""
    before = await lock(connection, project_id)
    project = replace(before, **changes)
    was, is_now = audit.differences(_changeable(before), _changeable(project))
    if was == is_now and action == "change":
        return project
    await _record(connection, project, action, was, is_now)
    await connection.execute(
        """
        UPDATE project
        SET name = $2, rate_limit = $3, event_retention_days = $4, strict_fields = $5, archived_at = $6 WHERE id = $1
        """,
        project.id,
        *_changeable(project).values(),
    )
    return project


async def change_calendar(
    connection: Connection, project_id: int, time_zone: str, first_day_of_week: Weekday
) -> Project:
    """Stores the project's time zone and first day of the week. Raises CalendarInUseError if the project has, or has
    had, a participant: their facts are counted by it."""
    # A batch that creates the first participant holds the row, or waits for this transaction and sees its version.
    await connection.execute("SELECT FROM project WHERE id = $1 FOR UPDATE", project_id)
    before = await by_id(connection, project_id)
    if (before.time_zone, before.first_day_of_week) == (time_zone, first_day_of_week):
        return before
    if await connection.fetchval(_IS_COUNTED, project_id):
        raise CalendarInUseError
    changed = replace(before, time_zone=time_zone, first_day_of_week=first_day_of_week)
    was, is_now = audit.differences(_calendar(before), _calendar(changed))
    await _record(connection, changed, "change", was, is_now)
    await connection.execute(
        """
        UPDATE project SET time_zone = $2, first_day_of_week = $3, definitions_version = definitions_version + 1
        WHERE id = $1
        """,
        project_id,
        time_zone,
        WEEKDAYS.index(first_day_of_week) + 1,
    )
    return changed


# The audit log shows deleted participants.
_IS_COUNTED = """
SELECT EXISTS (SELECT FROM participant WHERE project_id = $1)
    OR EXISTS (SELECT FROM audit_log WHERE project_id = $1 AND kind = 'participant')
"""


async def set_clock(connection: Connection, project_id: int, offset_ms: int) -> None:
    """Sets the clock, in the transaction that takes the project's next definitions version, so that all servers see
    it."""
    await connection.execute("UPDATE project SET clock_offset_ms = $2 WHERE id = $1", project_id, offset_ms)


async def set_applied(connection: Connection, project_id: int, version: int) -> None:
    """Notes that this definitions version was applied from files."""
    await connection.execute("UPDATE project SET applied_version = $2 WHERE id = $1", project_id, version)


async def create(
    connection: Connection,
    code: str,
    name: str,
    mode: Mode,
    time_zone: str,
    first_day_of_week: Weekday = "monday",
    *,
    strict_fields: bool | None = None,
) -> Project | None:
    """Creates a project; returns None if the code is taken. Strict fields are the default of test projects."""
    strict_fields = mode == "test" if strict_fields is None else strict_fields
    rows = await connection.fetch(
        f"""
        INSERT INTO project (code, name, mode, time_zone, first_day_of_week, strict_fields, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (code) DO NOTHING RETURNING {_COLUMNS}
        """,  # noqa: S608
        code,
        name,
        mode,
        time_zone,
        WEEKDAYS.index(first_day_of_week) + 1,
        strict_fields,
        datetime.now(UTC),
    )
    if not rows:
        return None
    created = _project(rows[0])
    settings = {"name": name, "mode": mode, **_calendar(created), "strict_fields": strict_fields}
    await _record(connection, created, "create", None, settings)
    return created


def _project(row: asyncpg.Record) -> Project:
    return Project(**{**dict(row), "first_day_of_week": WEEKDAYS[row["first_day_of_week"] - 1]})


def _calendar(project: Project) -> dict[str, Any]:
    return {"time_zone": project.time_zone, "first_day_of_week": project.first_day_of_week}


def _changeable(project: Project) -> dict[str, Any]:
    values = asdict(project)
    return {name: values[name] for name in _CHANGEABLE}


async def _record(
    connection: Connection, project: Project, action: Action, before: dict[str, Any] | None, after: dict[str, Any]
) -> None:
    done = AuditedChange(
        project_id=project.id, action=action, kind="project", code=project.code, before=before, after=after
    )
    await audit.record(connection, done)
