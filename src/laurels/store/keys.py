"""API keys. Only a hash of a key is stored; the key itself is shown once, when it is made.

`lk_live_` or `lk_test_`, 32 random characters, 6 of a checksum: a mistyped or foreign key is told from a revoked one
without asking the database, and secret scanners can recognise a leaked one.
"""

import secrets
import string
from datetime import UTC, datetime
from hashlib import sha256
from typing import Literal
from zlib import crc32

from msgspec import Struct
from uuid_utils import uuid7

from laurels.store.database import Connection, Fetches
from laurels.store.projects import Mode, Project

Scope = Literal["gamify", "gamify:admin", "admin"]
ADMIN_SCOPES = frozenset({"gamify:admin", "admin"})

_ALPHABET = string.digits + string.ascii_letters
_RANDOM_CHARACTERS = 32
_CHECKSUM_CHARACTERS = 6


class KeyRow(Struct, frozen=True, kw_only=True):
    id: str
    project_id: int
    name: str
    scope: Scope
    hint: str
    secret_hash: bytes
    created_at: datetime
    revoked_at: datetime | None


def hash_of(key: str) -> bytes:
    """Keys are random enough that a plain hash cannot be searched."""
    return sha256(key.encode()).digest()


def generate(mode: Mode) -> str:
    body = f"lk_{mode}_" + "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_CHARACTERS))
    return body + _checksum(body)


def is_well_formed(key: str) -> bool:
    body, checksum = key[:-_CHECKSUM_CHARACTERS], key[-_CHECKSUM_CHARACTERS:]
    return key.startswith(("lk_live_", "lk_test_")) and _checksum(body) == checksum


async def create(connection: Connection, project: Project, scope: Scope, name: str) -> str:
    key = generate(project.mode)
    await connection.execute(
        """
        INSERT INTO api_key (id, project_id, name, scope, hint, secret_hash, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """,
        str(uuid7()),
        project.id,
        name,
        scope,
        key[:12],
        hash_of(key),
        datetime.now(UTC),
    )
    return key


async def valid_keys(connection: Fetches) -> list[KeyRow]:
    rows = await connection.fetch(
        """
        SELECT k.id, k.project_id, k.name, k.scope, k.hint, k.secret_hash, k.created_at, k.revoked_at
        FROM api_key k JOIN project ON project.id = k.project_id
        WHERE k.revoked_at IS NULL AND project.archived_at IS NULL
        """
    )
    return [KeyRow(**{**dict(row), "id": str(row["id"])}) for row in rows]


async def all_keys(connection: Fetches, project_id: int) -> list[KeyRow]:
    rows = await connection.fetch(
        """
        SELECT id, project_id, name, scope, hint, secret_hash, created_at, revoked_at
        FROM api_key WHERE project_id = $1 ORDER BY created_at
        """,
        project_id,
    )
    return [KeyRow(**{**dict(row), "id": str(row["id"])}) for row in rows]


async def revoke(connection: Connection, key_or_id: str) -> bool:
    """Revokes by the key's id or by the key itself; False if there is no such valid key."""
    tag = await connection.execute(
        """
        UPDATE api_key SET revoked_at = $3 WHERE revoked_at IS NULL AND (id::text = $1 OR secret_hash = $2)
        """,
        key_or_id,
        hash_of(key_or_id),
        datetime.now(UTC),
    )
    return bool(tag != "UPDATE 0")


def _checksum(body: str) -> str:
    number = crc32(body.encode())
    digits = []
    for _ in range(_CHECKSUM_CHARACTERS):
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))
