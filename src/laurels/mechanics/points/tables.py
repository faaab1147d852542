"""The tables of points."""

from laurels.mechanics.points import account, checks, saving, store
from laurels.mechanics.points.needs import HOLDS, LOT_COUNT, LOTS, TRANSACTIONS
from laurels.storage.tables import Kept, Load, PeopleTable, Settling, Tables

TABLES = Tables(
    account=account.ACCOUNT,
    loads=(Load(need=HOLDS, load=store.load_holds), Load(need=TRANSACTIONS, load=store.load_transactions)),
    loads_after=(Load(need=LOTS, load=store.load_wanted_lots), Load(need=LOT_COUNT, load=store.count_lots)),
    settling=Settling(load_next=store.load_next_endings, as_of=account.as_of),
    save=saving.save,
    invariants=checks.INVARIANTS,
    projections=checks.PROJECTIONS,
    people=(
        PeopleTable(name="point_lot", section="expiring_points", key=(("expires_at", "timestamptz"),)),
        PeopleTable(name="hold", section="holds", key=(("id", "uuid"),)),
        PeopleTable(name="reversal", section="reversals", key=(("transaction_id", "uuid"),)),
    ),
    personal_fields=("reason", "metadata"),
    kept=(Kept(kind="earning_cap", shown="it goes on"),),
)
