"""Badges, as a mechanic."""

from laurels.mechanics.badges import api
from laurels.mechanics.badges.tables import TABLES
from laurels.mechanics.mechanic import Mechanic
from laurels.web.api import Api

BADGES = Mechanic(
    name="badges",
    tables=TABLES,
    api=Api(routes=(api.routes,), resources=(api.resource,)),
)
