"""Loading the accounts of a batch under lock, and the first uses of its idempotency keys."""

from collections.abc import Collection
from typing import NamedTuple
from uuid import uuid4

import asyncpg

from laurels.kernel.participant import Participant
from laurels.storage.accounts import Accounts
from laurels.storage.batches import ParticipantKey
from laurels.storage.lanes import Rows, columns, lane_of
from laurels.storage.postgres.database import Connection


class TooHeavyError(Exception):
    """The batch loads too much at once; half the batch may succeed."""


class ProjectMoment(NamedTuple):
    """The versioned values of a project's row at the time when the batch was loaded."""

    definitions_version: int
    clock_offset_ms: int


class KeyUse(NamedTuple):
    """An idempotency key that may have been used before."""

    lane: int
    subject: str
    operation: str
    key: str


class FirstUse(NamedTuple):
    """The response to the request that first used an idempotency key, and the request's fingerprint
    (engine/fingerprints.py): `parts`, or `whole` for keys of earlier versions."""

    response: bytes
    parts: bytes
    whole: bytes = b""


class LockedParticipants(NamedTuple):
    """Participants under lock, or new ones. `elsewhere` lists existing participants whose accounts other sessions have
    locked."""

    moments: dict[int, ProjectMoment]
    participants: dict[ParticipantKey, Participant]
    elsewhere: set[ParticipantKey]


_NAME_ROWS = Rows("project_id integer", "participant_id text")

# Locks are taken in the order of (lane, subject), so that batches cannot deadlock. An erasure replaces the account's
# row, so that a batch that waited for its lock no longer finds the participant under the old name.
_LOCK_ACCOUNTS = f"""
WITH wanted AS (
    SELECT * FROM {_NAME_ROWS.given} WHERE {_NAME_ROWS.in_one_lane}
), locked AS (
    SELECT p.project_id, p.participant_id, p.anonymised_at IS NOT NULL AS is_anonymised, p.erased_before, a.*
    FROM wanted JOIN participant p USING (lane, project_id, participant_id) JOIN account a USING (lane, subject)
    ORDER BY a.lane, a.subject
    FOR NO KEY UPDATE OF a
)
SELECT project.id, project.definitions_version, project.clock_offset_ms, locked.*
FROM project LEFT JOIN locked ON locked.project_id = project.id
WHERE project.id = ANY ($5::integer[])
"""  # noqa: S608

_LOCK_FREE_ACCOUNTS = _LOCK_ACCOUNTS.replace("FOR NO KEY UPDATE OF a", "FOR NO KEY UPDATE OF a SKIP LOCKED")

# Shared by all batches; a change of the calendar waits for them (storage/office/projects.py).
_HOLD_CALENDARS = """
SELECT id, definitions_version, clock_offset_ms FROM project WHERE id = ANY ($1::integer[]) ORDER BY id FOR KEY SHARE
"""

_EXISTING = f"""
SELECT p.project_id, p.participant_id
FROM {_NAME_ROWS.given}
JOIN participant p USING (lane, project_id, participant_id)
WHERE {_NAME_ROWS.in_one_lane}
"""  # noqa: S608


# A separate statement after the lock: its snapshot shows the commit of the lock's last holder.
_KEY_ROWS = Rows("subject uuid", "operation text", "key text")

_FIRST_USES = f"""
SELECT i.lane, i.subject, i.operation, i.key, i.fingerprint, i.answer, i.parts
FROM {_KEY_ROWS.given}
JOIN idempotency i USING (lane, subject, operation, key)
WHERE {_KEY_ROWS.in_one_lane}
"""  # noqa: S608

_ANY_FACT = "SELECT 1 FROM journal WHERE lane = $1 AND id = $2"


async def lock_participants(
    connection: Connection, accounts: Accounts, keys: Collection[ParticipantKey], *, skips_locked: bool = False
) -> LockedParticipants:
    """Locks the accounts, without waiting for any if `skips_locked`. A participant that does not exist is returned as
    an empty state with a new subject."""
    rows = await connection.fetch(
        _LOCK_FREE_ACCOUNTS if skips_locked else _LOCK_ACCOUNTS,
        *columns([(lane_of(*key), *key) for key in keys]),
        list({key.project_id for key in keys}),
    )
    moments: dict[int, ProjectMoment] = {}
    locked: dict[ParticipantKey, Participant] = {}
    for row in rows:
        project_id = row["id"]
        if project_id not in moments:
            moments[project_id] = ProjectMoment(row["definitions_version"], row["clock_offset_ms"])
        if row["subject"] is not None:
            locked[ParticipantKey(project_id, row["participant_id"])] = _participant(accounts, row)
    missing = [key for key in keys if key not in locked]
    elsewhere = await _existing(connection, missing) if skips_locked and missing else set()
    return LockedParticipants(moments, {key: locked.get(key) or _new_participant(key) for key in keys}, elsewhere)


async def hold_calendars(connection: Connection, project_ids: Collection[int]) -> dict[int, ProjectMoment]:
    """Keeps other transactions from changing the calendars of these projects until this one ends. Returns the projects'
    moments after the last change."""
    rows = await connection.fetch(_HOLD_CALENDARS, list(project_ids))
    return {row["id"]: ProjectMoment(row["definitions_version"], row["clock_offset_ms"]) for row in rows}


async def _existing(connection: Connection, keys: Collection[ParticipantKey]) -> set[ParticipantKey]:
    """The participants that exist by now. A separate statement after the lock: it sees participants that were created
    or erased in the meantime."""
    rows = await connection.fetch(_EXISTING, *columns([(lane_of(*key), *key) for key in keys]))
    return {ParticipantKey(row["project_id"], row["participant_id"]) for row in rows}


async def find_first_uses(connection: Connection, uses: Collection[KeyUse]) -> dict[KeyUse, FirstUse]:
    if not uses:
        return {}
    rows = await connection.fetch(_FIRST_USES, *columns(uses))
    return {
        KeyUse(row["lane"], str(row["subject"]), row["operation"], row["key"]): FirstUse(
            row["answer"], row["parts"] or b"", row["fingerprint"]
        )
        for row in rows
    }


async def has_fact(connection: Connection, lane: int, fact_id: str) -> bool:
    return await connection.fetchval(_ANY_FACT, lane, fact_id) is not None


def _new_participant(key: ParticipantKey) -> Participant:
    return Participant(
        project_id=key.project_id,
        participant_id=key.participant_id,
        lane=lane_of(*key),
        subject=str(uuid4()),
        exists=False,
    )


def _participant(accounts: Accounts, row: asyncpg.Record) -> Participant:
    return Participant(
        project_id=row["project_id"],
        participant_id=row["participant_id"],
        lane=row["lane"],
        subject=str(row["subject"]),
        exists=True,
        seq=row["seq"],
        next_expiry_at=row["next_expiry_at"],
        slices=accounts.slices_from(row),
        is_anonymised=row["is_anonymised"],
        erased_before=row["erased_before"],
    )
