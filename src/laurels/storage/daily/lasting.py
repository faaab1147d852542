"""Counting what lasts until a time, such as streaks: the number that lasts at the end of each day, and the number that
has ended on it.

No fact records that a streak is lost: it is lost at the deadline of its newest record. So each fact counts an end on
the day of its deadline, and removes the end that the fact before it counted. The table `lasting_end` has the ends that
have not come, so that readers can leave them out. They name nobody: the streak of an erased participant ends at its
deadline.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, tzinfo
from typing import Any, NamedTuple

from laurels.storage.daily.numbers import Numbers, day_of
from laurels.storage.postgres.database import Connection
from laurels.storage.statistics import Lasting


class Holder(NamedTuple):
    """The participant and the object that lasts, such as the id of the streak."""

    lane: int
    subject: str
    key: str


class Latest(NamedTuple):
    """The fact that decides how long something lasts: the one with the highest position, and of several the one that
    lasts longest."""

    position: int
    until: datetime


class End(NamedTuple):
    """A time at which something ends, and the day of this time in the project's zone."""

    project_id: int
    at: datetime
    code: str
    day: date


async def count(
    connection: Connection, lasting: Lasting, zones: Mapping[int, tzinfo], bounds: tuple[Any, Any], numbers: Numbers
) -> None:
    """Counts the facts whose ids are from the first of `bounds` to before the second."""
    rows = await connection.fetch(_facts(lasting), *bounds)
    holders = [Holder(row["lane"], str(row["subject"]), row["key"]) for row in rows]
    stored = await _read(connection, lasting, set(holders))
    latest = dict(stored)
    ends: Counter[End] = Counter()
    for holder, row in zip(holders, rows, strict=True):
        project_id, code, at = row["project_id"], row["code"], row["recorded_at"]
        zone = zones[project_id]
        before, new = latest.get(holder), Latest(row["position"], row["until"])
        latest[holder] = new if before is None else max(before, new)
        lasted, lasts = before is not None and before.until > at, latest[holder].until > at
        numbers[project_id, day_of(at, zone), lasting.lasting, code] += lasts and not lasted
        for end, change in _moved(before.until if before and lasted else None, latest[holder].until, at):
            ends[End(project_id, end, code, day_of(end, zone))] += change
    for each, change in ends.items():
        numbers[each.project_id, each.day, lasting.ended, each.code] += change
        numbers[each.project_id, each.day, lasting.lasting, each.code] -= change
    await _save_ends(connection, lasting, ends)
    await _save(
        connection, lasting, stored, {holder: now for holder, now in latest.items() if now != stored.get(holder)}
    )


def _moved(before: datetime | None, until: datetime, at: datetime) -> Iterator[tuple[datetime, int]]:
    """The ends that a fact recorded at `at` removes and adds. `before` is the end of the object that lasted then. A
    fact can end it at once: a late record may belong to a newer period than the last, whose deadline has passed."""
    if before is not None:
        yield before, -1
    if until > at or before is not None:
        yield max(until, at), 1


def _facts(lasting: Lasting) -> str:
    return f"""
    SELECT project_id, lane, subject, recorded_at, data->>'{lasting.key}' AS key, data->>'{lasting.code}' AS code,
           (data->>'{lasting.position}')::bigint AS position, (data->>'{lasting.until}')::timestamptz AS until
    FROM journal WHERE id >= $1 AND id < $2 AND kind = '{lasting.fact}' ORDER BY id
    """  # noqa: S608


_READ = """
SELECT lane, subject, key, position, until
FROM unnest($1::smallint[], $2::uuid[], $3::text[]) AS wanted (lane, subject, key)
JOIN lasting USING (lane, subject, key) WHERE name = $4
"""


async def _read(connection: Connection, lasting: Lasting, holders: Collection[Holder]) -> dict[Holder, Latest]:
    if not holders:
        return {}
    rows = await connection.fetch(_READ, *zip(*holders, strict=True), lasting.lasting)
    return {Holder(row["lane"], str(row["subject"]), row["key"]): Latest(row["position"], row["until"]) for row in rows}


_GIVEN = """
unnest($2::smallint[], $3::uuid[], $4::text[], $5::bigint[], $6::timestamptz[])
    AS given (lane, subject, key, position, until)
"""

_UPDATE = f"""
UPDATE lasting SET position = given.position, until = given.until FROM {_GIVEN}
WHERE (lasting.lane, lasting.subject, lasting.key) = (given.lane, given.subject, given.key) AND lasting.name = $1
"""  # noqa: S608

# Participants that were deleted in the meantime have no row.
_INSERT = f"""
INSERT INTO lasting (name, lane, subject, key, position, until)
SELECT $1, lane, subject, key, position, until FROM {_GIVEN} JOIN participant USING (lane, subject)
"""  # noqa: S608

# So that no row of a participant is written while the participant is being deleted.
_WAIT_FOR_DELETIONS = "SELECT pg_advisory_xact_lock(5217, 4)"
_HOLD_BACK = "SELECT pg_advisory_xact_lock_shared(5217, 4)"


async def _save(
    connection: Connection, lasting: Lasting, stored: Collection[Holder], latest: Mapping[Holder, Latest]
) -> None:
    """Stores the newest facts; `stored` are the holders that have a row."""
    old = [(*holder, *now) for holder, now in sorted(latest.items()) if holder in stored]
    new = [(*holder, *now) for holder, now in sorted(latest.items()) if holder not in stored]
    await connection.execute(_WAIT_FOR_DELETIONS)
    if old:
        await connection.execute(_UPDATE, lasting.lasting, *zip(*old, strict=True))
    if new:
        await connection.execute(_INSERT, lasting.lasting, *zip(*new, strict=True))


async def _save_ends(connection: Connection, lasting: Lasting, ends: Mapping[End, int]) -> None:
    rows = sorted((*end, change) for end, change in ends.items() if change)
    if rows:
        await connection.execute(
            """
            INSERT INTO lasting_end AS e (name, project_id, at, code, day, value)
            SELECT $1, * FROM unnest($2::integer[], $3::timestamptz[], $4::text[], $5::date[], $6::bigint[])
            ON CONFLICT (project_id, name, at, code) DO UPDATE SET value = e.value + excluded.value
            """,
            lasting.ended,
            *zip(*rows, strict=True),
        )


async def forget_ends(connection: Connection, until: datetime) -> None:
    """Removes the ends that have come, by the clocks of their projects, at the real time `until`."""
    await connection.execute(
        """
        DELETE FROM lasting_end e USING project p
        WHERE p.id = e.project_id AND e.at <= $1::timestamptz + p.clock_offset_ms * interval '1 millisecond'
        """,
        until,
    )


async def remove(connection: Connection, lane: int, subject: str) -> None:
    """Removes the rows of a deleted participant."""
    await connection.execute(_HOLD_BACK)
    await connection.execute("DELETE FROM lasting WHERE lane = $1 AND subject = $2", lane, subject)
