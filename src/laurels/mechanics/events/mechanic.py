"""Events, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic
from laurels.storage.tables import Tables

EVENTS = Mechanic(
    name="events",
    tables=Tables(
        personal_fields=("properties", "numbers"),
    ),
)
