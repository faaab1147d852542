"""Streaks, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic
from laurels.mechanics.streaks import api
from laurels.mechanics.streaks.tables import TABLES
from laurels.web.api import Api

STREAKS = Mechanic(
    name="streaks",
    tables=TABLES,
    api=Api(routes=(api.routes,), resources=(api.resource,)),
)
