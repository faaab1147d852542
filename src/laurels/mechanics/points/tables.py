"""The tables of points."""

from laurels.mechanics.points import checks
from laurels.storage.tables import Kept, PeopleTable, Tables

TABLES = Tables(
    invariants=checks.INVARIANTS,
    projections=checks.PROJECTIONS,
    people=(
        PeopleTable(name="point_lot", section="expiring_points", key=(("expires_at", "timestamptz"),)),
        PeopleTable(name="hold", section="holds", key=(("id", "uuid"),)),
        PeopleTable(name="reversal", section="reversals", key=(("transaction_id", "uuid"),)),
    ),
    personal_fields=("reason", "metadata"),
    kept=(Kept(kind="earning_cap", shown="it goes on"),),
)
