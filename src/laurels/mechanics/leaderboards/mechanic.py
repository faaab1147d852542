"""Leaderboards, as a mechanic."""

from laurels.mechanics.leaderboards import api
from laurels.mechanics.mechanic import Mechanic
from laurels.web.api import Api

LEADERBOARDS = Mechanic(
    name="leaderboards",
    api=Api(routes=(api.routes,), resources=(api.resource,)),
)
