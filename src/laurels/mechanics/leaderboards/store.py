"""Standings: adding what facts gain, counting scores, reading ranks.

A participant's standing rows are guarded by the account's lock. The counts of scores are shared by all participants, so
they are changed last in a transaction and in the order of their key.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from msgspec import Struct

from laurels.mechanics.leaderboards.model import TimeWindow
from laurels.mechanics.leaderboards.rules import RANKS_KEPT, Gain, keys_of
from laurels.storage.database import Connection, Fetches
from laurels.storage.lanes import lane_of, only
from laurels.storage.locks import LockedRow


class Gained(NamedTuple):
    lane: int
    subject: str
    recorded_at: datetime
    gain: Gain


class Entry(Struct, frozen=True, kw_only=True):
    """A participant on a board. `rank_then` is that of the last tick, if it was among the first.

    Around a participant `ties` is how many on the whole board have the score, and `own_rank` the participant's.
    """

    participant_id: str
    display_name: str | None
    avatar_url: str | None
    score: int
    joined_at: datetime
    rank_then: int | None
    ties: int | None
    own_rank: int | None


class Page(Struct, frozen=True, kw_only=True):
    """Neighbours on a board, highest first. `version` is that of the project's definitions, `ticked_at` when ranks were
    last taken for comparison."""

    version: int
    entries: list[Entry]
    total: int
    ticked_at: datetime | None


class Standing(Struct, frozen=True, kw_only=True):
    """One participant's place; `score` and `rank` are None without a score in the window."""

    version: int
    is_known: bool
    score: int | None
    rank: int | None
    total: int


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


async def add_gains(connection: Connection, gained: Sequence[Gained]) -> None:
    """Adds to the standings and moves the counts of scores along."""
    if gained:
        await connection.execute(_ADD_GAINS, *_columns(gained))


async def lock_counts(connection: Connection, gained: Sequence[Gained]) -> dict[str, LockedRow]:
    """Locks the counts that the gains change, without waiting for any. By subject those that are locked elsewhere."""
    if not gained:
        return {}
    people: dict[tuple[int, int, int, int], list[str]] = {}
    for subject, *count in await connection.fetch(_COUNTS_OF, *_columns(gained), only(g.lane for g in gained)):
        people.setdefault(tuple(count), []).append(str(subject))
    if not people:
        return {}
    elsewhere = await connection.fetch(_LOCK_FREE_COUNTS, *zip(*people, strict=True))
    counts = [tuple(row) for row in elsewhere]
    return {subject: LockedRow("score_count", count, _LOCK_COUNT) for count in counts for subject in people[count]}


def _columns(gained: Sequence[Gained]) -> tuple[Any, ...]:
    rows = [
        (lane, subject, gain.generation, gain.score, gain.occurred_at, recorded_at, *gain.windows)
        for lane, subject, recorded_at, gain in gained
    ]
    return tuple(zip(*rows, strict=True))


async def leave(connection: Connection, lane: int, subject: str) -> None:
    """Takes a participant off every board. The caller holds the account's lock."""
    await connection.execute(_REMOVE, lane, subject)
    await connection.execute("DELETE FROM ticked_rank WHERE lane = $1 AND subject = $2", lane, subject)


def _count_above(score: str) -> str:
    """SQL for how many on a board have more than `score`: a range of buckets a level. $2 is the generation, $3 the
    window's key."""
    return f"""
        SELECT coalesce(sum(c.participants), 0)::bigint
        FROM (VALUES (0::smallint), (1::smallint), (2::smallint), (3::smallint), (4::smallint), (5::smallint),
                     (6::smallint)) AS levels (level)
        CROSS JOIN LATERAL (
            SELECT sum(participants) AS participants FROM score_count
            WHERE lane = 0 AND generation = $2 AND window_key = $3 AND level = levels.level
              AND bucket > {score} >> (8 * levels.level)
              AND bucket <= CASE WHEN levels.level = 6 THEN 9223372036854775807
                                 ELSE ({score} >> (8 * levels.level)) | 255 END
        ) AS c
    """  # noqa: S608


_TOTAL = """
    SELECT coalesce(sum(participants), 0)::bigint FROM score_count
    WHERE lane = 0 AND generation = $2 AND window_key = $3 AND level = 6
"""

