"""Sessions of the console, and the scopes of people who work in it."""

from alembic import op

revision = "0018"
down_revision = "0017"

# A server of the version before takes a key of one of the new scopes for one of an application.
SCOPES = """
ALTER TABLE api_key
    DROP CONSTRAINT api_key_scope_check,
    ADD CONSTRAINT api_key_scope_check
        CHECK (scope IN ('gamify', 'gamify:read', 'gamify:support', 'gamify:admin', 'admin', 'operator'));
"""

# `key_hash` is that of the key, as the key of the environment has no row.
SESSIONS = """
CREATE TABLE console_session (
    token_hash bytea PRIMARY KEY,
    key_hash   bytea NOT NULL,
    begun_at   timestamptz NOT NULL,
    used_at    timestamptz NOT NULL
) WITH (fillfactor = 85);
"""


def upgrade() -> None:
    op.execute(SCOPES)
    op.execute(SESSIONS)
