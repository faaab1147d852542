"""The audit log of administrators' changes."""

from alembic import op

revision = "0009"
down_revision = "0008"

# key_id is NULL for the command line and the key from the environment. Participants are identified only by their random
# subject.
AUDIT_LOG = """
CREATE TABLE audit_log (
    id         uuid PRIMARY KEY,
    project_id integer NOT NULL,
    at         timestamptz NOT NULL,
    key_id     uuid,
    actor      text NOT NULL,
    request_id text,
    action     text NOT NULL,
    kind       text NOT NULL,
    object_id  text,
    code       text,
    before     jsonb,
    after      jsonb
);
CREATE INDEX audit_log_project ON audit_log (project_id, id);
"""


def upgrade() -> None:
    op.execute(AUDIT_LOG)
