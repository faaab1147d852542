"""Loading what a batch needs: its participants' accounts under lock, the rest of their state, and the uses of its
idempotency keys."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import uuid4

import asyncpg
import msgspec

from laurels.kernel import time_zones
from laurels.kernel.model import Account, Participant
from laurels.mechanics.challenges import store as challenges
from laurels.mechanics.participants.model import Profile
from laurels.mechanics.points import store as economy
from laurels.mechanics.streaks.store import state_from
from laurels.mechanics.tiers.model import TierStanding
from laurels.storage.database import Connection
from laurels.storage.lanes import columns, lane_of, only, places

PROFILES_CHARACTERS = 1024 * 1024
"""Of attributes as JSON in a batch: as Python objects they are up to thirty times as large."""


class TooHeavyError(Exception):
    """Less has to be loaded at a time: half the batch can do."""


class ParticipantKey(NamedTuple):
    """How a caller names a participant."""

    project_id: int
    participant_id: str


class ProjectMoment(NamedTuple):
    """What a project's row said when the batch was loaded."""

    definitions_version: int
    clock_offset_ms: int


class KeyUse(NamedTuple):
    """An idempotency key that may have been used before."""

    lane: int
    subject: str
    operation: str
    key: str


class FirstUse(NamedTuple):
    """What an idempotency key was first used for, and the bytes that were answered. `parts` is None for keys of before
    there were any (engine/fingerprints.py)."""

    fingerprint: bytes
    answer: bytes
    parts: bytes | None = None


class LockedParticipants(NamedTuple):
    """Those of `elsewhere` exist, and their accounts are locked by others; all others are locked or do not exist."""

    moments: dict[int, ProjectMoment]
    participants: dict[ParticipantKey, Participant]
    elsewhere: set[ParticipantKey]


# Locks are taken in the order of (lane, subject), so that batches cannot deadlock. An erasure replaces the account's
# row, so that whoever waited for its lock no longer finds the participant under the old name.
_LOCK_ACCOUNTS = """
WITH wanted AS (
    SELECT * FROM unnest($1::smallint[], $2::integer[], $3::text[]) AS wanted (lane, project_id, participant_id)
    WHERE ($5::smallint IS NULL OR wanted.lane = $5)
), locked AS (
    SELECT p.project_id, p.participant_id, p.anonymised_at IS NOT NULL AS is_anonymised, p.erased_before, a.*
    FROM wanted JOIN participant p USING (lane, project_id, participant_id) JOIN account a USING (lane, subject)
    ORDER BY a.lane, a.subject
    FOR NO KEY UPDATE OF a
)
SELECT project.id, project.definitions_version, project.clock_offset_ms, locked.*
FROM project LEFT JOIN locked ON locked.project_id = project.id
WHERE project.id = ANY ($4::integer[])
"""

_LOCK_FREE_ACCOUNTS = _LOCK_ACCOUNTS.replace("FOR NO KEY UPDATE OF a", "FOR NO KEY UPDATE OF a SKIP LOCKED")

# Shared by all batches; a change of the calendar waits for them (storage/projects.py).
_HOLD_CALENDARS = """
SELECT id, definitions_version, clock_offset_ms FROM project WHERE id = ANY ($1::integer[]) ORDER BY id FOR KEY SHARE
"""

_EXISTING = """
SELECT p.project_id, p.participant_id
FROM unnest($1::smallint[], $2::integer[], $3::text[]) AS wanted (lane, project_id, participant_id)
JOIN participant p USING (lane, project_id, participant_id)
WHERE ($4::smallint IS NULL OR wanted.lane = $4)
"""

_PROFILES = """
SELECT p.project_id, p.participant_id, p.display_name, p.avatar_url, p.attributes
FROM unnest($1::smallint[], $2::uuid[]) AS wanted (lane, subject) JOIN participant p USING (lane, subject)
WHERE ($3::smallint IS NULL OR wanted.lane = $3)
"""

_BADGES = """
SELECT b.subject, b.badge_id, b.earned_at
FROM unnest($1::smallint[], $2::uuid[]) AS wanted (lane, subject) JOIN earned_badge b USING (lane, subject)
WHERE ($3::smallint IS NULL OR wanted.lane = $3)
"""

