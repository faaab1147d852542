"""Counting: each fact of the journal is added once to the statistics of its day.

The job walks the journal in the order of ids, which is the order of time, in steps of a transaction each, up to a
*cut*: a moment that is SKEW in the past. Before it counts, all transactions have to end that ran when the cut was
chosen. No fact with an earlier id can be committed after that. ADR 6 finds these transactions in the same way. SKEW is
more than the difference between the clocks of servers.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta, tzinfo

import asyncpg
from msgspec import Struct

from laurels.storage.daily import lasting
from laurels.storage.daily.numbers import Numbers, add, day_of
from laurels.storage.postgres.database import Connection, Fetches
from laurels.storage.schema.months import first_id_at
from laurels.storage.statistics import (
    ACTIVE_PARTICIPANTS,
    NEW_PARTICIPANTS,
    AllStatistics,
)

SKEW = timedelta(seconds=10)

MOST_FACTS = 30_000
"""A step that counted more facts is followed by one of half the time, and a step with few facts by one of twice the
time."""
SHORTEST_SECONDS = 20
LONGEST_SECONDS = 60 * 86_400


class CountingProgress(Struct, frozen=True, kw_only=True):
    """The facts before `counted_until` are counted. Those before `cut` can be counted as soon as the transactions in
    `waits_for` have ended. A step counts the facts of `step_seconds`."""

    counted_until: datetime
    step_seconds: int
    cut: datetime | None
    waits_for: list[str]

    def after(self, until: datetime, cut: datetime, facts: int) -> "CountingProgress":
        """The progress after a step that counted this number of facts."""
        seconds = self.step_seconds
        if facts > MOST_FACTS:
            seconds = max(SHORTEST_SECONDS, seconds // 2)
        elif facts < MOST_FACTS // 4:
            seconds = min(LONGEST_SECONDS, seconds * 2)
        left = cut if until < cut else None
        return CountingProgress(counted_until=until, step_seconds=seconds, cut=left, waits_for=[])


async def take(connection: Connection) -> CountingProgress | None:
    """The progress, locked; None while another process is counting."""
    row = await connection.fetchrow(
        """
        SELECT counted_until, step_seconds, cut, waits_for FROM statistics_progress FOR UPDATE SKIP LOCKED
        """
    )
    return None if row is None else CountingProgress(**dict(row))


async def save(connection: Connection, progress: CountingProgress) -> None:
    """Stores the progress that `take` has locked."""
    await connection.execute(
        "UPDATE statistics_progress SET counted_until = $1, step_seconds = $2, cut = $3, waits_for = $4",
        progress.counted_until,
        progress.step_seconds,
        progress.cut,
        progress.waits_for,
    )


async def counted_until(connection: Fetches) -> datetime:
    """The time until which the statistics are complete."""
    rows = await connection.fetch("SELECT counted_until FROM statistics_progress")
    until: datetime = rows[0]["counted_until"]
    return until


async def running(connection: Connection) -> set[str]:
    """The transactions that may still write facts: each locks its accounts before it chooses ids."""
    found: list[str] = await connection.fetchval(
        """
        SELECT coalesce(array_agg(DISTINCT virtualtransaction), '{}') FROM pg_locks
        WHERE locktype = 'relation' AND relation = 'account'::regclass AND mode = 'RowShareLock'
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND pid <> pg_backend_pid()
        """
    )
    return set(found)


async def count(
    connection: Connection, statistics: AllStatistics, zones: Mapping[int, tzinfo], since: datetime, until: datetime
) -> int:
    """Adds the facts whose ids are from `since` to before `until`. `zones` are the time zones of the projects. Returns
    the number of facts."""
    bounds = (first_id_at(since), first_id_at(until))
    rows = await connection.fetch(_sums(statistics), *bounds)
    numbers = Numbers()
    for row in rows:
        day = day_of(row["at"], zones[row["project_id"]])
        for each in statistics.sums:
            if factor := each.factors.get(row["kind"]):
                value = row["number"] if each.statistic.field is None else row["amount"]
                code = row["code"] if each.statistic.code else ""
                numbers[row["project_id"], day, each.statistic.name, code] += factor * value
        numbers[row["project_id"], day, NEW_PARTICIPANTS, ""] += row["first"]
    active = await connection.fetch(_ACTIVE, *bounds, list(statistics.activity))
    numbers.update(_newly_active(active, zones))
    for pair in statistics.lasting:
        await lasting.count(connection, pair, zones, bounds, numbers)
    await add(connection, numbers)
    await lasting.forget_ends(connection, until)
    return sum(row["number"] for row in rows)


def _by_kind(fields: Mapping[str, str], otherwise: str) -> str:
    """SQL for the field of each kind of fact."""
    whens = " ".join(f"WHEN '{kind}' THEN data->>'{field}'" for kind, field in fields.items())
    return f"CASE kind {whens} ELSE {otherwise} END" if whens else otherwise


def _sums(statistics: AllStatistics) -> str:
    """The statement that sums facts by project, kind, code and quarter of an hour: each time zone's days begin with
    one."""
    code = _by_kind(statistics.codes, "''")
    amount = _by_kind(statistics.fields, "'0'")
    return f"""
    SELECT project_id, kind, coalesce({code}, '') AS code,
           date_bin('15 minutes', recorded_at, '2000-01-01Z') AS at,
           count(*) AS number, count(*) FILTER (WHERE seq = 1) AS first,
           coalesce(sum(({amount})::numeric), 0)::bigint AS amount
    FROM journal WHERE id >= $1 AND id < $2 GROUP BY 1, 2, 3, 4
    """  # noqa: S608


# The previous activity of each participant shows on which days the participant is active for the first time.
_ACTIVE = """
SELECT seen.project_id, seen.subject, seen.at, (
    SELECT earlier.recorded_at FROM journal earlier
    WHERE earlier.lane = seen.lane AND earlier.subject = seen.subject AND earlier.seq < seen.first_seq
      AND earlier.kind = ANY ($3::text[]) AND earlier.cause_id IS NULL
    ORDER BY earlier.seq DESC LIMIT 1
) AS previous
FROM (
    SELECT project_id, lane, subject, date_bin('15 minutes', recorded_at, '2000-01-01Z') AS at, min(seq) AS first_seq
    FROM journal WHERE id >= $1 AND id < $2 AND kind = ANY ($3::text[]) AND cause_id IS NULL
    GROUP BY 1, 2, 3, 4
) seen
"""


def _newly_active(rows: Iterable[asyncpg.Record], zones: Mapping[int, tzinfo]) -> Numbers:
    days: set[tuple[int, object, date]] = set()
    for row in rows:
        zone = zones[row["project_id"]]
        day = day_of(row["at"], zone)
        if row["previous"] is None or day_of(row["previous"], zone) < day:
            days.add((row["project_id"], row["subject"], day))
    return Numbers((project_id, day, ACTIVE_PARTICIPANTS, "") for project_id, _, day in days)
