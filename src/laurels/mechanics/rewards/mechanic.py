"""Rewards, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic
from laurels.mechanics.rewards import checks
from laurels.storage.tables import Tables

REWARDS = Mechanic(name="rewards", tables=Tables(invariants=checks.INVARIANTS))
