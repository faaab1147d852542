"""Rules, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic
from laurels.mechanics.rules import checks
from laurels.storage import limits
from laurels.storage.tables import SharedRows, Tables

RULES = Mechanic(
    name="rules",
    tables=Tables(
        invariants=checks.INVARIANTS,
        deleted=("limit_use",),
        shared=SharedRows(leave=limits.leave),
    ),
)