# What belongs to the participant first, and alone: all of it is on one lane.
_RANK = f"""
WITH me AS MATERIALIZED (
    SELECT p.subject, s.score
    FROM participant p
    LEFT JOIN standing s ON s.lane = p.lane AND s.subject = p.subject AND s.generation = $2 AND s.window_key = $3
    WHERE p.lane = $4 AND p.project_id = $1 AND p.participant_id = $5
)
SELECT project.definitions_version, me.subject IS NOT NULL AS is_known, me.score,
       CASE WHEN me.score IS NOT NULL THEN 1 + ({_count_above("me.score")}) END AS rank,
       ({_TOTAL}) AS total
FROM project LEFT JOIN me ON true
WHERE project.id = $1
"""  # noqa: S608

# Step by step, each with the few rows of the one before: what is on all lanes, what belongs to these people, what is on
# the lane of the counts.
_ENTRIES = """
WITH s AS MATERIALIZED ({standings}
), e AS MATERIALIZED (
    SELECT s.score, s.reached_at, s.subject, s.joined_at, p.participant_id, p.display_name, p.avatar_url,
           t.rank AS rank_then
    FROM s JOIN participant p ON p.lane = s.lane AND p.subject = s.subject
    LEFT JOIN ticked_rank t ON t.lane = p.lane AND t.subject = p.subject AND t.generation = $2 AND t.window_key = $3
)
SELECT project.definitions_version, ({total}) AS total, tick.ticked_at, e.*, {ranked}
FROM project
LEFT JOIN board_tick tick ON tick.generation = $2 AND tick.window_key = $3
LEFT JOIN e ON true
WHERE project.id = $1
ORDER BY e.score DESC, e.reached_at, e.subject
"""

_TOP = """
    SELECT * FROM standing WHERE generation = $2 AND window_key = $3
    ORDER BY score DESC, reached_at, subject LIMIT {limit}
"""

# Ties with the participant and other scores apart, so that each part is one range of the index. $6 places are shown,
# the participant in the middle as far as there are enough on both sides.
_AROUND = """
    WITH me AS MATERIALIZED (
        SELECT s.* FROM participant p JOIN standing s USING (lane, subject)
        WHERE p.lane = $4 AND p.project_id = $1 AND p.participant_id = $5
          AND s.generation = $2 AND s.window_key = $3
    ), near AS (
        SELECT * FROM me
        UNION ALL (
            SELECT * FROM (
                (SELECT * FROM standing WHERE generation = $2 AND window_key = $3 AND score = (SELECT score FROM me)
                   AND (reached_at, subject) < ((SELECT reached_at FROM me), (SELECT subject FROM me))
                 ORDER BY reached_at DESC, subject DESC LIMIT {limit})
                UNION ALL
                (SELECT * FROM standing WHERE generation = $2 AND window_key = $3 AND score > (SELECT score FROM me)
                 ORDER BY score, reached_at DESC, subject DESC LIMIT {limit})
            ) AS above
            ORDER BY above.score, above.reached_at DESC, above.subject DESC LIMIT {limit}
        )
        UNION ALL (
            SELECT * FROM (
                (SELECT * FROM standing WHERE generation = $2 AND window_key = $3 AND score = (SELECT score FROM me)
                   AND (reached_at, subject) > ((SELECT reached_at FROM me), (SELECT subject FROM me))
                 ORDER BY reached_at, subject LIMIT {limit})
                UNION ALL
                (SELECT * FROM standing WHERE generation = $2 AND window_key = $3 AND score < (SELECT score FROM me)
                 ORDER BY score DESC, reached_at, subject LIMIT {limit})
            ) AS below
            ORDER BY below.score DESC, below.reached_at, below.subject LIMIT {limit}
        )
    ), placed AS (
        SELECT *, row_number() OVER (ORDER BY score DESC, reached_at, subject) AS place, count(*) OVER () AS places
        FROM near
    ), shown AS (
        SELECT greatest(1, least(place - ($6::integer - 1) / 2, places - $6::integer + 1)) AS first
        FROM placed JOIN me USING (lane, subject)
    )
    SELECT placed.* FROM placed JOIN shown ON place >= first AND place < first + $6::integer
"""

