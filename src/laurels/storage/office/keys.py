"""API keys. Only a hash of a key is stored; the key itself is shown once, when it is created.

A key consists of `lk_live_` or `lk_test_`, 32 random characters, and a checksum of 6 characters. The checksum
distinguishes a mistyped or foreign key from a revoked one without a query, and lets secret scanners recognise leaked
keys.
"""

import secrets
import string
from collections.abc import AsyncIterator, Collection
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Literal, get_args
from zlib import crc32

import asyncpg
import msgspec
from msgspec import Struct

from laurels.storage.office import audit, projects
from laurels.storage.office.audit import Action, AuditedChange
from laurels.storage.office.projects import Mode, Project
from laurels.storage.postgres.database import Connection, Fetches
from laurels.storage.postgres.ids import new_id
from laurels.storage.postgres.pools import Readers

Scope = Literal["gamify", "gamify:read", "gamify:support", "gamify:admin", "admin", "operator"]
"""The scopes in ascending order: each includes the permissions of the scopes before it, except that `gamify:read` is
only for reading."""
SCOPES: tuple[Scope, ...] = get_args(Scope)
PROJECT_ADMIN_SCOPES: tuple[Scope, ...] = ("admin", "operator")

USE_NOTED_SECONDS = 60

REVOKE = "revoke unused keys first"
"""The remedy for a project with too many keys."""

VALID_LIMIT = 200
"""The number of valid keys at which a project gets no further key."""
ROTATION_LIMIT = 400
"""The same for the rotation of a key that stays valid for a while beside its successor."""
ENDED_KEPT = 1_000
"""The number of revoked or expired keys of a project that stay listed; the audit log has all."""

_ALPHABET = string.digits + string.ascii_letters
_RANDOM_CHARACTERS = 32
_CHECKSUM_CHARACTERS = 6


class KeyRow(Struct, frozen=True, kw_only=True):
    """A key as listed. `rate_limit` is in requests per second; None is the server's default, 0 means no limit."""

    id: str
    name: str
    scope: Scope
    hint: str
    rate_limit: int | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    """Accurate to about a minute."""


class ValidKey(Struct, frozen=True, kw_only=True):
    """The properties of a valid key that a server needs. `part` is one of 256 parts, by the key's id."""

    part: int
    id: str
    project_id: int
    name: str
    scope: Scope
    secret_hash: bytes
    expires_at: datetime | None
    rate_limit: int | None
    project_rate_limit: int | None
    strict_fields: bool


def hash_of(key: str) -> bytes:
    """A plain hash is enough, as keys are too random to be guessed from it."""
    return sha256(key.encode()).digest()


def generate(mode: Mode) -> str:
    body = f"lk_{mode}_" + "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_CHARACTERS))
    return body + _checksum(body)


def is_well_formed(key: str) -> bool:
    body, checksum = key[:-_CHECKSUM_CHARACTERS], key[-_CHECKSUM_CHARACTERS:]
    return key.startswith(("lk_live_", "lk_test_")) and _checksum(body) == checksum


_COLUMNS = (
    "id, name, scope, hint, rate_limit, created_at, expires_at, revoked_at, "
    "(SELECT used_at FROM key_use WHERE key_id = api_key.id) AS last_used_at"
)


async def create(
    connection: Connection, project: Project, scope: Scope, name: str, rate_limit: int | None = None
) -> str:
    """Creates a key and returns it; it cannot be retrieved later. Raises KeyRefusedError."""
    return (await add(connection, project, scope, name, rate_limit))[0]


async def add(
    connection: Connection, project: Project, scope: Scope, name: str, rate_limit: int | None = None
) -> tuple[str, KeyRow]:
    """Creates a key; returns it and its row. Raises KeyRefusedError if the project has VALID_LIMIT valid keys."""
    await _check_number(connection, project.id, VALID_LIMIT, REVOKE)
    return await _add(connection, project, scope, name, rate_limit)


async def _add(
    connection: Connection, project: Project, scope: Scope, name: str, rate_limit: int | None
) -> tuple[str, KeyRow]:
    key = generate(project.mode)
    row = await connection.fetchrow(
        f"""
        INSERT INTO api_key (id, project_id, name, scope, hint, secret_hash, rate_limit, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING {_COLUMNS}
        """,  # noqa: S608
        new_id(),
        project.id,
        name,
        scope,
        key[:12],
        hash_of(key),
        rate_limit,
        datetime.now(UTC),
    )
    created = _row(row)  # type: ignore[arg-type]
    await connection.execute(_FORGET_ENDED, project.id, created.created_at, ENDED_KEPT)
    after = {"scope": created.scope, "name": created.name, "rate_limit": created.rate_limit}
    await audit.record(connection, _done(project.id, "create", created, after=after))
    return key, created


