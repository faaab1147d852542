"""Filing standings in leaves, and counting the people of leaves and parts.

A standing changes only under its account's lock, so that a later statement sees its true leaf. Counts of leaves are
shared by all participants: they are changed last in a transaction, leaves in the order of their key, then parts. See
docs/adr/0016.
"""

from collections.abc import Sequence

from laurels.mechanics.leaderboards.leaves.keys import LOW, PLACE, VALUE, listed, ordered, row

# Expects moved (lane, subject, name, generation, window_key, leaf_before, facts and the value), and gives each row its
# leaf: -1 for a standing without facts, which is not on the board.
PLACED = f"""
, placed AS MATERIALIZED (
    SELECT m.*, CASE WHEN m.facts > 0 THEN coalesce(l.leaf, 0) ELSE -1 END AS leaf,
           m.facts > 0 AND coalesce(l.is_tie, false) AS is_tie
    FROM moved m
    LEFT JOIN LATERAL (
        SELECT l.leaf, l.is_tie FROM board_leaf l
        WHERE l.lane = 0 AND l.generation = m.generation AND l.window_key = m.window_key
          AND {row(LOW, "l")} <= {row(VALUE, "m")} AND l.takes
        ORDER BY {ordered(PLACE, "DESC", "l")} LIMIT 1
    ) l ON true
)
"""  # noqa: S608

_TIMES = ("score_at", "tie_1_at", "tie_2_at", "tie_3_at")


def _kept(columns: Sequence[str]) -> str:
    """SQL. Writes the placed standings; refiled are those with their leaves."""
    stored = [*VALUE, "facts", "has_changed", "reached_at", "joined_at", "leaf", *columns]
    return f"""
, refiled AS (
    SELECT generation, window_key, leaf_before, leaf FROM placed
), kept AS (
    UPDATE board_standing s
    SET {", ".join(f"{column} = p.{column}" for column in stored)},
        tie_at = CASE WHEN p.is_tie THEN p.reached_at END, tie_name = CASE WHEN p.is_tie THEN p.name END
    FROM placed p
    WHERE s.lane = p.lane AND s.subject = p.subject AND s.generation = p.generation AND s.window_key = p.window_key
      AND p.leaf_before IS NOT NULL
), joined AS (
    INSERT INTO board_standing (lane, subject, generation, window_key, {", ".join(stored)}, tie_at, tie_name)
    SELECT lane, subject, generation, window_key, {", ".join(stored)},
           CASE WHEN is_tie THEN reached_at END, CASE WHEN is_tie THEN name END
    FROM placed WHERE leaf_before IS NULL
)
"""  # noqa: S608


KEPT = _kept(())
KEPT_WITH_TIMES = _kept(_TIMES)

# Expects refiled (generation, window_key, leaf_before, leaf), null for none. Leaves 0 and -1 are not counted.
COUNTED = """
, changed_leaves AS (
    SELECT r.generation, r.window_key, change.leaf, sum(change.people) AS people
    FROM refiled r CROSS JOIN LATERAL (VALUES (r.leaf_before, -1), (r.leaf, 1)) AS change (leaf, people)
    WHERE r.leaf_before IS DISTINCT FROM r.leaf AND change.leaf > 0
    GROUP BY r.generation, r.window_key, change.leaf
), locked_leaves AS (
    SELECT l.generation, l.window_key, l.leaf, c.people
    FROM changed_leaves c
    JOIN board_leaf l ON l.generation = c.generation AND l.window_key = c.window_key AND l.leaf = c.leaf
    WHERE l.lane = 0 AND c.people <> 0
    ORDER BY l.generation, l.window_key, l.leaf
    FOR NO KEY UPDATE OF l
), counted_leaves AS (
    UPDATE board_leaf l SET people = l.people + c.people
    FROM locked_leaves c
    WHERE l.lane = 0 AND l.generation = c.generation AND l.window_key = c.window_key AND l.leaf = c.leaf
    RETURNING l.generation, l.window_key, l.part, c.people
), changed_parts AS (
    SELECT generation, window_key, part, sum(people) AS people
    FROM counted_leaves GROUP BY generation, window_key, part
), locked_parts AS (
    SELECT p.generation, p.window_key, p.part, c.people
    FROM changed_parts c
    JOIN board_part p ON p.generation = c.generation AND p.window_key = c.window_key AND p.part = c.part
    WHERE p.lane = 0 AND c.people <> 0
    ORDER BY p.generation, p.window_key, p.part
    FOR NO KEY UPDATE OF p
)
UPDATE board_part p SET people = p.people + c.people
FROM locked_parts c
WHERE p.lane = 0 AND p.generation = c.generation AND p.window_key = c.window_key AND p.part = c.part
"""

# Standings whose leaf is not that of their value, of people whose accounts are locked. $1 and $2 are the generation and
# the window, $3 and $4 the people.
REFILE = f"""
WITH moved AS MATERIALIZED (
    SELECT s.lane, s.subject, p.participant_id AS name, s.generation, s.window_key, s.leaf AS leaf_before,
           {listed(VALUE, "s")}, s.facts, s.reached_at
    FROM unnest($3::smallint[], $4::uuid[]) AS wanted (lane, subject)
    JOIN board_standing s ON s.lane = wanted.lane AND s.subject = wanted.subject
    JOIN participant p ON p.lane = wanted.lane AND p.subject = wanted.subject
    WHERE s.generation = $1 AND s.window_key = $2
)
{PLACED}
, refiled AS (
    UPDATE board_standing s
    SET leaf = p.leaf, tie_at = CASE WHEN p.is_tie THEN p.reached_at END, tie_name = CASE WHEN p.is_tie THEN p.name END
    FROM placed p
    WHERE s.lane = p.lane AND s.subject = p.subject AND s.generation = p.generation AND s.window_key = p.window_key
      AND p.leaf <> p.leaf_before
    RETURNING s.generation, s.window_key, p.leaf_before, s.leaf
)
{COUNTED}
"""  # noqa: S608
