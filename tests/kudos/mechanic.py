"""Kudos, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic
from laurels.web.api import Api
from tests.kudos import api
from tests.kudos.play import PLAY
from tests.kudos.tables import TABLES

MECHANIC = Mechanic(
    name="kudos",
    play=PLAY,
    api=Api(routes=(api.routes,), resources=(api.resource,), state_sections=(api.STATE,)),
    tables=TABLES,
)
