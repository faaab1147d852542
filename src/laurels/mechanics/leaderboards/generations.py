"""Generations of leaderboards: made with a definition, filled from the journal, shown, retired, removed.

Exactly once: a fact carries the version of the definitions that decided it. From `since_version` on, batches count it
themselves. Older facts may still be on their way when the generation is made, in transactions that read the version
before; so filling begins when those have ended. They are known by their lock on `account`: a batch takes it in the very
statement that reads the version.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

import asyncpg
import msgspec
from msgspec import Struct, structs

from laurels.kernel.definition import Definition
from laurels.kernel.facts import Entry
from laurels.mechanics.leaderboards.leaves.waiting import running
from laurels.mechanics.leaderboards.model import Generation
from laurels.storage.facts import FactReader
from laurels.storage.lanes import LANES, PARTICIPANT_ROWS, columns
from laurels.storage.postgres.database import Connection, Fetches

Status = Literal["waiting", "filling", "ready", "retired"]

BEFORE_ALL = "00000000-0000-0000-0000-000000000000"
"""No subject comes before it."""

FACTS_AT_ONCE = 200
FACTS_IN_A_PIECE = 50
"""A fact has up to 64 KiB, and many times as much as objects."""

OLDER_SERVERS_SECONDS = 60
"""After which a server is gone that has not been seen."""

RETIRED_KEPT_SECONDS = 60
"""Longer than any transaction of the engine lives, so that nothing is added after the rows have been removed."""


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


class OldFact(Struct, frozen=True):
    lane: int
    subject: str
    recorded_at: datetime
    entry: Entry


class Progress(Struct, frozen=True):
    """Of a leaderboard's newest generation."""

    status: Status
    filled_participants: int
    all_participants: int

    @property
    def share(self) -> float:
        """0 to 1, with three decimals."""
        if self.status in ("ready", "retired"):
            return 1.0
        return round(min(1.0, self.filled_participants / self.all_participants), 3) if self.all_participants else 0.0


async def begin(
    connection: Connection,
    project_id: int,
    definition_id: str,
    scoring: tuple[str, str | None, str | None],
    since_version: int,
    now: datetime,
) -> None:
    """Makes the leaderboard's next generation in the transaction that changes its definition; one that is still being
    filled ends."""
    await connection.execute(
        "UPDATE board_generation SET status = 'retired', retired_at = $2 "
        "WHERE definition_id = $1 AND status IN ('waiting', 'filling')",
        definition_id,
        now,
    )
    await connection.execute(
        """
        INSERT INTO board_generation
            (project_id, definition_id, metric, event_name, property, since_version, status, created_at, layout)
        VALUES ($1, $2, $3, $4, $5, $6, 'waiting', $7, $8)
        """,
        project_id,
        definition_id,
        *scoring,
        since_version,
        now,
        "counts" if await has_older_servers(connection) else "leaves",
    )


_OLDER_SERVERS = """
SELECT EXISTS (SELECT FROM worker WHERE NOT knows_leaves AND seen_at > now() - make_interval(secs => $1))
"""


async def has_older_servers(connection: Connection) -> bool:
    """Whether servers are left that know nothing of leaves, and so would not count in them."""
    found: bool = await connection.fetchval(_OLDER_SERVERS, OLDER_SERVERS_SECONDS)
    return found


class Counted(NamedTuple):
    """A filled generation whose scores are counted one by one, and what it scores."""

    id: int
    project_id: int
    definition_id: str
    scoring: tuple[str, str | None, str | None]


# Not those whose board is being filled already.
_TO_CONVERT = """
SELECT g.id, g.project_id, g.definition_id, g.metric, g.event_name, g.property FROM board_generation g
WHERE g.status = 'ready' AND g.layout = 'counts' AND ($1::integer IS NULL OR g.id = $1)
  AND NOT EXISTS (SELECT FROM board_generation n WHERE n.definition_id = g.definition_id AND n.id > g.id
                                                   AND n.status <> 'retired')
ORDER BY g.id
"""


async def to_convert(connection: Connection, generation_id: int | None = None) -> list[Counted]:
    """Those whose boards are to be filled anew with leaves; nothing while servers are left that do not know of them."""
    if await has_older_servers(connection):
        return []
    return [
        Counted(row["id"], row["project_id"], str(row["definition_id"]), tuple(row)[3:])
        for row in await connection.fetch(_TO_CONVERT, generation_id)
    ]


async def retire(connection: Connection, definition_id: str, now: datetime, *, before: int | None = None) -> None:
    """Ends the leaderboard's generations, or those older than one."""
    await connection.execute(
        "UPDATE board_generation SET status = 'retired', retired_at = $2 "
        "WHERE definition_id = $1 AND status <> 'retired' AND ($3::integer IS NULL OR id < $3)",
        definition_id,
        now,
        before,
    )


async def progress(connection: Fetches, definition_ids: list[str]) -> dict[str, Progress]:
    """By the definition's id."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT ON (definition_id) definition_id, status, filled_participants, all_participants
        FROM board_generation WHERE definition_id = ANY ($1::uuid[]) ORDER BY definition_id, id DESC
        """,
        definition_ids,
    )
    return {
        str(row["definition_id"]): Progress(row["status"], row["filled_participants"], row["all_participants"])
        for row in rows
    }


GENERATIONS_OF_BOARD = """
SELECT jsonb_agg(jsonb_build_object('id', g.id, 'metric', g.metric, 'event_name', g.event_name,
                                    'property', g.property, 'is_ready', g.status = 'ready',
                                    'layout', g.layout) ORDER BY g.id)
FROM board_generation g WHERE g.definition_id = d.id AND g.status <> 'retired'
"""
"""SQL, as JSON: those that count facts, of the definition `d`."""


