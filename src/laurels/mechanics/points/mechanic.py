"""Points, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic
from laurels.mechanics.points import checks
from laurels.storage.tables import PeopleTable, Tables

POINTS = Mechanic(
    name="points",
    tables=Tables(
        invariants=checks.INVARIANTS,
        people=(
            PeopleTable(name="point_lot", section="expiring_points", key=(("expires_at", "timestamptz"),)),
            PeopleTable(name="hold", section="holds", key=(("id", "uuid"),)),
            PeopleTable(name="reversal", section="reversals", key=(("transaction_id", "uuid"),)),
        ),
        personal_fields=("reason", "metadata"),
    ),
)
