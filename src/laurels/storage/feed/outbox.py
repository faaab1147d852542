"""The outbox: feed events that are written in the transaction of their cause, and not yet numbered.

The numbers of the outbox are those of insertion. A participant's rows are inserted under the lock of the account, so
they have the order of the participant's facts. Transactions that commit late have small numbers: events get their
position in the feed only when they are taken out (delivery/sequencer.py).
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import msgspec
from msgspec import Struct

from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry
from laurels.kernel.feed import FeedCause, FeedData
from laurels.storage.batches import Happened
from laurels.storage.postgres.database import Connection

_json = msgspec.json.Encoder()

LATE_AFTER = timedelta(hours=1)
"""Events about time that are announced later than this are marked as historical."""

_COLUMNS = (
    "id",
    "project_id",
    "type",
    "participant_id",
    "sequence",
    "occurred_at",
    "recorded_at",
    "historical",
    "cause",
    "data",
    "added_at",
)


class Announcement(Struct, frozen=True, kw_only=True):
    """A feed event without a position. `sequence` is the number of the participant's last fact; it is None, as is
    `participant_id`, for events about definitions."""

    id: str
    project_id: int
    type: str
    occurred_at: datetime
    recorded_at: datetime
    data: FeedData
    participant_id: str | None = None
    sequence: int | None = None
    historical: bool = False
    cause: FeedCause = FeedCause()


async def add_facts(connection: Connection, happened: Iterable[Happened]) -> None:
    """Adds the events of a batch, in the batch's transaction."""
    await _copy(connection, _of_facts(happened))


async def add(connection: Connection, announcements: Iterable[Announcement]) -> None:
    """Adds other events, in the transaction of their cause. The caller has checked that somebody listens to them."""
    await _copy(connection, announcements)


async def _copy(connection: Connection, announcements: Iterable[Announcement]) -> None:
    added_at = datetime.now(UTC)
    rows = [_row(each, added_at) for each in announcements]
    if rows:
        await connection.copy_records_to_table("outbox", records=rows, columns=_COLUMNS)


def _row(event: Announcement, added_at: datetime) -> tuple[Any, ...]:
    return (
        event.id,
        event.project_id,
        event.type,
        event.participant_id,
        event.sequence,
        event.occurred_at,
        event.recorded_at,
        event.historical,
        _json.encode(event.cause).decode(),
        _json.encode(event.data).decode(),
        added_at,
    )


def _of_facts(happened: Iterable[Happened]) -> Iterator[Announcement]:
    for each in happened:
        announcing = each.definitions.announcing
        if not announcing:
            continue
        for entry in each.entries:
            for type_, data in announcing.events_of(each.definitions, entry):
                yield Announcement(
                    id=str(uuid5(UUID(entry.id), type_.name)) if type_.is_first else entry.id,
                    project_id=each.participant.project_id,
                    type=type_.name,
                    participant_id=each.participant.participant_id,
                    sequence=entry.seq,
                    occurred_at=entry.occurred_at,
                    recorded_at=each.recorded_at,
                    data=data,
                    historical=each.is_historical,
                    cause=_cause(each.definitions, entry, each.command_id),
                )


def _cause(definitions: Definitions, entry: Entry, command_id: str) -> FeedCause:
    definition = definitions.find(entry.fact.due_to) if entry.fact.due_to else None
    return FeedCause(
        command_id=command_id,
        fact_id=entry.cause_id,
        definition_kind=definition.kind if definition else None,
        definition_code=definition.code if definition else None,
    )
