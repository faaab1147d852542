"""Indexes that find a participant's open holds and standing claims, however many others have ended."""

from alembic import op

revision = "0010"
down_revision = "0009"

INDEXES = """
CREATE INDEX hold_open ON hold (lane, subject, expires_at, id) WHERE status = 'held';
CREATE INDEX claim_standing ON claim (lane, subject, reward_id) WHERE status <> 'cancelled';
"""


def upgrade() -> None:
    op.execute(INDEXES)
