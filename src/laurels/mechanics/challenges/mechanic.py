"""The mechanic of challenges."""

from laurels.mechanics.challenges import api, funnel_api, sections
from laurels.mechanics.challenges.play import PLAY
from laurels.mechanics.challenges.tables import TABLES
from laurels.mechanics.mechanic import Mechanic
from laurels.web.api import Api

MECHANIC = Mechanic(
    name="challenges",
    play=PLAY,
    api=Api(
        routes=(api.routes, funnel_api.routes),
        resources=(api.resource,),
        state_sections=(sections.STATE,),
    ),
    tables=TABLES,
)
