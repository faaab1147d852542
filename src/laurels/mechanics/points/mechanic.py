"""Points, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic
from laurels.mechanics.points import checks
from laurels.storage.tables import Tables

POINTS = Mechanic(
    name="points",
    tables=Tables(
        invariants=checks.INVARIANTS,
        deleted=("point_lot", "hold", "reversal"),
        personal_fields=("reason", "metadata"),
    ),
)
