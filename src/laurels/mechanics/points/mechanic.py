"""Points, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic
from laurels.mechanics.points import api, cap_api, checks, economy_api, sections
from laurels.storage.tables import PeopleTable, Tables
from laurels.web.api import Api

POINTS = Mechanic(
    name="points",
    api=Api(
        routes=(api.routes, economy_api.routes, cap_api.routes),
        resources=(cap_api.resource,),
        state_sections=(sections.POINTS,),
        profile_sections=(sections.POINTS,),
    ),
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
