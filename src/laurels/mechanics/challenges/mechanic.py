"""Challenges, as a mechanic."""

from laurels.mechanics.challenges import store
from laurels.mechanics.mechanic import Mechanic
from laurels.storage.tables import Tables

CHALLENGES = Mechanic(
    name="challenges",
    tables=Tables(
        deleted=("challenge_state",),
        anonymise=store.anonymise,
        personal_fields=("seen",),
    ),
)
