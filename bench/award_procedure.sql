-- One call of this procedure is an award to an existing participant. It writes the same rows as the server, to the same
-- tables. The UPDATE of the account takes the lock, so that the later look-up of the key sees all committed keys.
CREATE TABLE bench_tier (id uuid PRIMARY KEY, code text NOT NULL, min_points bigint NOT NULL);
INSERT INTO bench_tier (id, code, min_points)
SELECT id, code, (body->'criteria_config'->>'min_points')::bigint FROM definition WHERE kind = 'tier';

-- The participants by number, so that pgbench selects them by a random number. They include the lane, as PostgreSQL has no
-- CRC-32 to calculate it.
CREATE TABLE bench_name (number integer PRIMARY KEY, lane smallint NOT NULL, participant_id text NOT NULL);

CREATE FUNCTION bench_award(
    p_lane smallint, p_project integer, p_participant text, p_amount bigint, p_reason text, p_key text,
    p_fact uuid, p_fingerprint bytea
) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
    v_subject uuid;
    v_account account;
    v_response bytea;
    v_tier bench_tier;
    v_now timestamptz := clock_timestamp();
BEGIN
    SELECT subject INTO v_subject FROM participant
    WHERE lane = p_lane AND project_id = p_project AND participant_id = p_participant;

    UPDATE account
    SET seq = seq + 1, balance = balance + p_amount, total_earned = total_earned + p_amount,
        transactions = transactions + 1, last_seen_at = v_now
    WHERE lane = p_lane AND subject = v_subject
    RETURNING * INTO v_account;

    PERFORM FROM idempotency
    WHERE lane = p_lane AND subject = v_subject AND operation = 'award_points' AND key = p_key;
    IF FOUND THEN
        RAISE EXCEPTION 'this key has been used';
    END IF;

    v_response := convert_to(json_build_object('transaction_id', p_fact, 'participant_id', p_participant, 'amount',
        p_amount, 'new_balance', v_account.balance, 'tier_upgrade', NULL)::text, 'UTF8');
    INSERT INTO journal (lane, id, project_id, subject, seq, kind, command_id, cause_id, definitions_version,
                         occurred_at, recorded_at, data)
    VALUES (p_lane, p_fact, p_project, v_subject, v_account.seq, 'points_awarded', p_fact, NULL, 2, v_now, v_now,
            jsonb_build_object('amount', p_amount, 'balance_after', v_account.balance, 'reason', p_reason));
    INSERT INTO idempotency (lane, subject, operation, key, command_id, fingerprint, answer)
    VALUES (p_lane, v_subject, 'award_points', p_key, p_fact, p_fingerprint, v_response);

    SELECT * INTO v_tier FROM bench_tier WHERE min_points <= v_account.total_earned ORDER BY min_points DESC LIMIT 1;
    IF v_tier.id IS DISTINCT FROM v_account.tier_id THEN
        UPDATE account SET seq = seq + 1, tier_id = v_tier.id, tier_since = v_now
        WHERE lane = p_lane AND subject = v_subject;
        INSERT INTO journal (lane, id, project_id, subject, seq, kind, command_id, cause_id, definitions_version,
                             occurred_at, recorded_at, data)
        VALUES (p_lane, uuidv7(), p_project, v_subject, v_account.seq + 1, 'tier_reached', p_fact, p_fact, 2, v_now,
                v_now, jsonb_build_object('tier_id', v_tier.id, 'tier_code', v_tier.code, 'previous_tier_id',
                                          v_account.tier_id));
        INSERT INTO tier_history (lane, subject, seq, tier_id, achieved_at)
        VALUES (p_lane, v_subject, v_account.seq + 1, v_tier.id, v_now);
    END IF;
    RETURN v_response;
END $$;
