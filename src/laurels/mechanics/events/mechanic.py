"""Events, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic
from laurels.storage.tables import Tables

EVENTS = Mechanic(
    name="events",
    tables=Tables(
        by_lane=("event_retention",),
        personal_fields=("properties", "numbers"),
    ),
)
