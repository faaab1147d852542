"""What a check looks at of leaderboards: the counts of scores, and standings."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

import asyncpg
from msgspec import structs

from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry
from laurels.mechanics.leaderboards.model import Leaderboard
from laurels.mechanics.leaderboards.rules import ALL_TIME_KEY, counting, gains
from laurels.storage.projections import Add, Gathered, Projection
from laurels.storage.tables import Invariant

INVARIANTS = (
    Invariant(
        "the counts of scores are those of the standings",
        """
        WITH s AS MATERIALIZED (
            SELECT generation, window_key, score AS bucket, count(*) AS participants
            FROM standing GROUP BY generation, window_key, score
        ), c AS MATERIALIZED (
            SELECT * FROM score_count WHERE level = 0 AND participants <> 0
        )
        SELECT format('leaderboard generation %s, window %s', generation, window_key) AS name,
               format('score %s: counted %s, standing there %s', bucket, coalesce(c.participants, 0),
                      coalesce(s.participants, 0)) AS wrong
        FROM s FULL JOIN c USING (generation, window_key, bucket)
        WHERE c.participants IS DISTINCT FROM s.participants
    """,
    ),
    Invariant(
        "the counts of scores agree on all levels",
        """
        WITH s AS MATERIALIZED (
            SELECT generation, window_key, levels.level, bucket >> (8 * levels.level) AS bucket,
                   sum(participants) AS participants
            FROM score_count CROSS JOIN generate_series(1, 6) AS levels (level)
            WHERE score_count.level = 0 AND (levels.level = 6 OR (bucket >> (8 * levels.level)) & 255 <> 0)
            GROUP BY 1, 2, 3, 4 HAVING sum(participants) <> 0
        ), c AS MATERIALIZED (
            SELECT * FROM score_count WHERE level > 0 AND participants <> 0
        )
        SELECT format('leaderboard generation %s, window %s', generation, window_key) AS name,
               format('level %s, bucket %s: counted %s, below it %s', level, bucket, coalesce(c.participants, 0),
                      coalesce(s.participants, 0)) AS wrong
        FROM s FULL JOIN c USING (generation, window_key, level, bucket)
        WHERE c.participants IS DISTINCT FROM s.participants
    """,
    ),
)


Standings = dict[tuple[int, int], tuple[int, int, datetime, datetime]]
"""By generation and window: score, number of facts, reached_at, joined_at."""


def _stored(rows: Sequence[asyncpg.Record]) -> Standings:
    return {
        (row["generation"], row["window_key"]): (row["score"], row["facts"], row["reached_at"], row["joined_at"])
        for row in rows
    }


def _adding(definitions: Definitions | None) -> Add[Standings] | None:
    """For the generations that are filled."""
    if definitions is None:
        return None
    ready = [
        structs.replace(board, generations=tuple(g for g in board.generations if g.is_ready))
        for board in definitions[Leaderboard].by_id.values()
    ]
    filled = Definitions(definitions.game, definitions.version, ready, definitions.calendar)
    return partial(_add, filled) if counting(filled) else None


def _add(definitions: Definitions, standings: Standings, entry: Entry, recorded_at: datetime) -> None:
    for gain in gains(definitions, [entry]):
        for window_key in (ALL_TIME_KEY, *gain.windows):
            score, facts, reached_at, joined_at = standings.get(
                (gain.generation, window_key), (0, 0, gain.occurred_at, recorded_at)
            )
            standings[gain.generation, window_key] = (
                score + gain.score,
                facts + 1,
                max(reached_at, gain.occurred_at),
                min(joined_at, recorded_at),
            )


PROJECTIONS: tuple[Projection[Any], ...] = (
    Projection(
        name="standings",
        table="standing",
        condition="generation IN (SELECT id FROM board_generation WHERE status = 'ready')",
        stored=_stored,
        rebuilt=Gathered(empty=dict, adding=_adding, reads_recorded_at=True, skips_anonymous=True),
    ),
)
