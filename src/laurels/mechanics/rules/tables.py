"""The tables of rules."""

from laurels.mechanics.rules import checks
from laurels.storage import limits
from laurels.storage.tables import Kept, PeopleTable, SharedRows, Tables

TABLES = Tables(
    invariants=checks.INVARIANTS,
    projections=checks.PROJECTIONS,
    people=(
        PeopleTable(
            name="limit_use",
            section="limits",
            key=(("definition_id", "uuid"), ("window_key", "integer")),
            definition="r.definition_id",
        ),
    ),
    by_lane=("rule_total",),
    shared=SharedRows(leave=limits.leave, save=limits.save, lock=limits.load),
    kept=(Kept(kind="rule", shown="its limits go on"),),
)
