"""Rules, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic
from laurels.mechanics.rules import checks
from laurels.storage.tables import Tables

RULES = Mechanic(name="rules", tables=Tables(invariants=checks.INVARIANTS))
