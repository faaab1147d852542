"""Points, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic
from laurels.mechanics.points import api, economy_api, sections
from laurels.mechanics.points.jobs import JOBS
from laurels.mechanics.points.tables import TABLES
from laurels.web.api import Api

POINTS = Mechanic(
    name="points",
    api=Api(
        routes=(api.routes, economy_api.routes),
        state_sections=(sections.POINTS,),
        profile_sections=(sections.POINTS,),
    ),
    tables=TABLES,
    jobs=JOBS,
)
