"""Badges, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic
from laurels.storage.tables import Tables

BADGES = Mechanic(
    name="badges",
    tables=Tables(
        deleted=("earned_badge",),
        personal_fields=("reason", "metadata"),
    ),
)
