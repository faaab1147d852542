"""The mechanic of rules."""

from laurels.mechanics.mechanic import Mechanic
from laurels.mechanics.rules import api
from laurels.mechanics.rules.play import PLAY
from laurels.mechanics.rules.tables import TABLES
from laurels.web.api import Api

MECHANIC = Mechanic(
    name="rules",
    play=PLAY,
    tables=TABLES,
    api=Api(routes=(api.routes,), resources=(api.resource,)),
)
