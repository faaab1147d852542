"""Applying definitions from files: the version applied last, and the judgings of participants."""

from alembic import op

revision = "0006"
down_revision = "0005"

# applied_version: the definitions version of the last apply; newer versions are other edits.
# A judging visits a project's participants in the order of their key; lane and subject are the last one visited.
JUDGINGS = """
ALTER TABLE project ADD COLUMN applied_version integer;

CREATE TABLE judging (
    id             uuid PRIMARY KEY,
    project_id     integer NOT NULL REFERENCES project (id),
    definition_ids uuid[] NOT NULL,
    silent         boolean NOT NULL,
    lane           smallint NOT NULL DEFAULT -1,
    subject        uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    judged         bigint NOT NULL DEFAULT 0,
    created_at     timestamptz NOT NULL,
    finished_at    timestamptz
);
CREATE INDEX judging_open ON judging (id) WHERE finished_at IS NULL;
"""


def upgrade() -> None:
    op.execute(JUDGINGS)
