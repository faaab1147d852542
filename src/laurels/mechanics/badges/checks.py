"""The projection of badges that a check rebuilds."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from laurels.kernel.participant import Participant
from laurels.mechanics.badges.model import BADGES
from laurels.storage.projections import Projection


def _stored(rows: Sequence[asyncpg.Record]) -> dict[str, datetime]:
    return {str(row["badge_id"]): row["earned_at"] for row in rows}


def _rebuilt(participant: Participant) -> dict[str, datetime]:
    return participant[BADGES]


PROJECTIONS = (Projection(name="badges", table="earned_badge", stored=_stored, rebuilt=_rebuilt),)
