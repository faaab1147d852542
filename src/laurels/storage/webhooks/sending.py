"""The progress of one webhook: taking deliveries to send, and storing the results. Everything happens under the lock of
the webhook's row, by the process that holds the webhook."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import asyncpg
import msgspec
from msgspec import Struct

from laurels.kernel.feed import EVERY_TYPE
from laurels.storage.postgres.database import Connection
from laurels.storage.webhooks.deliveries import DeliveryState, StoredAttempt, attempts_from
from laurels.storage.webhooks.holding import HeldWebhook
from laurels.storage.webhooks.webhooks import listener_of, secrets_of

SCANNED_AT_ONCE = 10_000
"""The number of events that are looked at in one transaction."""
FOLLOWERS_AT_ONCE = 500


class NotHeldError(Exception):
    """Another process holds the webhook by now."""


class TakenDelivery(Struct, frozen=True, kw_only=True):
    """A delivery to send. `event` is the row of its event; None for a test, and for an event that is no longer kept."""

    number: int
    position: int | None
    event_id: str
    type: str
    line: int | None
    created_at: datetime
    attempts: list[StoredAttempt]
    event: asyncpg.Record | None

    @property
    def is_test(self) -> bool:
        return self.position is None


class NewDeliveries(NamedTuple):
    """Deliveries of events that had none, in order. `held_back` are those of their lines whose earlier deliveries
    wait. `has_more`: further events have none yet."""

    taken: list[TakenDelivery]
    held_back: frozenset[int]
    has_more: bool


class Sent(Struct, frozen=True, kw_only=True):
    """The result of an attempt. `due_at` is the time of the next one; None after the last one."""

    taken: TakenDelivery
    attempt: StoredAttempt
    state: DeliveryState
    due_at: datetime | None


_LOCK = """
SELECT w.position, w.last_number, w.secret, w.old_secret, w.old_secret_until, coalesce((
    SELECT e.position FROM feed_event e WHERE e.project_id = w.project_id ORDER BY e.position DESC LIMIT 1
), 0) AS head
FROM webhook w WHERE w.id = $1 AND w.holder = $2 FOR UPDATE
"""

_EVENT = "e.id, e.type, e.participant_id, e.sequence, e.occurred_at, e.recorded_at, e.historical, e.cause, e.data"

_DELIVERY = "number, project_id, position, event_id, type, line, created_at, attempts"

# Limited lists of deliveries, each with one look into the feed, whatever the planner believes about the tables.
_TAKEN = f"""
SELECT d.number, d.position, d.event_id, d.type AS event_type, d.line, d.created_at, d.attempts, e.*
FROM chosen d LEFT JOIN LATERAL (
    SELECT {_EVENT} FROM feed_event e WHERE e.project_id = d.project_id AND e.position = d.position LIMIT 1
) AS e ON true ORDER BY d.number
"""  # noqa: S608


def _taking(numbers: str) -> str:
    """SQL that takes the deliveries with these numbers."""
    return f"""
    WITH chosen AS (
        UPDATE webhook_delivery SET due_at = NULL WHERE webhook_id = $1 AND number = ANY (ARRAY ({numbers}))
        RETURNING {_DELIVERY}
    )
    {_TAKEN}
    """  # noqa: S608


_DUE = _taking("""
    SELECT number FROM webhook_delivery WHERE webhook_id = $1 AND state = 'waiting' AND due_at <= $2
    ORDER BY due_at, number LIMIT $3
""")

# By the primary key, as any number of others may be due.
_ERASED = _taking("""
    WITH here AS MATERIALIZED (
        SELECT number, state, due_at FROM webhook_delivery WHERE webhook_id = $1 AND number = ANY ($3)
    )
    SELECT number FROM here WHERE state = 'waiting' AND due_at <= $2
""")

_FOLLOWERS = f"""
WITH chosen AS MATERIALIZED (
    SELECT {_DELIVERY} FROM webhook_delivery
    WHERE webhook_id = $1 AND state = 'waiting' AND due_at IS NULL AND line = ANY ($2) AND NOT number = ANY ($3)
    ORDER BY number LIMIT {FOLLOWERS_AT_ONCE}
)
{_TAKEN}
"""  # noqa: S608

_END_OF_SCAN = """
SELECT position FROM feed_event WHERE project_id = $1 AND position > $2 ORDER BY position OFFSET $3 LIMIT 1
"""

# The types are those of the listener, in the snapshot that shows the events: the webhook in memory may be a second old.
_TYPES = "(SELECT l.types FROM feed_listener l WHERE l.project_id = $1 AND l.name = $4)"

_NEW = f"""
SELECT e.position, hashtextextended(coalesce(e.participant_id, ''), 0) AS line, {_EVENT} FROM feed_event e
WHERE e.project_id = $1 AND e.position > $2 AND e.position <= $3 AND {_TYPES} && ARRAY['{EVERY_TYPE}', e.type]
    AND ($5 OR NOT e.historical) ORDER BY e.position LIMIT $6
