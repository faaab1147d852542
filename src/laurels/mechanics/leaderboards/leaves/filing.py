"""Filing standings in leaves, and counting the people of leaves and parts.

A standing changes only under its account's lock, so that a later statement sees its true leaf. Counts of leaves are
shared by all participants: they are changed last in a transaction, leaves in the order of their key, then parts. See
docs/adr/0016.
"""

from laurels.mechanics.leaderboards.leaves.keys import LOW, PLACE, VALUE, listed, ordered, row

# Expects moved (lane, subject, name, generation, window_key, leaf_before and the value), and gives each row its leaf.
PLACED = f"""
, placed AS MATERIALIZED (
    SELECT m.*, coalesce(l.leaf, 0) AS leaf, coalesce(l.is_tie, false) AS is_tie
    FROM moved m
    LEFT JOIN LATERAL (
        SELECT l.leaf, l.is_tie FROM board_leaf l
        WHERE l.lane = 0 AND l.generation = m.generation AND l.window_key = m.window_key
          AND {row(LOW, "l")} <= {row(VALUE, "m")} AND l.takes
        ORDER BY {ordered(PLACE, "DESC", "l")} LIMIT 1
    ) l ON true
)
"""  # noqa: S608

# Expects refiled (generation, window_key, leaf_before, leaf), null for none. Leaf 0 is not counted.
COUNTED = """
, changed_leaves AS (
    SELECT r.generation, r.window_key, change.leaf, sum(change.people) AS people
    FROM refiled r CROSS JOIN LATERAL (VALUES (r.leaf_before, -1), (r.leaf, 1)) AS change (leaf, people)
    WHERE r.leaf_before IS DISTINCT FROM r.leaf AND change.leaf <> 0
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
           {listed(VALUE, "s")}, s.reached_at
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
