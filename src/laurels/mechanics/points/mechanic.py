"""The mechanic of points."""

from laurels.mechanics.mechanic import Mechanic
from laurels.mechanics.points.api import awards, balance, export, holds, liability, reversals, sections
from laurels.mechanics.points.jobs import JOBS
from laurels.mechanics.points.play import PLAY
from laurels.mechanics.points.tables import TABLES
from laurels.web.api import Api

MECHANIC = Mechanic(
    name="points",
    play=PLAY,
    api=Api(
        routes=(awards.routes, balance.routes, reversals.routes, holds.routes, liability.routes, export.routes),
        state_sections=(sections.POINTS,),
        profile_sections=(sections.POINTS,),
    ),
    tables=TABLES,
    jobs=JOBS,
)
