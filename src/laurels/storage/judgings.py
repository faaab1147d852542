"""Judgings, each a gradual new evaluation of all participants of a project; and the participants that a change of
definitions affects."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from laurels.storage.postgres.database import Connection, Fetches
from laurels.storage.postgres.ids import new_id
from laurels.storage.tables import AllTables


class Judging(Struct, frozen=True, kw_only=True):
    id: str
    project_id: int
    definition_ids: tuple[str, ...]
    silent: bool
    lane: int
    subject: str


class JudgingPosition(Struct, frozen=True):
    """The position of a participant in the order in which a judging visits them."""

    lane: int
    subject: str
    participant_id: str


BEFORE_ALL = JudgingPosition(-1, "00000000-0000-0000-0000-000000000000", "")

_NEXT = """
SELECT lane, subject, participant_id FROM participant
WHERE project_id = $1 AND (lane, subject) > ($2, $3::uuid) AND anonymised_at IS NULL
ORDER BY lane, subject LIMIT $4
"""


async def begin(
    connection: Connection, project_id: int, definition_ids: Sequence[str], *, silent: bool, now: datetime
) -> str:
    """Adds a judging, in the transaction that changes the definitions; returns its id."""
    judging_id = new_id()
    await connection.execute(
        "INSERT INTO judging (id, project_id, definition_ids, silent, created_at) VALUES ($1, $2, $3, $4, $5)",
        judging_id,
        project_id,
        list(definition_ids),
        silent,
        now,
    )
    return judging_id


async def take(connection: Connection) -> Judging | None:
    """Locks an unfinished judging that no other session has locked, until the transaction ends."""
    row = await connection.fetchrow(
        """
        SELECT id, project_id, definition_ids, silent, lane, subject FROM judging
        WHERE finished_at IS NULL ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
        """
    )
    if row is None:
        return None
    ids = tuple(str(definition_id) for definition_id in row["definition_ids"])
    return Judging(**{**dict(row), "id": str(row["id"]), "subject": str(row["subject"]), "definition_ids": ids})


async def advance(connection: Connection, judging: Judging, judged: Sequence[JudgingPosition], now: datetime) -> None:
    """Notes that these participants are done. An empty list finishes the judging."""
    if judged:
        await connection.execute(
            "UPDATE judging SET lane = $2, subject = $3, judged = judged + $4 WHERE id = $1",
            judging.id,
            judged[-1].lane,
            judged[-1].subject,
            len(judged),
        )
    else:
        await connection.execute("UPDATE judging SET finished_at = $2 WHERE id = $1", judging.id, now)


async def judged(connection: Fetches, judging_ids: Sequence[str]) -> tuple[int, bool]:
    """The number of participants judged so far by these judgings, and whether all of them are finished."""
    rows = await connection.fetch(
        """
        SELECT coalesce(sum(judged), 0)::bigint AS judged, coalesce(bool_and(finished_at IS NOT NULL), true) AS done
        FROM judging WHERE id = ANY ($1::uuid[])
        """,
        list(judging_ids),
    )
    return rows[0]["judged"], rows[0]["done"]


async def next_participants(
    connection: Fetches, project_id: int, after: JudgingPosition, limit: int
) -> list[JudgingPosition]:
    rows = await connection.fetch(_NEXT, project_id, after.lane, after.subject, limit)
    return [JudgingPosition(row["lane"], str(row["subject"]), row["participant_id"]) for row in rows]


async def participants(connection: Fetches, project_id: int) -> int:
    rows = await connection.fetch(
        "SELECT count(*) AS total FROM participant WHERE project_id = $1 AND anonymised_at IS NULL", project_id
    )
    total: int = rows[0]["total"]
    return total


async def holders(connection: Connection, tables: AllTables, kind: str, definition_id: str) -> int | None:
    """The number of participants with state for a definition; None for kinds without such state."""
    kept = tables.kept_states.get(kind)
    if kept is None or kept.holders is None:
        return None
    number: int = await connection.fetchval(kept.holders, definition_id)
    return number
