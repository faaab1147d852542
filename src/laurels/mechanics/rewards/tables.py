"""The tables of rewards."""

from laurels.mechanics.rewards import checks, store
from laurels.mechanics.rewards.play import NAMED_CLAIMS
from laurels.storage.statistics import Statistic
from laurels.storage.tables import KeptState, Load, PeopleTable, SharedRows, Spread, Tables

TABLES = Tables(
    invariants=checks.INVARIANTS,
    projections=checks.PROJECTIONS,
    people=(PeopleTable(name="claim", section="claims", key=(("id", "uuid"),), definition="r.reward_id"),),
    apart=Spread(
        column="reward_id",
        tables=("reward_stock", "reward_code"),
        numbered=(("reward_code", "number"),),
    ),
    loads=(Load(need=NAMED_CLAIMS, load=store.load_claims),),
    shared=SharedRows(leave=store.leave, save=store.save, lock=store.lock),
    personal_fields=("reason", "metadata"),
    kept_states=(
        KeptState(
            kind="reward",
            shown="participants who have claimed it",
            holders="SELECT count(DISTINCT (lane, subject)) FROM claim WHERE reward_id = $1",
        ),
    ),
    statistics=(
        Statistic(name="claims", facts={"reward_claimed": 1}, code="reward_name"),
        Statistic(name="claims_cancelled", facts={"claim_cancelled": 1}),
        Statistic(name="claims_fulfilled", facts={"claim_fulfilled": 1}),
    ),
    activity=("reward_claimed",),
)
