"""The tables of tiers."""

from laurels.mechanics.tiers import checks, store
from laurels.storage.statistics import Statistic
from laurels.storage.tables import KeptState, PeopleTable, Tables

TABLES = Tables(
    account=store.ACCOUNT,
    save=store.save,
    invariants=checks.INVARIANTS,
    projections=checks.PROJECTIONS,
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
    kept_states=(
        KeptState(
            kind="tier", shown="participants in the tier", holders="SELECT count(*) FROM account WHERE tier_id = $1"
        ),
    ),
    statistics=(Statistic(name="tier_changes", facts={"tier_reached": 1, "tier_assigned": 1}, code="tier_code"),),
)
