"""Tiers, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic
from laurels.mechanics.tiers import api, checks, sections
from laurels.storage.tables import PeopleTable, Tables
from laurels.web.api import Api

TIERS = Mechanic(
    name="tiers",
    api=Api(
        routes=(api.routes,),
        resources=(api.resource,),
        state_sections=(sections.STATE,),
        profile_sections=(sections.PROFILE,),
    ),
    tables=Tables(
        invariants=checks.INVARIANTS,
        people=(
            PeopleTable(
                name="tier_history",
                section="tier_history",
                key=(("seq", "bigint"),),
                definition="r.tier_id",
                is_searched_for_locks=False,
            ),
        ),
        account_definition="tier_id",
        personal_fields=("reason",),
    ),
)
