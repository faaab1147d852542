"""Sessions of the console: each stands for one API key, and ends after twelve hours without a request.

Only hashes are stored, of the session's token and of the key: a reader of the database can use neither.
"""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from laurels.storage.postgres.database import Connection, Fetches

IDLE = timedelta(hours=12)
USE_NOTED = timedelta(seconds=60)
"""A use is written when the last one noted is older."""


async def begin(connection: Connection, key_hash: bytes, now: datetime) -> str:
    """The token of a new session. Sessions that have ended are removed."""
    token = secrets.token_urlsafe(32)
    await connection.execute("DELETE FROM console_session WHERE used_at <= $1", now - IDLE)
    await connection.execute(
        "INSERT INTO console_session (token_hash, key_hash, begun_at, used_at) VALUES ($1, $2, $3, $3)",
        _hash_of(token),
        key_hash,
        now,
    )
    return token


async def find(connection: Fetches, token: str, now: datetime) -> tuple[bytes, datetime] | None:
    """The hash of the session's key, and when the session was used last; None if it has ended."""
    rows = await connection.fetch(
        "SELECT key_hash, used_at FROM console_session WHERE token_hash = $1 AND used_at > $2",
        _hash_of(token),
        now - IDLE,
    )
    return (rows[0]["key_hash"], rows[0]["used_at"]) if rows else None


async def note_use(connection: Connection, token: str, now: datetime) -> None:
    await connection.execute(
        "UPDATE console_session SET used_at = greatest(used_at, $2) WHERE token_hash = $1", _hash_of(token), now
    )


async def end(connection: Connection, token: str) -> None:
    await connection.execute("DELETE FROM console_session WHERE token_hash = $1", _hash_of(token))


def _hash_of(token: str) -> bytes:
    return sha256(token.encode()).digest()
