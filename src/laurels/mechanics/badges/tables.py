"""The tables of badges."""

from laurels.mechanics.badges import checks
from laurels.storage.tables import Kept, PeopleTable, Tables

TABLES = Tables(
    projections=checks.PROJECTIONS,
    people=(
        PeopleTable(
            name="earned_badge",
            section="badges",
            key=(("earned_at", "timestamptz"), ("badge_id", "uuid")),
            definition="r.badge_id",
        ),
    ),
    personal_fields=("reason", "metadata"),
    kept=(
        Kept(
            kind="badge",
            shown="participants who have earned it",
            holders="SELECT count(*) FROM earned_badge WHERE badge_id = $1",
        ),
    ),
)
