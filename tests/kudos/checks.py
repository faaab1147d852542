"""What a check looks for among kudos, and what it rebuilds of them."""

from collections.abc import Sequence
from typing import Any

import asyncpg

from laurels.kernel.participant import Participant
from laurels.storage.projections import Projection
from laurels.storage.tables import Invariant
from tests.kudos.model import KUDOS

INVARIANTS = (
    Invariant(
        "nobody has less than no kudos of a kind",
        "SELECT subject::text AS name, number::text AS wrong FROM kudos WHERE number < 0",
    ),
)


def _stored(rows: Sequence[asyncpg.Record]) -> dict[str, int]:
    return {str(row["kudos_id"]): row["number"] for row in rows}


def _rebuilt(participant: Participant) -> dict[str, int]:
    return participant[KUDOS]


PROJECTIONS: tuple[Projection[Any], ...] = (Projection(name="kudos", table="kudos", stored=_stored, rebuilt=_rebuilt),)
