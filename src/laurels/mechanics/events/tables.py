"""The tables of events."""

from laurels.mechanics.events import store
from laurels.storage.statistics import Statistic
from laurels.storage.tables import Tables

TABLES = Tables(
    account=store.ACCOUNT,
    by_lane=("event_retention",),
    personal_fields=("properties", "numbers"),
    statistics=(Statistic(name="events", facts={"event_recorded": 1, "event_forgotten": 1}, code="event_name"),),
    activity=("event_recorded", "event_forgotten"),
)
