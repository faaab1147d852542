"""The work of leaderboards without a caller: filling new generations, laying out their leaves, ticks of ranks, tidying
up."""

import asyncio
import time
from datetime import UTC, datetime

import structlog

from laurels.engine.jobs.apart import Apart
from laurels.engine.jobs.job import Job, Left, Tools
from laurels.kernel.definition import Definitions
from laurels.mechanics.leaderboards import closing, generations, ranks
from laurels.mechanics.leaderboards import filling as fillings
from laurels.mechanics.leaderboards import store as leaderboards
from laurels.mechanics.leaderboards.filling import Filling
from laurels.mechanics.leaderboards.leaves import layout
from laurels.mechanics.leaderboards.leaves.laying import lay_out, open_splits
from laurels.mechanics.leaderboards.leaves.layout import LeafSizes, Ranking
from laurels.mechanics.leaderboards.scoring import windows
from laurels.mechanics.leaderboards.scoring.counting import PassedOriginals, counting, gains
from laurels.mechanics.leaderboards.scoring.model import Leaderboard
from laurels.mechanics.leaderboards.store import ParticipantGain, Tallies
from laurels.storage import definitions
from laurels.storage.definitions import DefinitionsCache
from laurels.storage.facts import FactReader
from laurels.storage.postgres.database import Connection, forget_plans, plan_as_batches

log = structlog.get_logger("laurels.engine.jobs")

CHUNK_PARTICIPANTS = 100
"""Their accounts are locked for as long as a step takes."""
LAID_OUT_SECONDS = 1.0
LAID_OUT_AHEAD_AT = (0.04, 0.12, 0.36)
"""The shares of a filling at which its leaves are cut. Before the first, too few people are known to cut leaves for
all; after it, people who join find leaves that are about as large as they should be in the end."""
FILLED_SECONDS = 4.0
"""The time of one step of the job. Each unfinished generation has at least one transaction in it."""
ALL_SECONDS = 60.0
CONVERT_SECONDS = 10.0
CLOSE_SECONDS = 60.0
TIDY_ROWS = 5_000
TIDY_SECONDS = 3_600.0
MOST_GAINS = 50_000
"""In one statement, which takes its locks in order: as long as people have no more facts, a step has only one."""


async def fill(connection: Connection, cache: DefinitionsCache) -> bool:
    """Fills unfinished generations in steps, for some seconds. Each step is one transaction, so that a crash neither
    loses nor repeats one. False if there is more to do at once. A locked row keeps no other generation waiting; raises
    LockedError in the end."""
    apart = Apart()
    until = time.monotonic() + FILLED_SECONDS
    is_done = True
    for generation_id in await fillings.unfinished(connection):
        with apart.each():
            await _move_opened(connection, generation_id)
            while await _fill_step(connection, cache, generation_id):
                if time.monotonic() >= until:
                    is_done = False
                    break
    apart.end()
    return is_done


async def _fill_step(connection: Connection, cache: DefinitionsCache, generation_id: int) -> bool:
    """True if there is more to do at once."""
    async with connection.transaction():
        filling = await fillings.take(connection, generation_id)
        if filling is None:
            return False
        if filling.status == "waiting":
            return await fillings.has_waited(connection, filling)
        places = await fillings.next_participants(connection, filling, CHUNK_PARTICIPANTS)
        if places:
            await _fill_chunk(connection, cache, filling, places)
    if places:
        await _prepare_for_growth(connection, filling, filling.with_more(len(places)))
        return True
    # All old facts are in, and no more can come. The project is locked before the generation, as edits do it.
    async with connection.transaction():
        await definitions.lock(connection, filling.project_id)
        if await fillings.take(connection, generation_id):
            await fillings.finish(connection, filling, datetime.now(UTC))
            log.info("leaderboard_filled", generation=filling.id, project=filling.project_id)
    return False


async def _prepare_for_growth(connection: Connection, before: Filling, after: Filling) -> None:
    is_laid_out = any(before.share < share <= after.share for share in LAID_OUT_AHEAD_AT)
    if is_laid_out:
        await _lay_out_ahead(connection, after)
    has_doubled = before.filled_participants.bit_length() < after.filled_participants.bit_length()
    if is_laid_out or has_doubled:
        await forget_plans(connection)


async def _lay_out_ahead(connection: Connection, filling: Filling) -> None:
    """Cuts leaves for the people to come, in the proportions of the people who were filled in."""
    if filling.generation.layout == "leaves":
        rankings = [Ranking(filling.id, key) for key in await layout.windows(connection, filling.id)]
        await open_splits(connection, rankings, LeafSizes().ahead(filling.share))


