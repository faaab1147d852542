"""Events, as a mechanic."""

from laurels.mechanics.events import api, sections
from laurels.mechanics.events.tables import TABLES
from laurels.mechanics.mechanic import Mechanic
from laurels.web.api import Api

EVENTS = Mechanic(
    name="events",
    api=Api(
        routes=(api.routes,),
        profile_sections=(sections.PROFILE,),
    ),
    tables=TABLES,
)
