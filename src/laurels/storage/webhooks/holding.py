"""Sharing the webhooks among the processes that send: each holds some of them by a lease, and takes over those of a
process that has ended."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
import msgspec
from msgspec import Struct

from laurels.storage.postgres.database import Connection


class HeldWebhook(Struct, frozen=True, kw_only=True):
    """A webhook that this process holds, with its definition. `has_due`: it has deliveries that are due. `has_events`:
    the feed has events that it has not reached."""

    id: str
    project_id: int
    code: str
    url: str
    headers: dict[str, str]
    signature_header: str | None
    include_historical: bool
    failing_since: datetime | None
    has_due: bool
    has_events: bool


_NOTE = """
INSERT INTO webhook_sender (id, seen_until) VALUES ($1, clock_timestamp() + make_interval(secs => $2))
ON CONFLICT (id) DO UPDATE SET seen_until = excluded.seen_until
"""

_REMOVE_ENDED = "DELETE FROM webhook_sender WHERE seen_until < clock_timestamp()"

_ACTIVE = """
FROM webhook w JOIN definition d ON d.id = w.id JOIN project p ON p.id = w.project_id
WHERE d.is_active AND d.deleted_at IS NULL AND p.archived_at IS NULL
"""

IS_NEEDED = f"SELECT EXISTS (SELECT {_ACTIVE})"
"""SQL for whether any project has a webhook that is switched on."""

_SHARE = f"""
SELECT ceil((SELECT count(*) {_ACTIVE})::numeric / greatest(1, (SELECT count(*) FROM webhook_sender)))::integer
"""  # noqa: S608

# A process never takes one that another process holds: the lock waits for the end of the other statement, and the
# condition is then checked again.
_TAKE = f"""
UPDATE webhook SET holder = $1, held_until = clock_timestamp() + make_interval(secs => $2)
WHERE id = ANY (ARRAY (
    SELECT w.id {_ACTIVE} AND (w.held_until IS NULL OR w.held_until < clock_timestamp())
    ORDER BY w.id LIMIT $3 FOR UPDATE OF w
))
"""  # noqa: S608

_RENEW = """
UPDATE webhook SET held_until = clock_timestamp() + make_interval(secs => $2)
WHERE holder = $1 AND id = ANY ($3::uuid[])
"""

_HELD = f"""
SELECT w.id::text, w.project_id, d.code, d.body, w.failing_since,
    EXISTS (
        SELECT FROM webhook_delivery v WHERE v.webhook_id = w.id AND v.state = 'waiting' AND v.due_at <= $2
    ) AS has_due,
    EXISTS (
        SELECT FROM feed_event e WHERE e.project_id = w.project_id AND e.position > w.position
    ) AS has_events
{_ACTIVE} AND w.holder = $1 AND w.held_until > clock_timestamp() ORDER BY w.id
"""  # noqa: S608

_RELEASE = "UPDATE webhook SET holder = NULL, held_until = NULL WHERE holder = $1 AND id = ANY ($2::uuid[])"


async def is_needed(connection: Connection) -> bool:
    """Whether any project has a webhook that is switched on."""
    return bool(await connection.fetchval(IS_NEEDED))


async def hold(
    connection: Connection, holder: str, held: Sequence[str], seconds: float, now: datetime
) -> list[HeldWebhook]:
    """Extends the leases of the `held` webhooks, and takes free ones up to the fair share of this process. Returns
    the webhooks that this process holds and that are switched on."""
    async with connection.transaction():
        await connection.execute(_NOTE, holder, seconds)
        await connection.execute(_REMOVE_ENDED)
        await connection.execute(_RENEW, holder, seconds, list(held))
    free = await share(connection) - len(held)
    if free > 0:
        await connection.execute(_TAKE, holder, seconds, free)
    return [_held(row) for row in await connection.fetch(_HELD, holder, now)]


async def share(connection: Connection) -> int:
    """The number of webhooks that each process has if all have equally many."""
    shared: int = await connection.fetchval(_SHARE)
    return shared


async def release(connection: Connection, holder: str, webhook_ids: Sequence[str]) -> None:
    """Ends the leases of these webhooks, so that another process can take them at once."""
    await connection.execute(_RELEASE, holder, list(webhook_ids))


async def leave(connection: Connection, holder: str) -> None:
    """Ends the share of this process."""
    await connection.execute("DELETE FROM webhook_sender WHERE id = $1", holder)


def _held(row: asyncpg.Record) -> HeldWebhook:
    body = msgspec.json.decode(row["body"])
    return HeldWebhook(
        id=row["id"],
        project_id=row["project_id"],
        code=row["code"],
        url=body["url"],
        headers=body["headers"],
        signature_header=body["signature_header"],
        include_historical=body["include_historical"],
        failing_since=row["failing_since"],
        has_due=row["has_due"],
        has_events=row["has_events"],
    )
