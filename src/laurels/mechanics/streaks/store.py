"""Reading the streaks of a participant, and how their states are stored."""

import msgspec

from laurels.mechanics.streaks.model import StreakRun, StreakState
from laurels.storage.database import Fetches

_runs_decoder = msgspec.json.Decoder(list[StreakRun])


async def states(connection: Fetches, lane: int, subject: str) -> dict[str, StreakState]:
    """By the streak's id."""
    rows = await connection.fetch(
        "SELECT streak_id, longest, runs FROM streak_state WHERE lane = $1 AND subject = $2", lane, subject
    )
    return {str(row["streak_id"]): state_from(row["longest"], row["runs"]) for row in rows}


def state_from(longest: int, runs: str) -> StreakState:
    return StreakState(_runs_decoder.decode(runs), longest)


def runs_of(state: StreakState) -> str:
    return msgspec.json.encode(state.runs).decode()
