"""SQL that reads rankings.

The rank of a value is 1, the people of better parts, those of better leaves in its part, and those of better values in
its leaf. A leaf with others beside it is read as one with them (`unit`): people may stand in either. Each read is one
statement, so that all that it counts is of one moment.
"""

from laurels.mechanics.leaderboards.leaves.keys import ABOVE_ALL, BELOW_ALL, LOW, PLACE, VALUE, listed, ordered, row

# $2 is the generation, $3 the window's key.
_RANKING = "generation = $2 AND window_key = $3"
DIRECTORY = f"lane = 0 AND {_RANKING}"


def _or_else(table: str, values: tuple[int, ...]) -> list[str]:
    """SQL for the least value of a row, or another one where there is no row."""
    return [f"coalesce({table}.{column}, {value})" for column, value in zip(LOW, values, strict=True)]


_LOW_OR_LOWEST = ", ".join(f"{value} AS {column}" for value, column in zip(_or_else("l", BELOW_ALL), LOW, strict=True))
_BELOW_ALL = ", ".join(str(value) for value in BELOW_ALL)
_NEXT = tuple(f"next_{column}" for column in LOW)
"""Where the next part begins."""
_NEXT_OR_HIGHEST = ", ".join(
    f"{value} AS {column}" for value, column in zip(_or_else("next_part", ABOVE_ALL), _NEXT, strict=True)
)


def list_order(table: str = "") -> str:
    """SQL for the order of a list, without the ids of people who reached a value at the same instant."""
    prefix = f"{table}." if table else ""
    return f"{ordered(VALUE, 'DESC', table)}, {prefix}reached_at ASC"


TOTAL = f"""
    SELECT (SELECT coalesce(sum(people), 0) FROM board_part WHERE {DIRECTORY})::bigint
         + (SELECT count(*) FROM board_standing WHERE {_RANKING} AND leaf = 0)
"""  # noqa: S608

# Expects me, at most one standing; gives the leaves of its part from its unit up, and the people of the parts above.
UNIT = f"""
, mine AS MATERIALIZED (
    SELECT me.leaf, {listed(VALUE, "me")}, coalesce(l.beside, me.leaf) AS unit, coalesce(l.part, 0) AS part
    FROM me
    LEFT JOIN board_leaf l ON l.lane = 0 AND l.generation = $2 AND l.window_key = $3 AND l.leaf = me.leaf
    WHERE me.leaf IS NOT NULL
), parts AS MATERIALIZED (
    SELECT part, people, {listed(LOW)} FROM board_part WHERE {DIRECTORY}
), parts_above AS MATERIALIZED (
    SELECT p.people, {listed(LOW, "p")}
    FROM mine JOIN parts own ON own.part = mine.part JOIN parts p ON {row(LOW, "p")} > {row(LOW, "own")}
), unit AS MATERIALIZED (
    SELECT mine.*, {_LOW_OR_LOWEST}, coalesce(l.is_tie, false) AS is_tie, {_NEXT_OR_HIGHEST}
    FROM mine
    LEFT JOIN board_leaf l ON l.lane = 0 AND l.generation = $2 AND l.window_key = $3 AND l.leaf = mine.unit
    LEFT JOIN (SELECT * FROM parts_above ORDER BY {ordered(LOW, "ASC")} LIMIT 1) AS next_part ON true
), leaves AS MATERIALIZED (
    SELECT l.leaf, l.is_tie, l.people, {listed(LOW, "l")},
           l.leaf = unit.unit OR (l.beside IS NOT NULL AND l.beside = unit.unit) AS is_mine
    FROM unit
    JOIN board_leaf l ON {row(PLACE, "l")} >= {row(PLACE, "unit")} AND {row(LOW, "l")} < {row(_NEXT, "unit")}
    WHERE l.lane = 0 AND l.generation = $2 AND l.window_key = $3
), members AS MATERIALIZED (
    SELECT leaf, is_tie, people, {listed(LOW)} FROM leaves WHERE is_mine
    UNION ALL
    SELECT 0, false, 0, {_BELOW_ALL} FROM unit WHERE unit.unit = 0
)
"""  # noqa: S608

OWN_RANK = f"""
    SELECT 1 + (SELECT coalesce(sum(people), 0) FROM parts_above)::bigint
             + (SELECT coalesce(sum(people), 0) FROM leaves WHERE NOT is_mine)::bigint
             + (SELECT coalesce(sum(m.people), 0) FROM members m JOIN mine ON {row(LOW, "m")} > {row(VALUE, "mine")}
                WHERE m.is_tie)::bigint
             + (SELECT coalesce(sum(better.people), 0)
                FROM mine CROSS JOIN members m CROSS JOIN LATERAL (
                    SELECT count(*) AS people FROM board_standing s
                    WHERE s.generation = $2 AND s.window_key = $3 AND s.leaf = m.leaf
                      AND {row(VALUE, "s")} > {row(VALUE, "mine")}
                ) AS better
                WHERE NOT m.is_tie)::bigint
"""  # noqa: S608

