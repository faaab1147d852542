"""The tables of points."""

from collections.abc import Callable, Mapping

from laurels.kernel.game import Game
from laurels.mechanics.points.deciding.needs import HOLDS, LOT_COUNT, LOTS, TRANSACTIONS
from laurels.mechanics.points.purse.model import Moves, PointsFact
from laurels.mechanics.points.storage import account, checks, loading, saving
from laurels.mechanics.points.storage.alarms import ALARM
from laurels.storage.statistics import Statistic
from laurels.storage.tables import KeptState, Load, PeopleTable, Settling, Tables


def _factors(change: Callable[[Moves], int]) -> Callable[[Game], Mapping[str, int]]:
    """The factor of each kind of fact that moves points, those of other mechanics included."""

    def factors(game: Game) -> Mapping[str, int]:
        return {kind: change(fact.moves) for kind, fact in game.facts_of(PointsFact).items() if change(fact.moves)}

    return factors


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
    statistics=(
        Statistic(name="points_issued", facts=_factors(lambda moves: moves.total_earned), field="amount"),
        Statistic(name="points_spent", facts=_factors(lambda moves: moves.total_spent), field="amount"),
        Statistic(name="points_expired", facts=_factors(lambda moves: moves.total_expired), field="amount"),
        Statistic(
            name="points_outstanding",
            facts=_factors(lambda moves: moves.total_earned - moves.total_spent - moves.total_expired),
            field="amount",
            is_level=True,
        ),
    ),
    activity=("points_awarded", "points_deducted", "points_held", "hold_captured"),
)
