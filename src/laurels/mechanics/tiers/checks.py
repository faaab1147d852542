"""The checks of tiers: the current tier, and the history."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry
from laurels.mechanics.tiers.model import TierAssigned, TierReached
from laurels.storage.projections import Add, Gathered, Projection
from laurels.storage.tables import Invariant

INVARIANTS = (
    Invariant(
        "the current tier is the last one in the tier history",
        """
        SELECT coalesce(a.participant_id, subject::text) AS name,
               format('tier %s, last in history %s', a.tier_id, h.tier_id) AS wrong
        FROM (
            SELECT lane, subject, tier_id, participant_id FROM account LEFT JOIN participant USING (lane, subject)
        ) a
        FULL JOIN (
            SELECT DISTINCT ON (lane, subject) lane, subject, tier_id FROM tier_history ORDER BY lane, subject, seq DESC
        ) h USING (lane, subject)
        WHERE a.tier_id IS DISTINCT FROM h.tier_id
    """,
    ),
)


History = list[tuple[int, str | None]]
"""The numbers of facts, each with the tier."""


def _stored(rows: Sequence[asyncpg.Record]) -> History:
    return sorted((row["seq"], str(row["tier_id"])) for row in rows)


def _adding(_definitions: Definitions | None) -> Add[History]:
    return _add


def _add(history: History, entry: Entry, _recorded_at: datetime) -> None:
    fact = entry.fact
    if isinstance(fact, (TierReached, TierAssigned)) and fact.tier_id != fact.previous_tier_id:
        history.append((entry.seq, fact.tier_id))


PROJECTIONS = (
    Projection(
        name="tier history",
        table="tier_history",
        stored=_stored,
        rebuilt=Gathered(empty=list, adding=_adding, facts=(TierReached, TierAssigned)),
    ),
)
