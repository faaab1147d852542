"""SQL that reads lists of a ranking: the rows after a cursor, and the rows of some participants."""

from laurels.mechanics.leaderboards.leaves.keys import LOW, PLACE, VALUE, listed, ordered, row
from laurels.mechanics.leaderboards.leaves.reading import (
    NAMED,
    OPEN_LEAVES,
    OWN_RANK,
    TIES,
    TOTAL,
    UNIT,
    below,
    first,
    list_order,
    standings_in,
    with_units,
)

# A cursor is a place in a list: $4 to $7 are the value, $8 is the time at which it was reached, $9 the id.
_CURSOR_VALUE = "($4::bigint, $5::bigint, $6::bigint, $7::bigint)"
_CURSOR = f"""
me AS MATERIALIZED (
    SELECT coalesce((
        SELECT l.leaf FROM board_leaf l
        WHERE l.lane = 0 AND l.generation = $2 AND l.window_key = $3 AND {row(LOW, "l")} <= {_CURSOR_VALUE} AND l.takes
        ORDER BY {ordered(PLACE, "DESC", "l")} LIMIT 1
    ), 0) AS leaf, $4::bigint AS score, $5::bigint AS tie_1, $6::bigint AS tie_2, $7::bigint AS tie_3
)
"""  # noqa: S608


def _rest_of_unit(limit: int) -> str:
    """SQL. The standings in the cursor's unit that come after it, and some at the same instant."""
    ranges = "(SELECT leaf, is_tie FROM members WHERE NOT is_tie)"
    lower_ties = f"(SELECT leaf, is_tie FROM members m WHERE m.is_tie AND {row(LOW, 'm')} < {_CURSOR_VALUE})"  # noqa: S608
    return f"""
        SELECT * FROM ({standings_in(ranges, limit)}) AS beside
        WHERE {row(VALUE, "beside")} < {_CURSOR_VALUE}
           OR ({row(VALUE, "beside")} = {_CURSOR_VALUE} AND beside.reached_at >= $8::timestamptz)
        UNION ALL
        SELECT found.* FROM members m CROSS JOIN LATERAL (
            SELECT * FROM board_standing b
            WHERE b.generation = $2 AND b.window_key = $3 AND b.leaf = m.leaf
              AND (b.tie_at, b.tie_name) > ($8::timestamptz, $9::text)
            ORDER BY b.tie_at, b.tie_name LIMIT {limit}
        ) AS found
        WHERE m.is_tie AND {row(LOW, "m")} = {_CURSOR_VALUE}
        UNION ALL
        {standings_in(lower_ties, limit)}
    """  # noqa: S608


def after(limit: int) -> str:
    """SQL. The rows after a cursor, and one more to show whether others follow. Each has the rank of the cursor's value
    and the number of people with it."""
    more = limit + 1
    return f"""
    WITH {_CURSOR}
    {UNIT}
    , {OPEN_LEAVES}, own AS MATERIALIZED ({_rest_of_unit(more)}
    ), needs AS MATERIALIZED (
        SELECT {more} - count(*) FILTER (WHERE {row(VALUE, "own")} < {_CURSOR_VALUE}) AS below FROM own
    ), chosen AS MATERIALIZED ({below(more)}
    ), read AS MATERIALIZED ({with_units("chosen")}
    ), s AS MATERIALIZED (
        SELECT * FROM own UNION ALL {standings_in("read", more)}
    ), e AS MATERIALIZED ({NAMED}
    ), shown AS MATERIALIZED (
        SELECT * FROM e
        WHERE NOT ({row(VALUE, "e")} = {_CURSOR_VALUE} AND reached_at = $8::timestamptz AND participant_id <= $9::text)
        ORDER BY {list_order()}, participant_id LIMIT {more}
    ), first_one AS MATERIALIZED (
        SELECT me.leaf, {listed(VALUE, "me")}, unit.unit, l.is_tie
        FROM me CROSS JOIN unit
        LEFT JOIN board_leaf l ON l.lane = 0 AND l.generation = $2 AND l.window_key = $3 AND l.leaf = me.leaf
    )
    SELECT project.definitions_version, ({TOTAL}) AS total, tick.ticked_at, shown.*, ({TIES}) AS ties,
           ({OWN_RANK}) AS own_rank
    FROM project
    LEFT JOIN board_tick tick ON tick.generation = $2 AND tick.window_key = $3
    LEFT JOIN shown ON true
    WHERE project.id = $1
    ORDER BY {list_order("shown")}, shown.participant_id
    """  # noqa: S608


# $4 and $5 are the lanes and ids of the participants.
AMONG = f"""
WITH s AS MATERIALIZED (
    SELECT b.* FROM unnest($4::smallint[], $5::text[]) AS wanted (lane, participant_id)
    JOIN participant p ON p.lane = wanted.lane AND p.project_id = $1 AND p.participant_id = wanted.participant_id
    JOIN board_standing b ON b.lane = p.lane AND b.subject = p.subject
    WHERE b.generation = $2 AND b.window_key = $3 AND b.leaf >= 0
), e AS MATERIALIZED ({NAMED}
)
SELECT project.definitions_version, count(e.participant_id) OVER () AS total, tick.ticked_at, e.*,
       NULL::bigint AS ties, NULL::bigint AS own_rank
FROM project
LEFT JOIN board_tick tick ON tick.generation = $2 AND tick.window_key = $3
LEFT JOIN e ON true
WHERE project.id = $1
ORDER BY {list_order("e")}, e.participant_id
"""  # noqa: S608


def first_places(limit: int) -> str:
    """SQL. Stores the first places as the result $4 of the board $1."""
    return f"""
    WITH {first(limit)}, named AS MATERIALIZED (
        SELECT s.*, p.participant_id FROM s JOIN participant p ON p.lane = s.lane AND p.subject = s.subject
    )
    INSERT INTO board_result (lane, subject, definition_id, period, place, rank, {listed(VALUE)})
    SELECT lane, subject, $1, $4, row_number() OVER (ORDER BY {list_order()}, participant_id),
           rank() OVER (ORDER BY {ordered(VALUE, "DESC")}), {listed(VALUE)}
    FROM named ORDER BY {list_order()}, participant_id LIMIT {limit}
    """  # noqa: S608
