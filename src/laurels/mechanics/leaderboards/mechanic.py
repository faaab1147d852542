"""Leaderboards, as a mechanic."""

from laurels.mechanics.leaderboards import checks
from laurels.mechanics.mechanic import Mechanic
from laurels.storage.tables import Tables

LEADERBOARDS = Mechanic(name="leaderboards", tables=Tables(invariants=checks.INVARIANTS))