_ZONES = """
SELECT p.subject, p.attributes->>'timezone' AS time_zone
FROM unnest($1::smallint[], $2::uuid[]) AS wanted (lane, subject) JOIN participant p USING (lane, subject)
WHERE ($3::smallint IS NULL OR wanted.lane = $3)
"""

_STREAKS = """
SELECT s.subject, s.streak_id, s.longest, s.runs
FROM unnest($1::smallint[], $2::uuid[]) AS wanted (lane, subject) JOIN streak_state s USING (lane, subject)
WHERE ($3::smallint IS NULL OR wanted.lane = $3)
"""

_CHALLENGES = """
SELECT c.subject, c.challenge_id, c.state
FROM unnest($1::smallint[], $2::uuid[], $3::uuid[]) AS wanted (lane, subject, challenge_id)
JOIN challenge_state c USING (lane, subject, challenge_id)
WHERE ($4::smallint IS NULL OR wanted.lane = $4)
"""

# A statement of its own after the lock: its snapshot then shows what the lock's last holder committed.
_FIRST_USES = """
SELECT i.lane, i.subject, i.operation, i.key, i.fingerprint, i.answer, i.parts
FROM unnest($1::smallint[], $2::uuid[], $3::text[], $4::text[]) AS wanted (lane, subject, operation, key)
JOIN idempotency i USING (lane, subject, operation, key)
WHERE ($5::smallint IS NULL OR wanted.lane = $5)
"""

_ANY_FACT = "SELECT 1 FROM journal WHERE lane = $1 AND id = $2"


async def lock_participants(
    connection: Connection, keys: Collection[ParticipantKey], *, skips_locked: bool = False
) -> LockedParticipants:
    """Locks the accounts, without waiting for any if `skips_locked`; a participant that does not exist comes as an
    empty state with a new subject."""
    lanes = [lane_of(*key) for key in keys]
    rows = await connection.fetch(
        _LOCK_FREE_ACCOUNTS if skips_locked else _LOCK_ACCOUNTS,
        lanes,
        [key.project_id for key in keys],
        [key.participant_id for key in keys],
        list({key.project_id for key in keys}),
        only(lanes),
    )
    moments = {row["id"]: ProjectMoment(row["definitions_version"], row["clock_offset_ms"]) for row in rows}
    found = {
        ParticipantKey(row["project_id"], row["participant_id"]): _participant(row)
        for row in rows
        if row["subject"] is not None
    }
    missing = [key for key in keys if key not in found]
    elsewhere = await _existing(connection, missing) if skips_locked and missing else set()
    return LockedParticipants(moments, {key: found.get(key) or _nobody(key) for key in keys}, elsewhere)


async def hold_calendars(connection: Connection, project_ids: Collection[int]) -> dict[int, ProjectMoment]:
    """Until the transaction ends, no other one changes the calendars of these projects. Their moments are those after
    the last change."""
    rows = await connection.fetch(_HOLD_CALENDARS, list(project_ids))
    return {row["id"]: ProjectMoment(row["definitions_version"], row["clock_offset_ms"]) for row in rows}


async def _existing(connection: Connection, keys: Collection[ParticipantKey]) -> set[ParticipantKey]:
    """Those that exist by now. A statement of its own after the lock: it sees whom others have created or erased in the
    meantime."""
    rows = await connection.fetch(_EXISTING, *columns([(lane_of(*key), *key) for key in keys]))
    return {ParticipantKey(row["project_id"], row["participant_id"]) for row in rows}


async def load_profiles(connection: Connection, participants: Iterable[Participant]) -> None:
    """Fills in the profiles of those participants that exist. Raises TooHeavyError when together they are too large."""
    by_key = {ParticipantKey(p.project_id, p.participant_id): p for p in participants if p.exists}
    if not by_key:
        return
    rows = await connection.fetch(_PROFILES, *places(by_key.values()))
    if len(rows) > 1 and sum(len(row["attributes"]) for row in rows) > PROFILES_CHARACTERS:
        raise TooHeavyError
    for row in rows:
        by_key[ParticipantKey(row["project_id"], row["participant_id"])].profile = Profile(
            row["display_name"], row["avatar_url"], msgspec.json.decode(row["attributes"])
        )


