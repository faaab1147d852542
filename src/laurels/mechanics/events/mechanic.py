"""The mechanic of events."""

from laurels.mechanics.events import api, sections
from laurels.mechanics.events.play import PLAY
from laurels.mechanics.events.tables import TABLES
from laurels.mechanics.mechanic import Mechanic
from laurels.web.api import Api

MECHANIC = Mechanic(
    name="events",
    play=PLAY,
    api=Api(
        routes=(api.routes,),
        profile_sections=(sections.PROFILE,),
    ),
    tables=TABLES,
)
