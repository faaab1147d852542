-- One award as a stored procedure: the same rows in the same tables as the server writes, for a known participant.
-- The best we know how to write it: the key first (a second use replays), the account's one update gives the lock.
CREATE OR REPLACE FUNCTION bench_award(
    p_lane smallint, p_project integer, p_participant text, p_amount bigint, p_reason text, p_key text,
    p_fact uuid, p_fingerprint bytea
) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
    v_subject uuid;
    v_account account;
    v_first bytea;
    v_answer bytea;
    v_tier uuid;
    v_now timestamptz := clock_timestamp();
BEGIN
    SELECT subject INTO v_subject FROM participant
    WHERE lane = p_lane AND project_id = p_project AND participant_id = p_participant;

    UPDATE account
    SET seq = seq + 1, balance = balance + p_amount, total_earned = total_earned + p_amount,
        transactions = transactions + 1, last_seen_at = v_now
    WHERE lane = p_lane AND subject = v_subject
    RETURNING * INTO v_account;

    SELECT answer INTO v_first FROM idempotency
    WHERE lane = p_lane AND subject = v_subject AND operation = 'award_points' AND key = p_key;
    IF FOUND THEN
        RAISE EXCEPTION 'replay' USING DETAIL = encode(v_first, 'escape');
    END IF;

    SELECT id INTO v_tier FROM bench_tier WHERE min_points <= v_account.total_earned ORDER BY min_points DESC LIMIT 1;
    IF v_tier IS DISTINCT FROM v_account.tier_id THEN
        UPDATE account SET tier_id = v_tier, tier_since = v_now WHERE lane = p_lane AND subject = v_subject;
        INSERT INTO tier_history (lane, subject, seq, tier_id, achieved_at)
        VALUES (p_lane, v_subject, v_account.seq, v_tier, v_now);
    END IF;

    v_answer := convert_to(json_build_object('transaction_id', p_fact, 'participant_id', p_participant, 'amount',
        p_amount, 'new_balance', v_account.balance, 'tier_upgrade', NULL)::text, 'UTF8');
    INSERT INTO journal (lane, id, project_id, subject, seq, kind, command_id, cause_id, definitions_version,
                         occurred_at, recorded_at, data)
    VALUES (p_lane, p_fact, p_project, v_subject, v_account.seq, 'points_awarded', p_fact, NULL, 1, v_now, v_now,
            jsonb_build_object('amount', p_amount, 'balance_after', v_account.balance, 'reason', p_reason));
    INSERT INTO idempotency (lane, subject, operation, key, command_id, fingerprint, answer)
    VALUES (p_lane, v_subject, 'award_points', p_key, p_fact, p_fingerprint, v_answer);
    RETURN v_answer;
END $$;

CREATE TABLE IF NOT EXISTS bench_tier (id uuid PRIMARY KEY, min_points bigint NOT NULL);
INSERT INTO bench_tier (id, min_points)
SELECT id, (body->'criteria_config'->>'min_points')::bigint FROM definition WHERE kind = 'tier'
ON CONFLICT DO NOTHING;

-- Participants by number, so that pgbench's random number names one; lanes are CRC-32, which PostgreSQL lacks.
CREATE TABLE IF NOT EXISTS bench_name (number integer PRIMARY KEY, lane smallint NOT NULL, participant_id text NOT NULL);
