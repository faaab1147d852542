"""Streaks, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic
from laurels.mechanics.streaks import api
from laurels.web.api import Api

STREAKS = Mechanic(
    name="streaks",
    api=Api(routes=(api.routes,), resources=(api.resource,)),
)
