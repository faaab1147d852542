"""Tiers, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic
from laurels.mechanics.tiers import checks
from laurels.storage.tables import Tables

TIERS = Mechanic(
    name="tiers",
    tables=Tables(
        invariants=checks.INVARIANTS,
        deleted=("tier_history",),
        personal_fields=("reason",),
    ),
)
