"""Streaks, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic

STREAKS = Mechanic(name="streaks")