# The rows of the participant come first and alone: all are on one lane.
RANK = f"""
WITH me AS MATERIALIZED (
    SELECT p.subject, s.leaf, {listed(VALUE, "s")}
    FROM participant p
    LEFT JOIN board_standing s ON s.lane = p.lane AND s.subject = p.subject AND s.generation = $2 AND s.window_key = $3
                              AND s.leaf >= 0
    WHERE p.lane = $4 AND p.project_id = $1 AND p.participant_id = $5
)
{UNIT}
SELECT project.definitions_version, me.subject IS NOT NULL AS is_known, {listed(VALUE, "me")},
       CASE WHEN me.score IS NOT NULL THEN ({OWN_RANK}) END AS rank,
       ({TOTAL}) AS total
FROM project LEFT JOIN me ON true
WHERE project.id = $1
"""  # noqa: S608

# Leaves that people move between; mostly there are none.
OPEN_LEAVES = f"""
open_leaves AS MATERIALIZED (
    SELECT leaf, is_tie, beside FROM board_leaf WHERE {DIRECTORY} AND beside IS NOT NULL
)
"""  # noqa: S608


def with_units(chosen: str) -> str:
    """SQL. The chosen leaves (leaf, is_tie, beside), and the leaves that are read together with each."""
    return f"""
    SELECT leaf, is_tie FROM {chosen}
    UNION
    SELECT o.leaf, o.is_tie FROM {chosen} c JOIN open_leaves o ON o.beside = coalesce(c.beside, c.leaf)
    UNION
    SELECT c.beside, false FROM {chosen} c WHERE c.beside IS NOT NULL
    """  # noqa: S608


def standings_in(leaves: str, limit: int, *, last: bool = False) -> str:
    """SQL. The standings of leaves; of a tie leaf only the first ones, or the last."""
    direction = "DESC" if last else "ASC"
    return f"""
    SELECT found.* FROM {leaves} AS chosen CROSS JOIN LATERAL (
        SELECT * FROM board_standing b
        WHERE b.generation = $2 AND b.window_key = $3 AND b.leaf = chosen.leaf
        ORDER BY b.tie_at {direction}, b.tie_name {direction}
        LIMIT CASE WHEN chosen.is_tie THEN {limit} END
    ) AS found
    """  # noqa: S608


def first(limit: int) -> str:
    """SQL, CTEs up to `s`: the first standings, and all that reached the last one's value at the same instant."""
    return f"""
    {OPEN_LEAVES}, near AS MATERIALIZED (
        SELECT leaf, is_tie, beside, people, {listed(LOW)} FROM board_leaf
        WHERE {DIRECTORY} AND people > 0 ORDER BY {ordered(PLACE, "DESC")} LIMIT {limit}
    ), chosen AS MATERIALIZED (
        SELECT leaf, is_tie, beside
        FROM (SELECT *, sum(people) OVER (ORDER BY {ordered(PLACE, "DESC")}) - people AS before FROM near) AS weighed
        WHERE before < {limit}
        UNION ALL
        SELECT 0, false, NULL WHERE (SELECT coalesce(sum(people), 0) FROM near) < {limit}
    ), read AS MATERIALIZED ({with_units("chosen")}
    ), s AS MATERIALIZED (
        SELECT * FROM ({standings_in("read", limit)}) AS found
        ORDER BY {list_order()} FETCH FIRST {limit} ROWS WITH TIES
    )
    """  # noqa: S608


NAMED = """
    SELECT s.*, p.participant_id, p.display_name, p.avatar_url, t.rank AS rank_then
    FROM s JOIN participant p ON p.lane = s.lane AND p.subject = s.subject
    LEFT JOIN ticked_rank t ON t.lane = p.lane AND t.subject = p.subject AND t.generation = $2 AND t.window_key = $3
"""


def top(limit: int) -> str:
    return f"""
    WITH {first(limit)}, e AS MATERIALIZED ({NAMED}
    ), shown AS (
        SELECT * FROM e ORDER BY {list_order()}, participant_id LIMIT {limit}
    )
    SELECT project.definitions_version, ({TOTAL}) AS total, tick.ticked_at, shown.*, NULL::bigint AS ties,
           NULL::bigint AS own_rank
    FROM project
    LEFT JOIN board_tick tick ON tick.generation = $2 AND tick.window_key = $3
    LEFT JOIN shown ON true
    WHERE project.id = $1
    ORDER BY {list_order("shown")}, shown.participant_id
    """  # noqa: S608


