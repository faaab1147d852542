"""Rewards, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic
from laurels.mechanics.rewards import checks, store
from laurels.storage.tables import SharedRows, Tables

REWARDS = Mechanic(
    name="rewards",
    tables=Tables(
        invariants=checks.INVARIANTS,
        deleted=("claim",),
        shared=SharedRows(leave=store.leave),
        personal_fields=("reason", "metadata"),
    ),
)
