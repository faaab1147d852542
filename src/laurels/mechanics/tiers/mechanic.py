"""Tiers, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic
from laurels.mechanics.tiers import api
from laurels.mechanics.tiers.tables import TABLES
from laurels.web.api import Api

TIERS = Mechanic(
    name="tiers",
    tables=TABLES,
    api=Api(routes=(api.routes,), resources=(api.resource,)),
)