async def _move_opened(connection: Connection, generation_id: int) -> None:
    """Moves people to the leaves that were cut for them and for those to come."""
    rankings = [Ranking(generation_id, key) for key in await layout.changing_windows(connection, generation_id)]
    until = time.monotonic() + LAID_OUT_SECONDS
    await lay_out(connection, rankings, LeafSizes(), merges=False, until=until)


async def _fill_chunk(
    connection: Connection, cache: DefinitionsCache, filling: Filling, places: dict[tuple[int, str], str]
) -> None:
    known = await cache.newest(connection, filling.project_id)
    await plan_as_batches(connection)
    gatherer = _Gatherer(filling, known, places)
    async for facts in fillings.facts_to_fill(connection, filling, list(places), gatherer.reader):
        # Beside the event loop, which serves awards.
        await asyncio.to_thread(gatherer.gather, facts)
        if len(gatherer.gained) > MOST_GAINS:
            await leaderboards.add_gains(connection, gatherer.gained)
            gatherer.gained.clear()
    await leaderboards.add_gains(connection, gatherer.gained)
    tallies = list(gatherer.tallies.items())
    for start in range(0, len(tallies), MOST_GAINS):
        await leaderboards.set_standings(connection, dict(tallies[start : start + MOST_GAINS]))
    await fillings.filled(connection, filling, list(places))


class _Gatherer:
    """Counts the facts of some participants on one generation, by the same rules as facts that happen now. With leaves,
    `tallies` are the whole standings; with counts, `gained` is added to the standings."""

    def __init__(self, filling: Filling, known: Definitions, names: dict[tuple[int, str], str]) -> None:
        board = Leaderboard(id=filling.definition_id, code="", name="", generations=(filling.generation,))
        others = [each for each in known if not isinstance(each, Leaderboard)]
        self.gained: list[ParticipantGain] = []
        self.tallies: Tallies = {}
        self.reader = FactReader(
            {fact: None for each in filling.generation.ranked_by for fact in known.game.additions[each.metric]}
        )
        self._definitions = Definitions(known.game, known.version, [*others, board], known.calendar)
        self._has_counts = filling.generation.layout == "counts"
        self._names = names
        self._originals: dict[tuple[int, str], PassedOriginals] = {}

    def gather(self, facts: list[fillings.FactToCount]) -> None:
        for fact in facts:
            key = (fact.lane, fact.subject)
            originals = self._originals.setdefault(key, PassedOriginals())
            gained = [
                ParticipantGain(*key, self._names[key], fact.recorded_at, gain)
                for gain in gains(self._definitions, [fact.entry], originals)
            ]
            if self._has_counts:
                self.gained += gained
            else:
                leaderboards.add_to_tallies(self.tallies, gained)


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
            for key in windows.keys_at(generation, now, known.calendar):
                number = windows.tick_number(key, now, known.calendar)
                if done.get((generation.id, key)) != number:
                    with apart.each():
                        async with connection.transaction():
                            await ranks.tick(connection, generation, key, number, now)
    apart.end()


async def convert(connection: Connection) -> None:
    """Begins to fill boards again whose scores are counted one by one. Each is shown as before until it is filled."""
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
    """Splits the leaves of current windows that have become large. False if there is more to do."""
    is_done = True
    for project_id in await generations.projects_with_boards(connection):
        known = await cache.newest(connection, project_id)
        now = known.calendar.at(datetime.now(UTC))
        for generation in counting(known):
            if generation.layout == "leaves" and generation.is_ready:
                rankings = [Ranking(generation.id, key) for key in windows.keys_at(generation, now, known.calendar)]
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
    """Removes some rows of generations that no longer count."""
    async with connection.transaction():
        await generations.remove_retired(connection, datetime.now(UTC), TIDY_ROWS)


async def remove_empty_counts(connection: Connection) -> None:
    """Reads through all counts, so it is for once in a while."""
    while await generations.remove_empty_counts(connection, TIDY_ROWS) == TIDY_ROWS:
        pass


async def _fill(connection: Connection, tools: Tools) -> Left:
    return Left.NOTHING if await fill(connection, tools.cache) else Left.AT_ONCE


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


async def _store_results(connection: Connection, tools: Tools) -> Left:
    return Left.NOTHING if await closing.close_windows(connection, tools.cache) else Left.SOMETHING


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
    Job(name="store_board_results", step=_store_results, rests_seconds=CLOSE_SECONDS),
    Job(name="remove_retired_boards", step=_remove_retired),
    Job(
        name="remove_empty_counts",
        step=_remove_empty_counts,
        begins_after_seconds=TIDY_SECONDS,
        rests_seconds=TIDY_SECONDS,
        rests_after_failure=True,
    ),
)
