"""Does every point lie where it should? The invariants of the stored data, and the rebuild of all projections.

Everything is read in one snapshot, so that a live database can be checked while it is written to.
"""

from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg
from msgspec import json, structs

from laurels.core.facts import FACTS, POINTS_FACTS, AwardReversed, DeductReversed, Entry, TierAssigned, TierReached
from laurels.core.fold import fold
from laurels.core.leaderboards import ALL_TIME_KEY, gains
from laurels.core.model import Account, Definitions, Participant
from laurels.store import challenges, economy, rewards
from laurels.store.database import Connection
from laurels.store.definitions import DefinitionsCache
from laurels.store.lanes import lane_of
from laurels.store.load import account_from
from laurels.store.streaks import state_from

# Score, facts, reached_at, joined_at.
StandingRow = tuple[int, int, datetime, datetime]

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


def _moved(count: str) -> str:
    """SQL for which way a fact's amount moves a count of the account."""
    cases = " ".join(f"WHEN '{kind}' THEN {getattr(fact.moves, count)}" for kind, fact in POINTS_FACTS.items())
    return f"coalesce((data->>'amount')::bigint, 0) * CASE kind {cases} ELSE 0 END"


# Each query names what breaks the invariant: a name and what is wrong with it. Nothing in them comes from outside.
INVARIANTS: dict[str, str] = {
    "every participant has one account and every account a participant": """
        SELECT coalesce(p.participant_id, a.subject::text) AS name,
               CASE WHEN p.subject IS NULL THEN 'an account without a participant'
                    ELSE 'a participant without an account' END AS wrong
        FROM participant p FULL JOIN account a USING (lane, subject)
        WHERE p.subject IS NULL OR a.subject IS NULL
    """,
    "balance = earned - spent - expired - held, and none is below 0": """
        SELECT p.participant_id AS name,
               format('balance %s, earned %s, spent %s, expired %s, held %s',
                      balance, total_earned, total_spent, total_expired, held) AS wrong
        FROM account a JOIN participant p USING (lane, subject)
        WHERE balance <> total_earned - total_spent - total_expired - held
           OR least(balance, total_earned, total_spent, total_expired, held) < 0
    """,
    "facts are counted without gaps and each transaction follows the balance before it": f"""
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
                       {_moved("balance")} AS moved
                FROM journal
            ) fact
            WINDOW facts AS (PARTITION BY lane, subject ORDER BY seq)
        ) j LEFT JOIN participant p USING (lane, subject)
        WHERE seq <> previous_seq + 1 OR balance_after <> previous_balance + moved
    """,  # noqa: S608
    "the account is the sum of its facts": f"""
        SELECT coalesce(p.participant_id, subject::text) AS name,
               format('account: %s; journal: %s (facts, earned, spent, expired, held, transactions, events)',
                      a.counts, j.counts) AS wrong
        FROM (
            SELECT lane, subject,
                   ARRAY[seq, total_earned, total_spent, total_expired, held, transactions, total_events] AS counts
            FROM account
        ) a FULL JOIN (
            SELECT lane, subject,
                   ARRAY[count(*), sum({_moved("total_earned")}), sum({_moved("total_spent")}),
                         sum({_moved("total_expired")}), sum({_moved("held")}),
                         count(*) FILTER (WHERE data ? 'amount' AND data ? 'balance_after'),
                         count(*) FILTER (WHERE kind IN ('event_recorded', 'event_forgotten'))]::bigint[] AS counts
            FROM journal GROUP BY lane, subject
        ) j USING (lane, subject) LEFT JOIN participant p USING (lane, subject)
        WHERE coalesce(a.counts, array_fill(0::bigint, ARRAY[7])) <> coalesce(j.counts, array_fill(0::bigint, ARRAY[7]))
    """,  # noqa: S608
    "points that expire are part of the balance": """
        SELECT l.subject::text AS name, format('in lots %s, balance %s', l.points, a.balance) AS wrong
        FROM (SELECT lane, subject, sum(points) AS points, min(points) AS least FROM point_lot GROUP BY lane, subject) l
        LEFT JOIN account a USING (lane, subject)
        WHERE l.points > coalesce(a.balance, 0) OR l.least <= 0
    """,
    "held points are those of the open holds": """
        SELECT a.subject::text AS name, format('held %s, in holds %s', a.held, coalesce(h.points, 0)) AS wrong
        FROM account a LEFT JOIN (
            SELECT lane, subject, sum(points) AS points FROM hold WHERE status = 'held' GROUP BY lane, subject
        ) h USING (lane, subject)
        WHERE a.held <> coalesce(h.points, 0)
    """,
    "what is taken of a reward is what its claims have, those of erased people included": """
        SELECT s.reward_id::text AS name,
               format('taken %s, erased %s, in claims %s', s.taken, s.erased, coalesce(c.claims, 0)) AS wrong
        FROM reward_stock s LEFT JOIN (
            SELECT reward_id, count(*) AS claims FROM claim WHERE has_item GROUP BY reward_id
        ) c USING (reward_id)
        WHERE s.taken - s.erased <> coalesce(c.claims, 0)
    """,
    "every code that is claimed belongs to one claim, and every claim has its code": """
        SELECT format('reward %s, code %s', reward_id, code) AS name,
               CASE WHEN c.id IS NULL THEN 'claimed without a claim'
                    ELSE format('given by claim %s, not marked so', c.id) END AS wrong
        FROM (SELECT reward_id, code, claim_id AS id FROM reward_code WHERE claim_id IS NOT NULL) r
        FULL JOIN (SELECT reward_id, code, id FROM claim WHERE has_item AND code IS NOT NULL) c
            USING (reward_id, code, id)
        WHERE c.id IS NULL OR r.id IS NULL
    """,
    "codes are counted as available that are": """
        SELECT s.reward_id::text AS name,
               format('counted %s, available %s', s.codes_available, coalesce(c.codes, 0)) AS wrong
        FROM reward_stock s LEFT JOIN (
            SELECT reward_id, count(*) AS codes FROM reward_code WHERE status = 'available' GROUP BY reward_id
        ) c USING (reward_id)
        WHERE s.codes_available <> coalesce(c.codes, 0)
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
    "rules have acted in total as often as for all participants, erased ones included": """
        SELECT format('rule %s, window %s', rule_id, window_key) AS name,
               format('counted %s, erased %s, for participants %s', t.uses, t.erased_uses, u.uses) AS wrong
        FROM rule_total t
        LEFT JOIN (SELECT definition_id AS rule_id, window_key, sum(uses) AS uses
                   FROM limit_use GROUP BY definition_id, window_key) u
            USING (rule_id, window_key)
        WHERE t.uses - t.erased_uses <> coalesce(u.uses, 0)
    """,
    "the counts of scores are those of the standings": """
        SELECT format('leaderboard generation %s, window %s', generation, window_key) AS name,
               format('score %s: counted %s, standing there %s', bucket, coalesce(c.participants, 0),
                      coalesce(s.participants, 0)) AS wrong
        FROM (SELECT generation, window_key, score AS bucket, count(*) AS participants
              FROM standing GROUP BY generation, window_key, score) s
        FULL JOIN (SELECT * FROM score_count WHERE level = 0 AND participants <> 0) c
            USING (generation, window_key, bucket)
        WHERE c.participants IS DISTINCT FROM s.participants
    """,
    "the counts of scores agree on all levels": """
        SELECT format('leaderboard generation %s, window %s', generation, window_key) AS name,
               format('level %s, bucket %s: counted %s, below it %s', level, bucket, coalesce(c.participants, 0),
                      coalesce(s.participants, 0)) AS wrong
        FROM (SELECT generation, window_key, levels.level, bucket >> (8 * levels.level) AS bucket,
                     sum(participants) AS participants
              FROM score_count CROSS JOIN generate_series(1, 6) AS levels (level)
              WHERE score_count.level = 0 AND (levels.level = 6 OR (bucket >> (8 * levels.level)) & 255 <> 0)
              GROUP BY 1, 2, 3, 4 HAVING sum(participants) <> 0) s
        FULL JOIN (SELECT * FROM score_count WHERE level > 0 AND participants <> 0) c
            USING (generation, window_key, level, bucket)
        WHERE c.participants IS DISTINCT FROM s.participants
    """,
}
REBUILT = "folding the journal anew gives every projection as stored"
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
    """Walks accounts, journal and projections side by side, all in the order of (lane, subject)."""
    finding = Finding(REBUILT)
    known = await _all_definitions(connection)
    entries = _Grouped(connection, "SELECT * FROM journal ORDER BY lane, subject, seq")
    stored = _Stored(connection)
    accounts = connection.cursor(
        """
        SELECT a.*, p.project_id, p.anonymised_at IS NOT NULL AS is_anonymised
        FROM account a LEFT JOIN participant p USING (lane, subject) ORDER BY a.lane, a.subject
        """,
        prefetch=FETCH_ROWS,
    )
    async for row in accounts:
        place = (row["lane"], row["subject"])
        rebuilt = _fold_all(known.get(row["project_id"]), row, await entries.take(place))
        for what, present in (await stored.take(row)).items():
            if rebuilt[what] != present:
                finding.add(f"{row['subject']}: stored {what} {present}, rebuilt {rebuilt[what]}")
    for left_over in (entries, *stored.rows.values()):
        if place_left := await left_over.next_place():
            finding.add(f"{place_left[1]}: rows without an account")
    return finding


async def _all_definitions(connection: Connection) -> dict[int, Definitions]:
    """By project: the calendar, and the generations of leaderboards that are filled."""
    cache = DefinitionsCache()
    found = {}
    for row in await connection.fetch("SELECT id FROM project"):
        known = await cache.newest(connection, row["id"])
        ready = [
            structs.replace(board, generations=tuple(g for g in board.generations if g.is_ready))
            for board in known.leaderboards.values()
        ]
        found[row["id"]] = Definitions(known.version, leaderboards=ready, calendar=known.calendar)
    return found


def _fold_all(definitions: Definitions | None, account: asyncpg.Record, rows: list[asyncpg.Record]) -> dict[str, Any]:
    """All projections of one participant from the facts alone."""
    folded = Participant(
        project_id=account["project_id"],
        participant_id="",
        lane=account["lane"],
        subject=str(account["subject"]),
        exists=True,
        account=Account(),
    )
    tiers = []
    standings: dict[tuple[int, int], StandingRow] = {}
    reversals: dict[str, int] = defaultdict(int)
    for row in rows:
        fact = _decoders[row["kind"]].decode(row["data"])
        entry = Entry(str(row["id"]), row["seq"], fact, row["occurred_at"])
        fold(folded, entry)
        if isinstance(fact, TierReached | TierAssigned) and fact.tier_id != fact.previous_tier_id:
            tiers.append((row["seq"], fact.tier_id))
        if isinstance(fact, AwardReversed | DeductReversed):
            reversals[fact.transaction_id] += fact.amount
        if definitions is not None and not account["is_anonymised"]:
            _stand(standings, definitions, entry, row["recorded_at"])
    return {
        "account": folded.account,
        "tier history": tiers,
        "badges": folded.badges,
        "streaks": folded.streaks,
        "challenges": folded.challenges,
        "uses of limits": folded.limit_uses,
        "lots": folded.lots,
        "holds": folded.holds,
        "claims": folded.claims,
        "reversals": reversals,
        "standings": standings,
    }


def _stand(
    standings: dict[tuple[int, int], StandingRow], definitions: Definitions, entry: Entry, recorded_at: datetime
) -> None:
    for gain in gains(definitions, [entry]):
        for window_key in (ALL_TIME_KEY, *gain.windows):
            score, facts, reached_at, joined_at = standings.get(
                (gain.generation, window_key), (0, 0, gain.occurred_at, recorded_at)
            )
            standings[gain.generation, window_key] = (
                score + gain.score,
                facts + 1,
                max(reached_at, gain.occurred_at),
                min(joined_at, recorded_at),
            )


class _Stored:
    """The projections as they are stored."""

    def __init__(self, connection: Connection) -> None:
        ready = "SELECT id FROM board_generation WHERE status = 'ready'"
        self.rows = {
            name: _Grouped(connection, query)
            for name, query in (
                ("tier history", "SELECT * FROM tier_history ORDER BY lane, subject, seq"),
                ("badges", "SELECT * FROM earned_badge ORDER BY lane, subject"),
                ("streaks", "SELECT * FROM streak_state ORDER BY lane, subject"),
                ("challenges", "SELECT * FROM challenge_state ORDER BY lane, subject"),
                ("uses of limits", "SELECT * FROM limit_use ORDER BY lane, subject"),
                ("lots", "SELECT * FROM point_lot ORDER BY lane, subject"),
                ("holds", "SELECT * FROM hold ORDER BY lane, subject"),
                ("claims", "SELECT * FROM claim ORDER BY lane, subject"),
                ("reversals", "SELECT * FROM reversal ORDER BY lane, subject"),
                ("standings", f"SELECT * FROM standing WHERE generation IN ({ready}) ORDER BY lane, subject"),  # noqa: S608
            )
        }

    async def take(self, account: asyncpg.Record) -> dict[str, Any]:
        place = (account["lane"], account["subject"])
        rows = {name: await grouped.take(place) for name, grouped in self.rows.items()}
        return {
            "account": account_from(account),
            "tier history": [(row["seq"], str(row["tier_id"])) for row in rows["tier history"]],
            "badges": {str(row["badge_id"]): row["earned_at"] for row in rows["badges"]},
            "streaks": {str(row["streak_id"]): state_from(row["longest"], row["runs"]) for row in rows["streaks"]},
            "challenges": {str(row["challenge_id"]): challenges.state_from(row["state"]) for row in rows["challenges"]},
            "uses of limits": {
                (str(row["definition_id"]), row["window_key"]): row["uses"] for row in rows["uses of limits"]
            },
            "lots": {row["expires_at"]: row["points"] for row in rows["lots"]},
            "holds": {str(row["id"]): economy.hold_from(row) for row in rows["holds"]},
            "claims": {str(row["id"]): rewards.claim_from(row) for row in rows["claims"]},
            "reversals": {str(row["transaction_id"]): row["points"] for row in rows["reversals"]},
            "standings": {
                (row["generation"], row["window_key"]): (
                    row["score"],
                    row["facts"],
                    row["reached_at"],
                    row["joined_at"],
                )
                for row in rows["standings"]
            },
        }


class _Grouped:
    """Rows in the order of (lane, subject), taken one participant at a time."""

    def __init__(self, connection: Connection, query: str) -> None:
        self._rows = aiter(connection.cursor(query, prefetch=FETCH_ROWS))
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