"""  # noqa: S608

_LISTENS = "SELECT EXISTS (SELECT FROM feed_listener WHERE project_id = $1 AND name = $2)"

_ADVANCE = "UPDATE webhook SET position = $2, last_number = $3 WHERE id = $1"

# Adds deliveries, and returns those of their lines whose earlier deliveries wait: these were there before.
_ADD = f"""
WITH advanced AS ({_ADVANCE}), added AS (
    INSERT INTO webhook_delivery (webhook_id, number, project_id, position, event_id, type, line, created_at)
    SELECT $1, new.number, $4, new.position, new.event_id, new.type, new.line, $5
    FROM unnest($6::bigint[], $7::bigint[], $8::uuid[], $9::text[], $10::bigint[])
        AS new (number, position, event_id, type, line)
)
SELECT DISTINCT line FROM webhook_delivery WHERE webhook_id = $1 AND state = 'waiting' AND line = ANY ($11)
"""  # noqa: S608

# The first delivery of each line that is not planned and not in progress. Without $2, of all lines.
_FREE = """
UPDATE webhook_delivery d SET due_at = $3
WHERE d.webhook_id = $1 AND d.state = 'waiting' AND d.due_at IS NULL AND ($2::bigint[] IS NULL OR d.line = ANY ($2))
    AND (d.line IS NULL OR d.number = (
        SELECT min(o.number) FROM webhook_delivery o
        WHERE o.webhook_id = $1 AND o.state = 'waiting' AND o.line = d.line
    ))
"""

# By the primary key, whatever the planner believes about the table.
_STORE = """
UPDATE webhook_delivery SET
    state = ($3::text[])[array_position($2::bigint[], number)],
    due_at = ($4::timestamptz[])[array_position($2, number)],
    attempts = attempts || ($5::jsonb[])[array_position($2, number)]
WHERE webhook_id = $1 AND number = ANY ($2)
"""

_NAMELESS = """
SELECT position FROM feed_event WHERE project_id = $1 AND position = ANY ($2) AND participant_id IS NULL
"""

_NOTE_FAILURE = "UPDATE webhook SET failing_since = $2 WHERE id = $1 AND failing_since IS DISTINCT FROM $2"

_WAKE = """
UPDATE webhook_delivery SET due_at = $2 WHERE webhook_id = $1 AND state = 'waiting' AND due_at > $2
"""

_WAITING = """
SELECT (SELECT count(*) FROM webhook_delivery WHERE webhook_id = $1 AND state = 'waiting') AS deliveries,
    (SELECT min(created_at) FROM webhook_delivery WHERE webhook_id = $1 AND state = 'waiting') AS oldest,
    (SELECT count(*) FROM (
        SELECT FROM feed_event e, webhook w WHERE w.id = $1 AND e.project_id = w.project_id AND e.position > w.position
        LIMIT 100000
    ) AS ahead) AS events,
    (SELECT e.numbered_at FROM feed_event e, webhook w
     WHERE w.id = $1 AND e.project_id = w.project_id AND e.position > w.position ORDER BY e.position LIMIT 1) AS next
"""


class WebhookBacklog(Struct, frozen=True, kw_only=True):
    """The deliveries that wait, and the events ahead that have none yet, of which at most 100,000 are counted."""

    deliveries: int
    events: int
    oldest: datetime | None


class Lock(Struct, frozen=True, kw_only=True):
    """The progress of a webhook whose row is locked. `head` is the newest event of its project. `secrets` sign until
    the end of the open transaction: a rotation waits for it."""

    position: int
    last_number: int
    head: int
    secrets: tuple[str, ...]


async def lock(connection: Connection, webhook: HeldWebhook, holder: str, now: datetime) -> Lock:
    """Locks the webhook's row. Raises NotHeldError."""
    row = await connection.fetchrow(_LOCK, webhook.id, holder)
    if row is None:
        raise NotHeldError
    return Lock(
        position=row["position"], last_number=row["last_number"], head=row["head"], secrets=secrets_of(row, now)
    )


async def free(connection: Connection, webhook_id: str, lines: Iterable[int] | None, now: datetime) -> None:
    """Plans the first delivery of each of these lines; of all lines if `lines` is None, after another process has
    ended."""
    await connection.execute(_FREE, webhook_id, None if lines is None else list(lines), now)


