"""Participants, as a mechanic."""

from laurels.mechanics.mechanic import Mechanic

PARTICIPANTS = Mechanic(name="participants")
