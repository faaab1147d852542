"""Participants, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic
from laurels.mechanics.participants import store
from laurels.storage.tables import Tables

PARTICIPANTS = Mechanic(
    name="participants",
    tables=Tables(
        anonymise=store.anonymise,
    ),
)
