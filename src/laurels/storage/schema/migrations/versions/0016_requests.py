"""Whether a project refuses names that a request does not have, and what a retry of a request may have otherwise."""

from alembic import op

revision = "0016"
down_revision = "0015"

# Servers of before go on without both. Batches take the project's table first.
PROJECT = "ALTER TABLE project ADD COLUMN strict_fields boolean NOT NULL DEFAULT false"

# Null for keys of before, which have but the fingerprint of all that was asked for.
IDEMPOTENCY = "ALTER TABLE idempotency ADD COLUMN parts bytea"


def upgrade() -> None:
    op.execute(PROJECT)
    op.execute(IDEMPOTENCY)
