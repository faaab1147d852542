"""Leaves of rankings, put into the tables as the layout of a large board would leave them."""

from tests.checks import query

_LEAVES = """
WITH scores AS (
    SELECT generation, score, lead(score) OVER (PARTITION BY generation ORDER BY score) AS next
    FROM (
        SELECT DISTINCT generation, score FROM board_standing
        WHERE window_key = 0 AND generation NOT IN (SELECT generation FROM board_part)
    ) AS found
), lows AS (
    SELECT generation, score AS low, true AS is_tie FROM scores
    UNION ALL SELECT generation, score + 1, false FROM scores WHERE next IS DISTINCT FROM score + 1
)
INSERT INTO board_leaf (lane, generation, window_key, leaf, part, people, low, low_1, low_2, low_3, is_tie, takes)
SELECT 0, generation, 0, row_number() OVER (PARTITION BY generation ORDER BY low),
       row_number() OVER (PARTITION BY generation ORDER BY low), 0, low, 0, 0, 0, is_tie, true
FROM lows
"""

_FILED = """
UPDATE board_standing s SET leaf = l.leaf, tie_at = s.reached_at, tie_name = p.participant_id
FROM board_leaf l, participant p
WHERE l.generation = s.generation AND l.window_key = s.window_key AND l.low = s.score AND l.is_tie
  AND p.lane = s.lane AND p.subject = s.subject
"""

_COUNTED = """
UPDATE board_leaf l SET people = (
    SELECT count(*) FROM board_standing s
    WHERE s.generation = l.generation AND s.window_key = l.window_key AND s.leaf = l.leaf)
"""

_PARTS = """
INSERT INTO board_part (lane, generation, window_key, part, people, low, low_1, low_2, low_3)
SELECT 0, generation, window_key, part, people, low, low_1, low_2, low_3 FROM board_leaf
WHERE generation NOT IN (SELECT generation FROM board_part)
UNION ALL SELECT DISTINCT 0, generation, window_key, 0, 0, (-9223372036854775808)::bigint, 0, 0, 0 FROM board_leaf
WHERE generation NOT IN (SELECT generation FROM board_part)
"""


def give_each_score_a_leaf(database_url: str) -> None:
    """And each leaf a part, in the rankings of all time, which have none yet."""
    for statement in (_LEAVES, _FILED, _COUNTED, _PARTS):
        query(database_url, statement)
