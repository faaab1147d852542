"""Finding participants with due ends that no fact records yet."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from laurels.storage.postgres.database import Fetches

_DUE = """
SELECT DISTINCT p.project_id, p.participant_id, p.subject
FROM (
    SELECT id, $1::timestamptz + clock_offset_ms * interval '1 millisecond' AS now
    FROM project WHERE archived_at IS NULL
) AS project
CROSS JOIN LATERAL (
    (SELECT lane, subject FROM point_lot
     WHERE project_id = project.id AND expires_at <= project.now AND subject <> ALL ($3::uuid[])
     ORDER BY expires_at LIMIT $2)
    UNION ALL
    (SELECT lane, subject FROM hold
     WHERE project_id = project.id AND status = 'held' AND expires_at <= project.now AND subject <> ALL ($3::uuid[])
     ORDER BY expires_at LIMIT $2)
) AS due
JOIN participant p USING (lane, subject)
"""


class Due(NamedTuple):
    project_id: int
    participant_id: str
    subject: UUID


async def due(connection: Fetches, now: datetime, limit: int, beside: Collection[UUID] = ()) -> list[Due]:
    """Participants with due ends of lots or holds, by the project's clock, without the subjects in `beside`: about
    `limit` per project, starting with the earliest ends."""
    return [Due(*row) for row in await connection.fetch(_DUE, now, limit, list(beside))]


async def is_due(connection: Fetches, project_id: int, now: datetime) -> bool:
    """Whether the project has a participant with due ends."""
    return any(found.project_id == project_id for found in await due(connection, now, 1))
