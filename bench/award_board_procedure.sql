-- One call of this procedure is an award that feeds one board with five windows. It writes the same rows as the server.
CREATE FUNCTION bench_award_board(
    p_lane smallint, p_project integer, p_participant text, p_amount bigint, p_reason text, p_key text,
    p_fact uuid, p_fingerprint bytea
) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
    v_response bytea := bench_award(p_lane, p_project, p_participant, p_amount, p_reason, p_key, p_fact, p_fingerprint);
    v_now timestamptz := clock_timestamp();
BEGIN
    WITH moved AS MATERIALIZED (
        SELECT s.lane, s.subject, s.generation, s.window_key, s.leaf AS leaf_before, s.score + p_amount AS score
        FROM participant p CROSS JOIN bench_window w
        JOIN board_standing s ON s.lane = p.lane AND s.subject = p.subject AND s.generation = w.generation
                             AND s.window_key = w.window_key
        WHERE p.lane = p_lane AND p.project_id = p_project AND p.participant_id = p_participant
    ), placed AS MATERIALIZED (
        SELECT m.*, coalesce(l.leaf, 0) AS leaf FROM moved m LEFT JOIN LATERAL (
            SELECT l.leaf FROM board_leaf l
            WHERE l.lane = 0 AND l.generation = m.generation AND l.window_key = m.window_key
              AND (l.low, l.low_1, l.low_2, l.low_3) <= (m.score, 0, 0, 0) AND l.takes
            ORDER BY l.low DESC, l.low_1 DESC, l.low_2 DESC, l.low_3 DESC, l.is_tie DESC LIMIT 1
        ) l ON true
    ), kept AS (
        UPDATE board_standing s SET score = p.score, facts = s.facts + 1, reached_at = v_now, leaf = p.leaf
        FROM placed p
        WHERE s.lane = p.lane AND s.subject = p.subject AND s.generation = p.generation AND s.window_key = p.window_key
    ), locked AS (
        SELECT l.generation, l.window_key, l.leaf, change.people
        FROM placed p CROSS JOIN LATERAL (VALUES (p.leaf_before, -1), (p.leaf, 1)) AS change (leaf, people)
        JOIN board_leaf l ON l.lane = 0 AND l.generation = p.generation AND l.window_key = p.window_key
                         AND l.leaf = change.leaf
        WHERE p.leaf_before <> p.leaf
        ORDER BY l.generation, l.window_key, l.leaf FOR NO KEY UPDATE OF l
    ), counted AS (
        UPDATE board_leaf l SET people = l.people + c.people FROM locked c
        WHERE l.lane = 0 AND l.generation = c.generation AND l.window_key = c.window_key AND l.leaf = c.leaf
        RETURNING l.generation, l.window_key, l.part, c.people
    ), parts AS (
        SELECT generation, window_key, part, sum(people) AS people FROM counted GROUP BY generation, window_key, part
        ORDER BY generation, window_key, part
    )
    UPDATE board_part p SET people = p.people + c.people FROM parts c
    WHERE p.lane = 0 AND p.generation = c.generation AND p.window_key = c.window_key AND p.part = c.part
      AND c.people <> 0;
    RETURN v_response;
END $$;
CREATE TABLE bench_window AS SELECT DISTINCT generation, window_key FROM board_standing;
