"""Repeats the erasures in a file after a restore, for `laurels erasures apply`."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from laurels.storage import erased_ids
from laurels.storage.erasing import erasures
from laurels.storage.erasing.file import ErasureLine, ErasuresFileError, name_of
from laurels.storage.office import projects
from laurels.storage.postgres.database import Connection
from laurels.storage.tables import AllTables

FETCH_ROWS = 5_000


class RepeatedErasures(Struct):
    """The result. `erased` is the number of participants erased again. `unknown_projects` are projects in the file that
    the database does not have."""

    lines: int = 0
    erased: int = 0
    unknown_projects: set[str] = set()


async def apply(connection: Connection, tables: AllTables, lines: Iterable[ErasureLine]) -> RepeatedErasures:
    """Erases each participant in the file who exists again, in separate transactions, to the end. It is safe to run
    again. Raises ErasuresFileError."""
    applied = RepeatedErasures()
    secret = await erased_ids.secret(connection)
    project_ids = {project.code: project.id for project in await projects.all_projects(connection)}
    erasures_by_hash: dict[tuple[int, bytes], ErasureLine] = {}
    for line in lines:
        applied.lines += 1
        if line.secret != name_of(secret):
            raise ErasuresFileError(
                "The file belongs to another database, or this database was restored to a time before it had its "
                "secret. Nothing was erased."
            )
        if line.project not in project_ids:
            applied.unknown_projects.add(line.project)
            continue
        key = project_ids[line.project], bytes.fromhex(line.id_hash)
        # A participant who came back and was erased again has several lines; the last one counts.
        if key not in erasures_by_hash or erasures_by_hash[key].erased_at <= line.erased_at:
            erasures_by_hash[key] = line
    for (project_id, participant_id), line in await _existing(connection, secret, erasures_by_hash):
        async with connection.transaction():
            erased = await erasures.erase(connection, tables, project_id, participant_id, line.how, line.erased_at)
        applied.erased += erased is not None
    for (project_id, id_hash), line in erasures_by_hash.items():
        await erased_ids.add(connection, line.lane, project_id, id_hash, line.erased_at)
    await _finish(connection, tables)
    return applied


async def _existing(
    connection: Connection, secret: bytes, erasures_by_hash: dict[tuple[int, bytes], ErasureLine]
) -> list[tuple[tuple[int, str], ErasureLine]]:
    """The participants to erase, by project and id. A participant created after the erasure is somebody else."""
    existing = []
    query = "SELECT project_id, participant_id, created_at FROM participant"
    async with connection.transaction():
        async for row in connection.cursor(query, prefetch=FETCH_ROWS):
            person: tuple[int, str] = (row["project_id"], row["participant_id"])
            created_at: datetime = row["created_at"]
            line = erasures_by_hash.get((person[0], erased_ids.id_hash(secret, *person)))
            if line is not None and created_at <= line.erased_at:
                existing.append((person, line))
    return existing


async def _finish(connection: Connection, tables: AllTables) -> None:
    """Completes all erasures, so that nothing is left when the first request arrives."""
    for lane, subject in await erasures.unfinished(connection):
        has_more = True
        while has_more:
            async with connection.transaction():
                has_more = await erasures.step(connection, tables, lane, subject)
