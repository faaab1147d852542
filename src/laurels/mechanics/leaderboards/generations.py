"""Generations of leaderboards: created with a definition, filled from the journal, shown, retired, removed.

Each fact counts exactly once. Filling begins when all transactions have ended that may not know the generation. They
are found by their lock on `account`: a batch takes the lock in the statement that reads the version of the definitions.
From then on batches count every fact themselves. A filling takes the lock of a participant's account, computes the
standings from all facts of the participant and stores them, whatever batches have counted before.

Generations with counts are filled as by older servers: `since_version` is the first version of the definitions whose
facts batches count, and a filling adds the older facts.
"""

from datetime import datetime
from typing import Literal, NamedTuple

import msgspec
from msgspec import Struct, structs

from laurels.kernel.definition import Definition
from laurels.mechanics.leaderboards.scoring.model import PLAIN, Generation, Scoring
from laurels.storage.postgres.database import Connection, Fetches

Status = Literal["waiting", "filling", "ready", "retired"]


OLDER_SERVERS_SECONDS = 60
"""A server that was not seen for this time has ended."""

RETIRED_KEPT_SECONDS = 60
"""Longer than any transaction of the engine lives, so that nothing is added after the rows have been removed."""


class OlderServersError(Exception):
    """A server is running that does not know the rules of a scoring."""


class Progress(Struct, frozen=True):
    """The progress of a leaderboard's newest generation."""

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
    scoring: Scoring,
    since_version: int,
    now: datetime,
) -> None:
    """Creates the leaderboard's next generation in the transaction that changes its definition. A generation that is
    still being filled ends. Raises OlderServersError for a scoring that older servers would count incorrectly."""
    has_older = await has_older_servers(connection)
    if has_older and scoring.rules != PLAIN:
        raise OlderServersError
    await connection.execute(
        "UPDATE board_generation SET status = 'retired', retired_at = $2 "
        "WHERE definition_id = $1 AND status IN ('waiting', 'filling')",
        definition_id,
        now,
    )
    await connection.execute(
        """
        INSERT INTO board_generation
            (project_id, definition_id, metric, event_name, property, since_version, status, created_at, layout, rules)
        VALUES ($1, $2, $3, $4, $5, $6, 'waiting', $7, $8, $9)
        """,
        project_id,
        definition_id,
        scoring.metric,
        scoring.event_name,
        scoring.property,
        since_version,
        now,
        "counts" if has_older else "leaves",
        msgspec.json.encode(scoring.rules).decode(),
    )


_OLDER_SERVERS = """
SELECT EXISTS (SELECT FROM worker WHERE NOT knows_leaves AND seen_at > now() - make_interval(secs => $1))
"""


async def has_older_servers(connection: Connection) -> bool:
    """Whether servers are running that do not know leaves, and would not count in them."""
    found: bool = await connection.fetchval(_OLDER_SERVERS, OLDER_SERVERS_SECONDS)
    return found


class ToConvert(NamedTuple):
    """A filled generation whose scores are counted one by one, and its scoring."""

    id: int
    project_id: int
    definition_id: str
    scoring: Scoring


# Not those whose board is being filled already.
_TO_CONVERT = """
SELECT g.id, g.project_id, g.definition_id, g.metric, g.event_name, g.property FROM board_generation g
WHERE g.status = 'ready' AND g.layout = 'counts' AND ($1::integer IS NULL OR g.id = $1)
  AND NOT EXISTS (SELECT FROM board_generation n WHERE n.definition_id = g.definition_id AND n.id > g.id
                                                   AND n.status <> 'retired')
ORDER BY g.id
"""


async def to_convert(connection: Connection, generation_id: int | None = None) -> list[ToConvert]:
    """The generations whose boards are to be filled again with leaves. None while older servers are running."""
    if await has_older_servers(connection):
        return []
    return [
        ToConvert(
            row["id"],
            row["project_id"],
            str(row["definition_id"]),
            Scoring(metric=row["metric"], event_name=row["event_name"], property=row["property"], rules=PLAIN),
        )
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
                                    'layout', g.layout) || g.rules ORDER BY g.id)
FROM board_generation g WHERE g.definition_id = d.id AND g.status <> 'retired'
"""
"""SQL: the generations of the definition `d` that count facts, as JSON."""


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


_OF_GENERATIONS = {
    "board_standing": "lane, subject, generation, window_key",
    "board_leaf": "lane, generation, window_key, leaf",
    "board_part": "lane, generation, window_key, part",
    "standing": "lane, subject, generation, window_key",
    "score_count": "lane, generation, window_key, level, bucket",
    "ticked_rank": "lane, subject, generation, window_key",
}
"""The tables with many rows for each generation, with their keys. Standings come before the leaves by which they are
found."""

_STANDINGS_OF_GENERATION = """
JOIN (SELECT leaf FROM board_leaf WHERE lane = 0 AND generation = $1 UNION VALUES (0), (-1)) AS filed USING (leaf)
WHERE generation = $1
"""


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
        chosen = _STANDINGS_OF_GENERATION if table == "board_standing" else "WHERE generation = $1"
        tag = await connection.execute(
            # By their keys: the position of a row (its ctid) is valid on one machine only.
            f"DELETE FROM {table} t USING (SELECT {keys} FROM {table} {chosen} LIMIT $2) AS old"  # noqa: S608
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
