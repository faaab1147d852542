"""Challenges, as a mechanic."""

from laurels.mechanics.challenges import api, sections, store
from laurels.mechanics.mechanic import Mechanic
from laurels.storage.tables import PeopleTable, Tables
from laurels.web.api import Api

CHALLENGES = Mechanic(
    name="challenges",
    api=Api(
        routes=(api.routes,),
        resources=(api.resource,),
        state_sections=(sections.STATE,),
    ),
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
