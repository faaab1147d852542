"""Rewards, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic
from laurels.mechanics.rewards import api, checks, claims_api, codes_api, sections, store
from laurels.storage.tables import PeopleTable, SharedRows, Spread, Tables
from laurels.web.api import Api

REWARDS = Mechanic(
    name="rewards",
    api=Api(
        routes=(api.routes, claims_api.routes, codes_api.routes),
        resources=(api.resource,),
        state_sections=(sections.STATE,),
        profile_sections=(sections.PROFILE,),
    ),
    tables=Tables(
        invariants=checks.INVARIANTS,
        people=(PeopleTable(name="claim", section="claims", key=(("id", "uuid"),), definition="r.reward_id"),),
        apart=Spread(
            column="reward_id",
            tables=("reward_stock", "reward_code"),
            numbered=(("reward_code", "number"),),
        ),
        shared=SharedRows(leave=store.leave),
        personal_fields=("reason", "metadata"),
    ),
)
