"""The tables of rewards."""

from laurels.mechanics.rewards import checks, store
from laurels.storage.tables import Kept, PeopleTable, SharedRows, Spread, Tables

TABLES = Tables(
    invariants=checks.INVARIANTS,
    projections=checks.PROJECTIONS,
    people=(PeopleTable(name="claim", section="claims", key=(("id", "uuid"),), definition="r.reward_id"),),
    apart=Spread(
        column="reward_id",
        tables=("reward_stock", "reward_code"),
        numbered=(("reward_code", "number"),),
    ),
    shared=SharedRows(leave=store.leave),
    personal_fields=("reason", "metadata"),
    kept=(
        Kept(
            kind="reward",
            shown="participants who have claimed it",
            holders="SELECT count(DISTINCT (lane, subject)) FROM claim WHERE reward_id = $1",
        ),
    ),
)
