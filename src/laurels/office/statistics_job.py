"""The job that counts the facts of the journal into daily statistics."""

from datetime import UTC, datetime, timedelta, tzinfo

from msgspec.structs import replace

from laurels.engine.jobs.job import Job, Left, Tools
from laurels.kernel.dates import time_zones
from laurels.storage.daily import counting
from laurels.storage.daily.counting import SKEW
from laurels.storage.postgres.database import Connection
from laurels.storage.statistics import AllStatistics

RESTS_SECONDS = 5.0


async def step(connection: Connection, statistics: AllStatistics) -> Left:
    """Counts the facts of the next stretch of time. A crash repeats nothing, as the transaction stores the progress."""
    async with connection.transaction():
        progress = await counting.take(connection)
        if progress is None:
            return Left.NOTHING
        running = await counting.running(connection)
        if progress.cut is None:
            cut, waits_for = datetime.now(UTC) - SKEW, running
        else:
            cut, waits_for = progress.cut, running & set(progress.waits_for)
        if cut <= progress.counted_until:
            return Left.NOTHING
        if waits_for:
            await counting.save(connection, replace(progress, cut=cut, waits_for=sorted(waits_for)))
            return Left.SOMETHING
        until = min(cut, progress.counted_until + timedelta(seconds=progress.step_seconds))
        facts = await counting.count(connection, statistics, await _zones(connection), progress.counted_until, until)
        await counting.save(connection, progress.after(until, cut, facts))
        return Left.NOTHING if until == cut else Left.AT_ONCE


async def _zones(connection: Connection) -> dict[int, tzinfo]:
    rows = await connection.fetch("SELECT id, time_zone FROM project")
    return {row["id"]: time_zones.zone(row["time_zone"]) for row in rows}


async def _step(connection: Connection, tools: Tools) -> Left:
    return await step(connection, tools.cache.tables.statistics)


JOBS = (Job(name="count_statistics", step=_step, rests_seconds=RESTS_SECONDS),)
