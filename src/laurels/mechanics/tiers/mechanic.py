"""Tiers, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic

TIERS = Mechanic(name="tiers")
