"""What a check rebuilds of challenges."""

from collections.abc import Sequence
from typing import Any

import asyncpg

from laurels.kernel.participant import Participant
from laurels.mechanics.challenges.model import CHALLENGES, ChallengeState
from laurels.mechanics.challenges.store import state_from
from laurels.storage.projections import Projection


def _stored(rows: Sequence[asyncpg.Record]) -> dict[str, ChallengeState]:
    return {str(row["challenge_id"]): state_from(row["state"]) for row in rows}


def _rebuilt(participant: Participant) -> dict[str, ChallengeState]:
    return participant[CHALLENGES]


PROJECTIONS: tuple[Projection[Any], ...] = (
    Projection(
        name="challenges", table="challenge_state", stored=_stored, rebuilt=_rebuilt, later_times=("latest_at",)
    ),
)