async def load_badges(connection: Connection, participants: Iterable[Participant]) -> None:
    """Fills in the earned badges of those participants that exist."""
    by_subject = {p.subject: p for p in participants if p.exists}
    if not by_subject:
        return
    rows = await connection.fetch(_BADGES, *places(by_subject.values()))
    for row in rows:
        by_subject[str(row["subject"])].badges[str(row["badge_id"])] = row["earned_at"]


async def load_zones(connection: Connection, participants: Iterable[Participant]) -> None:
    """Fills in the time zones of those participants that exist."""
    by_subject = {p.subject: p for p in participants if p.exists}
    if not by_subject:
        return
    rows = await connection.fetch(_ZONES, *places(by_subject.values()))
    for row in rows:
        by_subject[str(row["subject"])].zone = time_zones.ZONES.get(row["time_zone"])


async def load_streaks(connection: Connection, participants: Iterable[Participant]) -> None:
    """Fills in the streaks of those participants that exist."""
    by_subject = {p.subject: p for p in participants if p.exists}
    if not by_subject:
        return
    rows = await connection.fetch(_STREAKS, *places(by_subject.values()))
    for row in rows:
        by_subject[str(row["subject"])].streaks[str(row["streak_id"])] = state_from(row["longest"], row["runs"])


async def load_challenges(connection: Connection, wanted: Collection[tuple[Participant, str]]) -> None:
    """Fills in the states of the challenges named, for those participants that exist."""
    rows = [(p.lane, p.subject, challenge_id) for p, challenge_id in wanted if p.exists]
    by_subject = {p.subject: p for p, _ in wanted}
    if not rows:
        return
    for row in await connection.fetch(_CHALLENGES, *columns(rows)):
        state = challenges.state_from(row["state"])
        by_subject[str(row["subject"])].challenges[str(row["challenge_id"])] = state


async def find_first_uses(connection: Connection, uses: Collection[KeyUse]) -> dict[KeyUse, FirstUse]:
    if not uses:
        return {}
    rows = await connection.fetch(_FIRST_USES, *columns(uses))
    return {
        KeyUse(row["lane"], str(row["subject"]), row["operation"], row["key"]): FirstUse(
            row["fingerprint"], row["answer"], row["parts"]
        )
        for row in rows
    }


async def has_fact(connection: Connection, lane: int, fact_id: str) -> bool:
    return await connection.fetchval(_ANY_FACT, lane, fact_id) is not None


def _nobody(key: ParticipantKey) -> Participant:
    return Participant(
        project_id=key.project_id,
        participant_id=key.participant_id,
        lane=lane_of(*key),
        subject=str(uuid4()),
        exists=False,
        account=Account(),
    )


def _participant(row: asyncpg.Record) -> Participant:
    return Participant(
        project_id=row["project_id"],
        participant_id=row["participant_id"],
        lane=row["lane"],
        subject=str(row["subject"]),
        exists=True,
        account=account_from(row),
        is_anonymised=row["is_anonymised"],
        erased_before=row["erased_before"],
    )


def account_from(row: asyncpg.Record) -> Account:
    return Account(
        seq=row["seq"],
        balance=row["balance"],
        total_earned=row["total_earned"],
        total_spent=row["total_spent"],
        total_expired=row["total_expired"],
        held=row["held"],
        transactions=row["transactions"],
        total_events=row["total_events"],
        tier=_standing(row["tier_id"], row["tier_since"], row["tier_held_earned"], row["tier_held_balance"]),
        multipliers=economy.multipliers_from(row["multipliers"]) if row["multipliers"] is not None else [],
        next_expiry_at=row["next_expiry_at"],
        latest_earned_at=row["latest_earned_at"],
        latest_spent_at=row["latest_spent_at"],
        latest_event_at=row["latest_event_at"],
    )


def _standing(
    tier_id: object, since: datetime, held_earned: int | None, held_balance: int | None
) -> TierStanding | None:
    return None if tier_id is None else TierStanding(str(tier_id), since, held_earned, held_balance)
