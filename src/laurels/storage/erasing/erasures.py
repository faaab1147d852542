"""Erasing people: anonymising them, or removing every row of theirs.

The first transaction takes away all that names the person, whatever they did. What is left of somebody with many facts
is done in steps afterwards (office/erasure_job.py), each short and on rows that nobody else wants; the table `erasure`
says how far that is, and has no row any more when it is done.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import uuid4

from msgspec import Struct
from msgspec.structs import replace

from laurels.storage import erased_ids
from laurels.storage.lanes import lane_of
from laurels.storage.office import audit, projects
from laurels.storage.office.audit import Done
from laurels.storage.postgres.database import Connection, Fetches
from laurels.storage.tables import AllTables

How = Literal["anonymise", "delete"]

ROWS_AT_ONCE = 500
FACTS_OF_A_REQUEST = 10_000
"""Who has no more is erased to the end before the answer."""


class Erased(Struct, frozen=True, kw_only=True):
    """What the first transaction did. `erased_at` is by the project's clock; `anonymous_id` is the random new id of an
    anonymised person."""

    lane: int
    project_code: str
    id_hash: bytes
    erased_at: datetime
    anonymous_id: str | None
    is_finished: bool


class Erasure(Struct, frozen=True, kw_only=True):
    """What is left of an erased person."""

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

# Who was anonymised before may still have something left, and is now to leave nothing.
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
    """The first transaction, which the caller commits; None for somebody who is unknown, or anonymised already. `at` is
    the moment of an erasure that is repeated."""
    row = await connection.fetchrow(_LOCK, lane_of(project_id, participant_id), project_id, participant_id)
    if row is None or (how == "anonymise" and row["anonymised_at"] is not None):
        return None
    lane, subject, now = row["lane"], str(row["subject"]), datetime.now(UTC)
    project = await projects.by_id(connection, project_id)
    erased_at = at or now + timedelta(milliseconds=project.clock_offset_ms)
    await _audit(connection, project_id, subject, how)
    id_hash = erased_ids.id_hash(await erased_ids.secret(connection), project_id, participant_id)
    await erased_ids.add(connection, lane, project_id, id_hash, erased_at)
    await connection.execute(_BEGIN, lane, subject, id_hash, how == "delete", row["seq"], now)
    is_finished = row["seq"] <= FACTS_OF_A_REQUEST
    if is_finished:
        while await step(connection, tables, lane, subject):
            pass
    # Last of all the rows that others want, too.
    anonymous_id = None
    if how == "delete":
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
    """What was done with the person before stays in the log, but for the ids of requests, which a caller may make of
    the person's. Nothing says whose facts have become anonymous: the moment, beside the hash of the id, would tell."""
    await connection.execute(
        "UPDATE audit_log SET request_id = NULL WHERE kind = 'participant' AND object_id = $1", subject
    )
    actor = replace(audit.present_actor(), request_id=None)
    done = Done(
        project_id=project_id,
        action="delete" if how == "delete" else "anonymize",
        kind="participant",
        object_id=subject if how == "delete" else None,
    )
    await audit.record(connection, done, actor)


async def _anonymise(
    connection: Connection, tables: AllTables, lane: int, subject: str, anonymous_id: str, erased_at: datetime
) -> None:
    """Gives the person another id and takes away what mechanics have of the person, such as the profile."""
    await connection.execute(
        """
        UPDATE participant
        SET participant_id = $3, anonymised_at = $4, erased_before = NULL
        WHERE lane = $1 AND subject = $2
        """,
        lane,
        subject,
        anonymous_id,
        # The moment itself stands beside the hash of the old id, and would find the new one.
        erased_at.replace(hour=0, minute=0, second=0, microsecond=0),
    )
    for anonymise in tables.anonymise:
        await anonymise(connection, lane, subject)
    for shared in tables.shared:
        if shared.is_left_by_anonymous:
            await shared.leave(connection, lane, subject)
    await _replace_account(connection, lane, subject)


async def _delete(connection: Connection, tables: AllTables, lane: int, subject: str) -> None:
    """The steps remove the facts and the keys."""
    # Rows that others want, too, in the order in which batches lock them, or the two would wait for one another.
    for shared in tables.shared:
        await shared.leave(connection, lane, subject)
    # Participant and account come first in their list, and go last.
    for table in reversed([each.name for each in tables.people if not each.is_left]):
        await connection.execute(f"DELETE FROM {table} WHERE lane = $1 AND subject = $2", lane, subject)  # noqa: S608


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


async def unfinished(connection: Fetches) -> list[tuple[int, str]]:
    """Lane and subject of those of whom something is left, the oldest erasure first."""
    rows = await connection.fetch("SELECT lane, subject FROM erasure ORDER BY begun_at")
    return [(row["lane"], str(row["subject"])) for row in rows]


_TAKE = """
SELECT lane, subject, id_hash, is_deletion, facts, reached_seq, reached_operation, reached_key, is_keyless
FROM erasure WHERE lane = $1 AND subject = $2 FOR UPDATE SKIP LOCKED
"""


async def step(connection: Connection, tables: AllTables, lane: int, subject: str) -> bool:
    """A little of what is left, in the open transaction; False if nothing is, or another process is at it."""
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


# After the last one that is gone: whoever looks for the first one again and again passes all that were.
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
    place = (left.lane, left.subject)
    reached = (left.reached_operation, left.reached_key)
    found = await connection.fetch(_NEXT_KEYS, *place, *reached, ROWS_AT_ONCE)
    if found:
        secret = await erased_ids.secret(connection)
        hashes = [erased_ids.key_hash(secret, left.id_hash, *row) for row in found]
        await erased_ids.add_keys(connection, left.lane, hashes, datetime.now(UTC))
        await connection.execute(_DELETE_KEYS, *place, *zip(*found, strict=True))
        reached = tuple(found[-1])
    await connection.execute(_SAVE_KEYS, *place, *reached, len(found) < ROWS_AT_ONCE)


def _clear_facts(personal_fields: Iterable[str]) -> str:
    """SQL. Amounts, times and the order of facts stay, so that everything still adds up. Outcomes stay, too, but for
    their details, which may quote a value."""
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
