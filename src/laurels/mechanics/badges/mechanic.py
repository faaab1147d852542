"""Badges, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic

BADGES = Mechanic(name="badges")
