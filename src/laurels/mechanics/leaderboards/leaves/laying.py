"""Laying out the rankings of a generation in steps, each in a separate transaction."""

import asyncio
import time
from collections.abc import Iterable

from laurels.mechanics.leaderboards.leaves import layout
from laurels.mechanics.leaderboards.leaves.layout import LeafSizes, Ranking
from laurels.mechanics.leaderboards.leaves.waiting import running
from laurels.storage.postgres.database import Connection

PAUSE_SECONDS = 0.01
WAIT_SECONDS = 1.0
"""The time to wait for transactions that began before a leaf was opened. The next round waits for the others."""


async def lay_out(
    connection: Connection, rankings: Iterable[Ranking], sizes: LeafSizes, *, merges: bool, until: float
) -> bool:
    """Splits leaves that have become large, and with `merges` also merges small ones. False if there is more to do: at
    the time `until`, if a lock is held elsewhere, or if old transactions do not end."""
    is_done = True
    for ranking in rankings:
        is_done &= await _lay_out(connection, ranking, sizes, merges=merges, until=until)
        if time.monotonic() >= until:
            return False
    return is_done


async def open_splits(connection: Connection, rankings: Iterable[Ranking], sizes: LeafSizes) -> None:
    """Opens leaves beside large ones, for standings from now on. `lay_out` moves the earlier ones."""
    for ranking in rankings:
        await _begin(connection, ranking, sizes, merges=False)


async def _lay_out(connection: Connection, ranking: Ranking, sizes: LeafSizes, *, merges: bool, until: float) -> bool:
    while changes := await _begin(connection, ranking, sizes, merges=merges):
        if not await _finish(connection, ranking, changes, until):
            return False
    return True


async def _begin(connection: Connection, ranking: Ranking, sizes: LeafSizes, *, merges: bool) -> frozenset[str]:
    """The changes that are under way, and otherwise new ones as far as they are called for."""
    async with connection.transaction():
        if not await layout.lock(connection, ranking.generation):
            return frozenset()
        changes = await layout.changes(connection, ranking)
        if changes:
            return changes
        if await layout.open_split(connection, ranking, sizes) or (
            merges and await layout.close_small(connection, ranking)
        ):
            return await layout.changes(connection, ranking)
        return frozenset()


async def _finish(connection: Connection, ranking: Ranking, changes: frozenset[str], until: float) -> bool:
    """Moves people and completes the changes. False if something is left."""
    if not await _has_waited(connection) or not await _move(connection, ranking, until):
        return False
    async with connection.transaction():
        if not await layout.lock(connection, ranking.generation):
            return False
        if not await layout.complete(connection, ranking, changes):
            return False
    while True:
        async with connection.transaction():
            if not await layout.lock(connection, ranking.generation):
                return False
            if not await layout.divide(connection, ranking):
                return True


async def _move(connection: Connection, ranking: Ranking, until: float) -> bool:
    """Moves all who are free. False if there was no time."""
    while people := await layout.misfiled(connection, ranking):
        moved = 0
        for start in range(0, len(people), layout.MOVED_AT_ONCE):
            async with connection.transaction():
                if not await layout.lock(connection, ranking.generation):
                    return False
                moved += await layout.move(connection, ranking, people[start : start + layout.MOVED_AT_ONCE])
            if time.monotonic() >= until:
                return False
        if not moved:
            break
    return True


async def _has_waited(connection: Connection) -> bool:
    """True once all have ended that ran when this was called."""
    ends_at = time.monotonic() + WAIT_SECONDS
    waits_for = await running(connection)
    while waits_for:
        if time.monotonic() >= ends_at:
            return False
        await asyncio.sleep(PAUSE_SECONDS)
        waits_for &= await running(connection)
    return True
