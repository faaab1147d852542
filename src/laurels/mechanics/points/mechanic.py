"""Points, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic
from laurels.mechanics.points import api, economy_api, sections
from laurels.mechanics.points.jobs import JOBS
from laurels.mechanics.points.play import PLAY
from laurels.mechanics.points.tables import TABLES
from laurels.web.api import Api

MECHANIC = Mechanic(
    name="points",
    play=PLAY,
    api=Api(
        routes=(api.routes, economy_api.routes),
        state_sections=(sections.POINTS,),
        profile_sections=(sections.POINTS,),
    ),
    tables=TABLES,
    jobs=JOBS,
)