async def take_due(connection: Connection, webhook_id: str, now: datetime, at_most: int) -> list[TakenDelivery]:
    """The deliveries that are due, and behind them the deliveries of their lines, in order."""
    due = [_taken(row) for row in await connection.fetch(_DUE, webhook_id, now, at_most)]
    lines = [taken.line for taken in due if taken.line is not None]
    if not lines:
        return due
    rows = await connection.fetch(_FOLLOWERS, webhook_id, lines, [taken.number for taken in due])
    return [*due, *map(_taken, rows)]


async def take_erased(
    connection: Connection, webhook_id: str, now: datetime, numbers: Sequence[int]
) -> list[TakenDelivery]:
    """Those of the deliveries in memory that an erasure made due, as they are now."""
    return [_taken(row) for row in await connection.fetch(_ERASED, webhook_id, now, numbers)]


async def take_new(
    connection: Connection, webhook: HeldWebhook, progress: Lock, now: datetime, at_most: int
) -> NewDeliveries:
    """Adds deliveries of the next events."""
    head = progress.head
    if head <= progress.position:
        return NewDeliveries([], frozenset(), False)
    end = head
    if head - progress.position > SCANNED_AT_ONCE:
        scanned = (webhook.project_id, progress.position, SCANNED_AT_ONCE - 1)
        end = await connection.fetchval(_END_OF_SCAN, *scanned) or head
    listener = listener_of(webhook.id)
    filters = (webhook.project_id, progress.position, end, listener, webhook.include_historical, at_most)
    rows = await connection.fetch(_NEW, *filters)
    if len(rows) == at_most:
        end = rows[-1]["position"]
    last_number = progress.last_number + len(rows)
    if not rows:
        if not await connection.fetchval(_LISTENS, webhook.project_id, listener):
            # It has been switched off.
            return NewDeliveries([], frozenset(), False)
        await connection.execute(_ADVANCE, webhook.id, end, last_number)
        return NewDeliveries([], frozenset(), end < head)
    numbers = range(progress.last_number + 1, last_number + 1)
    columns = [[row[name] for row in rows] for name in ("position", "id", "type", "line")]
    added = (end, last_number, webhook.project_id, now, list(numbers), *columns, list({*columns[3]}))
    held_back = await connection.fetch(_ADD, webhook.id, *added)
    taken = [
        TakenDelivery(
            number=number,
            position=row["position"],
            event_id=str(row["id"]),
            type=row["type"],
            line=row["line"],
            created_at=now,
            attempts=[],
            event=row,
        )
        for number, row in zip(numbers, rows, strict=True)
    ]
    return NewDeliveries(taken, frozenset(row["line"] for row in held_back), end < head)


async def store(connection: Connection, webhook: HeldWebhook, results: Sequence[Sent]) -> None:
    """Stores the results of attempts. Responses to events of people who were erased meanwhile are left out."""
    nameless = await _nameless(connection, webhook.project_id, results)
    rows: list[tuple[Any, ...]] = []
    for each in results:
        attempt = each.attempt
        if each.taken.position in nameless:
            attempt = msgspec.structs.replace(attempt, response=None)
        encoded = msgspec.json.encode([attempt]).decode()
        rows.append((each.taken.number, each.state, each.due_at, encoded))
    await connection.execute(_STORE, webhook.id, *map(list, zip(*rows, strict=True)))


async def _nameless(connection: Connection, project_id: int, results: Sequence[Sent]) -> set[int]:
    """The positions of events whose person has been erased since they were taken."""
    named = [
        each.taken.position
        for each in results
        if each.attempt.response and each.taken.event is not None and each.taken.event["participant_id"] is not None
    ]
    if not named:
        return set()
    return {row["position"] for row in await connection.fetch(_NAMELESS, project_id, named)}


async def note_failing(connection: Connection, webhook_id: str, failing_since: datetime | None) -> None:
    """Stores the first failed attempt after the last success; None if the last attempt succeeded."""
    await connection.execute(_NOTE_FAILURE, webhook_id, failing_since)


async def wake(connection: Connection, webhook_id: str, now: datetime) -> None:
    """Makes all waiting deliveries due: the receiver is back."""
    await connection.execute(_WAKE, webhook_id, now)


async def backlog(connection: Connection, webhook_id: str) -> WebhookBacklog:
    row = (await connection.fetch(_WAITING, webhook_id))[0]
    times = [time for time in (row["oldest"], row["next"]) if time is not None]
    return WebhookBacklog(deliveries=row["deliveries"], events=row["events"], oldest=min(times, default=None))


def _taken(row: asyncpg.Record) -> TakenDelivery:
    return TakenDelivery(
        number=row["number"],
        position=row["position"],
        event_id=str(row["event_id"]),
        type=row["event_type"],
        line=row["line"],
        created_at=row["created_at"],
        attempts=attempts_from(row["attempts"]),
        event=row if row["id"] is not None else None,
    )
