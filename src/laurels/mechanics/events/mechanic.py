"""Events, as a mechanic."""

from laurels.mechanics.events import api
from laurels.mechanics.events.tables import TABLES
from laurels.mechanics.mechanic import Mechanic
from laurels.web.api import Api

EVENTS = Mechanic(
    name="events",
    tables=TABLES,
    api=Api(routes=(api.routes,)),
)
