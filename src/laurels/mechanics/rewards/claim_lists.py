"""Reading the claims of a participant or a project."""

from collections.abc import Sequence
from datetime import datetime
from typing import get_args
from uuid import UUID

import asyncpg
from msgspec import Struct

from laurels.mechanics.rewards.model import ClaimCancelled, ClaimFulfilled, ClaimStatus
from laurels.storage.lanes import Rows, columns
from laurels.storage.office import audit
from laurels.storage.postgres.database import Fetches
from laurels.storage.postgres.page_bounds import PageBounds, PageRows


class ClaimRow(Struct, frozen=True, kw_only=True):
    id: str
    participant_id: str
    display_name: str | None
    lane: int
    subject: str
    reward_id: str
    status: str
    code: str | None
    points: int
    claimed_at: datetime
    closed_at: datetime | None


ClaimPosition = tuple[UUID]
_BY_ID = ("id",)

_OF_PARTICIPANT = """
SELECT c.id, p.participant_id, p.display_name, c.lane, c.subject, c.reward_id, c.status, c.code, c.points,
       c.claimed_at, c.closed_at
FROM claim c JOIN participant p USING (lane, subject)
WHERE c.lane = $1 AND c.subject = $2 AND c.id < coalesce($5::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
ORDER BY c.id DESC LIMIT $3 OFFSET $4
"""

# Each status is a part of the index, in the order of ids, so that only the rows of the page are read.
_OF_STATUS = """
(SELECT * FROM claim
 WHERE project_id = $1 AND status = '{status}' AND '{status}' = ANY ($2::text[])
   AND ($3::uuid IS NULL OR reward_id = $3) AND id < coalesce($6::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
 ORDER BY id DESC LIMIT $4::bigint + $5::bigint)
"""

_OF_PROJECT = f"""
SELECT c.id, p.participant_id, p.display_name, c.lane, c.subject, c.reward_id, c.status, c.code, c.points,
       c.claimed_at, c.closed_at
FROM ({" UNION ALL ".join(_OF_STATUS.format(status=status) for status in get_args(ClaimStatus))}) c
JOIN participant p USING (lane, subject)
ORDER BY c.id DESC LIMIT $4 OFFSET $5
"""  # noqa: S608

_COUNT_OF_PROJECT = """
SELECT count(*) AS total FROM claim
WHERE project_id = $1 AND status = ANY ($2::text[]) AND ($3::uuid IS NULL OR reward_id = $3)
"""


async def of_participant(connection: Fetches, lane: int, subject: str, bounds: PageBounds) -> PageRows[ClaimRow]:
    """A page of a participant's claims, newest first."""
    rows = await connection.fetch(_OF_PARTICIPANT, lane, subject, *bounds.arguments(_BY_ID))
    page, last_position = bounds.cut(rows, _BY_ID)
    return PageRows([_claim_row(row) for row in page], await count(connection, lane, subject), last_position)


async def count(connection: Fetches, lane: int, subject: str, *, standing: bool = False) -> int:
    """The number of a participant's claims; with `standing`, without cancelled ones."""
    rows = await connection.fetch(
        "SELECT count(*) AS total FROM claim WHERE lane = $1 AND subject = $2 AND (NOT $3 OR status <> 'cancelled')",
        lane,
        subject,
        standing,
    )
    total: int = rows[0]["total"]
    return total


async def of_project(
    readers: Fetches,
    surveys: Fetches,
    project_id: int,
    statuses: Sequence[str],
    reward_id: str | None,
    bounds: PageBounds,
) -> PageRows[ClaimRow]:
    """A page of a project's claims, newest first. `surveys` is for queries without an index."""
    connection = readers if reward_id is None else surveys
    counted = await surveys.fetch(_COUNT_OF_PROJECT, project_id, statuses, reward_id)
    rows = await connection.fetch(_OF_PROJECT, project_id, statuses, reward_id, *bounds.arguments(_BY_ID))
    page, last_position = bounds.cut(rows, _BY_ID)
    return PageRows([_claim_row(row) for row in page], counted[0]["total"], last_position)


class ClaimEnd(Struct, frozen=True):
    """The end of a claim. `actor` is the name of the key that sent the command, if the audit log has it."""

    reason: str | None
    actor: str | None


_PEOPLE = Rows("subject uuid", name="person")

# The facts of each person are read once, by the index on the person: their claims have no index.
_ENDS = f"""
SELECT fact.data->>'claim_id' AS claim_id, fact.command_id, fact.data->>'reason' AS reason
FROM {_PEOPLE.given} JOIN journal fact
  ON fact.lane = person.lane AND fact.subject = person.subject
  AND fact.kind IN ('{ClaimFulfilled.kind}', '{ClaimCancelled.kind}') AND fact.data->>'claim_id' = ANY ($4::text[])
WHERE {_PEOPLE.in_one_lane}
"""  # noqa: S608


async def claim_ends(connection: Fetches, rows: Sequence[ClaimRow]) -> dict[str, ClaimEnd]:
    """The reasons and authors of the claims that are closed, by claim."""
    closed = [row for row in rows if row.closed_at is not None]
    if not closed:
        return {}
    people = {(row.lane, row.subject) for row in closed}
    found = await connection.fetch(_ENDS, *columns(people), [row.id for row in closed])
    actors = await audit.actors(connection, {str(row["command_id"]) for row in found})
    return {row["claim_id"]: ClaimEnd(row["reason"], actors.get(str(row["command_id"]))) for row in found}


def _claim_row(row: asyncpg.Record) -> ClaimRow:
    return ClaimRow(
        id=str(row["id"]),
        participant_id=row["participant_id"],
        display_name=row["display_name"],
        lane=row["lane"],
        subject=str(row["subject"]),
        reward_id=str(row["reward_id"]),
        status=row["status"],
        code=row["code"],
        points=row["points"],
        claimed_at=row["claimed_at"],
        closed_at=row["closed_at"],
    )
