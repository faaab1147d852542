"""What `laurels erasures apply` does: the erasures of a file, repeated in a database that was restored."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from laurels.storage import erased_ids
from laurels.storage.erasing import erasures
from laurels.storage.erasing.file import ErasuresFileError, Line, name_of
from laurels.storage.office import projects
from laurels.storage.postgres.database import Connection
from laurels.storage.tables import AllTables

FETCH_ROWS = 5_000


class Applied(Struct):
    """`erased` people were there again; `unknown_projects` are in the file and not in the database."""

    lines: int = 0
    erased: int = 0
    unknown_projects: set[str] = set()


async def apply(connection: Connection, tables: AllTables, lines: Iterable[Line]) -> Applied:
    """Erases who is there and was erased, each in a transaction of its own, to the end. Safe to run again. Raises
    ErasuresFileError."""
    applied = Applied()
    secret = await erased_ids.secret(connection)
    known = {project.code: project.id for project in await projects.all_projects(connection)}
    wanted: dict[tuple[int, bytes], Line] = {}
    for line in lines:
        applied.lines += 1
        if line.secret != name_of(secret):
            raise ErasuresFileError(
                "The file belongs to another database, or to a time before this one kept its secret: nobody was erased."
            )
        if line.project not in known:
            applied.unknown_projects.add(line.project)
            continue
        key = known[line.project], bytes.fromhex(line.id_hash)
        # Who came back and was erased again has several lines: the last one holds.
        if key not in wanted or wanted[key].erased_at <= line.erased_at:
            wanted[key] = line
    for (project_id, participant_id), line in await _present(connection, secret, wanted):
        async with connection.transaction():
            found = await erasures.erase(connection, tables, project_id, participant_id, line.how, line.erased_at)
        applied.erased += found is not None
    for (project_id, id_hash), line in wanted.items():
        await erased_ids.add(connection, line.lane, project_id, id_hash, line.erased_at)
    await _finish(connection, tables)
    return applied


async def _present(
    connection: Connection, secret: bytes, wanted: dict[tuple[int, bytes], Line]
) -> list[tuple[tuple[int, str], Line]]:
    """By project and id those who began before they were erased: who began later is somebody else."""
    found = []
    query = "SELECT project_id, participant_id, created_at FROM participant"
    async with connection.transaction():
        async for row in connection.cursor(query, prefetch=FETCH_ROWS):
            person: tuple[int, str] = (row["project_id"], row["participant_id"])
            created_at: datetime = row["created_at"]
            line = wanted.get((person[0], erased_ids.id_hash(secret, *person)))
            if line is not None and created_at <= line.erased_at:
                found.append((person, line))
    return found


async def _finish(connection: Connection, tables: AllTables) -> None:
    """Nothing may be left when the first request comes."""
    for lane, subject in await erasures.unfinished(connection):
        has_more = True
        while has_more:
            async with connection.transaction():
                has_more = await erasures.step(connection, tables, lane, subject)
