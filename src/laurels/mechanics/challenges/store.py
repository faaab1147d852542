"""Reading the challenges of a participant, and how their states are stored."""

import msgspec

from laurels.mechanics.challenges import runs as challenge_runs
from laurels.mechanics.challenges.model import ChallengeFact, ChallengeState
from laurels.mechanics.facts import FACTS
from laurels.storage.database import Connection, Fetches
from laurels.storage.facts import fact_from

CHALLENGE_KINDS = [kind for kind, fact in FACTS.items() if issubclass(fact, ChallengeFact)]

_decoder = msgspec.json.Decoder(ChallengeState)


async def states(connection: Fetches, lane: int, subject: str) -> dict[str, ChallengeState]:
    """By the challenge's id."""
    rows = await connection.fetch(
        "SELECT challenge_id, state FROM challenge_state WHERE lane = $1 AND subject = $2", lane, subject
    )
    return {str(row["challenge_id"]): state_from(row["state"]) for row in rows}


async def states_before(connection: Fetches, lane: int, subject: str, seq: int) -> dict[str, ChallengeState]:
    """Those before the participant's fact number `seq`, folded from the journal."""
    rows = await connection.fetch(
        """
        SELECT kind, occurred_at, data FROM journal
        WHERE lane = $1 AND subject = $2 AND seq < $3 AND kind = ANY ($4) ORDER BY seq
        """,
        lane,
        subject,
        seq,
        CHALLENGE_KINDS,
    )
    found: dict[str, ChallengeState] = {}
    for row in rows:
        challenge_runs.fold(found, fact_from(row["kind"], row["data"]), row["occurred_at"])
    return found


def state_from(state: str) -> ChallengeState:
    return _decoder.decode(state)


def stored(state: ChallengeState) -> str:
    return msgspec.json.encode(state).decode()


_CLEAR_FINGERPRINTS = """
UPDATE challenge_state SET state = CASE
    WHEN state ? 'earlier' THEN jsonb_set(state, '{earlier}', coalesce(
        (SELECT jsonb_agg(run - 'seen') FROM jsonb_array_elements(state->'earlier') AS run), '[]'
    )) ELSE state END - 'seen'
WHERE lane = $1 AND subject = $2
"""


async def anonymise(connection: Connection, lane: int, subject: str) -> None:
    """Clears the fingerprints of the values that objectives have counted."""
    await connection.execute(_CLEAR_FINGERPRINTS, lane, subject)


async def objective_units(connection: Connection, challenge_id: str) -> list[dict[str, str | None]]:
    """The code, measure and property of all objectives that the challenge ever had."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT objective->>'code' AS code, objective->>'measure' AS measure, objective->>'property' AS property
        FROM definition_history, jsonb_array_elements(body->'objectives') AS objective WHERE definition_id = $1
        """,
        challenge_id,
    )
    return [dict(row) for row in rows]