def neighbours(direction: str, sign: str, need: str, limit: int) -> str:
    """SQL. The leaves beside the unit on one side, until they have as many people as are needed."""
    return f"""
        SELECT leaf, is_tie, beside
        FROM (
            SELECT near.*, sum(near.people) OVER (ORDER BY {ordered(PLACE, direction, "near")}) - near.people AS before
            FROM unit CROSS JOIN LATERAL (
                SELECT l.leaf, l.is_tie, l.beside, l.people, {listed(LOW, "l")}
                FROM board_leaf l
                WHERE l.lane = 0 AND l.generation = $2 AND l.window_key = $3 AND l.people > 0
                  AND {row(PLACE, "l")} {sign} {row(PLACE, "unit")}
                  AND l.leaf <> unit.unit AND l.beside IS DISTINCT FROM unit.unit
                ORDER BY {ordered(PLACE, direction, "l")} LIMIT {limit}
            ) AS near
            WHERE {need} > 0
        ) AS weighed
        WHERE before < {need}
    """  # noqa: S608


def below(limit: int) -> str:
    """SQL. The leaves below the unit, until they have as many people as are needed, the lowest leaf among them."""
    return f"""{neighbours("DESC", "<", "(SELECT below FROM needs)", limit)}
        UNION ALL
        SELECT 0, false, NULL FROM unit WHERE unit.unit <> 0 AND (SELECT below FROM needs) > (
            SELECT coalesce(sum(near.people), 0) FROM (
                SELECT l.people FROM board_leaf l
                WHERE l.lane = 0 AND l.generation = $2 AND l.window_key = $3 AND l.people > 0
                  AND {row(PLACE, "l")} < {row(PLACE, "unit")}
                ORDER BY {ordered(PLACE, "DESC", "l")} LIMIT {limit}
            ) AS near
        )
    """  # noqa: S608


def _own_unit(limit: int) -> str:
    """SQL. The standings in the unit of me; of tie leaves only the next ones."""
    before_me = "(b.tie_at, b.tie_name) < (me.reached_at, $5::text)"
    after_me = "(b.tie_at, b.tie_name) > (me.reached_at, $5::text)"

    def beside_me(condition: str, direction: str) -> str:
        return f"""
            SELECT found.* FROM members m JOIN me ON m.is_tie AND {row(LOW, "m")} = {row(VALUE, "me")}
            CROSS JOIN LATERAL (
                SELECT * FROM board_standing b
                WHERE b.generation = $2 AND b.window_key = $3 AND b.leaf = m.leaf AND {condition}
                ORDER BY b.tie_at {direction}, b.tie_name {direction} LIMIT {limit}
            ) AS found
        """  # noqa: S608

    def beyond_me(sign: str) -> str:
        return f"""(
            SELECT m.leaf, m.is_tie FROM members m JOIN me ON m.is_tie AND {row(LOW, "m")} {sign} {row(VALUE, "me")}
        )"""  # noqa: S608

    # A leaf other than a tie leaf is read whole, with me.
    return f"""
        SELECT * FROM me WHERE NOT EXISTS (SELECT FROM members m WHERE m.leaf = me.leaf AND NOT m.is_tie)
        UNION ALL {standings_in("(SELECT leaf, is_tie FROM members WHERE NOT is_tie)", limit)}
        UNION ALL {beside_me(before_me, "DESC")}
        UNION ALL {beside_me(after_me, "ASC")}
        UNION ALL {standings_in(beyond_me(">"), limit, last=True)}
        UNION ALL {standings_in(beyond_me("<"), limit)}
    """  # noqa: S608


def _nearest(limit: int) -> str:
    """SQL, CTEs up to `shown`: the neighbours that are shown, with their places. People who reached a value at the same
    instant share the places from `first_place` to `last_place`, until their ids decide."""
    return f"""
    numbered AS (
        SELECT *, rank() OVER in_order AS first_place, count(*) OVER in_order AS last_place
        FROM near WINDOW in_order AS (ORDER BY {list_order()})
    ), middle AS MATERIALIZED (
        SELECT n.first_place, n.last_place FROM numbered n JOIN me ON n.lane = me.lane AND n.subject = me.subject
    ), s AS MATERIALIZED (
        SELECT n.* FROM numbered n JOIN middle ON n.first_place - middle.last_place <= {limit}
                                              AND middle.first_place - n.last_place <= {limit}
    ), e AS MATERIALIZED ({NAMED}
    ), placed AS (
        SELECT *, row_number() OVER (ORDER BY {list_order()}, participant_id) AS place, count(*) OVER () AS places
        FROM e
    ), shown AS MATERIALIZED (
        SELECT placed.* FROM placed, (
            SELECT greatest(1, least(place - ($6::integer - 1) / 2, places - $6::integer + 1)) AS first
            FROM placed WHERE participant_id = $5
        ) AS window_of_places
        WHERE place >= first AND place < first + $6::integer
    )
    """  # noqa: S608


