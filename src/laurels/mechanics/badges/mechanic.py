"""Badges, as a mechanic."""

from laurels.mechanics.badges import api
from laurels.mechanics.mechanic import Mechanic
from laurels.web.api import Api

BADGES = Mechanic(
    name="badges",
    api=Api(routes=(api.routes,), resources=(api.resource,)),
)
