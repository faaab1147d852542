"""When the latest of what an account counts occurred: nothing that it reaches was reached before."""

from alembic import op

revision = "0015"
down_revision = "0013"

# Null for what older servers counted alone: they go on without these, also while this is applied.
ACCOUNT = """
ALTER TABLE account
    ADD COLUMN latest_earned_at timestamptz,
    ADD COLUMN latest_spent_at  timestamptz,
    ADD COLUMN latest_event_at  timestamptz;
"""


def upgrade() -> None:
    op.execute(ACCOUNT)
