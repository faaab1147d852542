"""The feed: the outbox, the numbered events, their sequencer, and the listeners of projects."""

from alembic import op

revision = "0019"
down_revision = "0018"

# Older servers work without these columns. Batches lock the project table first, so it is changed first.
# listened_types: the types of feed events that some listener of the project asked for.
# feed_floor: the position of the last event that is no longer kept.
PROJECT = """
ALTER TABLE project
    ADD COLUMN listened_types text[] NOT NULL DEFAULT '{}',
    ADD COLUMN feed_floor bigint NOT NULL DEFAULT 0
"""

# Rows stay in the outbox for milliseconds: their numbers are those of insertion, and follow the order of commits only
# for each participant.
OUTBOX = """
CREATE TABLE outbox (
    number         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id             uuid NOT NULL,
    project_id     integer NOT NULL,
    type           text NOT NULL,
    participant_id text,
    sequence       bigint,
    occurred_at    timestamptz NOT NULL,
    recorded_at    timestamptz NOT NULL,
    historical     boolean NOT NULL,
    cause          text NOT NULL,
    data           text NOT NULL,
    added_at       timestamptz NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
        autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = -1);

CREATE TABLE feed_event (
    project_id     integer NOT NULL,
    position       bigint NOT NULL,
    id             uuid NOT NULL,
    type           text NOT NULL,
    participant_id text,
    sequence       bigint,
    occurred_at    timestamptz NOT NULL,
    recorded_at    timestamptz NOT NULL,
    historical     boolean NOT NULL,
    cause          text NOT NULL,
    data           text NOT NULL,
    numbered_at    timestamptz NOT NULL,
    PRIMARY KEY (project_id, position)
);
CREATE INDEX feed_event_participant ON feed_event (project_id, participant_id, position)
    WHERE participant_id IS NOT NULL;
"""

# One row: the last position, and the process that numbers events until its lease ends.
SEQUENCER = """
CREATE TABLE feed_sequencer (
    id         smallint PRIMARY KEY CHECK (id = 1),
    position   bigint NOT NULL DEFAULT 0,
    holder     uuid,
    held_until timestamptz
);
INSERT INTO feed_sequencer (id) VALUES (1);
"""

# since_version: facts that were decided by this version of the definitions or a newer one are announced.
LISTENERS = """
CREATE TABLE feed_listener (
    project_id    integer NOT NULL REFERENCES project (id),
    name          text NOT NULL,
    types         text[] NOT NULL,
    since_version integer NOT NULL,
    used_at       timestamptz NOT NULL,
    PRIMARY KEY (project_id, name)
);
"""


# The moments at which an event about time is due for a participant. note: the note of all announced events.
ALARMS = """
CREATE TABLE alarm (
    lane          smallint NOT NULL,
    subject       uuid NOT NULL,
    project_id    integer NOT NULL,
    name          text NOT NULL,
    definition_id uuid NOT NULL,
    due_at        timestamptz,
    note          text,
    PRIMARY KEY (lane, subject, name, definition_id)
) WITH (fillfactor = 80);
CREATE INDEX alarm_due ON alarm (project_id, name, due_at) WHERE due_at IS NOT NULL;

-- Projects with new listeners: the alarms of participants up to this one are set.
CREATE TABLE alarm_filling (
    project_id integer PRIMARY KEY,
    lane       smallint NOT NULL DEFAULT -1,
    subject    uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000'
);
"""


def upgrade() -> None:
    op.execute(PROJECT)
    op.execute(OUTBOX)
    op.execute(SEQUENCER)
    op.execute(LISTENERS)
    op.execute(ALARMS)
