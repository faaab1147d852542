"""Rewards, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic

REWARDS = Mechanic(name="rewards")
