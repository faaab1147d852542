"""How many kudos each participant has."""

from alembic import op

revision = "0001"
down_revision = None

KUDOS = """
CREATE TABLE kudos (
    lane     smallint NOT NULL,
    subject  uuid NOT NULL,
    kudos_id uuid NOT NULL,
    number   bigint NOT NULL,
    PRIMARY KEY (lane, subject, kudos_id)
)
"""


def upgrade() -> None:
    op.execute(KUDOS)
