"""Statistics of objects that last until a time, such as streaks. All statistics are counted again from the journal."""

from alembic import op

revision = "0022"
down_revision = "0021"

# lasting: the newest fact that the statistics have counted. It lasts until `until`, and `position` orders the facts.
# lasting_end: the ends of each time. `statistic` has them as well, by day; here are the ends that have not come yet.
LASTING = """
CREATE TABLE lasting (
    lane     smallint NOT NULL,
    subject  uuid NOT NULL,
    name     text NOT NULL,
    key      text NOT NULL,
    position bigint NOT NULL,
    until    timestamptz NOT NULL,
    PRIMARY KEY (lane, subject, name, key)
) WITH (fillfactor = 70);

CREATE TABLE lasting_end (
    project_id integer NOT NULL,
    name       text NOT NULL,
    at         timestamptz NOT NULL,
    code       text COLLATE "C" NOT NULL,
    day        date NOT NULL,
    value      bigint NOT NULL,
    PRIMARY KEY (project_id, name, at, code)
) WITH (fillfactor = 70);
"""

# No release has counted statistics before.
AGAIN = """
DELETE FROM statistic;
UPDATE statistics_progress SET cut = NULL, waits_for = '{}', step_seconds = 3600,
    counted_until = least(counted_until, coalesce((SELECT min(created_at) FROM project), now()) - interval '1 day');
"""


def upgrade() -> None:
    op.execute(LASTING)
    op.execute(AGAIN)
