-- An award with five rankings as one would write it without any of Laurels: the participant's row, a ledger row with its
-- key, five upserts into a table of standings with an index on the score.
CREATE TABLE plain_participant (id bigint PRIMARY KEY, balance bigint NOT NULL DEFAULT 0) WITH (fillfactor = 70);
INSERT INTO plain_participant (id) SELECT number FROM bench_name;
CREATE TABLE plain_ledger (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    participant bigint NOT NULL,
    key text NOT NULL UNIQUE,
    amount bigint NOT NULL,
    at timestamptz NOT NULL
);
CREATE TABLE plain_standing (
    board integer NOT NULL,
    time_window integer NOT NULL,
    participant bigint NOT NULL,
    score bigint NOT NULL,
    reached timestamptz NOT NULL,
    PRIMARY KEY (board, time_window, participant)
) WITH (fillfactor = 70);
INSERT INTO plain_standing
SELECT 1, s.window_key, substr(p.participant_id, 6)::bigint, s.score, s.reached_at
FROM board_standing s JOIN participant p USING (lane, subject);
CREATE INDEX plain_standing_score ON plain_standing (board, time_window, score);
CREATE FUNCTION bench_award_plain(p_participant bigint, p_amount bigint, p_key text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_balance bigint;
BEGIN
    UPDATE plain_participant SET balance = balance + p_amount WHERE id = p_participant RETURNING balance INTO v_balance;
    INSERT INTO plain_ledger (participant, key, amount, at) VALUES (p_participant, p_key, p_amount, v_now);
    INSERT INTO plain_standing AS s (board, time_window, participant, score, reached)
    SELECT 1, w.window_key, p_participant, p_amount, v_now FROM bench_window w
    ON CONFLICT (board, time_window, participant) DO UPDATE SET score = s.score + p_amount, reached = v_now;
    RETURN v_balance;
END $$;
