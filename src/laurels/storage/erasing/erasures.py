"""Erasing people: anonymising them, or deleting all their rows.

The first transaction removes everything that names the person. If the person has many facts, the rest is erased
afterwards in steps (office/erasure_job.py), each short and on rows that no one else uses. The table `erasure` has the
progress; its row is deleted when the erasure is finished.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import uuid4

from msgspec import Struct
from msgspec.structs import replace

from laurels.storage import alarms, erased_ids
from laurels.storage.daily import lasting
from laurels.storage.feed import erased_events
from laurels.storage.lanes import lane_of
from laurels.storage.office import audit, projects
from laurels.storage.office.audit import AuditedChange
from laurels.storage.postgres.database import Connection, Fetches
from laurels.storage.tables import AllTables
from laurels.storage.webhooks import deliveries

How = Literal["anonymise", "delete"]

ROWS_AT_ONCE = 500
FACTS_PER_REQUEST = 10_000
"""A person with at most this number of facts is erased completely before the response."""


class Erased(Struct, frozen=True, kw_only=True):
    """The result of the first transaction. `erased_at` is by the project's clock; `anonymous_id` is the random new id
    of an anonymised person."""

    lane: int
    project_code: str
    id_hash: bytes
    erased_at: datetime
    anonymous_id: str | None
    is_finished: bool


class Erasure(Struct, frozen=True, kw_only=True):
    """The progress of an erasure. Facts after `reached_seq`, up to `facts`, are still to be erased and, unless
    `is_keyless`, the idempotency keys after `reached_operation` and `reached_key`."""

    lane: int
    subject: str
    id_hash: bytes
    is_deletion: bool
    facts: int
    reached_seq: int
    reached_operation: str
    reached_key: str
    is_keyless: bool


_LOCK = """
SELECT p.lane, p.subject, p.anonymised_at, a.seq
FROM participant p JOIN account a USING (lane, subject)
WHERE p.lane = $1 AND p.project_id = $2 AND p.participant_id = $3
FOR UPDATE OF a
"""

# A person who was anonymised before may still have facts to erase; a deletion now removes all facts.
_BEGIN = """
INSERT INTO erasure AS e (lane, subject, id_hash, is_deletion, facts, begun_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (lane, subject) DO UPDATE
SET is_deletion = excluded.is_deletion, facts = excluded.facts, reached_seq = 0, begun_at = excluded.begun_at
"""


async def erase(
    connection: Connection,
    tables: AllTables,
    project_id: int,
    participant_id: str,
    how: How,
    at: datetime | None = None,
) -> Erased | None:
    """Runs the first transaction, which the caller commits; returns None for a person who is unknown, or already
    anonymised. `at` is the time of the original erasure when one is repeated."""
    row = await connection.fetchrow(_LOCK, lane_of(project_id, participant_id), project_id, participant_id)
    if row is None or (how == "anonymise" and row["anonymised_at"] is not None):
        return None
    lane, subject, now = row["lane"], str(row["subject"]), datetime.now(UTC)
    project = await projects.by_id(connection, project_id)
    erased_at = at or now + timedelta(milliseconds=project.clock_offset_ms)
    await _audit(connection, project_id, subject, how)
    is_deletion = how == "delete"
    await alarms.remove(connection, lane, subject)
    id_hash = erased_ids.id_hash(await erased_ids.secret(connection), project_id, participant_id)
    await erased_ids.add(connection, lane, project_id, id_hash, erased_at)
    await connection.execute(_BEGIN, lane, subject, id_hash, is_deletion, row["seq"], now)
    is_finished = row["seq"] <= FACTS_PER_REQUEST
    if is_finished:
        while await step(connection, tables, lane, subject):
            pass
    # Rows that other sessions also need come last.
    await deliveries.wait_for_senders(connection, project_id)
    positions = await erased_events.redact(connection, project_id, participant_id, tables.personal_fields)
    await deliveries.redact(connection, project_id, positions)
    await erased_events.announce(connection, project_id, participant_id, erased_at, is_deletion=is_deletion)
    anonymous_id = None
    if is_deletion:
        await _delete(connection, tables, lane, subject)
    else:
        anonymous_id = _random_id_in(lane, project_id)
        await _anonymise(connection, tables, lane, subject, anonymous_id, erased_at)
    return Erased(
        lane=lane,
        project_code=project.code,
        id_hash=id_hash,
        erased_at=erased_at,
        anonymous_id=anonymous_id,
        is_finished=is_finished,
    )


async def _audit(connection: Connection, project_id: int, subject: str, how: How) -> None:
    """Records the erasure. Earlier entries about the person stay in the log, without their request ids, as a caller may
    derive these from the person's id. The entry of an anonymisation does not name the subject: its time, stored with
    the hash of the id as well, would link the two."""
    await connection.execute(
        "UPDATE audit_log SET request_id = NULL WHERE kind = 'participant' AND object_id = $1", subject
    )
    actor = replace(audit.current_actor(), request_id=None)
    done = AuditedChange(
        project_id=project_id,
        action="delete" if how == "delete" else "anonymize",
        kind="participant",
        object_id=subject if how == "delete" else None,
    )
    await audit.record(connection, done, actor)


async def _anonymise(
    connection: Connection, tables: AllTables, lane: int, subject: str, anonymous_id: str, erased_at: datetime
) -> None:
    """Gives the person a new id and clears the mechanics' data about the person, such as the profile."""
    await connection.execute(
        """
        UPDATE participant
        SET participant_id = $3, anonymised_at = $4, erased_before = NULL
        WHERE lane = $1 AND subject = $2
        """,
        lane,
        subject,
        anonymous_id,
        # Only the day: the exact time is stored with the hash of the old id, and would link it to the new one.
        erased_at.replace(hour=0, minute=0, second=0, microsecond=0),
    )
    for anonymise in tables.anonymise:
        await anonymise(connection, lane, subject)
    for shared in tables.shared:
        if shared.is_left_by_anonymous:
            await shared.leave(connection, lane, subject)
    await _replace_account(connection, lane, subject)


async def _delete(connection: Connection, tables: AllTables, lane: int, subject: str) -> None:
    """Deletes all rows except facts and keys, which the steps delete."""
    # Shared rows come first, in the order in which batches lock them: otherwise an erasure and a batch could deadlock.
    for shared in tables.shared:
        await shared.leave(connection, lane, subject)
    await lasting.remove(connection, lane, subject)
    # Participant and account are first in the list, and are deleted last.
    for table in reversed([each.name for each in tables.people if not each.is_left]):
        await connection.execute(f"DELETE FROM {table} WHERE lane = $1 AND subject = $2", lane, subject)  # noqa: S608


async def _replace_account(connection: Connection, lane: int, subject: str) -> None:
    """Replaces the row, so that a batch that waits for the lock under the old name finds no row and looks again."""
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


async def unfinished(connection: Fetches) -> list[tuple[int, str]]:
    """Lane and subject of each unfinished erasure, the oldest first."""
    rows = await connection.fetch("SELECT lane, subject FROM erasure ORDER BY begun_at")
    return [(row["lane"], str(row["subject"])) for row in rows]


_TAKE = """
SELECT lane, subject, id_hash, is_deletion, facts, reached_seq, reached_operation, reached_key, is_keyless
FROM erasure WHERE lane = $1 AND subject = $2 FOR UPDATE SKIP LOCKED
"""


async def step(connection: Connection, tables: AllTables, lane: int, subject: str) -> bool:
    """Does one step of the erasure in the open transaction; False if none is left, or another process is working on
    it."""
    row = await connection.fetchrow(_TAKE, lane, subject)
    if row is None:
        return False
    left = Erasure(**{**dict(row), "subject": str(row["subject"])})
    if not left.is_keyless:
        await _erase_keys(connection, left)
    elif left.reached_seq < left.facts:
        await _erase_facts(connection, tables, left)
    else:
        await connection.execute("DELETE FROM erasure WHERE lane = $1 AND subject = $2", lane, subject)
        return False
    return True


# Starts after the last deleted key: a search from the beginning would pass all deleted rows each time.
_NEXT_KEYS = """
SELECT operation, key FROM idempotency
WHERE lane = $1 AND subject = $2 AND (operation, key) > ($3, $4) ORDER BY operation, key LIMIT $5
"""

_DELETE_KEYS = """
DELETE FROM idempotency i USING unnest($3::text[], $4::text[]) AS old (operation, key)
WHERE i.lane = $1 AND i.subject = $2 AND i.operation = old.operation AND i.key = old.key
"""

_SAVE_KEYS = """
UPDATE erasure SET reached_operation = $3, reached_key = $4, is_keyless = $5 WHERE lane = $1 AND subject = $2
"""


async def _erase_keys(connection: Connection, left: Erasure) -> None:
    person = (left.lane, left.subject)
    reached = (left.reached_operation, left.reached_key)
    keys = await connection.fetch(_NEXT_KEYS, *person, *reached, ROWS_AT_ONCE)
    if keys:
        secret = await erased_ids.secret(connection)
        hashes = [erased_ids.key_hash(secret, left.id_hash, *key) for key in keys]
        await erased_ids.add_keys(connection, left.lane, hashes, datetime.now(UTC))
        await connection.execute(_DELETE_KEYS, *person, *zip(*keys, strict=True))
        reached = tuple(keys[-1])
    await connection.execute(_SAVE_KEYS, *person, *reached, len(keys) < ROWS_AT_ONCE)


def _clear_facts(personal_fields: Iterable[str]) -> str:
    """SQL that clears personal data in facts. Amounts, times and the order of facts stay, so that everything still adds
    up. Outcomes stay without their details, which may quote a value."""
    cleared = [f"'{field}'" for field in personal_fields]
    return f"""
    UPDATE journal
    SET data = CASE WHEN data ? 'outcomes'
                    THEN jsonb_set(data, '{{outcomes}}', (SELECT jsonb_agg(outcome - 'detail')
                                                          FROM jsonb_array_elements(data->'outcomes') AS outcome))
                    ELSE data END - ARRAY[{", ".join(cleared)}]::text[]
    WHERE lane = $1 AND subject = $2 AND seq > $3 AND seq <= $4
      AND data ?| ARRAY[{", ".join([*cleared, "'outcomes'"])}]
    """  # noqa: S608


_DELETE_FACTS = "DELETE FROM journal WHERE lane = $1 AND subject = $2 AND seq > $3 AND seq <= $4"


async def _erase_facts(connection: Connection, tables: AllTables, left: Erasure) -> None:
    reached = left.reached_seq + ROWS_AT_ONCE
    statement = _DELETE_FACTS if left.is_deletion else _clear_facts(tables.personal_fields)
    await connection.execute(statement, left.lane, left.subject, left.reached_seq, reached)
    await connection.execute(
        "UPDATE erasure SET reached_seq = $3 WHERE lane = $1 AND subject = $2", left.lane, left.subject, reached
    )
