"""What leaderboards need without being asked: filling new generations, ticks of ranks, tidying up."""

import asyncio
from datetime import UTC, datetime

import structlog

from laurels.engine.jobs.apart import Apart
from laurels.engine.jobs.job import Job, Left, Tools
from laurels.kernel.definition import Definitions
from laurels.mechanics.leaderboards import generations, ranks, rules
from laurels.mechanics.leaderboards import store as leaderboards
from laurels.mechanics.leaderboards.generations import Filling
from laurels.mechanics.leaderboards.model import Leaderboard
from laurels.mechanics.leaderboards.rules import counting
from laurels.mechanics.leaderboards.store import Gained
from laurels.storage import definitions
from laurels.storage.definitions import DefinitionsCache
from laurels.storage.facts import FactReader
from laurels.storage.postgres.database import Connection

log = structlog.get_logger("laurels.engine.jobs")

CHUNK_PARTICIPANTS = 300
TIDY_ROWS = 5_000
TIDY_SECONDS = 3_600.0
MOST_GAINS = 50_000
"""In one statement, which takes its locks in order: as long as people have no more facts, a step has only one."""


async def fill(connection: Connection, cache: DefinitionsCache) -> None:
    """Brings every unfinished generation a good way on; each step is a transaction of its own, so that a crash neither
    loses nor repeats one. A locked row keeps no other generation waiting; raises LockedError in the end."""
    apart = Apart()
    for generation_id in await generations.unfinished(connection):
        with apart.each():
            while await _fill_step(connection, cache, generation_id):
                pass
    apart.end()


async def _fill_step(connection: Connection, cache: DefinitionsCache, generation_id: int) -> bool:
    """True if there is more to do at once."""
    async with connection.transaction():
        filling = await generations.take(connection, generation_id)
        if filling is None:
            return False
        if filling.status == "waiting":
            return await generations.has_waited(connection, filling)
        places = await generations.next_participants(connection, filling, CHUNK_PARTICIPANTS)
        if places:
            await _fill_chunk(connection, cache, filling, places)
            return True
    # All old facts are in, and no more can come. The project is locked before the generation, as edits do it.
    async with connection.transaction():
        await definitions.lock(connection, filling.project_id)
        if await generations.take(connection, generation_id):
            await generations.finish(connection, filling, datetime.now(UTC))
            log.info("leaderboard_filled", generation=filling.id, project=filling.project_id)
    return False


async def _fill_chunk(
    connection: Connection, cache: DefinitionsCache, filling: Filling, places: list[tuple[int, str]]
) -> None:
    known = await cache.newest(connection, filling.project_id)
    counted = FactReader(known.game.additions[filling.generation.metric])
    gained: list[Gained] = []
    async for facts in generations.old_facts(connection, filling, places, counted):
        # Beside the event loop, which has awards to answer.
        gained += await asyncio.to_thread(_gains, filling, known, facts)
        if len(gained) > MOST_GAINS:
            await leaderboards.add_gains(connection, gained)
            gained.clear()
    await leaderboards.add_gains(connection, gained)
    await generations.filled(connection, filling, places)


def _gains(filling: Filling, known: Definitions, facts: list[generations.OldFact]) -> list[Gained]:
    """The same rules as for a fact that happens now."""
    alone = Leaderboard(id=filling.definition_id, code="", name="", generations=(filling.generation,))
    only = Definitions(known.game, known.version, [alone], known.calendar)
    return [
        Gained(fact.lane, fact.subject, fact.recorded_at, gain)
        for fact in facts
        for gain in rules.gains(only, [fact.entry])
    ]


async def tick(connection: Connection, cache: DefinitionsCache) -> None:
    """Takes the ranks that are due for comparison. A locked row keeps no other board waiting; raises LockedError in the
    end."""
    apart = Apart()
    for project_id in await generations.projects_with_boards(connection):
        known = await cache.newest(connection, project_id)
        now = known.calendar.at(datetime.now(UTC))
        ready = [generation.id for generation in counting(known) if generation.is_ready]
        done = await ranks.ticks_done(connection, ready)
        for generation_id in ready:
            for window in rules.WINDOWS:
                key = rules.window_at(window, now, known.calendar)
                number = rules.tick_number(window, now, known.calendar.zone)
                if done.get((generation_id, key)) != number:
                    with apart.each():
                        async with connection.transaction():
                            await ranks.tick(connection, generation_id, window, key, number, now)
    apart.end()


async def remove_retired(connection: Connection) -> None:
    """Removes a little of what is left of generations that no longer count."""
    async with connection.transaction():
        await generations.remove_retired(connection, datetime.now(UTC), TIDY_ROWS)


async def remove_empty_counts(connection: Connection) -> None:
    """Reads through all counts, so it is for once in a while."""
    while await generations.remove_empty_counts(connection, TIDY_ROWS) == TIDY_ROWS:
        pass


async def _fill(connection: Connection, tools: Tools) -> Left:
    await fill(connection, tools.cache)
    return Left.NOTHING


async def _tick(connection: Connection, tools: Tools) -> Left:
    await tick(connection, tools.cache)
    return Left.NOTHING


async def _remove_retired(connection: Connection, _tools: Tools) -> Left:
    await remove_retired(connection)
    return Left.NOTHING


async def _remove_empty_counts(connection: Connection, _tools: Tools) -> Left:
    await remove_empty_counts(connection)
    return Left.NOTHING


JOBS = (
    Job(name="fill_boards", step=_fill),
    Job(name="tick_boards", step=_tick),
    Job(name="remove_retired_boards", step=_remove_retired),
    Job(
        name="remove_empty_counts",
        step=_remove_empty_counts,
        begins_after_seconds=TIDY_SECONDS,
        rests_seconds=TIDY_SECONDS,
        rests_after_failure=True,
    ),
)
