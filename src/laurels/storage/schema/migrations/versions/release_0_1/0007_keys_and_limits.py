"""Keys that expire, the scope of operators, rate limits, and the workers that share them."""

from alembic import op

revision = "0007"
down_revision = "0006"

# rate_limit: requests per second; NULL for the server's default (keys) or none (projects), 0 for no limit.
KEYS = """
ALTER TABLE api_key
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN rate_limit integer CHECK (rate_limit >= 0),
    DROP CONSTRAINT api_key_scope_check,
    ADD CONSTRAINT api_key_scope_check CHECK (scope IN ('gamify', 'gamify:admin', 'admin', 'operator'));
ALTER TABLE project ADD COLUMN rate_limit integer CHECK (rate_limit >= 0);
"""

WORKERS = """
CREATE TABLE worker (
    id      uuid PRIMARY KEY,
    seen_at timestamptz NOT NULL
);
"""


def upgrade() -> None:
    op.execute(KEYS)
    op.execute(WORKERS)
