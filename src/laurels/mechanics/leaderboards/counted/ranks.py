"""Ranks of generations whose scores are counted: pages of a board, one participant's place, the first ranks."""

from laurels.mechanics.leaderboards.scoring.entries import BoardPage, ParticipantRank, page_of
from laurels.mechanics.leaderboards.scoring.rules import RANKS_KEPT
from laurels.storage.lanes import lane_of
from laurels.storage.postgres.database import Fetches

_ORDER = (("score", "DESC"), ("reached_at", "ASC"), ("subject", "ASC"))
"""The order of a board: greater scores first, and among equal scores the one that was reached first."""


def _ordered(table: str = "", *, backwards: bool = False, has_one_score: bool = False) -> str:
    """SQL for the order of a board, by the columns of a table. `has_one_score`: the rows have as much."""
    opposite = {"ASC": "DESC", "DESC": "ASC"}
    prefix = f"{table}." if table else ""
    return ", ".join(
        f"{prefix}{column} {opposite[direction] if backwards else direction}"
        for column, direction in (_ORDER[1:] if has_one_score else _ORDER)
    )


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

# The rows of the participant come first and alone: all are on one lane.
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


def _entries(standings: str, ranked: str) -> str:
    """SQL. In steps, each with the few rows of the step before: the rows on all lanes, the rows of these people, the
    rows on the lane of the counts."""
    return f"""
    WITH s AS MATERIALIZED ({standings}
    ), e AS MATERIALIZED (
        SELECT s.score, s.reached_at, s.subject, s.joined_at, p.participant_id, p.display_name, p.avatar_url,
               t.rank AS rank_then
        FROM s JOIN participant p ON p.lane = s.lane AND p.subject = s.subject
        LEFT JOIN ticked_rank t ON t.lane = p.lane AND t.subject = p.subject AND t.generation = $2 AND t.window_key = $3
    )
    SELECT project.definitions_version, ({_TOTAL}) AS total, tick.ticked_at, e.*, {ranked}
    FROM project
    LEFT JOIN board_tick tick ON tick.generation = $2 AND tick.window_key = $3
    LEFT JOIN e ON true
    WHERE project.id = $1
    ORDER BY {_ordered("e")}
    """  # noqa: S608


def _top(limit: int) -> str:
    """SQL for the first standings."""
    return f"""
    SELECT * FROM standing WHERE generation = $2 AND window_key = $3
    ORDER BY {_ordered()} LIMIT {limit}
    """  # noqa: S608


def _around(limit: int) -> str:
    """SQL. Ties with the participant and other scores apart, so that each part is one range of the index. $6 places are
    shown, the participant in the middle as far as there are enough on both sides."""
    return f"""
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
                 ORDER BY {_ordered(backwards=True, has_one_score=True)} LIMIT {limit})
                UNION ALL
                (SELECT * FROM standing WHERE generation = $2 AND window_key = $3 AND score > (SELECT score FROM me)
                 ORDER BY {_ordered(backwards=True)} LIMIT {limit})
            ) AS above
            ORDER BY {_ordered("above", backwards=True)} LIMIT {limit}
        )
        UNION ALL (
            SELECT * FROM (
                (SELECT * FROM standing WHERE generation = $2 AND window_key = $3 AND score = (SELECT score FROM me)
                   AND (reached_at, subject) > ((SELECT reached_at FROM me), (SELECT subject FROM me))
                 ORDER BY {_ordered(has_one_score=True)} LIMIT {limit})
                UNION ALL
                (SELECT * FROM standing WHERE generation = $2 AND window_key = $3 AND score < (SELECT score FROM me)
                 ORDER BY {_ordered()} LIMIT {limit})
            ) AS below
            ORDER BY {_ordered("below")} LIMIT {limit}
        )
    ), placed AS (
        SELECT *, row_number() OVER (ORDER BY {_ordered()}) AS place, count(*) OVER () AS places
        FROM near
    ), shown AS (
        SELECT greatest(1, least(place - ($6::integer - 1) / 2, places - $6::integer + 1)) AS first
        FROM placed JOIN me USING (lane, subject)
    )
    SELECT placed.* FROM placed JOIN shown ON place >= first AND place < first + $6::integer
    """  # noqa: S608


# A limit that is a parameter makes PostgreSQL plan for a tenth of the table. So there is a statement for each of these.
_LIMITS = (10, 20, 50, 100)
_UNRANKED = "NULL::bigint AS ties, NULL::bigint AS own_rank"
_RANKED = f"""
    (SELECT participants FROM score_count
     WHERE lane = 0 AND generation = $2 AND window_key = $3 AND level = 0 AND bucket = e.score) AS ties,
    CASE WHEN e.participant_id = $5 THEN 1 + ({_count_above("e.score")}) END AS own_rank
"""  # noqa: S608
_TOPS = {limit: _entries(_top(limit), _UNRANKED) for limit in _LIMITS}
_AROUNDS = {limit: _entries(_around(limit), _RANKED) for limit in _LIMITS}


async def top(connection: Fetches, project_id: int, generation: int, window_key: int, limit: int) -> BoardPage:
    """The first `limit`, up to 100."""
    rows = await connection.fetch(_TOPS[_rounded_up(limit)], project_id, generation, window_key)
    return page_of(rows[:limit])


async def around(
    connection: Fetches, project_id: int, generation: int, window_key: int, limit: int, participant_id: str
) -> BoardPage:
    """The participant among `limit` neighbours, up to 100; nobody without a score in the window."""
    lane = lane_of(project_id, participant_id)
    statement = _AROUNDS[_rounded_up(limit)]
    return page_of(await connection.fetch(statement, project_id, generation, window_key, lane, participant_id, limit))


def _rounded_up(limit: int) -> int:
    return next(known for known in _LIMITS if limit <= known)


async def rank(
    connection: Fetches, project_id: int, generation: int, window_key: int, participant_id: str
) -> ParticipantRank:
    lane = lane_of(project_id, participant_id)
    row = (await connection.fetch(_RANK, project_id, generation, window_key, lane, participant_id))[0]
    return ParticipantRank(
        version=row["definitions_version"],
        is_known=row["is_known"],
        score=row["score"],
        rank=row["rank"],
        total=row["total"],
    )


TICK = f"""
INSERT INTO ticked_rank (lane, subject, generation, window_key, rank)
SELECT lane, subject, generation, window_key, rank() OVER (ORDER BY score DESC)
FROM (
    SELECT * FROM standing WHERE generation = $1 AND window_key = $2
    ORDER BY {_ordered()} LIMIT {RANKS_KEPT}
) AS first_ranks
"""  # noqa: S608
"""Keeps the first ranks."""
