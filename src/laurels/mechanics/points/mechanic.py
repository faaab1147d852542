"""Points, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic

POINTS = Mechanic(name="points")
