"""Badges, as a mechanic."""

from laurels.mechanics.badges import api, sections
from laurels.mechanics.mechanic import Mechanic
from laurels.storage.tables import PeopleTable, Tables
from laurels.web.api import Api

BADGES = Mechanic(
    name="badges",
    api=Api(
        routes=(api.routes,),
        resources=(api.resource,),
        state_sections=(sections.STATE,),
        profile_sections=(sections.PROFILE,),
    ),
    tables=Tables(
        people=(
            PeopleTable(
                name="earned_badge",
                section="badges",
                key=(("earned_at", "timestamptz"), ("badge_id", "uuid")),
                definition="r.badge_id",
            ),
        ),
        personal_fields=("reason", "metadata"),
    ),
)
