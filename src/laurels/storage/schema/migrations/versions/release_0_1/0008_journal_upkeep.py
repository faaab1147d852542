"""The time for which a project keeps the content of events."""

from alembic import op

revision = "0008"
down_revision = "0007"

# reached: the last fact checked in the lane; the contents of the project's events up to it are removed.
RETENTION = """
ALTER TABLE project ADD COLUMN event_retention_days integer CHECK (event_retention_days BETWEEN 1 AND 36500);
CREATE TABLE event_retention (
    lane       smallint NOT NULL,
    project_id integer NOT NULL,
    reached    uuid NOT NULL,
    PRIMARY KEY (lane, project_id)
);
"""


def upgrade() -> None:
    op.execute(RETENTION)
