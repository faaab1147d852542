"""Reading participants."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import asyncpg
import msgspec
from msgspec import Struct

from laurels.kernel.participant import Slice, Slices, State
from laurels.storage.lanes import lane_of
from laurels.storage.postgres.database import Fetches
from laurels.storage.tables import AllTables


class ParticipantRow(Struct, frozen=True, kw_only=True):
    """A participant with the account, and the project's definitions version and clock at the time of reading.

    `is_being_erased`: personal facts may still exist, but must not be read any more.
    """

    participant_id: str
    lane: int
    subject: str
    display_name: str | None
    avatar_url: str | None
    attributes: dict[str, Any]
    seq: int
    next_expiry_at: datetime | None
    slices: Slices
    is_active: bool
    is_being_erased: bool
    created_at: datetime
    last_seen_at: datetime
    definitions_version: int
    now: datetime

    def __getitem__(self, part: Slice[State]) -> State:
        """A slice of the account's state, as if everything due by `now` were settled."""
        return cast(State, self.slices[part])


_FIND = """
SELECT p.participant_id, p.display_name, p.avatar_url, p.attributes, p.created_at, p.anonymised_at,
       CASE WHEN p.anonymised_at IS NOT NULL
            THEN EXISTS (SELECT FROM erasure e WHERE e.lane = p.lane AND e.subject = p.subject) ELSE false END
           AS is_being_erased,
       project.definitions_version, project.clock_offset_ms, a.*
FROM participant p JOIN account a USING (lane, subject) JOIN project ON project.id = p.project_id
WHERE p.lane = $1 AND p.project_id = $2 AND p.participant_id = $3
"""


async def find(connection: Fetches, tables: AllTables, project_id: int, participant_id: str) -> ParticipantRow | None:
    rows = await connection.fetch(_FIND, lane_of(project_id, participant_id), project_id, participant_id)
    if not rows:
        return None
    row = rows[0]
    now = datetime.now(UTC) + timedelta(milliseconds=row["clock_offset_ms"])
    return ParticipantRow(
        participant_id=row["participant_id"],
        lane=row["lane"],
        subject=str(row["subject"]),
        display_name=row["display_name"],
        avatar_url=row["avatar_url"],
        attributes=msgspec.json.decode(row["attributes"]),
        seq=row["seq"],
        next_expiry_at=row["next_expiry_at"],
        slices=await _as_of(connection, tables, row, now),
        is_active=row["anonymised_at"] is None,
        is_being_erased=row["is_being_erased"],
        created_at=row["created_at"],
        last_seen_at=row["last_seen_at"],
        definitions_version=row["definitions_version"],
        now=now,
    )


async def _as_of(connection: Fetches, tables: AllTables, row: asyncpg.Record, now: datetime) -> Slices:
    """The account's slices, as if everything due by `now` were settled."""
    slices = tables.accounts.slices_from(row)
    if row["next_expiry_at"] is not None and row["next_expiry_at"] <= now:
        slices |= await tables.settling.as_of(connection, row["lane"], row["subject"], now)
    return slices
