"""The columns and indexes by which the list of participants is searched and sorted."""

from alembic import op

revision = "0005"
down_revision = "0004"

# Secondary indexes here cost only when a participant is created or renamed; account has none (see 0001).
# Texts are compared by code point, so that pages do not depend on the database's locale.
SEARCH = """
ALTER TABLE participant ADD COLUMN search_text text COLLATE "C" GENERATED ALWAYS AS
    (lower((participant_id COLLATE "default") || E'\\n' || coalesce(display_name, ''))) STORED;
CREATE INDEX participant_by_id ON participant
    (project_id, (lower(participant_id COLLATE "default") COLLATE "C"), participant_id);
CREATE INDEX participant_by_name ON participant
    (project_id, (lower(display_name) COLLATE "C"), participant_id);
"""


def upgrade() -> None:
    op.execute(SEARCH)
