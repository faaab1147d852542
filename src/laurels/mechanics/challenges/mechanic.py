"""Challenges, as a mechanic."""

from laurels.mechanics.challenges import api
from laurels.mechanics.challenges.tables import TABLES
from laurels.mechanics.mechanic import Mechanic
from laurels.web.api import Api

CHALLENGES = Mechanic(
    name="challenges",
    tables=TABLES,
    api=Api(routes=(api.routes,), resources=(api.resource,)),
)
