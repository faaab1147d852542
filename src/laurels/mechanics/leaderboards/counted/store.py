"""Generations whose scores are counted one by one, on seven levels: adding what facts gain.

Servers of version 0.1 create only such generations. They are converted in the background (jobs.py).

A participant's standing rows are guarded by the account's lock. The counts of scores are shared by all participants, so
they are changed last in a transaction and in the order of their key.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from laurels.mechanics.leaderboards.scoring.counting import Gain
from laurels.storage.lanes import single_lane
from laurels.storage.locks import LockedRow
from laurels.storage.postgres.database import Connection


class CountedGain(NamedTuple):
    lane: int
    subject: str
    recorded_at: datetime
    gain: Gain


# Expects scores_changed (generation, window_key, score_before, score_after), null for no score. A bucket that is the
# lowest of its siblings is above none of them, so that nobody ever asks for it: it is not counted, but on the level of
# the scores themselves and on the topmost one, which gives the total.
_COUNT_SCORES = """
, counts AS (
    SELECT generation, window_key, level, bucket, sum(change) AS change
    FROM scores_changed
    CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6)) AS levels (level)
    CROSS JOIN LATERAL (VALUES (score_before >> (8 * level), -1), (score_after >> (8 * level), 1))
        AS moves (bucket, change)
    WHERE bucket IS NOT NULL AND (level IN (0, 6) OR bucket & 255 <> 0)
      AND score_before >> (8 * level) IS DISTINCT FROM score_after >> (8 * level)
    GROUP BY generation, window_key, level, bucket
)
INSERT INTO score_count AS c (lane, generation, window_key, level, bucket, participants)
SELECT 0, generation, window_key, level, bucket, change FROM counts WHERE change <> 0
ORDER BY generation, window_key, level, bucket
ON CONFLICT (lane, generation, window_key, level, bucket) DO UPDATE
SET participants = c.participants + excluded.participants
"""

_GAINED = """
WITH gained AS (
    SELECT g.lane, g.subject, g.generation, w.window_key, sum(g.score)::bigint AS score, count(*) AS facts,
           max(g.occurred_at) AS reached_at, min(g.recorded_at) AS joined_at
    FROM unnest($1::smallint[], $2::uuid[], $3::integer[], $4::bigint[], $5::timestamptz[], $6::timestamptz[],
                $7::integer[], $8::integer[], $9::integer[], $10::integer[])
        AS g (lane, subject, generation, score, occurred_at, recorded_at, yearly, monthly, weekly, daily)
    CROSS JOIN LATERAL (VALUES (0), (g.yearly), (g.monthly), (g.weekly), (g.daily)) AS w (window_key)
    GROUP BY g.lane, g.subject, g.generation, w.window_key
)
"""

# The old score is the new one less the gain; grouping both in one UNION spares a join.
_ADD_GAINS = f"""
{_GAINED}, stood AS (
    INSERT INTO standing AS s (lane, subject, generation, window_key, score, facts, reached_at, joined_at)
    SELECT lane, subject, generation, window_key, score, facts, reached_at, joined_at FROM gained
    ORDER BY lane, subject, generation, window_key
    ON CONFLICT (lane, subject, generation, window_key) DO UPDATE
    SET score = s.score + excluded.score, facts = s.facts + excluded.facts,
        reached_at = greatest(s.reached_at, excluded.reached_at), joined_at = least(s.joined_at, excluded.joined_at)
    RETURNING s.lane, s.subject, s.generation, s.window_key, s.score, s.facts
), scores_changed AS (
    SELECT generation, window_key, max(score) AS score_after,
           CASE WHEN max(facts) > max(new_facts) THEN max(score) - max(gain) END AS score_before
    FROM (
        SELECT lane, subject, generation, window_key, score, facts, NULL::bigint AS gain, NULL::bigint AS new_facts
        FROM stood
        UNION ALL
        SELECT lane, subject, generation, window_key, NULL, NULL, score, facts FROM gained
    ) AS both_scores
    GROUP BY lane, subject, generation, window_key
)
{_COUNT_SCORES}
"""  # noqa: S608

# The counts that the gains are going to change, by participant.
_COUNTS_OF = f"""
{_GAINED}
SELECT g.subject, g.generation, g.window_key, levels.level, moves.bucket
FROM gained g LEFT JOIN standing s USING (lane, subject, generation, window_key)
CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6)) AS levels (level)
CROSS JOIN LATERAL (VALUES (s.score >> (8 * level)), ((coalesce(s.score, 0) + g.score) >> (8 * level)))
    AS moves (bucket)
