"""Reading participants."""

from datetime import UTC, datetime, timedelta

import asyncpg
import msgspec
from msgspec import Struct, structs

from laurels.kernel.model import Account
from laurels.mechanics.participants.model import Profile
from laurels.storage.database import Connection, Fetches
from laurels.storage.lanes import lane_of
from laurels.storage.load import account_from


class ParticipantRow(Struct, frozen=True, kw_only=True):
    """One participant with the account, and the project's clock and the version of its definitions at that moment.

    `is_being_erased`: there may still be personal facts, which nobody may read any more.
    """

    participant_id: str
    lane: int
    subject: str
    profile: Profile
    account: Account
    is_active: bool
    is_being_erased: bool
    created_at: datetime
    last_seen_at: datetime
    definitions_version: int
    now: datetime


_FIND = """
SELECT p.participant_id, p.display_name, p.avatar_url, p.attributes, p.created_at, p.anonymised_at,
       CASE WHEN p.anonymised_at IS NOT NULL
            THEN EXISTS (SELECT FROM erasure e WHERE e.lane = p.lane AND e.subject = p.subject) ELSE false END
           AS is_being_erased,
       project.definitions_version, project.clock_offset_ms, a.*
FROM participant p JOIN account a USING (lane, subject) JOIN project ON project.id = p.project_id
WHERE p.lane = $1 AND p.project_id = $2 AND p.participant_id = $3
"""


async def find(connection: Fetches, project_id: int, participant_id: str) -> ParticipantRow | None:
    rows = await connection.fetch(_FIND, lane_of(project_id, participant_id), project_id, participant_id)
    if not rows:
        return None
    row = rows[0]
    now = datetime.now(UTC) + timedelta(milliseconds=row["clock_offset_ms"])
    return ParticipantRow(
        participant_id=row["participant_id"],
        lane=row["lane"],
        subject=str(row["subject"]),
        profile=Profile(row["display_name"], row["avatar_url"], msgspec.json.decode(row["attributes"])),
        account=await _as_of(connection, row, now),
        is_active=row["anonymised_at"] is None,
        is_being_erased=row["is_being_erased"],
        created_at=row["created_at"],
        last_seen_at=row["last_seen_at"],
        definitions_version=row["definitions_version"],
        now=now,
    )


# The account anew, in one snapshot with what of it has ended: points in lots, and open holds, which give back the rest.
_AS_OF = """
SELECT a.*, l.expired AS expired_in_lots, h.points AS released, h.expired AS expired_in_holds
FROM account a CROSS JOIN (
    SELECT coalesce(sum(points), 0)::bigint AS expired FROM point_lot
    WHERE lane = $1 AND subject = $2 AND expires_at <= $3
) AS l CROSS JOIN (
    SELECT coalesce(sum(points), 0)::bigint AS points, coalesce(sum(expired), 0)::bigint AS expired
    FROM hold CROSS JOIN LATERAL (
        SELECT sum((lot->>1)::bigint) AS expired FROM jsonb_array_elements(lots) AS lot
        WHERE (lot->>0)::timestamptz <= $3
    ) AS its
    WHERE lane = $1 AND subject = $2 AND status = 'held' AND expires_at <= $3
) AS h
WHERE a.lane = $1 AND a.subject = $2
"""


async def _as_of(connection: Fetches, row: asyncpg.Record, now: datetime) -> Account:
    """The account as it will be when all that has ended by `now` is settled, but for its number of transactions."""
    account = account_from(row)
    if account.next_expiry_at is None or account.next_expiry_at > now:
        return account
    rows = await connection.fetch(_AS_OF, row["lane"], row["subject"], now)
    if not rows:
        return account
    account, released = account_from(rows[0]), rows[0]["released"]
    expired = rows[0]["expired_in_lots"] + rows[0]["expired_in_holds"]
    return structs.replace(
        account,
        balance=account.balance + released - expired,
        held=account.held - released,
        total_expired=account.total_expired + expired,
        multipliers=[multiplier for multiplier in account.multipliers if multiplier.ends_at > now],
    )


_CLEAR_PROFILE = """
UPDATE participant SET display_name = NULL, avatar_url = NULL, attributes = '{}' WHERE lane = $1 AND subject = $2
"""


async def anonymise(connection: Connection, lane: int, subject: str) -> None:
    """Clears the profile."""
    await connection.execute(_CLEAR_PROFILE, lane, subject)
