"""The job that removes the remaining rows of erased participants, in small steps, so that requests do not wait."""

import asyncio
import time
from datetime import UTC, datetime

from laurels.engine.jobs.apart import Apart
from laurels.engine.jobs.job import Job, Left, Tools
from laurels.storage import erased_ids
from laurels.storage.erasing import erasures
from laurels.storage.postgres.database import Connection
from laurels.storage.tables import AllTables

ROUND_SECONDS = 2.0
"""The time of one round; then other jobs have their turn."""

FORGOTTEN_AT_ONCE = 1_000
TIDY_SECONDS = 3_600.0


async def run_round(connection: Connection, tables: AllTables) -> bool:
    """Removes a part of the remaining rows, one participant after another. True if there may be more. Raises
    LockedError at the end if a row was locked."""
    deadline = time.monotonic() + ROUND_SECONDS
    apart = Apart()
    for lane, subject in await erasures.unfinished(connection):
        with apart.each():
            while await _step(connection, tables, lane, subject):
                if time.monotonic() > deadline:
                    return True
    apart.end()
    return False


async def _step(connection: Connection, tables: AllTables, lane: int, subject: str) -> bool:
    """Takes one step, then pauses for the time that it took, so that awards get half of the disk's time."""
    started_at = time.monotonic()
    async with connection.transaction():
        is_left = await erasures.step(connection, tables, lane, subject)
    await asyncio.sleep(time.monotonic() - started_at)
    return is_left


async def forget_old_keys(connection: Connection) -> None:
    """Removes idempotency keys of erased participants that are no longer needed. Reads all lanes, so it runs rarely."""
    while await erased_ids.forget_old_keys(connection, datetime.now(UTC), FORGOTTEN_AT_ONCE):
        pass


async def _erase(connection: Connection, tools: Tools) -> Left:
    return Left.AT_ONCE if await run_round(connection, tools.cache.tables) else Left.NOTHING


async def _forget_old_keys(connection: Connection, _tools: Tools) -> Left:
    await forget_old_keys(connection)
    return Left.NOTHING


JOBS = (
    Job(name="erase", step=_erase),
    Job(
        name="forget_old_keys",
        step=_forget_old_keys,
        begins_after_seconds=TIDY_SECONDS,
        rests_seconds=TIDY_SECONDS,
        rests_after_failure=True,
    ),
)
