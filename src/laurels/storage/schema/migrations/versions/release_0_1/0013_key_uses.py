"""The time of each key's last use, so that the rotation of a key can be completed."""

from alembic import op

revision = "0013"
down_revision = "0011"

# A table separate from the keys, without a foreign key: rows are written during requests, while keys that are being
# changed are locked.
USES = """
CREATE TABLE key_use (
    key_id  uuid PRIMARY KEY,
    used_at timestamptz NOT NULL
) WITH (fillfactor = 85);
"""


def upgrade() -> None:
    op.execute(USES)
