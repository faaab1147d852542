"""The tables of events."""

from laurels.mechanics.events import store
from laurels.storage.tables import Tables

TABLES = Tables(
    account=store.ACCOUNT,
    by_lane=("event_retention",),
    personal_fields=("properties", "numbers"),
)