WHERE moves.bucket IS NOT NULL AND (level IN (0, 6) OR moves.bucket & 255 <> 0)
  AND s.score >> (8 * level) IS DISTINCT FROM (coalesce(s.score, 0) + g.score) >> (8 * level)
  AND ($11::smallint IS NULL OR g.lane = $11)
"""  # noqa: S608

_LOCK_FREE_COUNTS = """
WITH wanted AS (
    SELECT * FROM unnest($1::integer[], $2::integer[], $3::smallint[], $4::bigint[])
        AS wanted (generation, window_key, level, bucket)
), free AS (
    SELECT c.generation, c.window_key, c.level, c.bucket
    FROM wanted JOIN score_count c USING (generation, window_key, level, bucket)
    WHERE c.lane = 0
    FOR NO KEY UPDATE OF c SKIP LOCKED
)
SELECT c.generation, c.window_key, c.level, c.bucket
FROM wanted JOIN score_count c USING (generation, window_key, level, bucket)
LEFT JOIN free USING (generation, window_key, level, bucket)
WHERE c.lane = 0 AND free.generation IS NULL
"""

_LOCK_COUNT = """
SELECT FROM score_count
WHERE lane = 0 AND generation = $1 AND window_key = $2 AND level = $3 AND bucket = $4 FOR NO KEY UPDATE
"""

_REMOVE = f"""
WITH gone AS (
    DELETE FROM standing WHERE lane = $1 AND subject = $2 RETURNING generation, window_key, score
), scores_changed AS (
    SELECT generation, window_key, score AS score_before, NULL::bigint AS score_after FROM gone
)
{_COUNT_SCORES}
"""  # noqa: S608


async def add_gains(connection: Connection, gained: Sequence[CountedGain]) -> None:
    """Adds to the standings and moves the counts of scores along."""
    if gained:
        await connection.execute(_ADD_GAINS, *_columns(gained))


async def lock_counts(connection: Connection, gained: Sequence[CountedGain]) -> dict[str, LockedRow]:
    """Locks the counts that the gains change, without waiting for any. By subject the counts that are locked
    elsewhere."""
    if not gained:
        return {}
    people: dict[tuple[int, int, int, int], list[str]] = {}
    for subject, *count in await connection.fetch(_COUNTS_OF, *_columns(gained), single_lane(g.lane for g in gained)):
        people.setdefault(tuple(count), []).append(str(subject))
    if not people:
        return {}
    elsewhere = await connection.fetch(_LOCK_FREE_COUNTS, *zip(*people, strict=True))
    counts = [tuple(row) for row in elsewhere]
    return {subject: LockedRow("score_count", count, _LOCK_COUNT) for count in counts for subject in people[count]}


def _columns(gained: Sequence[CountedGain]) -> tuple[Any, ...]:
    rows = [
        (lane, subject, gain.generation, gain.score, gain.occurred_at, recorded_at, *gain.windows[1:])
        for lane, subject, recorded_at, gain in gained
    ]
    return tuple(zip(*rows, strict=True))


async def leave(connection: Connection, lane: int, subject: str) -> None:
    """Takes a participant off these boards. The caller holds the account's lock."""
    await connection.execute(_REMOVE, lane, subject)
