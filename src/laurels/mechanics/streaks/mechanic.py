"""Streaks, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic
from laurels.mechanics.streaks import api, sections
from laurels.storage.tables import PeopleTable, Tables
from laurels.web.api import Api

STREAKS = Mechanic(
    name="streaks",
    api=Api(
        routes=(api.routes,),
        resources=(api.resource,),
        state_sections=(sections.STATE,),
        profile_sections=(sections.PROFILE,),
    ),
    tables=Tables(
        people=(
            PeopleTable(name="streak_state", section="streaks", key=(("streak_id", "uuid"),), definition="r.streak_id"),
        ),
    ),
)
