"""Erasing people in steps, and preventing their return by repeated imports and requests."""

import secrets

import sqlalchemy
from alembic import op

revision = "0011"
down_revision = "0010"

# erased_before: the time when the last person with the same id was erased.
PARTICIPANT = "ALTER TABLE participant ADD COLUMN erased_before timestamptz"

# The ids and idempotency keys of erased people, as keyed hashes. The time of an id is by its project's clock, as that
# of facts; the time of a key is by the server's clock. A row of erasure is an erasure in progress: still to be erased
# are the facts numbered after reached_seq up to `facts` and, unless is_keyless, the keys after the last one done. The
# row is deleted when all are erased, and with it the link between a hash and a person.
ERASURES = """
CREATE TABLE erased_id (
    lane       smallint NOT NULL,
    project_id integer NOT NULL,
    id_hash    bytea NOT NULL,
    erased_at  timestamptz NOT NULL,
    PRIMARY KEY (lane, project_id, id_hash)
);
CREATE TABLE erased_key (
    lane      smallint NOT NULL,
    key_hash  bytea NOT NULL,
    erased_at timestamptz NOT NULL,
    PRIMARY KEY (lane, key_hash)
);
CREATE INDEX erased_key_age ON erased_key (lane, erased_at);
CREATE TABLE erasure (
    lane              smallint NOT NULL,
    subject           uuid NOT NULL,
    id_hash           bytea NOT NULL,
    is_deletion       boolean NOT NULL,
    facts             bigint NOT NULL,
    reached_seq       bigint NOT NULL DEFAULT 0,
    reached_operation text COLLATE "C" NOT NULL DEFAULT '',
    reached_key       text COLLATE "C" NOT NULL DEFAULT '',
    is_keyless        boolean NOT NULL DEFAULT false,
    begun_at          timestamptz NOT NULL,
    PRIMARY KEY (lane, subject)
);
CREATE TABLE erasure_secret (secret bytea NOT NULL);
"""

# Finds the entries about a person, which an erasure clears.
AUDIT_LOG = "CREATE INDEX audit_log_participant ON audit_log (object_id) WHERE kind = 'participant'"


def upgrade() -> None:
    op.execute(PARTICIPANT)
    op.execute(AUDIT_LOG)
    op.execute(ERASURES)
    add_secret = sqlalchemy.text("INSERT INTO erasure_secret (secret) VALUES (:secret)")
    op.execute(add_secret.bindparams(secret=secrets.token_bytes(32)))
