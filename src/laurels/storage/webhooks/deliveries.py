"""Deliveries as administrators see them, and further ones that they ask for."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from laurels.storage.postgres.database import Connection, Fetches
from laurels.storage.postgres.page_bounds import Number, PageBounds, PageRows

DeliveryState = Literal["waiting", "delivered", "failed"]

DeliveryPosition = tuple[Number]


class StoredAttempt(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One attempt: a status, or a failure. `response` is the beginning of the response."""

    at: datetime
    duration_ms: int
    status: int | None = None
    failure: str | None = None
    response: str | None = None


class DeliveryRow(Struct, frozen=True, kw_only=True):
    """A delivery. `due_at` is the time of its next attempt; None if none is planned."""

    number: int
    event_id: str
    type: str
    state: DeliveryState
    created_at: datetime
    due_at: datetime | None
    attempts: list[StoredAttempt]


_COLUMNS = "number, event_id, type, state, created_at, due_at, attempts"

_FILTER = "webhook_id = $1 AND ($2::text IS NULL OR state = $2) AND ($3::text IS NULL OR type = $3)"

_PAGE = f"""
SELECT {_COLUMNS} FROM webhook_delivery WHERE {_FILTER} AND number < coalesce($6::bigint, {2**63 - 1})
ORDER BY number DESC LIMIT $4 OFFSET $5
"""  # noqa: S608

_COUNT = f"SELECT count(*) AS total FROM webhook_delivery WHERE {_FILTER}"  # noqa: S608

_ONE = f"SELECT {_COLUMNS} FROM webhook_delivery WHERE webhook_id = $1 AND number = $2"  # noqa: S608

_NEXT_NUMBER = "UPDATE webhook SET last_number = last_number + 1 WHERE id = $1 RETURNING last_number"

_ADD = f"""
INSERT INTO webhook_delivery (webhook_id, number, project_id, position, event_id, type, created_at, due_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $7) RETURNING {_COLUMNS}
"""  # noqa: S608

_EVENT = """
SELECT d.position, d.event_id, d.type FROM webhook_delivery d
WHERE d.webhook_id = $1 AND d.number = $2 AND (d.position IS NULL OR EXISTS (
    SELECT FROM feed_event e WHERE e.project_id = d.project_id AND e.position = d.position
))
"""


async def page(
    connection: Fetches, webhook_id: str, state: DeliveryState | None, type_: str | None, bounds: PageBounds
) -> PageRows[DeliveryRow]:
    """A page of deliveries, the latest first."""
    filters = (webhook_id, state, type_)
    rows, last_position = bounds.cut(
        await connection.fetch(_PAGE, *filters, *bounds.arguments(("number",))), ("number",)
    )
    total = (await connection.fetch(_COUNT, *filters))[0]["total"]
    return PageRows([_row(row) for row in rows], total, last_position)


async def one(connection: Fetches, webhook_id: str, number: int) -> DeliveryRow | None:
    rows = await connection.fetch(_ONE, webhook_id, number)
    return _row(rows[0]) if rows else None


async def add_test(
    connection: Connection, project_id: int, webhook_id: str, type_: str, event_id: str, now: datetime
) -> DeliveryRow:
    """Adds the delivery of an event that is not in the feed."""
    return await _add(connection, project_id, webhook_id, (None, UUID(event_id), type_), now)


async def repeat(
    connection: Connection, project_id: int, webhook_id: str, number: int, now: datetime
) -> DeliveryRow | None:
    """Adds another delivery of the same event, outside the order of the participant's events; None if the delivery or
    its event is no longer kept."""
    row = await connection.fetchrow(_EVENT, webhook_id, number)
    if row is None:
        return None
    return await _add(connection, project_id, webhook_id, (row["position"], row["event_id"], row["type"]), now)


async def _add(
    connection: Connection, project_id: int, webhook_id: str, event: tuple[int | None, UUID, str], now: datetime
) -> DeliveryRow:
    number = await connection.fetchval(_NEXT_NUMBER, webhook_id)
    rows: Sequence[asyncpg.Record] = await connection.fetch(_ADD, webhook_id, number, project_id, *event, now)
    return _row(rows[0])


def _row(record: asyncpg.Record) -> DeliveryRow:
    fields: dict[str, Any] = {**dict(record), "event_id": str(record["event_id"])}
    return DeliveryRow(**{**fields, "attempts": attempts_from(record["attempts"])})


def attempts_from(text: str) -> list[StoredAttempt]:
    """The stored attempts of a delivery."""
    return msgspec.json.decode(text, type=list[StoredAttempt])


_REACHED = """
SELECT max(number) FROM (
    SELECT number, created_at FROM webhook_delivery WHERE webhook_id = $1 ORDER BY number LIMIT $3
) AS oldest WHERE created_at < $2
"""


async def webhook_ids(connection: Fetches) -> list[str]:
    return [row["id"] for row in await connection.fetch("SELECT id::text FROM webhook ORDER BY id")]


async def forget(connection: Connection, webhook_id: str, cutoff: datetime, at_most: int) -> int:
    """Removes the oldest deliveries from before `cutoff`; returns their number."""
    reached = await connection.fetchval(_REACHED, webhook_id, cutoff, at_most)
    if reached is None:
        return 0
    status = await connection.execute(
        "DELETE FROM webhook_delivery WHERE webhook_id = $1 AND number <= $2", webhook_id, reached
    )
    return int(status.rpartition(" ")[2])


# Processes that send lock the row of the webhook while they read events and add deliveries of them.
_WAIT_FOR_SENDERS = "SELECT FROM webhook WHERE project_id = $1 ORDER BY id FOR KEY SHARE"

_REDACT = """
UPDATE webhook_delivery
SET line = NULL, due_at = CASE WHEN state = 'waiting' THEN coalesce(due_at, $3) END, attempts = (
    SELECT coalesce(jsonb_agg(attempt - 'response' ORDER BY place), '[]')
    FROM jsonb_array_elements(attempts) WITH ORDINALITY AS each (attempt, place)
)
WHERE project_id = $1 AND position = ANY ($2)
"""


async def wait_for_senders(connection: Connection, project_id: int) -> None:
    """Waits until no delivery of the project is being added or stored. Until the end of the open transaction, none
    is: so the deliveries of all events that are redacted meanwhile are known."""
    await connection.execute(_WAIT_FOR_SENDERS, project_id)


async def redact(connection: Connection, project_id: int, positions: Sequence[int]) -> None:
    """Removes the traces of a person from the deliveries of these events: responses may repeat personal data. Waiting
    deliveries no longer wait for one another. They are due, so that the process that has them in memory reads them
    again."""
    await connection.execute(_REDACT, project_id, list(positions), datetime.now(UTC))
