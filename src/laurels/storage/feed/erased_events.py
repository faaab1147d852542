"""Feed events and the erasure of people."""

from collections.abc import Iterable
from datetime import datetime

from laurels.kernel.feed import PARTICIPANT_ANONYMISED, PARTICIPANT_DELETED, ParticipantErasedData
from laurels.storage.feed import listeners, outbox
from laurels.storage.feed.outbox import Announcement
from laurels.storage.postgres.database import Connection
from laurels.storage.postgres.ids import new_id

_REDACT = """
UPDATE {table} SET participant_id = NULL, sequence = NULL, data = (data::jsonb - $3::text[])::text
WHERE project_id = $1 AND participant_id = $2
"""


async def redact(
    connection: Connection, project_id: int, participant_id: str, personal_fields: Iterable[str]
) -> list[int]:
    """Removes the person from all events, under the lock of the account. The events stay in their positions, which are
    returned.

    The outbox comes first: the sequencer may move its rows at the same time, and the next statement then finds them
    among the numbered events."""
    person = (project_id, participant_id, list(personal_fields))
    await connection.execute(_REDACT.format(table="outbox"), *person)
    rows = await connection.fetch(_REDACT.format(table="feed_event") + "RETURNING position", *person)
    return [row["position"] for row in rows]


async def announce(
    connection: Connection, project_id: int, participant_id: str, erased_at: datetime, *, is_deletion: bool
) -> None:
    """Adds the event about the erasure, the only one that names the person. It comes after `redact`, in the same
    transaction. It has no sequence, as it is the last one with this id."""
    type_ = PARTICIPANT_DELETED if is_deletion else PARTICIPANT_ANONYMISED
    if await listeners.listens(connection, project_id, type_.name):
        event = Announcement(
            id=new_id(),
            project_id=project_id,
            type=type_.name,
            participant_id=participant_id,
            occurred_at=erased_at,
            recorded_at=erased_at,
            data=ParticipantErasedData(erased_at=erased_at),
        )
        await outbox.add(connection, [event])
