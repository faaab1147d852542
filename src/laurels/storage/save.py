"""Saving the decisions of a batch: one statement for each kind of row, however many commands there are.

Rows that are never changed later are written by COPY, the cheapest way for both sides; changes use one UPDATE from
arrays.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import asyncpg
import msgspec

from laurels.kernel.participant import Participant
from laurels.storage import erased_ids
from laurels.storage.batches import Happened
from laurels.storage.load import FirstUse, KeyUse
from laurels.storage.postgres.database import Connection


class Overtaken(Exception):  # noqa: N818
    """The batch has to run again: another process has meanwhile created (and perhaps erased) one of its new
    participants, or created a partition for its facts."""


_json = msgspec.json.Encoder()

_INSERT_PARTICIPANTS = """
INSERT INTO participant (lane, subject, project_id, participant_id, created_at, erased_before)
SELECT * FROM unnest($1::smallint[], $2::uuid[], $3::integer[], $4::text[], $5::timestamptz[], $6::timestamptz[])
    AS new (lane, subject, project_id, participant_id, created_at, erased_before)
ORDER BY lane, project_id, participant_id
ON CONFLICT (lane, project_id, participant_id) DO NOTHING
RETURNING true
"""


_JOURNAL_COLUMNS = (
    "lane",
    "id",
    "project_id",
    "subject",
    "seq",
    "kind",
    "command_id",
    "cause_id",
    "definitions_version",
    "occurred_at",
    "recorded_at",
    "data",
)
_IDEMPOTENCY_COLUMNS = ("lane", "subject", "operation", "key", "command_id", "answer", "parts", "fingerprint")


async def insert_participants(connection: Connection, created: Sequence[tuple[Participant, datetime]]) -> None:
    """Adds new participants with empty accounts. Raises Overtaken."""
    if not created:
        return
    # Counts the returned rows: in the statement's tag, Citus also counts rows that existed before.
    inserted = await connection.fetch(
        _INSERT_PARTICIPANTS,
        [p.lane for p, _ in created],
        [p.subject for p, _ in created],
        [p.project_id for p, _ in created],
        [p.participant_id for p, _ in created],
        [created_at for _, created_at in created],
        [p.erased_before for p, _ in created],
    )
    # Now that the names are taken, no other session can create and erase them unseen.
    if len(inserted) != len(created) or await erased_ids.has_changed(connection, [p for p, _ in created]):
        raise Overtaken
    accounts = [(p.lane, p.subject, created_at) for p, created_at in created]
    await connection.copy_records_to_table("account", records=accounts, columns=("lane", "subject", "last_seen_at"))


async def insert_journal(connection: Connection, happened: Iterable[Happened]) -> None:
    """Adds the facts to the journal. Raises Overtaken."""
    rows = [
        (
            h.participant.lane,
            entry.id,
            h.participant.project_id,
            h.participant.subject,
            entry.seq,
            entry.fact.kind,
            h.command_id,
            entry.cause_id,
            h.definitions.version,
            entry.occurred_at,
            h.recorded_at,
            _json.encode(entry.fact).decode(),
        )
        for h in happened
        for entry in h.entries
    ]
    try:
        await connection.copy_records_to_table("journal", records=rows, columns=_JOURNAL_COLUMNS)
    except asyncpg.CheckViolationError as error:
        # A fact was about to enter the default partition when its month got its own partition.
        if error.table_name == "journal_default":
            raise Overtaken from error
        raise


async def insert_first_uses(
    connection: Connection, uses: dict[KeyUse, FirstUse], command_ids: dict[KeyUse, str]
) -> None:
    if not uses:
        return
    rows = [(*use, command_ids[use], *first) for use, first in uses.items()]
    await connection.copy_records_to_table("idempotency", records=rows, columns=_IDEMPOTENCY_COLUMNS)
