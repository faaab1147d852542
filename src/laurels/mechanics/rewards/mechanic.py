"""Rewards, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic
from laurels.mechanics.rewards import checks, store
from laurels.storage.tables import PeopleTable, SharedRows, Spread, Tables

REWARDS = Mechanic(
    name="rewards",
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
