"""Rules, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic

RULES = Mechanic(name="rules")
