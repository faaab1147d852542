"""The rows beside the definitions of webhooks: secrets, and the place in the feed."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
from msgspec import Struct

from laurels.storage.feed import listeners
from laurels.storage.postgres.database import Connection, Fetches

SECRETS_SECONDS = 1.0
"""A process that sends signs with the secrets that it has read within this time."""
VALID_SECRETS_LIMIT = 10


class TooManySecretsError(Exception):
    """The current secret cannot be kept beside the old ones: their number has its limit."""


class WebhookStanding(Struct, frozen=True, kw_only=True):
    """The part of a webhook that changes by itself. `failing_since` is the first failed attempt after the last success,
    None if the last attempt succeeded."""

    id: str
    last_number: int
    failing_since: datetime | None
    disabled_reason: str | None


_HEAD = "(SELECT coalesce(max(position), 0) FROM feed_sequencer)"

_ADD = f"INSERT INTO webhook (id, project_id, secret, position) VALUES ($1, $2, $3, {_HEAD})"  # noqa: S608

_GO_ON = f"""
UPDATE webhook SET position = {_HEAD}, failing_since = NULL, disabled_reason = NULL WHERE id = $1
"""  # noqa: S608

_STANDING = "SELECT id::text, last_number, failing_since, disabled_reason FROM webhook WHERE id = ANY ($1::uuid[])"

# `old_secret` has all old secrets that sign until `old_secret_until`, the latest first, with spaces between them.
_SECRETS = "SELECT secret, old_secret, old_secret_until FROM webhook WHERE id = $1 FOR UPDATE"

_ROTATE = "UPDATE webhook SET secret = $2, old_secret = $3, old_secret_until = $4 WHERE id = $1"


def listener_of(webhook_id: str) -> str:
    """The name of the webhook among the listeners of the project."""
    return f"webhook {webhook_id}"


async def add(connection: Connection, project_id: int, webhook_id: str, secret: str) -> None:
    """Adds the row of a new webhook. It begins with the events after this moment."""
    await connection.execute(_ADD, webhook_id, project_id, secret)


async def listen(connection: Connection, project_id: int, webhook_id: str, types: Sequence[str]) -> None:
    """From the commit of the open transaction on, events of these types are written for the webhook."""
    await listeners.listen(connection, project_id, listener_of(webhook_id), types)


async def stop_listening(connection: Connection, project_id: int, webhook_id: str) -> None:
    await listeners.stop(connection, project_id, listener_of(webhook_id))


async def continue_from_now(connection: Connection, webhook_id: str) -> None:
    """Switches the webhook on again: it continues with the events after this moment."""
    await connection.execute(_GO_ON, webhook_id)


async def note_disabled(connection: Connection, webhook_id: str, reason: str) -> None:
    """Stores the reason why the server switched the webhook off."""
    await connection.execute("UPDATE webhook SET disabled_reason = $2 WHERE id = $1", webhook_id, reason)


async def standings(connection: Fetches, webhook_ids: Sequence[str]) -> dict[str, WebhookStanding]:
    rows = await connection.fetch(_STANDING, list(webhook_ids))
    return {row["id"]: WebhookStanding(**dict(row)) for row in rows}


def secrets_of(row: asyncpg.Record, now: datetime) -> tuple[str, ...]:
    """The secrets that sign now, the latest first. `row` has the columns `secret`, `old_secret` and
    `old_secret_until`."""
    has_old = row["old_secret"] is not None and row["old_secret_until"] > now
    return (row["secret"], *(row["old_secret"].split() if has_old else ()))


async def rotate(connection: Connection, webhook_id: str, secret: str, old_until: datetime, now: datetime) -> datetime:
    """Replaces the secret. All old secrets also sign until `old_until`, or until the end that an earlier rotation gave
    them if it is later; if `old_until` has come, they end at once. Returns their end. Raises TooManySecretsError."""
    [row] = await connection.fetch(_SECRETS, webhook_id)
    if old_until <= now:
        await connection.execute(_ROTATE, webhook_id, secret, None, None)
        return old_until
    old = secrets_of(row, now)
    if len(old) >= VALID_SECRETS_LIMIT:
        raise TooManySecretsError
    until: datetime = max(old_until, row["old_secret_until"]) if len(old) > 1 else old_until
    await connection.execute(_ROTATE, webhook_id, secret, " ".join(old), until)
    return until


_FIRST_AFTER = """
SELECT position, numbered_at FROM feed_event WHERE project_id = $1 AND position >= $2 ORDER BY position LIMIT 1
"""

_REWIND = "UPDATE webhook SET position = least(position, $2) WHERE id = $1"


async def rewind(connection: Connection, project_id: int, webhook_id: str, since: datetime) -> None:
    """Moves the webhook back to the first event that the feed got at `since` or later: this event and all later ones
    have further deliveries."""
    position = await connection.fetchval("SELECT position FROM webhook WHERE id = $1 FOR UPDATE", webhook_id)
    low, high = 0, position + 1
    # Positions and times rise together, so that half of the positions can be left out each time.
    while low < high:
        middle = (low + high) // 2
        row = await connection.fetchrow(_FIRST_AFTER, project_id, middle)
        if row is None or row["numbered_at"] >= since:
            high = middle
        else:
            low = row["position"] + 1
    await connection.execute(_REWIND, webhook_id, low - 1)
