"""Leaderboards, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic

LEADERBOARDS = Mechanic(name="leaderboards")
