"""The ids and idempotency keys of erased people, as keyed hashes, so that importing a file again or repeating a request
does not bring an erased person back.

A hash is HMAC-SHA-256 (RFC 2104) with the database's own secret. Only new participants, and participants whose id
belonged to an erased person before, are looked up here.
"""

import hmac
from collections.abc import Collection
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from laurels.kernel.participant import Participant
from laurels.storage.lanes import LANES, Rows, columns
from laurels.storage.load import KeyUse
from laurels.storage.postgres.database import Connection

KEYS_KEPT_DAYS = 30

_ID_ROWS = Rows("project_id integer", "id_hash bytea")

_ERASED = f"""
SELECT e.lane, e.project_id, e.id_hash, e.erased_at
FROM {_ID_ROWS.given}
JOIN erased_id e USING (lane, project_id, id_hash)
WHERE {_ID_ROWS.in_one_lane}
"""  # noqa: S608

_KEY_HASH_ROWS = Rows("key_hash bytea")

_ERASED_KEYS = f"""
SELECT e.lane, e.key_hash
FROM {_KEY_HASH_ROWS.given} JOIN erased_key e USING (lane, key_hash)
WHERE {_KEY_HASH_ROWS.in_one_lane}
"""  # noqa: S608

# Keys that the erasure has not hashed yet.
_KEY_ROWS = Rows("id_hash bytea", "operation text", "key text")

_KEYS_LEFT = f"""
SELECT e.lane, e.id_hash, i.operation, i.key
FROM {_KEY_ROWS.given}
JOIN erasure e ON e.lane = wanted.lane AND e.id_hash = wanted.id_hash
JOIN idempotency i ON i.lane = wanted.lane AND i.subject = e.subject AND i.operation = wanted.operation
    AND i.key = wanted.key
WHERE {_KEY_ROWS.in_one_lane}
"""  # noqa: S608

_ADD_ID = """
INSERT INTO erased_id AS e (lane, project_id, id_hash, erased_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (lane, project_id, id_hash) DO UPDATE SET erased_at = excluded.erased_at
WHERE e.erased_at < excluded.erased_at
"""

_ADD_KEYS = """
INSERT INTO erased_key (lane, key_hash, erased_at)
SELECT $1::smallint, key_hash, $3::timestamptz FROM unnest($2::bytea[]) AS new (key_hash)
ON CONFLICT (lane, key_hash) DO UPDATE SET erased_at = excluded.erased_at
"""

_secrets: WeakKeyDictionary[Connection, bytes] = WeakKeyDictionary()


async def secret(connection: Connection) -> bytes:
    """The secret of the database, read once per connection."""
    cached = _secrets.get(connection)
    if cached is None:
        read: bytes = await connection.fetchval("SELECT secret FROM erasure_secret")
        cached = _secrets[connection] = read
    return cached


def id_hash(secret: bytes, project_id: int, participant_id: str) -> bytes:
    return hmac.digest(secret, f"{project_id}:{participant_id}".encode(), "sha256")


def key_hash(secret: bytes, id_hash: bytes, operation: str, key: str) -> bytes:
    return hmac.digest(secret, id_hash + f"{operation}:{key}".encode(), "sha256")


async def load(connection: Connection, participants: Collection[Participant]) -> None:
    """Sets `erased_before` of participants that do not exist."""
    for participant, erased_at in await _erased(connection, [p for p in participants if not p.exists]):
        participant.erased_before = erased_at


async def has_changed(connection: Connection, participants: Collection[Participant]) -> bool:
    """Whether another session has created and erased any of these new participants since they were looked up."""
    return any(erased_at != p.erased_before for p, erased_at in await _erased(connection, participants))


async def _erased(connection: Connection, participants: Collection[Participant]) -> list[tuple[Participant, datetime]]:
    if not participants:
        return []
    key = await secret(connection)
    wanted = {(p.lane, p.project_id, id_hash(key, p.project_id, p.participant_id)): p for p in participants}
    rows = await connection.fetch(_ERASED, *columns(wanted))
    return [(wanted[row["lane"], row["project_id"], row["id_hash"]], row["erased_at"]) for row in rows]


async def used_keys(connection: Connection, uses: Collection[tuple[Participant, KeyUse]]) -> set[KeyUse]:
    """The keys among these that were used for an erased person with the participant's id."""
    if not uses:
        return set()
    secret_key = await secret(connection)
    ids = {p.subject: id_hash(secret_key, p.project_id, p.participant_id) for p, _ in uses}
    by_key = {(u.lane, key_hash(secret_key, ids[u.subject], u.operation, u.key)): u for _, u in uses}
    by_plain_key = {(u.lane, ids[u.subject], u.operation, u.key): u for _, u in uses}
    hashed = await connection.fetch(_ERASED_KEYS, *columns(by_key))
    not_hashed = await connection.fetch(_KEYS_LEFT, *columns(by_plain_key))
    return {by_key[row["lane"], row["key_hash"]] for row in hashed} | {
        by_plain_key[row["lane"], row["id_hash"], row["operation"], row["key"]] for row in not_hashed
    }


async def add(connection: Connection, lane: int, project_id: int, id_hash: bytes, erased_at: datetime) -> None:
    """Adds the hash of an id. If the id was erased several times, the latest time stays."""
    await connection.execute(_ADD_ID, lane, project_id, id_hash, erased_at)


async def add_keys(connection: Connection, lane: int, key_hashes: Collection[bytes], now: datetime) -> None:
    await connection.execute(_ADD_KEYS, lane, list(key_hashes), now)


async def forget_old_keys(connection: Connection, now: datetime, limit: int) -> int:
    """Removes key hashes that are older than KEYS_KEPT_DAYS, up to `limit` per lane; returns their number."""
    removed = 0
    for lane in range(LANES):
        status = await connection.execute(
            """
            DELETE FROM erased_key WHERE lane = $1 AND key_hash IN (
                SELECT key_hash FROM erased_key WHERE lane = $1 AND erased_at < $2 ORDER BY erased_at LIMIT $3)
            """,
            lane,
            now - timedelta(days=KEYS_KEPT_DAYS),
            limit,
        )
        removed += int(status.rpartition(" ")[2])
    return removed


async def forget(connection: Connection, before: datetime) -> int:
    """Removes the hashes of ids that were erased before `before`; returns their number."""
    status = await connection.execute("DELETE FROM erased_id WHERE erased_at < $1", before)
    return int(status.rpartition(" ")[2])
