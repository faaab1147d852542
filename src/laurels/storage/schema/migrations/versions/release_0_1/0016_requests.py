"""Strict fields of projects, and the parts of a request's fingerprint, which show the differences of a retry."""

from alembic import op

revision = "0016"
down_revision = "0015"

# Older servers work without both columns. Batches lock the project table first, so it is changed first.
PROJECT = "ALTER TABLE project ADD COLUMN strict_fields boolean NOT NULL DEFAULT false"

# Null for older keys, which have only the fingerprint of the whole request.
IDEMPOTENCY = "ALTER TABLE idempotency ADD COLUMN parts bytea"


def upgrade() -> None:
    op.execute(PROJECT)
    op.execute(IDEMPOTENCY)
