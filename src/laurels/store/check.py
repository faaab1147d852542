"""Does every point lie where it should? The invariants of the stored data, and the rebuild of all projections.

Everything is read in one snapshot, so that a live database can be checked while it is written to.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import asyncpg
from msgspec import json

from laurels.core.facts import FACTS, Entry, TierAssigned, TierReached
from laurels.core.fold import fold
from laurels.core.model import Account
from laurels.store.database import Connection
from laurels.store.lanes import lane_of
from laurels.store.load import account_from

SHOWN_DIFFERENCES = 20
FETCH_ROWS = 5_000


@dataclass
class Finding:
    """One invariant: how many rows break it, and the first of them by name."""

    invariant: str
    differences: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, example: str) -> None:
        self.differences += 1
        if len(self.examples) < SHOWN_DIFFERENCES:
            self.examples.append(example)


# Each query names what breaks the invariant: a name and what is wrong with it.
INVARIANTS: dict[str, str] = {
    "every participant has one account and every account a participant": """
        SELECT coalesce(p.participant_id, a.subject::text) AS name,
               CASE WHEN p.subject IS NULL THEN 'an account without a participant'
                    ELSE 'a participant without an account' END AS wrong
        FROM participant p FULL JOIN account a USING (lane, subject)
        WHERE p.subject IS NULL OR a.subject IS NULL
    """,
    "balance = total_earned - total_spent >= 0": """
        SELECT p.participant_id AS name,
               format('balance %s, earned %s, spent %s', balance, total_earned, total_spent) AS wrong
        FROM account a JOIN participant p USING (lane, subject)
        WHERE balance <> total_earned - total_spent OR balance < 0 OR total_earned < 0 OR total_spent < 0
    """,
    "facts are counted without gaps and each transaction follows the balance before it": """
        SELECT coalesce(p.participant_id, j.subject::text) AS name,
               format('fact %s follows %s, balance %s after %s by %s', seq, previous_seq, balance_after,
                      previous_balance, amount) AS wrong
        FROM (
            SELECT lane, subject, seq, amount, balance_after,
                   coalesce(lag(seq) OVER facts, 0) AS previous_seq,
                   coalesce(lag(balance_after) OVER (PARTITION BY lane, subject, amount IS NOT NULL ORDER BY seq), 0)
                       AS previous_balance
            FROM (
                SELECT lane, subject, seq, (data->>'balance_after')::bigint AS balance_after,
                       CASE kind WHEN 'points_awarded' THEN (data->>'amount')::bigint
                                 WHEN 'points_deducted' THEN -(data->>'amount')::bigint END AS amount
                FROM journal
            ) fact
            WINDOW facts AS (PARTITION BY lane, subject ORDER BY seq)
        ) j LEFT JOIN participant p USING (lane, subject)
        WHERE seq <> previous_seq + 1 OR balance_after <> previous_balance + amount
    """,
    "the account is the sum of its facts": """
        SELECT coalesce(p.participant_id, subject::text) AS name,
               format('account: %s facts, earned %s, spent %s, %s transactions, %s events; journal: %s, %s, %s, %s, %s',
                      a.seq, a.total_earned, a.total_spent, a.transactions, a.total_events,
                      j.facts, j.earned, j.spent, j.transactions, j.events) AS wrong
        FROM account a FULL JOIN (
            SELECT lane, subject, count(*) AS facts,
                   coalesce(sum((data->>'amount')::bigint) FILTER (WHERE kind = 'points_awarded'), 0) AS earned,
                   coalesce(sum((data->>'amount')::bigint) FILTER (WHERE kind = 'points_deducted'), 0) AS spent,
                   count(*) FILTER (WHERE kind IN ('points_awarded', 'points_deducted')) AS transactions,
                   count(*) FILTER (WHERE kind = 'event_recorded') AS events
            FROM journal GROUP BY lane, subject
        ) j USING (lane, subject) LEFT JOIN participant p USING (lane, subject)
        WHERE (coalesce(a.seq, 0), coalesce(a.total_earned, 0), coalesce(a.total_spent, 0),
               coalesce(a.transactions, 0), coalesce(a.total_events, 0))
           IS DISTINCT FROM
              (coalesce(j.facts, 0), coalesce(j.earned, 0), coalesce(j.spent, 0),
               coalesce(j.transactions, 0), coalesce(j.events, 0))
    """,
    "every idempotency key belongs to a fact": """
        SELECT i.key AS name, format('operation %s, command %s', i.operation, i.command_id) AS wrong
        FROM idempotency i
        WHERE NOT EXISTS (SELECT FROM journal j WHERE j.lane = i.lane AND j.id = i.command_id)
    """,
    "the present tier is the last of the tier history": """
        SELECT coalesce(p.participant_id, subject::text) AS name,
               format('tier %s, last in history %s', a.tier_id, h.tier_id) AS wrong
        FROM account a
        FULL JOIN (
            SELECT DISTINCT ON (lane, subject) lane, subject, tier_id FROM tier_history ORDER BY lane, subject, seq DESC
        ) h USING (lane, subject)
        LEFT JOIN participant p USING (lane, subject)
        WHERE a.tier_id IS DISTINCT FROM h.tier_id
    """,
}
REBUILT = "folding the journal anew gives every account and tier history as stored"
IN_LANE = "every participant is in the lane of its id"

_decoders: dict[str, json.Decoder[Any]] = {kind: json.Decoder(fact) for kind, fact in FACTS.items()}


async def check(connection: Connection, *, rebuild: bool) -> AsyncIterator[Finding]:
    """Yields a finding for each invariant as it is done; those without differences too."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        for invariant, query in INVARIANTS.items():
            finding = Finding(invariant)
            async for row in connection.cursor(query, prefetch=FETCH_ROWS):
                finding.add(f"{row['name']}: {row['wrong']}")
            yield finding
        yield await _check_lanes(connection)
        if rebuild:
            yield await _rebuild(connection)


