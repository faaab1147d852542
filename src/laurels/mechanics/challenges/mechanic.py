"""Challenges, as a mechanic."""

from laurels.mechanics.challenges import store
from laurels.mechanics.mechanic import Mechanic
from laurels.storage.tables import PeopleTable, Tables

CHALLENGES = Mechanic(
    name="challenges",
    tables=Tables(
        people=(
            PeopleTable(
                name="challenge_state",
                section="challenges",
                key=(("challenge_id", "uuid"),),
                definition="r.challenge_id",
            ),
        ),
        anonymise=store.anonymise,
        personal_fields=("seen",),
    ),
)
