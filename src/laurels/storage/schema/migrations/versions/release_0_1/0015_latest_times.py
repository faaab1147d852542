"""The latest times of earnings, spendings and events in an account: a total was not reached before them."""

from alembic import op

revision = "0015"
down_revision = "0013"

# Null where only older servers have counted: they work without these columns, also while this is applied.
ACCOUNT = """
ALTER TABLE account
    ADD COLUMN latest_earned_at timestamptz,
    ADD COLUMN latest_spent_at  timestamptz,
    ADD COLUMN latest_event_at  timestamptz;
"""


def upgrade() -> None:
    op.execute(ACCOUNT)
