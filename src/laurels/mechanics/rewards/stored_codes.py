"""Adding, revoking and counting the codes of rewards."""

from collections.abc import Sequence
from datetime import datetime

from laurels.mechanics.rewards import store
from laurels.storage.postgres.database import Connection, Fetches

# Codes are inserted in sorted order, so that two uploads of the same codes cannot deadlock. They are given to claims in
# the order of their numbers, which count up from the microsecond of the upload, as a sequence would belong to one
# machine.
_ADD_CODES = """
INSERT INTO reward_code (reward_id, code, number, status, added_at) OVERRIDING SYSTEM VALUE
SELECT $1, code, $4::bigint + place, 'available', $3
FROM unnest($2::text[]) WITH ORDINALITY AS new (code, place) ORDER BY code COLLATE "C"
ON CONFLICT DO NOTHING RETURNING code
"""

_REVOKE_CODES = """
UPDATE reward_code SET status = 'revoked'
WHERE reward_id = $1 AND status = 'available' AND ($2::text[] IS NULL OR code = ANY ($2)) RETURNING code
"""

ADDED_AT_ONCE = 10_000


async def add_codes(connection: Connection, reward_id: str, codes: Sequence[str], now: datetime) -> set[str]:
    """Adds the new codes among these, in the open transaction, and returns them."""
    in_order = sorted(codes)
    added: set[str] = set()
    first = int(now.timestamp() * 1_000_000)
    for start in range(0, len(in_order), ADDED_AT_ONCE):
        part = in_order[start : start + ADDED_AT_ONCE]
        rows = await connection.fetch(_ADD_CODES, reward_id, part, now, first + start)
        added.update(row["code"] for row in rows)
    # The reward's row is locked last, so that claims wait only briefly.
    await store.change_codes_available(connection, reward_id, len(added))
    return added


async def revoke_codes(connection: Connection, reward_id: str, codes: Sequence[str] | None) -> set[str]:
    """Revokes the available codes among these, or all available codes if None is given, and returns them."""
    await store.lock_stock(connection, reward_id)
    rows = await connection.fetch(_REVOKE_CODES, reward_id, codes)
    await store.change_codes_available(connection, reward_id, -len(rows))
    return {row["code"] for row in rows}


async def code_counts(connection: Fetches, reward_id: str) -> dict[str, int]:
    """The number of codes by status."""
    rows = await connection.fetch(
        "SELECT status, count(*) AS codes FROM reward_code WHERE reward_id = $1 GROUP BY status", reward_id
    )
    return {row["status"]: row["codes"] for row in rows}
