"""Rules, challenges, the history of definitions."""

from alembic import op

revision = "0003"
down_revision = "0002"

PARTICIPANTS = """
-- state: the core's ChallengeState.
CREATE TABLE challenge_state (
    lane         smallint NOT NULL,
    subject      uuid NOT NULL,
    challenge_id uuid NOT NULL,
    state        jsonb NOT NULL,
    PRIMARY KEY (lane, subject, challenge_id)
) WITH (fillfactor = 70);

-- How often a limited rule has acted for a participant, by the windows of its limits (see mechanics/rules/rules.py).
CREATE TABLE rule_use (
    lane       smallint NOT NULL,
    subject    uuid NOT NULL,
    rule_id    uuid NOT NULL,
    window_key integer NOT NULL,
    uses       bigint NOT NULL,
    PRIMARY KEY (lane, subject, rule_id, window_key)
) WITH (fillfactor = 85);

-- The history of events, newest first.
CREATE INDEX journal_events ON journal (lane, subject, occurred_at, seq) WHERE kind = 'event_recorded';
"""

# erased_uses are the uses by participants who were deleted since: they still count, though their facts are gone.
RULES = """
CREATE TABLE rule_total (
    lane        smallint NOT NULL,
    rule_id     uuid NOT NULL,
    window_key  integer NOT NULL,
    uses        bigint NOT NULL,
    erased_uses bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (lane, rule_id, window_key)
) WITH (fillfactor = 50);
"""

# All states of a definition, each with the project's definitions version in which it began. Facts name the version by
# which they were decided.
DEFINITIONS = """
CREATE TABLE definition_history (
    definition_id uuid NOT NULL REFERENCES definition (id),
    version       integer NOT NULL,
    body          jsonb NOT NULL,
    is_active     boolean NOT NULL,
    is_deleted    boolean NOT NULL,
    changed_at    timestamptz NOT NULL,
    PRIMARY KEY (definition_id, version)
);
INSERT INTO definition_history (definition_id, version, body, is_active, is_deleted, changed_at)
SELECT id, version, body, is_active, deleted_at IS NOT NULL, updated_at FROM definition;
"""


def upgrade() -> None:
    op.execute(PARTICIPANTS)
    op.execute(RULES)
    op.execute(DEFINITIONS)
