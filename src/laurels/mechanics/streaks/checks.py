"""The projection of streaks that a check rebuilds."""

from collections.abc import Sequence

import asyncpg

from laurels.kernel.participant import Participant
from laurels.mechanics.streaks.model import STREAKS, StreakState
from laurels.mechanics.streaks.store import state_from
from laurels.storage.projections import Projection


def _stored(rows: Sequence[asyncpg.Record]) -> dict[str, StreakState]:
    return {str(row["streak_id"]): state_from(row["longest"], row["runs"]) for row in rows}


def _rebuilt(participant: Participant) -> dict[str, StreakState]:
    return participant[STREAKS]


PROJECTIONS = (Projection(name="streaks", table="streak_state", stored=_stored, rebuilt=_rebuilt),)
