"""The mechanic of rewards."""

from laurels.mechanics.mechanic import Mechanic
from laurels.mechanics.rewards import api, claims_api, codes_api, sections
from laurels.mechanics.rewards.play import PLAY
from laurels.mechanics.rewards.tables import TABLES
from laurels.web.api import Api

MECHANIC = Mechanic(
    name="rewards",
    play=PLAY,
    api=Api(
        routes=(api.routes, claims_api.routes, codes_api.routes),
        resources=(api.resource,),
        state_sections=(sections.STATE,),
        profile_sections=(sections.PROFILE,),
    ),
    tables=TABLES,
)
