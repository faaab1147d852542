"""Earning caps, as a mechanic: awards of points look at them."""

from laurels.mechanics.earning_caps import api
from laurels.mechanics.mechanic import Mechanic
from laurels.web.api import Api

MECHANIC = Mechanic(
    name="earning_caps",
    api=Api(routes=(api.routes,), resources=(api.resource,)),
)
