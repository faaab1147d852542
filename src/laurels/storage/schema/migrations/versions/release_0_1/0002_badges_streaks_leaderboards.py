"""Earned badges, streaks, leaderboards."""

from alembic import op

revision = "0002"
down_revision = "0001"

PARTICIPANTS = """
CREATE TABLE earned_badge (
    lane      smallint NOT NULL,
    subject   uuid NOT NULL,
    badge_id  uuid NOT NULL,
    earned_at timestamptz NOT NULL,
    PRIMARY KEY (lane, subject, badge_id)
);

-- runs: the core's StreakRun, each as an array.
CREATE TABLE streak_state (
    lane      smallint NOT NULL,
    subject   uuid NOT NULL,
    streak_id uuid NOT NULL,
    longest   integer NOT NULL,
    runs      jsonb NOT NULL,
    PRIMARY KEY (lane, subject, streak_id)
) WITH (fillfactor = 70);
"""

# A generation is one filling of a leaderboard with scores. Facts decided by definitions of since_version or newer are
# counted as they happen; older ones are added from the journal. So each fact counts exactly once.
LEADERBOARDS = """
CREATE TABLE board_generation (
    id                  integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id          integer NOT NULL REFERENCES project (id),
    definition_id       uuid NOT NULL REFERENCES definition (id),
    metric              text NOT NULL,
    event_name          text,
    property            text,
    since_version       integer NOT NULL,
    status              text NOT NULL CHECK (status IN ('waiting', 'filling', 'ready', 'retired')),
    waits_for           text[],
    filled_lane         smallint,
    filled_subject      uuid,
    filled_participants bigint NOT NULL DEFAULT 0,
    all_participants    bigint NOT NULL DEFAULT 0,
    created_at          timestamptz NOT NULL,
    ready_at            timestamptz,
    retired_at          timestamptz
);
CREATE INDEX board_generation_definition ON board_generation (definition_id);

-- window_key names a window and its period (see mechanics/leaderboards/rules.py). reached_at is when the last counted
-- fact occurred, joined_at when the first one was recorded.
CREATE TABLE standing (
    lane       smallint NOT NULL,
    generation integer NOT NULL,
    window_key integer NOT NULL,
    subject    uuid NOT NULL,
    score      bigint NOT NULL,
    facts      bigint NOT NULL,
    reached_at timestamptz NOT NULL,
    joined_at  timestamptz NOT NULL,
    PRIMARY KEY (lane, subject, generation, window_key)
) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX standing_order ON standing (generation, window_key, score DESC, reached_at, subject);

-- The number of participants per score, counted on seven levels: on each level, scores that agree except for the last
-- (8 x level) bits share a bucket. The rank of a score is then a sum over at most 255 buckets per level, independent of
-- the number of participants. Buckets that are in no such sum are omitted (see mechanics/leaderboards/store.py).
CREATE TABLE score_count (
    lane         smallint NOT NULL,
    generation   integer NOT NULL,
    window_key   integer NOT NULL,
    level        smallint NOT NULL,
    bucket       bigint NOT NULL,
    participants bigint NOT NULL,
    PRIMARY KEY (lane, generation, window_key, level, bucket)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);

CREATE TABLE board_tick (
    generation integer NOT NULL,
    window_key integer NOT NULL,
    number     bigint NOT NULL,
    ticked_at  timestamptz NOT NULL,
    PRIMARY KEY (generation, window_key)
);

CREATE TABLE ticked_rank (
    lane       smallint NOT NULL,
    subject    uuid NOT NULL,
    generation integer NOT NULL,
    window_key integer NOT NULL,
    rank       integer NOT NULL,
    PRIMARY KEY (lane, subject, generation, window_key)
);
CREATE INDEX ticked_rank_window ON ticked_rank (generation, window_key);
"""


def upgrade() -> None:
    op.execute(PARTICIPANTS)
    op.execute(LEADERBOARDS)
