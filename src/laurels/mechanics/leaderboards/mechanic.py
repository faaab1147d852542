"""Leaderboards, as a mechanic."""

from laurels.mechanics.leaderboards import checks, store
from laurels.mechanics.mechanic import Mechanic
from laurels.storage.tables import SharedRows, Tables

LEADERBOARDS = Mechanic(
    name="leaderboards",
    tables=Tables(
        invariants=checks.INVARIANTS,
        shared=SharedRows(leave=store.leave, is_left_by_anonymous=True),
    ),
)
