"""Projects: the tenants."""

from datetime import UTC, datetime
from typing import Literal

from msgspec import Struct

from laurels.store.database import Connection, Fetches

Mode = Literal["live", "test"]


class Project(Struct, frozen=True, kw_only=True):
    id: int
    code: str
    name: str
    mode: Mode
    time_zone: str
    clock_offset_ms: int
    rate_limit: int | None
    created_at: datetime
    archived_at: datetime | None


_COLUMNS = "id, code, name, mode, time_zone, clock_offset_ms, rate_limit, created_at, archived_at"


async def all_projects(connection: Fetches) -> list[Project]:
    """Archived ones, too."""
    rows = await connection.fetch(f"SELECT {_COLUMNS} FROM project ORDER BY code")  # noqa: S608
    return [Project(**dict(row)) for row in rows]


async def by_code(connection: Fetches, code: str) -> Project | None:
    rows = await connection.fetch(f"SELECT {_COLUMNS} FROM project WHERE code = $1", code)  # noqa: S608
    return Project(**dict(rows[0])) if rows else None


async def by_id(connection: Fetches, project_id: int) -> Project:
    rows = await connection.fetch(f"SELECT {_COLUMNS} FROM project WHERE id = $1", project_id)  # noqa: S608
    return Project(**dict(rows[0]))


async def change(connection: Connection, project: Project) -> None:
    """Stores the name, the limit and whether the project is archived."""
    await connection.execute(
        "UPDATE project SET name = $2, rate_limit = $3, archived_at = $4 WHERE id = $1",
        project.id,
        project.name,
        project.rate_limit,
        project.archived_at,
    )


async def set_clock(connection: Connection, project_id: int, offset_ms: int) -> None:
    """In the transaction that takes the project's next definitions version: so all servers follow."""
    await connection.execute("UPDATE project SET clock_offset_ms = $2 WHERE id = $1", project_id, offset_ms)


async def set_applied(connection: Connection, project_id: int, version: int) -> None:
    """This definitions version was made from files."""
    await connection.execute("UPDATE project SET applied_version = $2 WHERE id = $1", project_id, version)


async def create(connection: Connection, code: str, name: str, mode: Mode, time_zone: str) -> Project | None:
    """The new project, None if the code is taken."""
    rows = await connection.fetch(
        f"""
        INSERT INTO project (code, name, mode, time_zone, created_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (code) DO NOTHING RETURNING {_COLUMNS}
        """,  # noqa: S608
        code,
        name,
        mode,
        time_zone,
        datetime.now(UTC),
    )
    return Project(**dict(rows[0])) if rows else None
