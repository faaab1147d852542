"""Webhooks: their secrets and progress, and their deliveries."""

from alembic import op

revision = "0021"
down_revision = "0020"

# One row for each webhook, beside its definition.
# position: the last event of the feed that has its delivery, or is not for this webhook.
# last_number: the number of the last delivery.
# failing_since: the first failed attempt after the last success.
# holder: the process that sends the deliveries, until held_until.
WEBHOOK = """
CREATE TABLE webhook (
    id               uuid PRIMARY KEY,
    project_id       integer NOT NULL,
    secret           text NOT NULL,
    old_secret       text,
    old_secret_until timestamptz,
    position         bigint NOT NULL,
    last_number      bigint NOT NULL DEFAULT 0,
    failing_since    timestamptz,
    disabled_reason  text,
    holder           uuid,
    held_until       timestamptz
) WITH (fillfactor = 50);
CREATE INDEX webhook_project ON webhook (project_id);
"""

# position: the event in the feed; null for the event of a test.
# line: a hash of the participant; deliveries of one line are sent in order. Null for deliveries outside this order.
# due_at: the time of the next attempt; null while an attempt is in progress, and while an earlier delivery of the line
# waits.
DELIVERY = """
CREATE TABLE webhook_delivery (
    webhook_id uuid NOT NULL,
    number     bigint NOT NULL,
    project_id integer NOT NULL,
    position   bigint,
    event_id   uuid NOT NULL,
    type       text NOT NULL,
    line       bigint,
    state      text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed')),
    created_at timestamptz NOT NULL,
    due_at     timestamptz,
    attempts   jsonb NOT NULL DEFAULT '[]',
    PRIMARY KEY (webhook_id, number)
) WITH (fillfactor = 80);
CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook_id, due_at)
    WHERE state = 'waiting' AND due_at IS NOT NULL;
CREATE INDEX webhook_delivery_waiting ON webhook_delivery (webhook_id, line, number) WHERE state = 'waiting';
CREATE INDEX webhook_delivery_event ON webhook_delivery (position);
"""

# The processes that send deliveries, so that each takes its share of the webhooks.
SENDER = """
CREATE TABLE webhook_sender (
    id         uuid PRIMARY KEY,
    seen_until timestamptz NOT NULL
);
"""


def upgrade() -> None:
    op.execute(WEBHOOK)
    op.execute(DELIVERY)
    op.execute(SENDER)
