"""Leaderboards, as a mechanic."""

from laurels.kernel.play import Play
from laurels.mechanics.leaderboards import api
from laurels.mechanics.leaderboards.feed import FEED
from laurels.mechanics.leaderboards.jobs import JOBS
from laurels.mechanics.leaderboards.tables import TABLES
from laurels.mechanics.mechanic import Mechanic
from laurels.web.api import Api

MECHANIC = Mechanic(
    name="leaderboards",
    play=Play(feed=FEED),
    tables=TABLES,
    api=Api(routes=(api.routes,), resources=(api.resource,)),
    jobs=JOBS,
)
