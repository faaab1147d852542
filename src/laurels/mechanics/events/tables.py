"""The tables of events."""

from laurels.storage.tables import Tables

TABLES = Tables(
    by_lane=("event_retention",),
    personal_fields=("properties", "numbers"),
)
