"""Streaks, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic
from laurels.storage.tables import Tables

STREAKS = Mechanic(
    name="streaks",
    tables=Tables(
        deleted=("streak_state",),
    ),
)
