"""Leaderboards, as a mechanic."""

from laurels.mechanics.leaderboards import api
from laurels.mechanics.leaderboards.jobs import JOBS
from laurels.mechanics.leaderboards.tables import TABLES
from laurels.mechanics.mechanic import Mechanic
from laurels.web.api import Api

MECHANIC = Mechanic(
    name="leaderboards",
    tables=TABLES,
    api=Api(routes=(api.routes,), resources=(api.resource,)),
    jobs=JOBS,
)
