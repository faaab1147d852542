"""The tables of streaks."""

from laurels.mechanics.streaks import checks
from laurels.storage.tables import Kept, PeopleTable, Tables

TABLES = Tables(
    projections=checks.PROJECTIONS,
    people=(
        PeopleTable(name="streak_state", section="streaks", key=(("streak_id", "uuid"),), definition="r.streak_id"),
    ),
    kept=(
        Kept(
            kind="streak",
            shown="participants with records of it",
            holders="SELECT count(*) FROM streak_state WHERE streak_id = $1",
        ),
    ),
)