def with_generations(board: Definition, generations: str | None) -> Definition:
    """The leaderboard with its generations, given as JSON."""
    found = msgspec.json.decode(generations, type=tuple[Generation, ...]) if generations else ()
    return structs.replace(board, generations=found)


async def projects_with_boards(connection: Fetches) -> list[int]:
    rows = await connection.fetch("SELECT DISTINCT project_id FROM board_generation WHERE status = 'ready'")
    return [row["project_id"] for row in rows]


async def laid_out(connection: Fetches) -> list[int]:
    """The filled generations with leaves."""
    rows = await connection.fetch(
        "SELECT id FROM board_generation WHERE status = 'ready' AND layout = 'leaves' ORDER BY id"
    )
    return [row["id"] for row in rows]


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
        generation=Generation(
            id=row["id"],
            metric=row["metric"],
            event_name=row["event_name"],
            property=row["property"],
            is_ready=False,
            layout=row["layout"],
        ),
        since_version=row["since_version"],
        status=row["status"],
        waits_for=row["waits_for"],
        filled_lane=row["filled_lane"],
        filled_subject=str(row["filled_subject"]) if row["filled_subject"] else None,
        filled_participants=row["filled_participants"],
        all_participants=row["all_participants"],
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

# A statement of its own after the lock: its snapshot shows what an erasure has left.
_OLD_FACTS = f"""
SELECT j.lane, j.subject, j.id, j.seq, j.kind, j.data - 'metadata' AS data, j.occurred_at, j.recorded_at
FROM {PARTICIPANT_ROWS.given}
JOIN participant p ON p.lane = wanted.lane AND p.subject = wanted.subject AND p.anonymised_at IS NULL
JOIN journal j ON j.lane = wanted.lane AND j.subject = wanted.subject
WHERE j.definitions_version < $4 AND j.kind = ANY ($5::text[]) AND {PARTICIPANT_ROWS.in_one_lane}
"""  # noqa: S608


async def next_participants(connection: Connection, filling: Filling, limit: int) -> dict[tuple[int, str], str]:
    """Names of those to fill next by lane and subject, all of one lane, in order and locked."""
    after = filling.filled_subject or BEFORE_ALL
    for lane in range(filling.filled_lane or 0, LANES):
        rows = await connection.fetch(_NEXT_PARTICIPANTS, filling.project_id, lane, after, limit)
        if rows:
            return {(lane, str(row["subject"])): row["participant_id"] for row in rows}
        after = BEFORE_ALL
    return {}


async def old_facts(
    connection: Connection, filling: Filling, places: Collection[tuple[int, str]], facts: FactReader
) -> AsyncIterator[list[OldFact]]:
    """The facts of these participants that batches do not count, in pieces that are not large. For the length of the
    transaction."""
    cursor = await connection.cursor(_OLD_FACTS, *columns(places), filling.since_version, facts.kinds)
    while rows := await cursor.fetch(FACTS_AT_ONCE):
        for start in range(0, len(rows), FACTS_IN_A_PIECE):
            yield [_old_fact(facts, row) for row in rows[start : start + FACTS_IN_A_PIECE]]


def _old_fact(facts: FactReader, row: asyncpg.Record) -> OldFact:
    entry = Entry(str(row["id"]), row["seq"], facts.fact_from(row["kind"], row["data"]), row["occurred_at"])
    return OldFact(row["lane"], str(row["subject"]), row["recorded_at"], entry)


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


_OF_GENERATIONS = {
    "board_standing": "lane, subject, generation, window_key",
    "board_leaf": "lane, generation, window_key, leaf",
    "board_part": "lane, generation, window_key, part",
    "standing": "lane, subject, generation, window_key",
    "score_count": "lane, generation, window_key, level, bucket",
    "ticked_rank": "lane, subject, generation, window_key",
}
"""What a generation has many rows of, with their keys."""


async def remove_retired(connection: Connection, now: datetime, limit: int) -> bool:
    """Deletes up to `limit` rows of one retired generation; True if there is more to do."""
    generation = await connection.fetchval(
        """
        SELECT id FROM board_generation
        WHERE status = 'retired' AND retired_at < $1::timestamptz - make_interval(secs => $2)
        ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
        """,
        now,
        RETIRED_KEPT_SECONDS,
    )
    if generation is None:
        return False
    for table, keys in _OF_GENERATIONS.items():
        same = " AND ".join(f"t.{key} = old.{key}" for key in keys.split(", "))
        tag = await connection.execute(
            # By their keys: where a row is (its ctid) says nothing about other machines.
            f"DELETE FROM {table} t USING (SELECT {keys} FROM {table} WHERE generation = $1 LIMIT $2) AS old"  # noqa: S608
            f" WHERE {same}",
            generation,
            limit,
        )
        if tag != "DELETE 0":
            return True
    await connection.execute("DELETE FROM board_tick WHERE generation = $1", generation)
    await connection.execute("DELETE FROM board_generation WHERE id = $1", generation)
    return True


async def remove_empty_counts(connection: Connection, limit: int) -> int:
    """Deletes counts that have come down to 0, which scores leave behind as they grow."""
    tag = await connection.execute(
        # All are in lane 0, and so on one machine.
        """
        DELETE FROM score_count WHERE lane = 0 AND participants = 0
          AND ctid = ANY (ARRAY(SELECT ctid FROM score_count WHERE lane = 0 AND participants = 0 LIMIT $1))
        """,
        limit,
    )
    return int(tag.split()[-1])
