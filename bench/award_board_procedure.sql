-- One call of this procedure is an award that feeds one board with five windows. It writes the same rows as the server.
CREATE FUNCTION bench_award_board(
    p_lane smallint, p_project integer, p_participant text, p_amount bigint, p_reason text, p_key text,
    p_fact uuid, p_fingerprint bytea
) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
    v_response bytea := bench_award(p_lane, p_project, p_participant, p_amount, p_reason, p_key, p_fact, p_fingerprint);
    v_now timestamptz := clock_timestamp();
BEGIN
    WITH stood AS (
        INSERT INTO standing AS s (lane, subject, generation, window_key, score, facts, reached_at, joined_at)
        SELECT p_lane, p.subject, w.generation, w.window_key, p_amount, 1, v_now, v_now
        FROM participant p CROSS JOIN bench_window w
        WHERE p.lane = p_lane AND p.project_id = p_project AND p.participant_id = p_participant
        ON CONFLICT (lane, subject, generation, window_key) DO UPDATE
        SET score = s.score + excluded.score, facts = s.facts + excluded.facts,
            reached_at = greatest(s.reached_at, excluded.reached_at), joined_at = least(s.joined_at, excluded.joined_at)
        RETURNING s.generation, s.window_key, s.score AS after, CASE WHEN s.facts > 1 THEN s.score - p_amount END AS before
    )
    INSERT INTO score_count AS c (lane, generation, window_key, level, bucket, participants)
    SELECT 0, generation, window_key, level, bucket, change
    FROM stood CROSS JOIN generate_series(0, 6) AS level
    CROSS JOIN LATERAL (VALUES (before >> (8 * level), -1), (after >> (8 * level), 1)) AS moves (bucket, change)
    WHERE bucket IS NOT NULL AND (level IN (0, 6) OR bucket & 255 <> 0)
      AND before >> (8 * level) IS DISTINCT FROM after >> (8 * level)
    ORDER BY generation, window_key, level, bucket
    ON CONFLICT (lane, generation, window_key, level, bucket) DO UPDATE
    SET participants = c.participants + excluded.participants;
    RETURN v_response;
END $$;
CREATE TABLE bench_window AS SELECT DISTINCT generation, window_key FROM standing;
