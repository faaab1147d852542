"""Streaks, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic
from laurels.mechanics.streaks import api
from laurels.storage.tables import PeopleTable, Tables
from laurels.web.api import Api

STREAKS = Mechanic(
    name="streaks",
    api=Api(routes=(api.routes,), resources=(api.resource,)),
    tables=Tables(
        people=(
            PeopleTable(name="streak_state", section="streaks", key=(("streak_id", "uuid"),), definition="r.streak_id"),
        ),
    ),
)
