"""Rules, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic
from laurels.mechanics.rules import api, checks
from laurels.storage import limits
from laurels.storage.tables import PeopleTable, SharedRows, Tables
from laurels.web.api import Api

RULES = Mechanic(
    name="rules",
    api=Api(routes=(api.routes,), resources=(api.resource,)),
    tables=Tables(
        invariants=checks.INVARIANTS,
        people=(
            PeopleTable(
                name="limit_use",
                section="limits",
                key=(("definition_id", "uuid"), ("window_key", "integer")),
                definition="r.definition_id",
            ),
        ),
        by_lane=("rule_total",),
        shared=SharedRows(leave=limits.leave),
    ),
)