# The number of people on the whole board with the value of the first row shown.
TIES = f"""
    SELECT (SELECT coalesce(sum(l.people), 0) FROM first_one f JOIN board_leaf l ON {row(LOW, "l")} = {row(VALUE, "f")}
            WHERE l.lane = 0 AND l.generation = $2 AND l.window_key = $3 AND l.is_tie)::bigint
         + (SELECT coalesce(sum(equal.people), 0)
            FROM first_one f
            JOIN (SELECT leaf, unit FROM first_one WHERE is_tie IS NOT TRUE
                  UNION SELECT unit, unit FROM first_one WHERE unit <> leaf
                  UNION SELECT o.leaf, o.beside FROM open_leaves o WHERE NOT o.is_tie) AS l ON l.unit = f.unit
            CROSS JOIN LATERAL (
                SELECT count(*) AS people FROM board_standing s
                WHERE s.generation = $2 AND s.window_key = $3 AND s.leaf = l.leaf
                  AND {row(VALUE, "s")} = {row(VALUE, "f")}
            ) AS equal)::bigint
"""  # noqa: S608


def around(limit: int) -> str:
    """SQL. $6 places are shown, the participant in the middle as far as there are enough on both sides."""
    return f"""
    WITH me AS MATERIALIZED (
        SELECT s.* FROM participant p JOIN board_standing s ON s.lane = p.lane AND s.subject = p.subject
        WHERE p.lane = $4 AND p.project_id = $1 AND p.participant_id = $5
          AND s.generation = $2 AND s.window_key = $3 AND s.leaf >= 0
    )
    {UNIT}
    , {OPEN_LEAVES}, own AS MATERIALIZED ({_own_unit(limit)}
    ), needs AS MATERIALIZED (
        SELECT {limit} - count(*) FILTER (WHERE {row(VALUE, "own")} > {row(VALUE, "me")}) AS above,
               {limit} - count(*) FILTER (WHERE {row(VALUE, "own")} < {row(VALUE, "me")}) AS below
        FROM own, me
    ), chosen_above AS MATERIALIZED ({neighbours("ASC", ">", "(SELECT above FROM needs)", limit)}
    ), chosen_below AS MATERIALIZED ({below(limit)}
    ), read_above AS MATERIALIZED ({with_units("chosen_above")}
    ), read_below AS MATERIALIZED ({with_units("chosen_below")}
    ), near AS MATERIALIZED (
        SELECT * FROM own
        UNION ALL {standings_in("read_above", limit, last=True)}
        UNION ALL {standings_in("read_below", limit)}
    ), {_nearest(limit)}, first_one AS MATERIALIZED (
        SELECT f.*, coalesce(l.beside, f.leaf) AS unit, l.is_tie
        FROM (SELECT * FROM shown ORDER BY place LIMIT 1) AS f
        LEFT JOIN board_leaf l ON l.lane = 0 AND l.generation = $2 AND l.window_key = $3 AND l.leaf = f.leaf
    )
    SELECT project.definitions_version, ({TOTAL}) AS total, tick.ticked_at, shown.*,
           CASE WHEN shown.place = (SELECT place FROM first_one) THEN ({TIES}) END AS ties,
           CASE WHEN shown.participant_id = $5 THEN ({OWN_RANK}) END AS own_rank
    FROM project
    LEFT JOIN board_tick tick ON tick.generation = $2 AND tick.window_key = $3
    LEFT JOIN shown ON true
    WHERE project.id = $1
    ORDER BY shown.place
    """  # noqa: S608


def first_ranks(limit: int) -> str:
    """SQL. Keeps the first ranks to compare later ones with."""
    return f"""
    WITH {first(limit)}
    INSERT INTO ticked_rank (lane, subject, generation, window_key, rank)
    SELECT lane, subject, $2, $3, rank() OVER (ORDER BY {ordered(VALUE, "DESC")}) FROM s WHERE $1::integer IS NOT NULL
    """  # noqa: S608
