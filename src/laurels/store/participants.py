"""Reading participants, and erasing them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import msgspec
from msgspec import Struct, structs

from laurels.core.model import Account, Profile
from laurels.store import audit, leaderboards, limits, rewards
from laurels.store.audit import Done
from laurels.store.database import Connection, Fetches
from laurels.store.lanes import lane_of
from laurels.store.load import account_from


class ParticipantRow(Struct, frozen=True, kw_only=True):
    """One participant with the account, and the project's clock and the version of its definitions at that moment."""

    participant_id: str
    lane: int
    subject: str
    profile: Profile
    account: Account
    is_active: bool
    created_at: datetime
    last_seen_at: datetime
    definitions_version: int
    now: datetime


_FIND = """
SELECT p.participant_id, p.display_name, p.avatar_url, p.attributes, p.created_at, p.anonymised_at,
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


_LOCK = """
SELECT p.lane, p.subject, p.anonymised_at
FROM participant p JOIN account a USING (lane, subject)
WHERE p.lane = $1 AND p.project_id = $2 AND p.participant_id = $3
FOR UPDATE OF a
"""

# Free text that may speak of the person. Amounts, times and the order of facts stay, so that everything still adds up.
# Outcomes stay, too, but for their details, which may quote a value; challenges, but for the fingerprints of values.
_CLEAR_JOURNAL = """
UPDATE journal
SET data = CASE WHEN data ? 'outcomes'
                THEN jsonb_set(data, '{outcomes}', (SELECT jsonb_agg(outcome - 'detail')
                                                    FROM jsonb_array_elements(data->'outcomes') AS outcome))
                ELSE data END - 'reason' - 'metadata' - 'properties' - 'numbers' - 'seen'
WHERE lane = $1 AND subject = $2 AND data ?| ARRAY['reason', 'metadata', 'properties', 'numbers', 'seen', 'outcomes']
"""


async def anonymise(connection: Connection, project_id: int, participant_id: str, now: datetime) -> str | None:
    """Gives the person a random id in the same lane and clears what is personal; returns the id, None if unknown."""
    row = await _lock(connection, project_id, participant_id)
    if row is None or row["anonymised_at"] is not None:
        return None
    lane, subject = row["lane"], str(row["subject"])
    done = Done(project_id=project_id, action="anonymize", kind="participant", object_id=subject)
    await audit.record(connection, done)
    anonymous_id = _random_id_in(lane, project_id)
    await connection.execute(
        """
        UPDATE participant
        SET participant_id = $3, display_name = NULL, avatar_url = NULL, attributes = '{}', anonymised_at = $4
        WHERE lane = $1 AND subject = $2
        """,
        lane,
        subject,
        anonymous_id,
        now,
    )
    await connection.execute(_CLEAR_JOURNAL, lane, subject)
    await connection.execute(
        "UPDATE challenge_state SET state = state - 'seen' WHERE lane = $1 AND subject = $2", lane, subject
    )
    await connection.execute("DELETE FROM idempotency WHERE lane = $1 AND subject = $2", lane, subject)
    await leaderboards.remove(connection, lane, subject)
    await _replace_account(connection, lane, subject)
    return anonymous_id


_OWN_TABLES = (
    "idempotency",
    "earned_badge",
    "streak_state",
    "challenge_state",
    "point_lot",
    "hold",
    "reversal",
    "tier_history",
    "journal",
)
_LAST_TABLES = ("limit_use", "claim", "account", "participant")
"""What shared rows are reckoned from, and what everything hangs on."""

ERASED_TABLES = (*_OWN_TABLES, *_LAST_TABLES)


async def delete(connection: Connection, project_id: int, participant_id: str) -> bool:
    """Removes every row of the person; False if unknown."""
    row = await _lock(connection, project_id, participant_id)
    if row is None:
        return False
    done = Done(project_id=project_id, action="delete", kind="participant", object_id=str(row["subject"]))
    await audit.record(connection, done)
    lane, subject = row["lane"], row["subject"]
    await _clear(connection, _OWN_TABLES, lane, subject)
    # Rows that others want, too: when what takes long is done, and in the order in which batches lock them, or the two
    # would wait for one another.
    await limits.erase(connection, lane, subject)
    await rewards.erase(connection, lane, subject)
    await leaderboards.remove(connection, lane, subject)
    await _clear(connection, _LAST_TABLES, lane, subject)
    return True


async def _clear(connection: Connection, tables: Iterable[str], lane: int, subject: str) -> None:
    for table in tables:
        await connection.execute(f"DELETE FROM {table} WHERE lane = $1 AND subject = $2", lane, subject)  # noqa: S608


async def _lock(connection: Connection, project_id: int, participant_id: str) -> asyncpg.Record | None:
    return await connection.fetchrow(_LOCK, lane_of(project_id, participant_id), project_id, participant_id)


async def _replace_account(connection: Connection, lane: int, subject: str) -> None:
    """A batch that waits for this account's lock came by the old name: a new row makes it miss and look again."""
    await connection.execute(
        """
        WITH old AS (DELETE FROM account WHERE lane = $1 AND subject = $2 RETURNING *)
        INSERT INTO account SELECT * FROM old
        """,
        lane,
        subject,
    )


def _random_id_in(lane: int, project_id: int) -> str:
    while True:
        candidate = f"anonymous_{uuid4()}"
        if lane_of(project_id, candidate) == lane:
            return candidate
