"""Whether a project refuses the names of fields and parameters that a request does not have."""

from alembic import op

revision = "0016"
down_revision = "0015"

# Servers of before go on without it.
PROJECT = "ALTER TABLE project ADD COLUMN strict_fields boolean NOT NULL DEFAULT false"


def upgrade() -> None:
    op.execute(PROJECT)
