"""The work of `laurels check`: the invariants and, in parallel, the rebuild, in several processes if the journal is
large."""

import asyncio
import gc
import multiprocessing
import os
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ProcessPoolExecutor

import typer

from laurels.storage.checking import feed_events, snapshots
from laurels.storage.checking.invariants import Finding, invariants
from laurels.storage.checking.rebuild import REBUILT, rebuild
from laurels.storage.lanes import LANES
from laurels.storage.postgres.database import Connection, connect_one
from laurels.storage.tables import AllTables

MUCH_BYTES = 100_000_000
"""A smaller journal is folded in less time than processes take to start."""

MakesTables = Callable[[], AllTables]
"""A module-level function: other processes get its name, as the tables themselves cannot be sent."""

PARTS_PER_PROCESS = 4
"""More than one, so that no process has much work left when the others have finished."""


def show(url: str, make_tables: MakesTables, *, with_rebuild: bool) -> bool:
    """Prints each finding when its check is done; returns whether everything is in order."""

    async def work() -> bool:
        is_clean = True
        async for finding in check(url, make_tables, with_rebuild=with_rebuild):
            is_broken = bool(finding.differences) and not finding.is_note
            verdict = "FAIL" if is_broken else "note" if finding.differences else "ok  "
            typer.echo(f"{verdict}  {finding.invariant}")
            for example in finding.examples:
                typer.echo(f"        {example}")
            if finding.differences > len(finding.examples):
                typer.echo(f"        … {finding.differences} differences in total")
            is_clean = is_clean and not is_broken
        return is_clean

    return asyncio.run(work())


async def check(url: str, make_tables: MakesTables, *, with_rebuild: bool) -> AsyncIterator[Finding]:
    """Yields a finding for each invariant when its check is done; all read one snapshot of the database."""
    tables = make_tables()
    connection = await connect_one(url)
    try:
        await snapshots.keep_facts_in_place(connection)
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            rebuilding = await _begin_rebuild(connection, url, make_tables) if with_rebuild else None
            async for finding in invariants(connection, tables.invariants):
                yield finding
            yield await feed_events.check(connection, tables.game)
            if with_rebuild:
                yield await rebuilding if rebuilding else await rebuild(connection, tables, range(LANES))
    finally:
        await connection.close()


async def _begin_rebuild(connection: Connection, url: str, make_tables: MakesTables) -> asyncio.Task[Finding] | None:
    """Starts the rebuild in several processes; returns None where one is enough."""
    processes = os.cpu_count() or 1
    if processes == 1 or await snapshots.journal_bytes(connection) < MUCH_BYTES:
        return None
    snapshot = await snapshots.export(connection)
    return asyncio.create_task(_by_processes(url, make_tables, snapshot, processes))


async def _by_processes(url: str, make_tables: MakesTables, snapshot: str, processes: int) -> Finding:
    size = -(-LANES // (processes * PARTS_PER_PROCESS))
    finding = Finding(REBUILT)
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        parts = [
            loop.run_in_executor(
                pool, _rebuild_part, url, make_tables, snapshot, range(start, min(start + size, LANES))
            )
            for start in range(0, LANES, size)
        ]
        for part in parts:
            finding.include(await part)
    return finding


def _rebuild_part(url: str, make_tables: MakesTables, snapshot: str, lanes: range) -> Finding:
    async def work() -> Finding:
        connection = await connect_one(url)
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                await snapshots.share(connection, snapshot)
                return await rebuild(connection, make_tables(), lanes)
        finally:
            await connection.close()

    # Rows and facts hold no reference cycles, and the collector would take a quarter of the time looking for some. The
    # process ends with the check.
    gc.disable()
    return asyncio.run(work())
