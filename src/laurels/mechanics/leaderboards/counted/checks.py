"""Checks of generations whose scores are counted."""

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
