"""The projection of challenges that a check rebuilds."""

from collections.abc import Sequence

import asyncpg
from msgspec.structs import replace

from laurels.kernel.participant import Participant
from laurels.mechanics.challenges.model import CHALLENGES, ChallengeState
from laurels.mechanics.challenges.store import state_from
from laurels.storage.projections import Projection, kept_time


def _stored(rows: Sequence[asyncpg.Record]) -> dict[str, ChallengeState]:
    return {str(row["challenge_id"]): state_from(row["state"]) for row in rows}


def _rebuilt(participant: Participant) -> dict[str, ChallengeState]:
    return participant[CHALLENGES]


def _as_kept(rebuilt: dict[str, ChallengeState], stored: dict[str, ChallengeState]) -> dict[str, ChallengeState]:
    return {
        name: replace(new, latest_at=kept_time(new.latest_at, stored[name].latest_at)) if name in stored else new
        for name, new in rebuilt.items()
    }


PROJECTIONS = (
    Projection(name="challenges", table="challenge_state", stored=_stored, rebuilt=_rebuilt, as_kept=_as_kept),
)
