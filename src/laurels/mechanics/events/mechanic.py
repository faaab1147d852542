"""Events, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic

EVENTS = Mechanic(name="events")
