"""Counting: each fact of the journal is added once to the statistics of its day.

The job walks the journal in the order of ids, which is the order of time, in steps of a transaction each. A step ends at
a *cut*, a moment that is SKEW in the past. Before it, all transactions have to end that ran when the cut was chosen: no
fact with an earlier id can be committed after that (ADR 6 finds these transactions in the same way). SKEW is more than
the difference between the clocks of servers.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache

import asyncpg
from msgspec import Struct

from laurels.storage.postgres.database import Connection
from laurels.storage.schema.partitions import first_id_at
from laurels.storage.statistics.declaration import (
    ACTIVE_PARTICIPANTS,
    NEW_PARTICIPANTS,
    AllStatistics,
    Statistic,
)

SKEW = timedelta(seconds=10)

MOST_FACTS = 30_000
"""A step that counted more facts halves the time that the next one counts; one with few facts doubles it."""
SHORTEST = timedelta(seconds=20)
LONGEST = timedelta(days=60)

Key = tuple[int, date, str, str]
"""A number: project, day, name of the statistic, code."""


class Progress(Struct, frozen=True, kw_only=True):
    """The facts before `counted_until` are counted. A `cut` is the end of the next step, once the transactions in
    `waits_for` have ended. `step_seconds` is the time that a step counts."""

    counted_until: datetime
    step_seconds: int
    cut: datetime | None
    waits_for: list[str]


async def take(connection: Connection) -> Progress | None:
    """The progress, locked; None while another process is counting."""
    row = await connection.fetchrow(
        """
        SELECT counted_until, step_seconds, cut, waits_for FROM statistics_progress FOR UPDATE SKIP LOCKED
        """
    )
    return None if row is None else Progress(**dict(row))


async def save(connection: Connection, progress: Progress) -> None:
    """Stores the progress that `take` has locked."""
    await connection.execute(
        "UPDATE statistics_progress SET counted_until = $1, step_seconds = $2, cut = $3, waits_for = $4",
        progress.counted_until,
        progress.step_seconds,
        progress.cut,
        progress.waits_for,
    )


async def counted_until(connection: Connection) -> datetime:
    """The time until which the statistics are complete."""
    until: datetime = await connection.fetchval("SELECT counted_until FROM statistics_progress")
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
    numbers: Counter[Key] = Counter()
    for row in rows:
        day = _day(row["at"], zones[row["project_id"]])
        for statistic in statistics.all:
            if factor := statistic.facts.get(row["kind"]):
                value = row["number"] if statistic.field is None else row["amount"]
                code = row["code"] if statistic.code else ""
                numbers[row["project_id"], day, statistic.name, code] += factor * value
        numbers[row["project_id"], day, NEW_PARTICIPANTS, ""] += row["first"]
    active = await connection.fetch(_ACTIVE, *bounds, list(statistics.activity))
    numbers.update(_newly_active(active, zones))
    await _add(connection, numbers)
    return sum(row["number"] for row in rows)


@cache
def _by_kind(fields: frozenset[tuple[str, str]], otherwise: str) -> str:
    whens = " ".join(f"WHEN '{kind}' THEN data->>'{field}'" for kind, field in sorted(fields))
    return f"CASE kind {whens} ELSE {otherwise} END" if whens else otherwise


def _sums(statistics: AllStatistics) -> str:
    """The statement that sums facts by project, kind, code and quarter of an hour: each time zone's days begin with
    one."""
    code = _by_kind(frozenset(statistics.codes.items()), "''")
    amount = _by_kind(frozenset(statistics.fields.items()), "'0'")
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


def _newly_active(rows: Iterable[asyncpg.Record], zones: Mapping[int, tzinfo]) -> Counter[Key]:
    days: set[tuple[int, object, date]] = set()
    for row in rows:
        zone = zones[row["project_id"]]
        day = _day(row["at"], zone)
        if row["previous"] is None or _day(row["previous"], zone) < day:
            days.add((row["project_id"], row["subject"], day))
    return Counter((project_id, day, ACTIVE_PARTICIPANTS, "") for project_id, _, day in days)


async def _add(connection: Connection, numbers: Counter[Key]) -> None:
    rows = sorted((*key, value) for key, value in numbers.items() if value)
    if rows:
        await connection.execute(
            """
            INSERT INTO statistic (project_id, day, name, code, value)
            SELECT * FROM unnest($1::integer[], $2::date[], $3::text[], $4::text[], $5::bigint[])
            ON CONFLICT (project_id, name, day, code) DO UPDATE SET value = statistic.value + excluded.value
            """,
            *zip(*rows, strict=True),
        )


def _day(moment: datetime, zone: tzinfo) -> date:
    return moment.astimezone(zone).date()


def next_step(progress: Progress, facts: int) -> timedelta:
    """The time that the next step counts, given the number of facts of this one."""
    step = timedelta(seconds=progress.step_seconds)
    if facts > MOST_FACTS:
        return max(SHORTEST, step / 2)
    return min(LONGEST, step * 2) if facts < MOST_FACTS / 4 else step


def now() -> datetime:
    """The time by which ids are chosen."""
    return datetime.now(UTC)


__all__ = ["Progress", "Statistic", "count", "counted_until", "next_step", "now", "running", "save", "take"]
