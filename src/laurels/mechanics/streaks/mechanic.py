"""The mechanic of streaks."""

from laurels.mechanics.mechanic import Mechanic
from laurels.mechanics.streaks import api, sections
from laurels.mechanics.streaks.play import PLAY
from laurels.mechanics.streaks.tables import TABLES
from laurels.web.api import Api

MECHANIC = Mechanic(
    name="streaks",
    play=PLAY,
    api=Api(
        routes=(api.routes,),
        resources=(api.resource,),
        state_sections=(sections.STATE,),
        profile_sections=(sections.PROFILE,),
    ),
    tables=TABLES,
)
