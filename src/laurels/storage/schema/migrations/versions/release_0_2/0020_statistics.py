"""The daily statistics of projects, and the progress of the job that counts them."""

from alembic import op

revision = "0020"
down_revision = "0019"

# `code` is empty for a statistic without codes.
STATISTICS = """
CREATE TABLE statistic (
    project_id integer NOT NULL,
    name       text NOT NULL,
    day        date NOT NULL,
    code       text COLLATE "C" NOT NULL,
    value      bigint NOT NULL,
    PRIMARY KEY (project_id, name, day, code)
) WITH (fillfactor = 70);

-- One row: the facts before `counted_until` are counted.
CREATE TABLE statistics_progress (
    is_only       boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    counted_until timestamptz NOT NULL,
    step_seconds  integer NOT NULL,
    cut           timestamptz,
    waits_for     text[] NOT NULL
);
INSERT INTO statistics_progress (counted_until, step_seconds, waits_for)
SELECT coalesce((SELECT min(created_at) FROM project), now()) - interval '1 day', 3600, '{}';
"""


def upgrade() -> None:
    op.execute(STATISTICS)