async def _check_lanes(connection: Connection) -> Finding:
    finding = Finding(IN_LANE)
    query = "SELECT lane, project_id, participant_id FROM participant"
    async for row in connection.cursor(query, prefetch=FETCH_ROWS):
        expected = lane_of(row["project_id"], row["participant_id"])
        if row["lane"] != expected:
            finding.add(f"{row['participant_id']}: lane {row['lane']}, by its id {expected}")
    return finding


async def _rebuild(connection: Connection) -> Finding:
    """Walks accounts and journal side by side, both in the order of (lane, subject)."""
    finding = Finding(REBUILT)
    entries = _Grouped(connection.cursor("SELECT * FROM journal ORDER BY lane, subject, seq", prefetch=FETCH_ROWS))
    history = _Grouped(connection.cursor("SELECT * FROM tier_history ORDER BY lane, subject, seq", prefetch=FETCH_ROWS))
    accounts = connection.cursor("SELECT * FROM account ORDER BY lane, subject", prefetch=FETCH_ROWS)
    async for row in accounts:
        place = (row["lane"], row["subject"])
        account, tiers = _fold_all(await entries.take(place))
        stored_tiers = [(passed["seq"], str(passed["tier_id"])) for passed in await history.take(place)]
        if account != account_from(row):
            finding.add(f"{row['subject']}: stored {account_from(row)}, rebuilt {account}")
        if tiers != stored_tiers:
            finding.add(f"{row['subject']}: stored tier history {stored_tiers}, rebuilt {tiers}")
    for left_over in (entries, history):
        if place_left := await left_over.next_place():
            finding.add(f"{place_left[1]}: rows without an account")
    return finding


def _fold_all(rows: list[asyncpg.Record]) -> tuple[Account, list[tuple[int, str]]]:
    account = Account()
    tiers = []
    for row in rows:
        fact = _decoders[row["kind"]].decode(row["data"])
        fold(account, Entry(str(row["id"]), row["seq"], fact, row["occurred_at"]))
        if isinstance(fact, TierReached | TierAssigned) and fact.tier_id != fact.previous_tier_id:
            tiers.append((row["seq"], fact.tier_id))
    return account, tiers


class _Grouped:
    """Rows in the order of (lane, subject), taken one participant at a time."""

    def __init__(self, rows: Any) -> None:
        self._rows = aiter(rows)
        self._ahead: asyncpg.Record | None = None

    async def next_place(self) -> tuple[int, Any] | None:
        if self._ahead is None:
            self._ahead = await anext(self._rows, None)
        return (self._ahead["lane"], self._ahead["subject"]) if self._ahead else None

    async def take(self, place: tuple[int, Any]) -> list[asyncpg.Record]:
        """The rows of `place`, none if the next ones belong to a later place."""
        taken: list[asyncpg.Record] = []
        while await self.next_place() == place:
            assert self._ahead is not None  # noqa: S101
            taken.append(self._ahead)
            self._ahead = None
        return taken
