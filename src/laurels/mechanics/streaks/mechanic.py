"""Streaks, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic
from laurels.storage.tables import PeopleTable, Tables

STREAKS = Mechanic(
    name="streaks",
    tables=Tables(
        people=(
            PeopleTable(name="streak_state", section="streaks", key=(("streak_id", "uuid"),), definition="r.streak_id"),
        ),
    ),
)
