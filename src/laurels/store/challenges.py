"""Reading the challenges of a participant, and how their states are stored."""

import msgspec

from laurels.core.model import ChallengeState
from laurels.store.database import Fetches

_decoder = msgspec.json.Decoder(ChallengeState)


async def states(connection: Fetches, lane: int, subject: str) -> dict[str, ChallengeState]:
    """By the challenge's id."""
    rows = await connection.fetch(
        "SELECT challenge_id, state FROM challenge_state WHERE lane = $1 AND subject = $2", lane, subject
    )
    return {str(row["challenge_id"]): state_from(row["state"]) for row in rows}


def state_from(state: str) -> ChallengeState:
    return _decoder.decode(state)


def stored(state: ChallengeState) -> str:
    return msgspec.json.encode(state).decode()
