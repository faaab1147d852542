"""Rankings in leaves: ranks without a count of each score."""

from alembic import op

revision = "0017"
down_revision = "0016"

# Generations of before have counts of scores; servers of before make no others.
GENERATION = """
ALTER TABLE board_generation
    ADD COLUMN layout text NOT NULL DEFAULT 'counts' CHECK (layout IN ('counts', 'leaves')),
    ADD COLUMN rules jsonb NOT NULL DEFAULT '{}'
"""

# Servers of before do not know of leaves, and note none.
WORKER = "ALTER TABLE worker ADD COLUMN knows_leaves boolean NOT NULL DEFAULT false"

# A ranking is one window of one generation. Its order is that of (score, tie_1, tie_2, tie_3), greater first: the sign
# is turned where less is better. A leaf is a range of these values; only the leaf of a standing, and its place in the
# leaf of a value that many share, are indexed, so that most awards change no index. The leaf comes first in this index:
# a statement that looks for the standing of a participant must use the primary key, also while the table is new and has
# no statistics. A standing without `facts` is in leaf -1: all its facts were taken back. Where numbers are not sums, a
# standing has the times of their last changes.
STANDINGS = """
CREATE TABLE board_standing (
    lane       smallint NOT NULL,
    generation integer NOT NULL,
    window_key bigint NOT NULL,
    subject    uuid NOT NULL,
    leaf       integer NOT NULL,
    score      bigint NOT NULL,
    tie_1      bigint NOT NULL DEFAULT 0,
    tie_2      bigint NOT NULL DEFAULT 0,
    tie_3      bigint NOT NULL DEFAULT 0,
    facts       bigint NOT NULL,
    has_changed boolean NOT NULL DEFAULT true,
    reached_at  timestamptz NOT NULL,
    joined_at   timestamptz NOT NULL,
    score_at    timestamptz,
    tie_1_at    timestamptz,
    tie_2_at    timestamptz,
    tie_3_at    timestamptz,
    tie_at     timestamptz,
    tie_name   text COLLATE "C",
    PRIMARY KEY (lane, subject, generation, window_key)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX board_standing_leaf ON board_standing (leaf, generation, window_key, tie_at, tie_name);
"""

# The leaf 0 of a ranking is the lowest. It has no row and is not counted. `low` is the least value of a leaf, `part`
# the part to which its people are added. A leaf with one value is a tie leaf, and comes after a range from the same
# value on, which is then empty. A leaf is read together with the leaf `beside` it while people move between both. A
# leaf that does not take anybody is closing, and `change_id` names the change that opened or closes it. A part without
# `low` is spare: it gets leaves when all transactions can see it.
LEAVES = """
CREATE TABLE board_leaf (
    lane       smallint NOT NULL,
    generation integer NOT NULL,
    window_key bigint NOT NULL,
    leaf       integer NOT NULL,
    part       integer NOT NULL,
    people     bigint NOT NULL,
    low        bigint NOT NULL,
    low_1      bigint NOT NULL,
    low_2      bigint NOT NULL,
    low_3      bigint NOT NULL,
    is_tie     boolean NOT NULL,
    takes      boolean NOT NULL,
    beside     integer,
    change_id  uuid,
    PRIMARY KEY (lane, generation, window_key, leaf)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
CREATE UNIQUE INDEX board_leaf_low ON board_leaf (lane, generation, window_key, low, low_1, low_2, low_3, is_tie);
CREATE INDEX board_leaf_beside ON board_leaf (lane, generation, window_key, beside) WHERE beside IS NOT NULL;

CREATE TABLE board_part (
    lane       smallint NOT NULL,
    generation integer NOT NULL,
    window_key bigint NOT NULL,
    part       integer NOT NULL,
    people     bigint NOT NULL,
    low        bigint,
    low_1      bigint,
    low_2      bigint,
    low_3      bigint,
    change_id  uuid,
    PRIMARY KEY (lane, generation, window_key, part)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
"""


# The first places of windows that have ended. A result outlives the generation, and stays as it is when late facts
# change the standings. `ranked_by` is the scoring at that time.
RESULTS = """
CREATE TABLE board_closing (
    definition_id uuid NOT NULL,
    period        text NOT NULL,
    closed_at     timestamptz NOT NULL,
    total         bigint NOT NULL,
    ranked_by     jsonb NOT NULL,
    PRIMARY KEY (definition_id, period)
);
CREATE TABLE board_result (
    lane          smallint NOT NULL,
    subject       uuid NOT NULL,
    definition_id uuid NOT NULL,
    period        text NOT NULL,
    place         integer NOT NULL,
    rank          integer NOT NULL,
    score         bigint NOT NULL,
    tie_1         bigint NOT NULL,
    tie_2         bigint NOT NULL,
    tie_3         bigint NOT NULL,
    PRIMARY KEY (lane, subject, definition_id, period)
);
CREATE INDEX board_result_place ON board_result (definition_id, period, place);
"""


def upgrade() -> None:
    for statement in (WORKER, GENERATION, STANDINGS, LEAVES, RESULTS):
        op.execute(statement)
