"""Does every point lie where it should? The invariants of the stored data that SQL can hold against each other.

Everything is read in one snapshot, so that a live database can be checked while it is written to.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from laurels.mechanics.facts import POINTS_FACTS
from laurels.storage.database import Connection
from laurels.storage.lanes import lane_of
from laurels.storage.schema import partitions

SHOWN_DIFFERENCES = 20
FETCH_ROWS = 5_000


@dataclass
class Finding:
    """One invariant: how many rows break it, and the first of them by name. A note is worth knowing, though no
    number is wrong because of it."""

    invariant: str
    is_note: bool = False
    differences: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, example: str) -> None:
        self.differences += 1
        if len(self.examples) < SHOWN_DIFFERENCES:
            self.examples.append(example)

    def include(self, other: "Finding") -> None:
        """What was found elsewhere of the same invariant."""
        self.differences += other.differences
        self.examples = (self.examples + other.examples)[:SHOWN_DIFFERENCES]


def _moved(count: str) -> str:
    """SQL for which way a fact's amount moves a count of the account."""
    cases = " ".join(f"WHEN '{kind}' THEN {getattr(fact.moves, count)}" for kind, fact in POINTS_FACTS.items())
    return f"coalesce((data->>'amount')::bigint, 0) * CASE kind {cases} ELSE 0 END"


# Deleted people's facts go little by little.
_FACTS = """
FROM journal j WHERE NOT EXISTS (
    SELECT FROM erasure e WHERE e.lane = j.lane AND e.subject = j.subject AND e.is_deletion
)
"""

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
                {_FACTS}
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
            {_FACTS} GROUP BY lane, subject
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
    "rules have acted in total as often as for all participants, erased ones included": """
        WITH u AS MATERIALIZED (
            SELECT definition_id AS rule_id, window_key, sum(uses) AS uses
            FROM limit_use GROUP BY definition_id, window_key
        )
        SELECT format('rule %s, window %s', rule_id, window_key) AS name,
               format('counted %s, erased %s, for participants %s', t.uses, t.erased_uses, u.uses) AS wrong
        FROM rule_total t LEFT JOIN u USING (rule_id, window_key)
        WHERE t.lane = 0 AND t.uses - t.erased_uses <> coalesce(u.uses, 0)
    """,
    "the counts of scores are those of the standings": """
        WITH s AS MATERIALIZED (
            SELECT generation, window_key, score AS bucket, count(*) AS participants
            FROM standing GROUP BY generation, window_key, score
        ), c AS MATERIALIZED (
            SELECT * FROM score_count WHERE level = 0 AND participants <> 0
        )
        SELECT format('leaderboard generation %s, window %s', generation, window_key) AS name,
               format('score %s: counted %s, standing there %s', bucket, coalesce(c.participants, 0),
                      coalesce(s.participants, 0)) AS wrong
        FROM s FULL JOIN c USING (generation, window_key, bucket)
        WHERE c.participants IS DISTINCT FROM s.participants
    """,
    "the counts of scores agree on all levels": """
        WITH s AS MATERIALIZED (
            SELECT generation, window_key, levels.level, bucket >> (8 * levels.level) AS bucket,
                   sum(participants) AS participants
            FROM score_count CROSS JOIN generate_series(1, 6) AS levels (level)
            WHERE score_count.level = 0 AND (levels.level = 6 OR (bucket >> (8 * levels.level)) & 255 <> 0)
            GROUP BY 1, 2, 3, 4 HAVING sum(participants) <> 0
        ), c AS MATERIALIZED (
            SELECT * FROM score_count WHERE level > 0 AND participants <> 0
        )
        SELECT format('leaderboard generation %s, window %s', generation, window_key) AS name,
               format('level %s, bucket %s: counted %s, below it %s', level, bucket, coalesce(c.participants, 0),
                      coalesce(s.participants, 0)) AS wrong
        FROM s FULL JOIN c USING (generation, window_key, level, bucket)
        WHERE c.participants IS DISTINCT FROM s.participants
    """,
}
IN_LANE = "every participant is in the lane of its id"
FROM_THE_FUTURE = "no fact is from the future"
CLOCKS_DIFFER = timedelta(minutes=5)
"""By so much at most the clocks of machines that work well."""

# Ids tell the machine's time; `recorded_at` is by the project's clock, which may rightly be ahead.
_LATER_FACTS = """
SELECT coalesce(p.participant_id, j.subject::text) AS name, j.id, j.seq, j.kind
FROM journal j LEFT JOIN participant p USING (lane, subject) WHERE j.id >= $1 ORDER BY j.id
"""
ERASURES = "every erasure that was begun is finished within a day"
ERASURE_HOURS = 24


async def invariants(connection: Connection) -> AsyncIterator[Finding]:
    """Yields a finding for each invariant as it is done; those without differences too."""
    for invariant, query in INVARIANTS.items():
        finding = Finding(invariant)
        async for row in connection.cursor(query, prefetch=FETCH_ROWS):
            finding.add(f"{row['name']}: {row['wrong']}")
        yield finding
    yield await _check_lanes(connection)
    yield await _facts_from_the_future(connection)
    yield await _check_erasures(connection, datetime.now(UTC))


async def _check_lanes(connection: Connection) -> Finding:
    finding = Finding(IN_LANE)
    query = "SELECT lane, project_id, participant_id FROM participant"
    async for row in connection.cursor(query, prefetch=FETCH_ROWS):
        expected = lane_of(row["project_id"], row["participant_id"])
        if row["lane"] != expected:
            finding.add(f"{row['participant_id']}: lane {row['lane']}, by its id {expected}")
    return finding


async def _facts_from_the_future(connection: Connection) -> Finding:
    """What was written while a machine's clock was ahead, judged by the database's clock."""
    finding = Finding(FROM_THE_FUTURE, is_note=True)
    now: datetime = await connection.fetchval("SELECT now()")
    async for row in connection.cursor(_LATER_FACTS, partitions.first_id_at(now + CLOCKS_DIFFER), prefetch=FETCH_ROWS):
        made_at = partitions.moment_of(row["id"])
        finding.add(f"{row['name']}: fact {row['seq']}, {row['kind']}, of {made_at:%Y-%m-%dT%H:%M:%SZ}")
    return finding


async def _check_erasures(connection: Connection, now: datetime) -> Finding:
    """Those under way are shown; one that does not come to its end differs."""
    finding = Finding(ERASURES)
    query = "SELECT subject, is_deletion, reached_seq, facts, begun_at FROM erasure ORDER BY begun_at"
    async for row in connection.cursor(query, prefetch=FETCH_ROWS):
        what = "deleted" if row["is_deletion"] else "cleared"
        reached = min(row["reached_seq"], row["facts"])
        example = f"{row['subject']}: {reached} of {row['facts']} facts {what} since {row['begun_at']:%Y-%m-%dT%H:%MZ}"
        if row["begun_at"] < now - timedelta(hours=ERASURE_HOURS):
            finding.add(example)
        elif len(finding.examples) < SHOWN_DIFFERENCES:
            finding.examples.append(example)
    return finding
