"""Projects, keys, definitions, participants, accounts, the journal, idempotency keys, tier history."""

from alembic import op

revision = "0001"
down_revision = None

# Reference tables: small, read by every node, never in the write path of a command.
REFERENCE = """
CREATE TABLE project (
    id                  integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code                text NOT NULL UNIQUE,
    name                text NOT NULL,
    mode                text NOT NULL CHECK (mode IN ('live', 'test')),
    time_zone           text NOT NULL DEFAULT 'UTC',
    first_day_of_week   smallint NOT NULL DEFAULT 1 CHECK (first_day_of_week BETWEEN 1 AND 7),
    clock_offset_ms     bigint NOT NULL DEFAULT 0,
    definitions_version integer NOT NULL DEFAULT 1,
    created_at          timestamptz NOT NULL,
    archived_at         timestamptz
);

CREATE TABLE api_key (
    id          uuid PRIMARY KEY,
    project_id  integer NOT NULL REFERENCES project (id),
    name        text NOT NULL,
    scope       text NOT NULL CHECK (scope IN ('gamify', 'gamify:admin', 'admin')),
    hint        text NOT NULL,
    secret_hash bytea NOT NULL UNIQUE,
    created_at  timestamptz NOT NULL,
    revoked_at  timestamptz
);

CREATE TABLE definition (
    id            uuid PRIMARY KEY,
    project_id    integer NOT NULL REFERENCES project (id),
    kind          text NOT NULL,
    code          text NOT NULL,
    body          jsonb NOT NULL,
    is_active     boolean NOT NULL,
    display_order integer NOT NULL,
    version       integer NOT NULL,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    deleted_at    timestamptz
);
CREATE UNIQUE INDEX definition_code ON definition (project_id, kind, code) WHERE deleted_at IS NULL;
"""

# Participants' data: the lane first in every primary key and unique index, so that the tables can be spread over
# machines by it. No foreign keys and no triggers among them, for the same reason and for their cost on every write.
PARTICIPANTS = """
CREATE TABLE participant (
    lane           smallint NOT NULL,
    subject        uuid NOT NULL,
    project_id     integer NOT NULL,
    participant_id text COLLATE "C" NOT NULL,
    display_name   text,
    avatar_url     text,
    attributes     jsonb NOT NULL DEFAULT '{}',
    created_at     timestamptz NOT NULL,
    anonymised_at  timestamptz,
    PRIMARY KEY (lane, subject),
    UNIQUE (lane, project_id, participant_id)
);

-- No secondary index and free room in each page: an update then stays on its page and touches no index (HOT).
CREATE TABLE account (
    lane              smallint NOT NULL,
    subject           uuid NOT NULL,
    seq               bigint NOT NULL DEFAULT 0,
    balance           bigint NOT NULL DEFAULT 0 CHECK (balance >= 0),
    total_earned      bigint NOT NULL DEFAULT 0,
    total_spent       bigint NOT NULL DEFAULT 0,
    transactions      bigint NOT NULL DEFAULT 0,
    total_events      bigint NOT NULL DEFAULT 0,
    last_seen_at      timestamptz NOT NULL,
    tier_id           uuid,
    tier_since        timestamptz,
    tier_held_earned  bigint,
    tier_held_balance bigint,
    PRIMARY KEY (lane, subject)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);

-- id is a UUIDv7, so that ranges of ids are ranges of time: one partition per month (see storage/schema/partitions.py).
-- seq numbers a participant's facts without gaps, under the account's lock.
CREATE TABLE journal (
    seq                 bigint NOT NULL,
    occurred_at         timestamptz NOT NULL,
    recorded_at         timestamptz NOT NULL,
    project_id          integer NOT NULL,
    definitions_version integer NOT NULL,
    lane                smallint NOT NULL,
    id                  uuid NOT NULL,
    subject             uuid NOT NULL,
    command_id          uuid NOT NULL,
    cause_id            uuid,
    kind                text NOT NULL,
    data                jsonb NOT NULL,
    PRIMARY KEY (lane, id)
) PARTITION BY RANGE (id);
CREATE INDEX journal_subject_seq ON journal (lane, subject, seq);
CREATE TABLE journal_default PARTITION OF journal DEFAULT;

CREATE TABLE idempotency (
    lane        smallint NOT NULL,
    subject     uuid NOT NULL,
    operation   text COLLATE "C" NOT NULL,
    key         text COLLATE "C" NOT NULL,
    command_id  uuid NOT NULL,
    fingerprint bytea NOT NULL,
    answer      bytea NOT NULL,
    PRIMARY KEY (lane, subject, operation, key)
);

CREATE TABLE tier_history (
    lane        smallint NOT NULL,
    subject     uuid NOT NULL,
    seq         bigint NOT NULL,
    tier_id     uuid NOT NULL,
    achieved_at timestamptz NOT NULL,
    PRIMARY KEY (lane, subject, seq)
);
"""


def upgrade() -> None:
    op.execute(REFERENCE)
    op.execute(PARTICIPANTS)
