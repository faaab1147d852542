"""Participants, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic
from laurels.mechanics.participants import api
from laurels.mechanics.participants.tables import TABLES
from laurels.web.api import Api

PARTICIPANTS = Mechanic(
    name="participants",
    tables=TABLES,
    api=Api(routes=(api.routes,)),
)
