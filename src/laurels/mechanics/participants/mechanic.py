"""Participants, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic
from laurels.mechanics.participants import api
from laurels.web.api import Api

PARTICIPANTS = Mechanic(
    name="participants",
    api=Api(routes=(api.routes,)),
)
