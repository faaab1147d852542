"""Fillings of generations from the journal, participant by participant; see generations.py."""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime

import asyncpg
import msgspec
from msgspec import Struct, structs

from laurels.kernel.facts import Entry
from laurels.mechanics.leaderboards.generations import Status, retire
from laurels.mechanics.leaderboards.leaves.waiting import running
from laurels.mechanics.leaderboards.scoring.model import Generation, ScoringRules
from laurels.storage.facts import FactReader
from laurels.storage.lanes import LANES, PARTICIPANT_ROWS, columns
from laurels.storage.postgres.database import Connection, Fetches

BEFORE_ALL = "00000000-0000-0000-0000-000000000000"
"""No subject comes before it."""

FACTS_AT_ONCE = 200
FACTS_IN_A_PIECE = 50
"""A fact has up to 64 KiB, and many times as much as objects."""


class Filling(Struct, frozen=True, kw_only=True):
    """A generation that is not ready yet, and how far it is."""

    id: int
    project_id: int
    definition_id: str
    generation: Generation
    since_version: int
    status: Status
    waits_for: list[str] | None
    filled_lane: int | None
    filled_subject: str | None
    filled_participants: int
    all_participants: int

    @property
    def share(self) -> float:
        return min(1.0, self.filled_participants / self.all_participants) if self.all_participants else 1.0

    def with_more(self, participants: int) -> "Filling":
        return structs.replace(self, filled_participants=self.filled_participants + participants)


class FactToCount(Struct, frozen=True):
    lane: int
    subject: str
    recorded_at: datetime
    entry: Entry


async def unfinished(connection: Fetches) -> list[int]:
    rows = await connection.fetch("SELECT id FROM board_generation WHERE status IN ('waiting', 'filling') ORDER BY id")
    return [row["id"] for row in rows]


async def take(connection: Connection, generation_id: int) -> Filling | None:
    """Locks an unfinished generation for this transaction; None if another server is at it."""
    row = await connection.fetchrow(
        """
        SELECT * FROM board_generation WHERE id = $1 AND status IN ('waiting', 'filling')
        FOR NO KEY UPDATE SKIP LOCKED
        """,
        generation_id,
    )
    if row is None:
        return None
    return Filling(
        id=row["id"],
        project_id=row["project_id"],
        definition_id=str(row["definition_id"]),
        generation=_generation(row),
        since_version=row["since_version"],
        status=row["status"],
        waits_for=row["waits_for"],
        filled_lane=row["filled_lane"],
        filled_subject=str(row["filled_subject"]) if row["filled_subject"] else None,
        filled_participants=row["filled_participants"],
        all_participants=row["all_participants"],
    )


def _generation(row: asyncpg.Record) -> Generation:
    rules = msgspec.json.decode(row["rules"], type=ScoringRules)
    return Generation(
        id=row["id"],
        metric=row["metric"],
        event_name=row["event_name"],
        property=row["property"],
        is_ready=False,
        layout=row["layout"],
        **structs.asdict(rules),
    )


async def has_waited(connection: Connection, filling: Filling) -> bool:
    """True once all transactions have ended that ran when this was first asked; filling may then begin."""
    now = await running(connection)
    waits_for = now if filling.waits_for is None else now & set(filling.waits_for)
    if waits_for:
        await connection.execute(
            "UPDATE board_generation SET waits_for = $2 WHERE id = $1", filling.id, sorted(waits_for)
        )
        return False
    participants = await connection.fetchval(
        "SELECT count(*) FROM participant WHERE project_id = $1", filling.project_id
    )
    await connection.execute(
        "UPDATE board_generation SET waits_for = '{}', status = 'filling', all_participants = $2 WHERE id = $1",
        filling.id,
        participants,
    )
    return True


# Standings change under this lock alone. One lane at a time: they may lie on several machines.
_NEXT_PARTICIPANTS = """
WITH next AS MATERIALIZED (
    SELECT p.lane, p.subject, p.participant_id FROM participant p
    WHERE p.lane = $2 AND p.subject > $3::uuid AND p.project_id = $1 AND p.anonymised_at IS NULL
    ORDER BY p.subject LIMIT $4
)
SELECT a.lane, a.subject, next.participant_id
FROM next JOIN account a ON a.lane = next.lane AND a.subject = next.subject
WHERE a.lane = $2 ORDER BY a.subject FOR NO KEY UPDATE OF a
"""

# A separate statement after the lock: its snapshot shows the facts that an erasure has left.
_FACTS = f"""
SELECT j.lane, j.subject, j.id, j.seq, j.kind, j.data - 'metadata' AS data, j.occurred_at, j.recorded_at
FROM {PARTICIPANT_ROWS.given}
JOIN participant p ON p.lane = wanted.lane AND p.subject = wanted.subject AND p.anonymised_at IS NULL
JOIN journal j ON j.lane = wanted.lane AND j.subject = wanted.subject
WHERE ($4::integer IS NULL OR j.definitions_version < $4) AND j.kind = ANY ($5::text[])
  AND {PARTICIPANT_ROWS.in_one_lane}
ORDER BY j.lane, j.subject, j.seq
"""  # noqa: S608


async def next_participants(connection: Connection, filling: Filling, limit: int) -> dict[tuple[int, str], str]:
    """The ids of the next participants by lane and subject, all of one lane, in order and locked."""
    after = filling.filled_subject or BEFORE_ALL
    for lane in range(filling.filled_lane or 0, LANES):
        rows = await connection.fetch(_NEXT_PARTICIPANTS, filling.project_id, lane, after, limit)
        if rows:
            return {(lane, str(row["subject"])): row["participant_id"] for row in rows}
        after = BEFORE_ALL
    return {}


async def facts_to_fill(
    connection: Connection, filling: Filling, places: Collection[tuple[int, str]], facts: FactReader
) -> AsyncIterator[list[FactToCount]]:
    """The facts of these participants in the order of the journal, in small pieces; with counts, only the facts that
    batches do not count. For the length of the transaction."""
    before = filling.since_version if filling.generation.layout == "counts" else None
    cursor = await connection.cursor(_FACTS, *columns(places), before, facts.kinds)
    while rows := await cursor.fetch(FACTS_AT_ONCE):
        for start in range(0, len(rows), FACTS_IN_A_PIECE):
            yield [_journal_fact(facts, row) for row in rows[start : start + FACTS_IN_A_PIECE]]


def _journal_fact(facts: FactReader, row: asyncpg.Record) -> FactToCount:
    entry = Entry(str(row["id"]), row["seq"], facts.fact_from(row["kind"], row["data"]), row["occurred_at"])
    return FactToCount(row["lane"], str(row["subject"]), row["recorded_at"], entry)


async def filled(connection: Connection, filling: Filling, places: Sequence[tuple[int, str]]) -> None:
    """Notes in the same transaction how far the filling is."""
    lane, subject = places[-1]
    await connection.execute(
        """
        UPDATE board_generation
        SET filled_lane = $2, filled_subject = $3, filled_participants = filled_participants + $4 WHERE id = $1
        """,
        filling.id,
        lane,
        subject,
        len(places),
    )


async def finish(connection: Connection, filling: Filling, now: datetime) -> None:
    """The caller takes the project's next definitions version, so that every process shows the new generation."""
    await connection.execute(
        "UPDATE board_generation SET status = 'ready', ready_at = $2 WHERE id = $1", filling.id, now
    )
    await retire(connection, filling.definition_id, now, before=filling.id)
