"""What leaderboards need without being asked: filling new generations, laying out their leaves, ticks of ranks, tidying
up."""

import asyncio
import math
import time
from datetime import UTC, datetime

import structlog

from laurels.engine.jobs.apart import Apart
from laurels.engine.jobs.job import Job, Left, Tools
from laurels.kernel.definition import Definitions
from laurels.mechanics.leaderboards import generations, ranks, rules
from laurels.mechanics.leaderboards import store as leaderboards
from laurels.mechanics.leaderboards.generations import Filling
from laurels.mechanics.leaderboards.leaves import layout
from laurels.mechanics.leaderboards.leaves.laying import lay_out
from laurels.mechanics.leaderboards.leaves.layout import LeafSizes, Ranking
from laurels.mechanics.leaderboards.model import Leaderboard
from laurels.mechanics.leaderboards.rules import counting
from laurels.mechanics.leaderboards.store import ParticipantGain
from laurels.storage import definitions
from laurels.storage.definitions import DefinitionsCache
from laurels.storage.facts import FactReader
from laurels.storage.postgres.database import Connection

log = structlog.get_logger("laurels.engine.jobs")

CHUNK_PARTICIPANTS = 100
"""Their accounts are locked for as long as a step takes."""
LAID_OUT_SECONDS = 1.0
LAID_OUT_AHEAD_SECONDS = 5.0
ALL_SECONDS = 60.0
CONVERT_SECONDS = 10.0
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
    if places:
        if _lays_out_after(filling.filled_participants, len(places)):
            await _lay_out_ahead(connection, filling)
        return True
    # All old facts are in, and no more can come. The project is locked before the generation, as edits do it.
    async with connection.transaction():
        await definitions.lock(connection, filling.project_id)
        if await generations.take(connection, generation_id):
            await generations.finish(connection, filling, datetime.now(UTC))
            log.info("leaderboard_filled", generation=filling.id, project=filling.project_id)
    return False


def _lays_out_after(before: int, more: int) -> bool:
    """Each time that half as many people again have been filled in: later leaves would have too many to be moved."""
    return not before or int(math.log(before, 1.5)) != int(math.log(before + more, 1.5))


async def _lay_out_ahead(connection: Connection, filling: Filling) -> None:
    """Leaves for those who come, by those who are there."""
    if filling.generation.layout == "leaves":
        rankings = [Ranking(filling.id, key) for key in await layout.windows(connection, filling.id)]
        until = time.monotonic() + LAID_OUT_AHEAD_SECONDS
        await lay_out(connection, rankings, LeafSizes().ahead(filling.share), merges=False, until=until)


async def _fill_chunk(
    connection: Connection, cache: DefinitionsCache, filling: Filling, places: dict[tuple[int, str], str]
) -> None:
    known = await cache.newest(connection, filling.project_id)
    counted = FactReader(known.game.additions[filling.generation.metric])
    gained: list[ParticipantGain] = []
    async for facts in generations.old_facts(connection, filling, list(places), counted):
        # Beside the event loop, which has awards to answer.
        gained += await asyncio.to_thread(_gains, filling, known, facts, places)
        if len(gained) > MOST_GAINS:
            await leaderboards.add_gains(connection, gained)
            gained.clear()
    await leaderboards.add_gains(connection, gained)
    await generations.filled(connection, filling, list(places))


def _gains(
    filling: Filling,
    known: Definitions,
    facts: list[generations.OldFact],
    names: dict[tuple[int, str], str],
) -> list[ParticipantGain]:
    """The same rules as for a fact that happens now."""
    alone = Leaderboard(id=filling.definition_id, code="", name="", generations=(filling.generation,))
    only = Definitions(known.game, known.version, [alone], known.calendar)
    return [
        ParticipantGain(fact.lane, fact.subject, names[fact.lane, fact.subject], fact.recorded_at, gain)
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
        ready = [generation for generation in counting(known) if generation.is_ready]
        done = await ranks.ticks_done(connection, [generation.id for generation in ready])
        for generation in ready:
            for window in rules.WINDOWS:
                key = rules.window_at(window, now, known.calendar)
                number = rules.tick_number(window, now, known.calendar.zone)
                if done.get((generation.id, key)) != number:
                    with apart.each():
                        async with connection.transaction():
                            await ranks.tick(connection, generation, window, key, number, now)
    apart.end()


async def convert(connection: Connection) -> None:
    """Begins to fill boards anew whose scores are counted one by one. Each is shown as before until it is filled."""
    for generation in await generations.to_convert(connection):
        async with connection.transaction():
            version = await definitions.lock(connection, generation.project_id)
            if await generations.to_convert(connection, generation.id):
                now = datetime.now(UTC)
                await generations.begin(
                    connection, generation.project_id, generation.definition_id, generation.scoring, version, now
                )
                log.info("leaderboard_converting", generation=generation.id, project=generation.project_id)


async def lay_out_present(connection: Connection, cache: DefinitionsCache) -> bool:
    """Splits the leaves of the present windows that have become large. False if there is more to do."""
    is_done = True
    for project_id in await generations.projects_with_boards(connection):
        known = await cache.newest(connection, project_id)
        now = known.calendar.at(datetime.now(UTC))
        for generation in counting(known):
            if generation.layout == "leaves" and generation.is_ready:
                rankings = [
                    Ranking(generation.id, rules.window_at(window, now, known.calendar)) for window in rules.WINDOWS
                ]
                until = time.monotonic() + LAID_OUT_SECONDS
                is_done &= await lay_out(connection, rankings, LeafSizes(), merges=False, until=until)
    return is_done


async def lay_out_all(connection: Connection) -> None:
    """Splits and merges the leaves of all windows: late facts change those of past ones."""
    for generation_id in await generations.laid_out(connection):
        rankings = [Ranking(generation_id, key) for key in await layout.windows(connection, generation_id)]
        until = time.monotonic() + LAID_OUT_SECONDS
        await lay_out(connection, rankings, LeafSizes(), merges=True, until=until)


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


async def _convert(connection: Connection, _tools: Tools) -> Left:
    await convert(connection)
    return Left.NOTHING


async def _lay_out_present(connection: Connection, tools: Tools) -> Left:
    return Left.NOTHING if await lay_out_present(connection, tools.cache) else Left.SOMETHING


async def _lay_out_all(connection: Connection, _tools: Tools) -> Left:
    await lay_out_all(connection)
    return Left.NOTHING


async def _remove_retired(connection: Connection, _tools: Tools) -> Left:
    await remove_retired(connection)
    return Left.NOTHING


async def _remove_empty_counts(connection: Connection, _tools: Tools) -> Left:
    await remove_empty_counts(connection)
    return Left.NOTHING


JOBS = (
    Job(name="convert_boards", step=_convert, rests_seconds=CONVERT_SECONDS),
    Job(name="fill_boards", step=_fill),
    Job(name="tick_boards", step=_tick),
    Job(name="lay_out_boards", step=_lay_out_present),
    Job(name="lay_out_all_boards", step=_lay_out_all, begins_after_seconds=ALL_SECONDS, rests_seconds=ALL_SECONDS),
    Job(name="remove_retired_boards", step=_remove_retired),
    Job(
        name="remove_empty_counts",
        step=_remove_empty_counts,
        begins_after_seconds=TIDY_SECONDS,
        rests_seconds=TIDY_SECONDS,
        rests_after_failure=True,
    ),
)
