"""Badges, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic
from laurels.storage.tables import PeopleTable, Tables

BADGES = Mechanic(
    name="badges",
    tables=Tables(
        people=(
            PeopleTable(
                name="earned_badge",
                section="badges",
                key=(("earned_at", "timestamptz"), ("badge_id", "uuid")),
                definition="r.badge_id",
            ),
        ),
        personal_fields=("reason", "metadata"),
    ),
)
