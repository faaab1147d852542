"""The checks of limits: the totals for all participants, and the uses of each participant."""

from collections.abc import Sequence
from typing import Any

import asyncpg

from laurels.kernel.limits import LimitWindow
from laurels.kernel.participant import Participant
from laurels.storage.projections import Projection
from laurels.storage.tables import Invariant

INVARIANTS = (
    Invariant(
        "the total uses of a rule match the uses of all participants, erased ones included",
        """
        WITH u AS MATERIALIZED (
            SELECT definition_id AS rule_id, window_key, sum(uses) AS uses
            FROM limit_use GROUP BY definition_id, window_key
        )
        SELECT format('rule %s, window %s', rule_id, window_key) AS name,
               format('counted %s, erased %s, for participants %s', t.uses, t.erased_uses, u.uses) AS wrong
        FROM rule_total t LEFT JOIN u USING (rule_id, window_key)
        WHERE t.lane = 0 AND t.uses - t.erased_uses <> coalesce(u.uses, 0)
    """,
    ),
)


def _stored(rows: Sequence[asyncpg.Record]) -> dict[LimitWindow, int]:
    return {(str(row["definition_id"]), row["window_key"]): row["uses"] for row in rows}


def _rebuilt(participant: Participant) -> dict[LimitWindow, int]:
    return participant.limit_uses


PROJECTIONS: tuple[Projection[Any], ...] = (
    Projection(name="uses of limits", table="limit_use", stored=_stored, rebuilt=_rebuilt),
)
