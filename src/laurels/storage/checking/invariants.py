"""Does every point lie where it should? The invariants of the stored data that SQL can hold against each other.

Everything is read in one snapshot, so that a live database can be checked while it is written to.
"""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from laurels.storage.lanes import lane_of
from laurels.storage.postgres.database import Connection
from laurels.storage.schema import partitions
from laurels.storage.tables import Invariant

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


ACCOUNTS = Invariant(
    "every participant has one account and every account a participant",
    """
        SELECT coalesce(p.participant_id, a.subject::text) AS name,
               CASE WHEN p.subject IS NULL THEN 'an account without a participant'
                    ELSE 'a participant without an account' END AS wrong
        FROM participant p FULL JOIN account a USING (lane, subject)
        WHERE p.subject IS NULL OR a.subject IS NULL
    """,
)
KEYS = Invariant(
    "every idempotency key belongs to a fact",
    """
        SELECT i.key AS name, format('operation %s, command %s', i.operation, i.command_id) AS wrong
        FROM idempotency i
        WHERE NOT EXISTS (SELECT FROM journal j WHERE j.lane = i.lane AND j.id = i.command_id)
    """,
)
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


async def invariants(connection: Connection, held_in_sql: Iterable[Invariant]) -> AsyncIterator[Finding]:
    """Yields a finding for each invariant as it is done, those without differences included; those of storage alone
    that take more than a query come last."""
    for invariant in held_in_sql:
        finding = Finding(invariant.name)
        async for row in connection.cursor(str(invariant.query), prefetch=FETCH_ROWS):
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
