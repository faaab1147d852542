"""Challenges, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic

CHALLENGES = Mechanic(name="challenges")
