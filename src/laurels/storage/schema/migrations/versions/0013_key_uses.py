"""When a key was used last, so that the rotation of one can be finished."""

from alembic import op

revision = "0013"
down_revision = "0011"

# Apart from the keys, and not bound to them: a row is written while requests go on, and a key that is being changed is
# locked.
USES = """
CREATE TABLE key_use (
    key_id  uuid PRIMARY KEY,
    used_at timestamptz NOT NULL
) WITH (fillfactor = 85);
"""


def upgrade() -> None:
    op.execute(USES)
