"""The invariants of the stored data that SQL can check: whether every point is where it should be.

All queries read one snapshot, so that a live database can be checked during writes.
"""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from laurels.storage.lanes import lane_of
from laurels.storage.postgres.database import Connection
from laurels.storage.schema import months
from laurels.storage.tables import Invariant

SHOWN_DIFFERENCES = 20
FETCH_ROWS = 5_000


@dataclass
class Finding:
    """The result for one invariant: the number of rows that break it, and examples. A note reports a circumstance that
    makes no number wrong."""

    invariant: str
    is_note: bool = False
    differences: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, example: str) -> None:
        self.differences += 1
        if len(self.examples) < SHOWN_DIFFERENCES:
            self.examples.append(example)

    def include(self, other: "Finding") -> None:
        """Adds the result for the same invariant from another part of the data."""
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
"""The largest difference between the clocks of healthy machines."""

# Ids contain the machine's time; `recorded_at` is by the project's clock, which may rightly be ahead.
_LATER_FACTS = """
SELECT coalesce(p.participant_id, j.subject::text) AS name, j.id, j.seq, j.kind
FROM journal j LEFT JOIN participant p USING (lane, subject) WHERE j.id >= $1 ORDER BY j.id
"""
ERASURES = "every erasure is finished within a day"
ERASURE_HOURS = 24


async def invariants(connection: Connection, held_in_sql: Iterable[Invariant]) -> AsyncIterator[Finding]:
    """Yields a finding for each invariant when its check is done, also without differences. The invariants of storage
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
            finding.add(f"{row['participant_id']}: lane {row['lane']}, expected {expected} by its id")
    return finding


async def _facts_from_the_future(connection: Connection) -> Finding:
    """Finds facts that a machine wrote while its clock was ahead of the database's clock."""
    finding = Finding(FROM_THE_FUTURE, is_note=True)
    now: datetime = await connection.fetchval("SELECT now()")
    async for row in connection.cursor(_LATER_FACTS, months.first_id_at(now + CLOCKS_DIFFER), prefetch=FETCH_ROWS):
        written_at = months.moment_of(row["id"])
        finding.add(f"{row['name']}: fact {row['seq']}, {row['kind']}, of {written_at:%Y-%m-%dT%H:%M:%SZ}")
    return finding


async def _check_erasures(connection: Connection, now: datetime) -> Finding:
    """Shows the erasures in progress; an erasure that is not finished in time counts as a difference."""
    finding = Finding(ERASURES)
    query = "SELECT subject, is_deletion, reached_seq, facts, begun_at FROM erasure ORDER BY begun_at"
    async for row in connection.cursor(query, prefetch=FETCH_ROWS):
        verb = "deleted" if row["is_deletion"] else "cleared"
        reached = min(row["reached_seq"], row["facts"])
        example = f"{row['subject']}: {reached} of {row['facts']} facts {verb} since {row['begun_at']:%Y-%m-%dT%H:%MZ}"
        if row["begun_at"] < now - timedelta(hours=ERASURE_HOURS):
            finding.add(example)
        elif len(finding.examples) < SHOWN_DIFFERENCES:
            finding.examples.append(example)
    return finding
