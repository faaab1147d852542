"""The checks of points: that accounts are the sums of the journal, and of lots, holds and reversals."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import asyncpg

from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry
from laurels.kernel.game import Game
from laurels.kernel.participant import Participant
from laurels.mechanics.points.purse.model import PURSE, AwardReversed, DeductReversed, Hold, PointsFact
from laurels.mechanics.points.storage.loading import hold_from
from laurels.storage.projections import Add, Gathered, Projection
from laurels.storage.tables import Invariant


def _moved(game: Game, count: str) -> str:
    """SQL for the change of a count of the account by a fact."""
    facts = game.facts_of(PointsFact)
    cases = " ".join(f"WHEN '{kind}' THEN {fact.moves._asdict()[count]}" for kind, fact in facts.items())
    return f"coalesce((data->>'amount')::bigint, 0) * CASE kind {cases} ELSE 0 END"


# The facts of deleted participants are removed in small parts.
_FACTS = """
FROM journal j WHERE NOT EXISTS (
    SELECT FROM erasure e WHERE e.lane = j.lane AND e.subject = j.subject AND e.is_deletion
)
"""


def _without_gaps(game: Game) -> str:
    """SQL that compares each fact with the previous one: its number and its balance."""
    return f"""
        SELECT coalesce(p.participant_id, j.subject::text) AS name,
               format('fact %s follows %s, balance %s after %s by %s', seq, previous_seq, balance_after,
                      previous_balance, moved) AS wrong
        FROM (
            SELECT lane, subject, seq, moved, balance_after,
                   coalesce(lag(seq) OVER facts, 0) AS previous_seq,
                   coalesce(lag(balance_after) OVER (PARTITION BY lane, subject, balance_after IS NULL ORDER BY seq), 0)
                       AS previous_balance
            FROM (
                SELECT lane, subject, seq, (data->>'balance_after')::bigint AS balance_after,
                       {_moved(game, "balance")} AS moved
                {_FACTS}
            ) fact
            WINDOW facts AS (PARTITION BY lane, subject ORDER BY seq)
        ) j LEFT JOIN participant p USING (lane, subject)
        WHERE seq <> previous_seq + 1 OR balance_after <> previous_balance + moved
    """  # noqa: S608


def _sums(game: Game) -> str:
    """SQL that compares the account with the sums of its facts."""
    return f"""
        SELECT coalesce(p.participant_id, subject::text) AS name,
               format('account: %s; journal: %s (facts, earned, spent, expired, held, transactions, events)',
                      a.counts, j.counts) AS wrong
        FROM (
            SELECT lane, subject,
                   ARRAY[seq, total_earned, total_spent, total_expired, held, transactions, total_events] AS counts
            FROM account
        ) a FULL JOIN (
            SELECT lane, subject,
                   ARRAY[count(*), sum({_moved(game, "total_earned")}), sum({_moved(game, "total_spent")}),
                         sum({_moved(game, "total_expired")}), sum({_moved(game, "held")}),
                         count(*) FILTER (WHERE data ? 'amount' AND data ? 'balance_after'),
                         count(*) FILTER (WHERE kind IN ('event_recorded', 'event_forgotten'))]::bigint[] AS counts
            {_FACTS} GROUP BY lane, subject
        ) j USING (lane, subject) LEFT JOIN participant p USING (lane, subject)
        WHERE coalesce(a.counts, array_fill(0::bigint, ARRAY[7])) <> coalesce(j.counts, array_fill(0::bigint, ARRAY[7]))
    """  # noqa: S608


INVARIANTS = (
    Invariant(
        "balance = earned - spent - expired - held, and none is below 0",
        """
        SELECT p.participant_id AS name,
               format('balance %s, earned %s, spent %s, expired %s, held %s',
                      balance, total_earned, total_spent, total_expired, held) AS wrong
        FROM account a JOIN participant p USING (lane, subject)
        WHERE balance <> total_earned - total_spent - total_expired - held
           OR least(balance, total_earned, total_spent, total_expired, held) < 0
    """,
    ),
    Invariant(
        "facts are counted without gaps and each transaction follows the balance before it",
        _without_gaps,
    ),
    Invariant(
        "the account is the sum of its facts",
        _sums,
    ),
    Invariant(
        "points that expire are part of the balance",
        """
        SELECT l.subject::text AS name, format('in lots %s, balance %s', l.points, a.balance) AS wrong
        FROM (SELECT lane, subject, sum(points) AS points, min(points) AS least FROM point_lot GROUP BY lane, subject) l
        LEFT JOIN account a USING (lane, subject)
        WHERE l.points > coalesce(a.balance, 0) OR l.least <= 0
    """,
    ),
    Invariant(
        "held points are those of the open holds",
        """
        SELECT a.subject::text AS name, format('held %s, in holds %s', a.held, coalesce(h.points, 0)) AS wrong
        FROM account a LEFT JOIN (
            SELECT lane, subject, sum(points) AS points FROM hold WHERE status = 'held' GROUP BY lane, subject
        ) h USING (lane, subject)
        WHERE a.held <> coalesce(h.points, 0)
    """,
    ),
)


def _stored_lots(rows: Sequence[asyncpg.Record]) -> dict[datetime, int]:
    return {row["expires_at"]: row["points"] for row in rows}


def _rebuilt_lots(participant: Participant) -> dict[datetime, int]:
    return participant[PURSE].lots


def _stored_holds(rows: Sequence[asyncpg.Record]) -> dict[str, Hold]:
    return {str(row["id"]): hold_from(row) for row in rows}


def _rebuilt_holds(participant: Participant) -> dict[str, Hold]:
    return participant[PURSE].holds


def _stored_reversals(rows: Sequence[asyncpg.Record]) -> dict[str, int]:
    return {str(row["transaction_id"]): row["points"] for row in rows}


def _no_reversals() -> dict[str, int]:
    return defaultdict(int)


def _adding_reversals(_definitions: Definitions | None) -> Add[dict[str, int]]:
    return _add_reversal


def _add_reversal(reversals: dict[str, int], entry: Entry, _recorded_at: datetime) -> None:
    if isinstance(entry.fact, (AwardReversed, DeductReversed)):
        reversals[entry.fact.transaction_id] += entry.fact.amount


PROJECTIONS = (
    Projection(name="lots", table="point_lot", stored=_stored_lots, rebuilt=_rebuilt_lots),
    Projection(name="holds", table="hold", stored=_stored_holds, rebuilt=_rebuilt_holds),
    Projection(
        name="reversals",
        table="reversal",
        stored=_stored_reversals,
        rebuilt=Gathered(empty=_no_reversals, adding=_adding_reversals, facts=(AwardReversed, DeductReversed)),
    ),
)
