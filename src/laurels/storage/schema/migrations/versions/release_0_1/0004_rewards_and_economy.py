"""Rewards, expiring points, holds, reversals, earning caps."""

from alembic import op

revision = "0004"
down_revision = "0003"

# next_expiry_at is the time when the first lot, hold or multiplier ends; if it is null, no table below is searched for
# ends.
ACCOUNT = """
ALTER TABLE account
    ADD COLUMN total_expired  bigint NOT NULL DEFAULT 0,
    ADD COLUMN held           bigint NOT NULL DEFAULT 0,
    ADD COLUMN multipliers    jsonb,
    ADD COLUMN next_expiry_at timestamptz;
"""

# Earning caps count in the same table as the limits of rules.
LIMITS = """
ALTER TABLE rule_use RENAME TO limit_use;
ALTER TABLE limit_use RENAME COLUMN rule_id TO definition_id;
"""

ECONOMY = """
-- Points of an account that expire together.
CREATE TABLE point_lot (
    lane       smallint NOT NULL,
    subject    uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    points     bigint NOT NULL,
    project_id integer NOT NULL,
    PRIMARY KEY (lane, subject, expires_at)
) WITH (fillfactor = 85);
CREATE INDEX point_lot_due ON point_lot (project_id, expires_at);

CREATE TABLE hold (
    lane       smallint NOT NULL,
    subject    uuid NOT NULL,
    id         uuid NOT NULL,
    project_id integer NOT NULL,
    status     text NOT NULL CHECK (status IN ('held', 'captured', 'released', 'expired')),
    points     bigint NOT NULL,
    captured   bigint NOT NULL,
    lots       jsonb NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (lane, subject, id)
);
CREATE INDEX hold_due ON hold (project_id, expires_at) WHERE status = 'held';

-- How much of a transaction has been reversed.
CREATE TABLE reversal (
    lane           smallint NOT NULL,
    subject        uuid NOT NULL,
    transaction_id uuid NOT NULL,
    points         bigint NOT NULL,
    PRIMARY KEY (lane, subject, transaction_id)
);

-- has_item: the code or the piece of stock is out; false once it has been given back.
CREATE TABLE claim (
    lane       smallint NOT NULL,
    subject    uuid NOT NULL,
    id         uuid NOT NULL,
    project_id integer NOT NULL,
    reward_id  uuid NOT NULL,
    status     text NOT NULL CHECK (status IN ('claimed', 'fulfilled', 'cancelled')),
    code       text,
    points     bigint NOT NULL,
    lots       jsonb NOT NULL,
    claimed_at timestamptz NOT NULL,
    closed_at  timestamptz,
    has_item   boolean NOT NULL DEFAULT true,
    PRIMARY KEY (lane, subject, id)
);
CREATE INDEX claim_status ON claim (project_id, status, id);
"""

# Keyed by reward: a claim is a transaction over a participant's rows and these. erased counts the claims of
# participants who were deleted since; their codes stay claimed.
REWARDS = """
CREATE TABLE reward_stock (
    reward_id       uuid PRIMARY KEY,
    taken           bigint NOT NULL DEFAULT 0,
    erased          bigint NOT NULL DEFAULT 0,
    codes_available bigint NOT NULL DEFAULT 0 CHECK (codes_available >= 0)
) WITH (fillfactor = 50);

CREATE TABLE reward_code (
    reward_id uuid NOT NULL,
    code      text COLLATE "C" NOT NULL,
    number    bigint GENERATED ALWAYS AS IDENTITY,
    status    text NOT NULL CHECK (status IN ('available', 'claimed', 'revoked')),
    claim_id  uuid,
    added_at  timestamptz NOT NULL,
    PRIMARY KEY (reward_id, code)
);
CREATE INDEX reward_code_next ON reward_code (reward_id, number) WHERE status = 'available';
"""


def upgrade() -> None:
    op.execute(ACCOUNT)
    op.execute(LIMITS)
    op.execute(ECONOMY)
    op.execute(REWARDS)
