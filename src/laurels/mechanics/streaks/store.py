"""The states of streaks: reading, loading and saving."""

from collections.abc import Sequence

import msgspec

from laurels.mechanics.streaks.model import STREAKS, StreakRecorded, StreakRun, StreakState
from laurels.storage.batches import CommandNeeds, Facts, Loading, existing_by_subject
from laurels.storage.lanes import PARTICIPANT_ROWS, participant_columns
from laurels.storage.postgres.database import Connection, Fetches

_runs_decoder = msgspec.json.Decoder(list[StreakRun])


async def states(connection: Fetches, lane: int, subject: str) -> dict[str, StreakState]:
    """The states of a participant's streaks, by streak id."""
    rows = await connection.fetch(
        "SELECT streak_id, longest, runs FROM streak_state WHERE lane = $1 AND subject = $2", lane, subject
    )
    return {str(row["streak_id"]): state_from(row["longest"], row["runs"]) for row in rows}


def state_from(longest: int, runs: str) -> StreakState:
    return StreakState(_runs_decoder.decode(runs), longest)


def runs_of(state: StreakState) -> str:
    return msgspec.json.encode(state.runs).decode()


_STATES = f"""
SELECT s.subject, s.streak_id, s.longest, s.runs
FROM {PARTICIPANT_ROWS.given} JOIN streak_state s USING (lane, subject)
WHERE {PARTICIPANT_ROWS.in_one_lane}
"""  # noqa: S608

_SAVE = """
INSERT INTO streak_state (lane, subject, streak_id, longest, runs)
SELECT * FROM unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::integer[], $5::jsonb[])
ON CONFLICT (lane, subject, streak_id) DO UPDATE SET longest = excluded.longest, runs = excluded.runs
"""


async def load(connection: Connection, _: Loading, command_needs: Sequence[CommandNeeds]) -> None:
    by_subject = existing_by_subject(command_needs)
    if by_subject:
        for row in await connection.fetch(_STATES, *participant_columns(by_subject.values())):
            state = state_from(row["longest"], row["runs"])
            by_subject[str(row["subject"])][STREAKS][str(row["streak_id"])] = state


async def save(connection: Connection, facts: Facts) -> None:
    rows = []
    for participant, streak_id in facts.changed(_streak_id, StreakRecorded):
        state = participant[STREAKS][streak_id]
        rows.append((participant.lane, participant.subject, streak_id, state.longest, runs_of(state)))
    if rows:
        await connection.execute(_SAVE, *zip(*rows, strict=True))


def _streak_id(fact: StreakRecorded) -> str:
    return fact.streak_id