_FORGET_ENDED = """
WITH forgotten AS (
    DELETE FROM api_key WHERE id IN (
        SELECT id FROM api_key
        WHERE project_id = $1 AND (revoked_at IS NOT NULL OR expires_at <= $2)
        ORDER BY least(revoked_at, expires_at) DESC, id DESC OFFSET $3 FOR UPDATE SKIP LOCKED
    ) RETURNING id
)
DELETE FROM key_use WHERE key_id IN (SELECT id FROM forgotten)
"""


async def _check_number(connection: Connection, project_id: int, limit: int, remedy: str) -> None:
    """Raises KeyRefusedError if `limit` keys of the project are valid."""
    # The lock makes the second of two concurrent requests see the key of the first.
    await projects.lock(connection, project_id)
    now = datetime.now(UTC)
    valid: int = await connection.fetchval(
        "SELECT count(*) FROM api_key WHERE project_id = $1 AND revoked_at IS NULL "
        "AND (expires_at IS NULL OR expires_at > $2)",
        project_id,
        now,
    )
    if valid >= limit:
        raise too_many(valid, limit, remedy)


_VALID = """
FROM api_key k JOIN project ON project.id = k.project_id
WHERE k.revoked_at IS NULL AND project.archived_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $1)
"""
_PART = "get_byte(uuid_send(k.id), 15)"

# The properties of a key that a server caches and that can change.
_FINGERPRINTS = f"""
SELECT {_PART} AS part, bit_xor(hash_record_extended(
    ROW (k.id, k.name, k.scope, k.expires_at, k.rate_limit, project.rate_limit, project.strict_fields), 0)
) AS fingerprint
{_VALID} GROUP BY 1
"""
_VALID_OF_PARTS = f"""
SELECT {_PART} AS part, k.id::text, k.project_id, k.name, k.scope, k.secret_hash, k.expires_at, k.rate_limit,
       project.rate_limit AS project_rate_limit, project.strict_fields
{_VALID} AND {_PART} = ANY ($2) ORDER BY 1
"""


async def fingerprints(connection: Fetches) -> dict[int, int]:
    """A fingerprint for each part of the valid keys of all projects that are not archived. It changes when any of these
    keys changes."""
    rows = await connection.fetch(_FINGERPRINTS, datetime.now(UTC))
    return {row["part"]: row["fingerprint"] for row in rows}


async def valid_keys(readers: Readers, parts: Collection[int], at_once: int) -> AsyncIterator[list[ValidKey]]:
    """The valid keys of these parts, part by part, in pieces of up to `at_once` keys."""
    async with readers.transaction() as connection:
        cursor = await connection.cursor(_VALID_OF_PARTS, datetime.now(UTC), list(parts))
        while rows := await cursor.fetch(at_once):
            yield [ValidKey(**dict(row)) for row in rows]


# Waits for no row that another session has locked.
_NOTE_USES = """
WITH used AS (
    SELECT key_id FROM unnest($1::uuid[]) AS used (key_id)
), due AS (
    SELECT key_id FROM used LEFT JOIN key_use USING (key_id)
    WHERE used_at IS NULL OR used_at NOT BETWEEN $2::timestamptz - $3::interval AND $2 + $3::interval
), free AS (
    SELECT key_use.key_id FROM due JOIN key_use USING (key_id) FOR UPDATE OF key_use SKIP LOCKED
), locked AS (
    SELECT key_id FROM due JOIN key_use USING (key_id) EXCEPT SELECT key_id FROM free
), noted AS (
    INSERT INTO key_use (key_id, used_at)
    SELECT key_id, $2 FROM due WHERE key_id NOT IN (SELECT key_id FROM locked) ORDER BY key_id
    ON CONFLICT (key_id) DO UPDATE SET used_at = excluded.used_at
)
SELECT key_id::text FROM locked
"""


async def note_uses(connection: Connection, key_ids: Collection[str], now: datetime) -> set[str]:
    """Notes that these keys are in use, except for keys noted less than USE_NOTED_SECONDS ago. Returns the keys whose
    rows are locked, and which are not noted."""
    rows = await connection.fetch(_NOTE_USES, list(key_ids), now, timedelta(seconds=USE_NOTED_SECONDS))
    return {row["key_id"] for row in rows}


async def all_keys(connection: Fetches, project_id: int) -> list[KeyRow]:
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM api_key WHERE project_id = $1 ORDER BY created_at, id",  # noqa: S608
        project_id,
    )
    return [_row(row) for row in rows]


async def lock(connection: Connection, project_id: int, key_ids: Collection[str]) -> dict[str, KeyRow]:
    """Locks the project's keys with these ids until the transaction ends, and returns their current rows.

    One statement locks all keys in the order of their ids, so that two callers who edit each other's keys take turns.
    Keys are locked before projects.
    """
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM api_key WHERE project_id = $1 AND id = ANY ($2::uuid[]) ORDER BY id FOR UPDATE",  # noqa: S608
        project_id,
        list(key_ids),
    )
    return {key.id: key for key in map(_row, rows)}


