"""The tables of streaks."""

from laurels.mechanics.streaks import checks, store
from laurels.mechanics.streaks.alarms import ALARM
from laurels.mechanics.streaks.play import RECORDS
from laurels.storage.statistics import Lasting, Statistic
from laurels.storage.tables import KeptState, Load, PeopleTable, Tables

TABLES = Tables(
    loads=(Load(need=RECORDS, load=store.load),),
    save=store.save,
    alarms=(ALARM,),
    projections=checks.PROJECTIONS,
    people=(
        PeopleTable(name="streak_state", section="streaks", key=(("streak_id", "uuid"),), definition="r.streak_id"),
    ),
    kept_states=(
        KeptState(
            kind="streak",
            shown="participants with records",
            holders="SELECT count(*) FROM streak_state WHERE streak_id = $1",
        ),
    ),
    statistics=(Statistic(name="streak_records", facts={"streak_recorded": 1}, code="streak_code"),),
    lasting=(
        Lasting(
            lasting="streaks_alive",
            ended="streaks_lost",
            fact="streak_recorded",
            key="streak_id",
            position="period",
            until="continues_until",
            code="streak_code",
        ),
    ),
    activity=("streak_recorded",),
)
