"""Rules, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic
from laurels.mechanics.rules import api
from laurels.mechanics.rules.tables import TABLES
from laurels.web.api import Api

RULES = Mechanic(
    name="rules",
    tables=TABLES,
    api=Api(routes=(api.routes,), resources=(api.resource,)),
)