async def get(connection: Connection, project_id: int, key_id: str) -> KeyRow | None:
    """The key with this id, locked until the transaction ends."""
    return (await lock(connection, project_id, (key_id,))).get(key_id)


async def change(
    connection: Connection, project_id: int, before: KeyRow, key: KeyRow, action: Action = "change"
) -> None:
    """Stores the name, the limit, and the times of expiry and revocation."""
    was, is_now = audit.differences(_changeable(before), _changeable(key))
    await audit.record(connection, _done(project_id, action, key, was, is_now))
    await connection.execute(
        "UPDATE api_key SET name = $2, rate_limit = $3, expires_at = $4, revoked_at = $5 WHERE id = $1",
        key.id,
        key.name,
        key.rate_limit,
        key.expires_at,
        key.revoked_at,
    )


async def identified(connection: Connection, key_or_id: str) -> tuple[int, str] | None:
    """The project and the id of a valid key, given by the key or its id."""
    row = await connection.fetchrow(
        """
        SELECT project_id, id::text FROM api_key WHERE revoked_at IS NULL AND (id::text = $1 OR secret_hash = $2)
        """,
        key_or_id,
        hash_of(key_or_id),
    )
    return (row["project_id"], row["id"]) if row else None


class KeyChangeRefusedError(Exception):
    """The reason, as a sentence, why an operation on keys is refused. `code` is the error code of the response."""

    def __init__(self, sentence: str, *, code: str) -> None:
        super().__init__(sentence)
        self.code = code


def too_many(valid: int, limit: int, remedy: str) -> KeyChangeRefusedError:
    sentence = f"The project has {valid} valid API keys, and the maximum is {limit}; {remedy}"
    return KeyChangeRefusedError(sentence, code="too_many_api_keys")


async def rotate(connection: Connection, project: Project, key: KeyRow, valid_for: timedelta) -> tuple[str, KeyRow]:
    """Creates a successor with the same name, scope and limit; the old key stays valid for `valid_for`. Raises
    KeyRefusedError.

    If the old key ends at once, the number of keys is not limited, as it does not grow.
    """
    now = datetime.now(UTC)
    if not is_valid(key, now):
        raise KeyChangeRefusedError("The key is revoked or expired; create a new one", code="api_key_ended")
    ends_at = min(now + valid_for, key.expires_at or datetime.max.replace(tzinfo=UTC))
    if ends_at > now:
        await _check_number(connection, project.id, ROTATION_LIMIT, f"end the old key at once, or {REVOKE}")
    await change(connection, project.id, key, msgspec.structs.replace(key, expires_at=ends_at), "rotate")
    return await _add(connection, project, key.scope, key.name, key.rate_limit)


async def revoke(connection: Connection, project_id: int, key: KeyRow, *, is_forced: bool = False) -> KeyRow:
    """Revokes a key. Raises KeyRefusedError for the last unlimited key that can administer the project, unless
    `is_forced`."""
    now = datetime.now(UTC)
    if not is_valid(key, now):
        raise KeyChangeRefusedError("The key is already revoked or expired", code="api_key_ended")
    # The lock makes the second of two callers who revoke the last two keys see the change of the first.
    await projects.lock(connection, project_id)
    others = [
        other
        for other in await all_keys(connection, project_id)
        if other.id != key.id
        and other.scope in PROJECT_ADMIN_SCOPES
        and other.revoked_at is None
        and other.expires_at is None
    ]
    if key.scope in PROJECT_ADMIN_SCOPES and not others and not is_forced:
        sentence = "This is the last key that can administer the project; create another one first"
        raise KeyChangeRefusedError(sentence, code="last_admin_key")
    revoked = msgspec.structs.replace(key, revoked_at=now)
    await change(connection, project_id, key, revoked, "revoke")
    return revoked


def is_valid(key: KeyRow, now: datetime) -> bool:
    return key.revoked_at is None and (key.expires_at is None or key.expires_at > now)


def _changeable(key: KeyRow) -> dict[str, Any]:
    return {
        "name": key.name,
        "rate_limit": key.rate_limit,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
    }


def _done(
    project_id: int,
    action: Action,
    key: KeyRow,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditedChange:
    return AuditedChange(
        project_id=project_id, action=action, kind="key", object_id=key.id, code=key.hint, before=before, after=after
    )


def _row(row: asyncpg.Record) -> KeyRow:
    return KeyRow(**{**dict(row), "id": str(row["id"])})


def _checksum(body: str) -> str:
    number = crc32(body.encode())
    digits = []
    for _ in range(_CHECKSUM_CHARACTERS):
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))
