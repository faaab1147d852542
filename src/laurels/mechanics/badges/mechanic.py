"""The mechanic of badges."""

from laurels.mechanics.badges import api, sections
from laurels.mechanics.badges.play import PLAY
from laurels.mechanics.badges.tables import TABLES
from laurels.mechanics.mechanic import Mechanic
from laurels.web.api import Api

MECHANIC = Mechanic(
    name="badges",
    play=PLAY,
    api=Api(
        routes=(api.routes,),
        resources=(api.resource,),
        state_sections=(sections.STATE,),
        profile_sections=(sections.PROFILE,),
    ),
    tables=TABLES,
)
