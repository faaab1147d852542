"""The mechanic of tiers."""

from laurels.mechanics.mechanic import Mechanic
from laurels.mechanics.tiers import api, sections
from laurels.mechanics.tiers.play import PLAY
from laurels.mechanics.tiers.tables import TABLES
from laurels.web.api import Api

MECHANIC = Mechanic(
    name="tiers",
    play=PLAY,
    api=Api(
        routes=(api.routes,),
        resources=(api.resource,),
        state_sections=(sections.STATE,),
        profile_sections=(sections.PROFILE,),
    ),
    tables=TABLES,
)