# A limit that is a parameter makes PostgreSQL plan for a tenth of the table. So there is a statement for each of these.
_LIMITS = (10, 20, 50, 100)
_UNRANKED = "NULL::bigint AS ties, NULL::bigint AS own_rank"
_RANKED = f"""
    (SELECT participants FROM score_count
     WHERE lane = 0 AND generation = $2 AND window_key = $3 AND level = 0 AND bucket = e.score) AS ties,
    CASE WHEN e.participant_id = $5 THEN 1 + ({_count_above("e.score")}) END AS own_rank
"""  # noqa: S608
_TOPS = {
    limit: _ENTRIES.format(total=_TOTAL, ranked=_UNRANKED, standings=_TOP.format(limit=limit)) for limit in _LIMITS
}
_AROUNDS = {
    limit: _ENTRIES.format(total=_TOTAL, ranked=_RANKED, standings=_AROUND.format(limit=limit)) for limit in _LIMITS
}


async def top(connection: Fetches, project_id: int, generation: int, window_key: int, limit: int) -> Page:
    """The first `limit`, up to 100."""
    rows = await connection.fetch(_TOPS[_rounded_up(limit)], project_id, generation, window_key)
    return _page(rows[:limit])


async def around(
    connection: Fetches, project_id: int, generation: int, window_key: int, limit: int, participant_id: str
) -> Page:
    """The participant among `limit` neighbours, up to 100; nobody without a score in the window."""
    lane = lane_of(project_id, participant_id)
    statement = _AROUNDS[_rounded_up(limit)]
    return _page(await connection.fetch(statement, project_id, generation, window_key, lane, participant_id, limit))


def _rounded_up(limit: int) -> int:
    return next(known for known in _LIMITS if limit <= known)


async def rank(connection: Fetches, project_id: int, generation: int, window_key: int, participant_id: str) -> Standing:
    lane = lane_of(project_id, participant_id)
    row = (await connection.fetch(_RANK, project_id, generation, window_key, lane, participant_id))[0]
    return Standing(
        version=row["definitions_version"],
        is_known=row["is_known"],
        score=row["score"],
        rank=row["rank"],
        total=row["total"],
    )


def _page(rows: Sequence[Any]) -> Page:
    return Page(
        version=rows[0]["definitions_version"],
        total=rows[0]["total"],
        ticked_at=rows[0]["ticked_at"],
        entries=[
            Entry(
                participant_id=row["participant_id"],
                display_name=row["display_name"],
                avatar_url=row["avatar_url"],
                score=row["score"],
                joined_at=row["joined_at"],
                rank_then=row["rank_then"],
                ties=row["ties"],
                own_rank=row["own_rank"],
            )
            for row in rows
            if row["participant_id"] is not None
        ],
    )


_TICK = f"""
INSERT INTO ticked_rank (lane, subject, generation, window_key, rank)
SELECT lane, subject, generation, window_key, rank() OVER (ORDER BY score DESC)
FROM (
    SELECT * FROM standing WHERE generation = $1 AND window_key = $2
    ORDER BY score DESC, reached_at, subject LIMIT {RANKS_KEPT}
) AS first_ranks
"""  # noqa: S608


async def tick(
    connection: Connection, generation: int, window: TimeWindow, window_key: int, number: int, now: datetime
) -> None:
    """Keeps the present first ranks to compare later ones with, unless another server has just done so. Those of
    earlier periods of the same window go."""
    taken = await connection.fetchval(
        """
        INSERT INTO board_tick AS t (generation, window_key, number, ticked_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (generation, window_key) DO UPDATE SET number = $3, ticked_at = $4 WHERE t.number <> $3
        RETURNING true
        """,
        generation,
        window_key,
        number,
        now,
    )
    if not taken:
        return
    of_window = (generation, *keys_of(window))
    await connection.execute(
        "DELETE FROM ticked_rank WHERE generation = $1 AND window_key BETWEEN $2 AND $3", *of_window
    )
    await connection.execute(
        "DELETE FROM board_tick WHERE generation = $1 AND window_key BETWEEN $2 AND $3 AND window_key <> $4",
        *of_window,
        window_key,
    )
    await connection.execute(_TICK, generation, window_key)


async def ticks_done(connection: Fetches, generations: Sequence[int]) -> dict[tuple[int, int], int]:
    """Generation and window key to the number of the last tick."""
    rows = await connection.fetch(
        "SELECT generation, window_key, number FROM board_tick WHERE generation = ANY ($1::integer[])", generations
    )
    return {(row["generation"], row["window_key"]): row["number"] for row in rows}
