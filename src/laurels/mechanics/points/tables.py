"""The tables of points."""

from laurels.mechanics.points.deciding.needs import HOLDS, LOT_COUNT, LOTS, TRANSACTIONS
from laurels.mechanics.points.storage import account, checks, loading, saving
from laurels.mechanics.points.storage.alarms import ALARM
from laurels.storage.tables import KeptState, Load, PeopleTable, Settling, Tables

TABLES = Tables(
    account=account.ACCOUNT,
    loads=(Load(need=HOLDS, load=loading.load_holds), Load(need=TRANSACTIONS, load=loading.load_transactions)),
    loads_after=(Load(need=LOTS, load=loading.load_needed_lots), Load(need=LOT_COUNT, load=loading.count_lots)),
    settling=Settling(load_next=loading.load_next_endings, as_of=account.as_of),
    save=saving.save,
    alarms=(ALARM,),
    invariants=checks.INVARIANTS,
    projections=checks.PROJECTIONS,
    people=(
        PeopleTable(name="point_lot", section="expiring_points", key=(("expires_at", "timestamptz"),)),
        PeopleTable(name="hold", section="holds", key=(("id", "uuid"),)),
        PeopleTable(name="reversal", section="reversals", key=(("transaction_id", "uuid"),)),
    ),
    personal_fields=("reason", "metadata"),
    kept_states=(KeptState(kind="earning_cap", shown="it remains in effect"),),
)
