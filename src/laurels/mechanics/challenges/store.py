"""The states of challenges: reading, loading and saving."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec import Struct

from laurels.mechanics.challenges import runs as challenge_runs
from laurels.mechanics.challenges.model import (
    CHALLENGES,
    Challenge,
    ChallengeAdvanced,
    ChallengeCompleted,
    ChallengeFact,
    ChallengeJoined,
    ChallengeLeft,
    ChallengeState,
    MilestoneReached,
)
from laurels.mechanics.challenges.play import STATES
from laurels.storage.batches import CommandNeeds, Facts, Loading, needed_ids
from laurels.storage.facts import FactReader
from laurels.storage.lanes import Rows, columns
from laurels.storage.postgres.database import Connection, Fetches

_FACTS = FactReader((ChallengeJoined, ChallengeLeft, ChallengeAdvanced, MilestoneReached, ChallengeCompleted))

_decoder = msgspec.json.Decoder(ChallengeState)


async def states(connection: Fetches, lane: int, subject: str) -> dict[str, ChallengeState]:
    """The states in a participant's challenges, by challenge id."""
    rows = await connection.fetch(
        "SELECT challenge_id, state FROM challenge_state WHERE lane = $1 AND subject = $2", lane, subject
    )
    return {str(row["challenge_id"]): state_from(row["state"]) for row in rows}


async def states_before(connection: Fetches, lane: int, subject: str, seq: int) -> dict[str, ChallengeState]:
    """The states before the participant's fact number `seq`, folded from the journal."""
    rows = await connection.fetch(
        """
        SELECT kind, occurred_at, data FROM journal
        WHERE lane = $1 AND subject = $2 AND seq < $3 AND kind = ANY ($4) ORDER BY seq
        """,
        lane,
        subject,
        seq,
        _FACTS.kinds,
    )
    by_id: dict[str, ChallengeState] = {}
    for row in rows:
        challenge_runs.fold(by_id, _FACTS.fact_from(row["kind"], row["data"]), row["occurred_at"])
    return by_id


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
    """The code, measure and property of all objectives that the challenge has ever had."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT objective->>'code' AS code, objective->>'measure' AS measure, objective->>'property' AS property
        FROM definition_history, jsonb_array_elements(body->'objectives') AS objective WHERE definition_id = $1
        """,
        challenge_id,
    )
    return [dict(row) for row in rows]


_STATE_ROWS = Rows("subject uuid", "challenge_id uuid")

_STATES = f"""
SELECT c.subject, c.challenge_id, c.state
FROM {_STATE_ROWS.given}
JOIN challenge_state c USING (lane, subject, challenge_id)
WHERE {_STATE_ROWS.in_one_lane}
"""  # noqa: S608

_SAVE = """
INSERT INTO challenge_state (lane, subject, challenge_id, state)
SELECT * FROM unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::jsonb[])
ON CONFLICT (lane, subject, challenge_id) DO UPDATE SET state = excluded.state
"""


async def load(connection: Connection, _: Loading, command_needs: Sequence[CommandNeeds]) -> None:
    """Loads the states of the named challenges."""
    of_challenges = needed_ids(command_needs, STATES)
    if not of_challenges:
        return
    by_subject = {participant.subject: participant for participant, _ in of_challenges}
    rows = [(participant.lane, participant.subject, name) for participant, name in of_challenges]
    for row in await connection.fetch(_STATES, *columns(rows)):
        by_subject[str(row["subject"])][CHALLENGES][str(row["challenge_id"])] = state_from(row["state"])


async def save(connection: Connection, facts: Facts) -> None:
    rows = [
        (participant.lane, participant.subject, challenge_id, stored(participant[CHALLENGES][challenge_id]))
        for participant, challenge_id in facts.changed(_challenge_id, ChallengeFact)
    ]
    if rows:
        await connection.execute(_SAVE, *zip(*rows, strict=True))


def _challenge_id(fact: ChallengeFact) -> str:
    return fact.challenge_id


class FunnelAnswer(Struct, frozen=True, kw_only=True):
    """The numbers of participants in a challenge, from joining to completion. Progress is that of the newest run; a
    participant who has completed the challenge before counts as complete."""

    code: str
    """The challenge's code."""
    joined: int
    """Participants who have ever joined."""
    begun: int
    """Of these, participants with progress."""
    quarter: int
    """Participants with a mean progress of at least 25 %."""
    half: int
    """Participants with a mean progress of at least 50 %."""
    three_quarters: int
    """Participants with a mean progress of at least 75 %."""
    completed: int
    """Participants who have completed the challenge at least once."""
    completions: int
    """All completions, repeated ones included."""
    active: int
    """Participants in a run that has not ended."""
    left: int
    """Participants who have left the challenge."""


_FUNNEL = """
WITH progress AS (
    SELECT coalesce((state->>'completions')::integer, 0) AS completions,
           coalesce((state->>'is_active')::boolean, true) AS is_active,
           coalesce((state->>'has_left')::boolean, false) AS has_left,
           (state->>'deadline')::timestamptz AS deadline,
           (SELECT avg(least(1, coalesce((state->'progress'->>objective.code)::numeric, 0) / objective.target))
            FROM unnest($2::text[], $3::bigint[]) AS objective (code, target)) AS share
    FROM challenge_state WHERE challenge_id = $1
)
SELECT count(*) AS joined,
       count(*) FILTER (WHERE share > 0 OR completions > 0) AS begun,
       count(*) FILTER (WHERE share >= 0.25 OR completions > 0) AS quarter,
       count(*) FILTER (WHERE share >= 0.5 OR completions > 0) AS half,
       count(*) FILTER (WHERE share >= 0.75 OR completions > 0) AS three_quarters,
       count(*) FILTER (WHERE completions > 0) AS completed,
       coalesce(sum(completions), 0)::bigint AS completions,
       count(*) FILTER (WHERE is_active AND (deadline IS NULL OR deadline > $4)) AS active,
       count(*) FILTER (WHERE has_left) AS "left"
FROM progress
"""


async def funnel(connection: Fetches, challenge: Challenge, now: datetime) -> FunnelAnswer:
    """The funnel of a challenge. Reads the states of all its participants."""
    codes = [objective.code for objective in challenge.objectives]
    targets = [objective.target for objective in challenge.objectives]
    rows = await connection.fetch(_FUNNEL, challenge.id, codes, targets, now)
    return FunnelAnswer(code=challenge.code, **dict(rows[0]))
