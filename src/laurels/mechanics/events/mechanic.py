"""Events, as a mechanic."""

from laurels.mechanics.events import api, sections
from laurels.mechanics.mechanic import Mechanic
from laurels.storage.tables import Tables
from laurels.web.api import Api

EVENTS = Mechanic(
    name="events",
    api=Api(
        routes=(api.routes,),
        profile_sections=(sections.PROFILE,),
    ),
    tables=Tables(
        by_lane=("event_retention",),
        personal_fields=("properties", "numbers"),
    ),
)
