"""Participants, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic
from laurels.mechanics.participants import api, store
from laurels.storage.tables import Tables
from laurels.web.api import Api

PARTICIPANTS = Mechanic(
    name="participants",
    api=Api(routes=(api.routes,)),
    tables=Tables(
        anonymise=store.anonymise,
    ),
)
