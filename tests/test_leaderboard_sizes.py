"""Large boards: every rank is exact while many write; a popular value of a million is a few leaves. Each test has a
short form, and the sizes of the docs as a slow test."""

import asyncio
import random
import time
from contextlib import suppress

import asyncpg
import pytest
from asyncpg.connection import LoggedQuery

from laurels.mechanics.leaderboards.leaves import laying, layout
from laurels.mechanics.leaderboards.leaves.layout import LeafSizes
from laurels.mechanics.leaderboards.scoring.windows import ALL_TIME_KEY
from laurels.storage.postgres.database import JOB_SETTINGS, READER_SETTINGS, WRITER_SETTINGS
from tests.checks import query
from tests.conftest import TEMPLATE
from tests.support import Databases
from tests.test_leaderboard_leaves import BEGAN, Board, connections, moments

WRITERS = 32
GENERATOR = random.Random(5)
COLUMNS = ["lane", "subject", "generation", "window_key", "leaf", "score", "facts", "reached_at", "joined_at"]


def amounts(generator: random.Random) -> int:
    """30 of 100 are one of a few popular numbers."""
    return generator.choice((5, 50, 500)) if generator.random() < 0.3 else generator.randint(1, 1_000_000)


# Counting a large crowd holds up the writers, which are in the same process.
PATIENT_WRITER_SETTINGS = {**WRITER_SETTINGS, "idle_in_transaction_session_timeout": "0"}


@pytest.fixture(params=[1_500, pytest.param(100_000, marks=pytest.mark.slow)])
def crowd(request: pytest.FixtureRequest, databases: Databases) -> Board:
    board = Board(databases.create(TEMPLATE), request.param, has_ties=True)
    asyncio.run(board.register())
    return board


def test_every_rank_is_exact_while_many_write(crowd: Board) -> None:
    """Two servers lay out the board; people leave it in the meantime."""

    async def write(seed: int, rounds: int) -> None:
        generator = random.Random(seed)
        async with connections(crowd, PATIENT_WRITER_SETTINGS) as [connection]:
            for _ in range(rounds):
                some = generator.sample(crowd.people, 40)
                await crowd.award(connection, {p: amounts(generator) for p in some}, moments(generator))
                if generator.random() < 0.05:
                    await crowd.leave(connection, generator.choice(crowd.people))

    async def lay(until: asyncio.Event) -> None:
        async with connections(crowd, JOB_SETTINGS) as [connection]:
            while not until.is_set():
                # The job continues in its next turn if a lock is not free in time.
                with suppress(asyncpg.LockNotAvailableError):
                    await laying.lay_out(
                        connection, [crowd.ranking], LeafSizes(), merges=True, until=time.monotonic() + 1
                    )
                await asyncio.sleep(0.05)

    async def play() -> None:
        until = asyncio.Event()
        layers = [asyncio.create_task(lay(until)) for _ in range(2)]
        rounds = max(4, len(crowd.people) // 1_000)
        writers = [asyncio.create_task(write(seed, rounds)) for seed in range(WRITERS)]
        async with connections(crowd, READER_SETTINGS) as [reader]:
            while not all(writer.done() for writer in writers):
                await crowd.verify(reader, samples=6)
            await asyncio.gather(*writers)
            until.set()
            await asyncio.gather(*layers)
            await crowd.verify(reader, samples=60)
        await crowd.check()

    asyncio.run(play())
    [(leaves,)] = query(crowd.url, "SELECT count(*) FROM board_leaf WHERE window_key = 0")
    assert leaves > 3


@pytest.mark.parametrize("people", [3_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_popular_scores_are_a_few_leaves(databases: Databases, people: int) -> None:
    """Scores between 1,000 and 1,004: from one leaf of all, while reads stay exact."""
    board = Board(databases.create(TEMPLATE), people)
    standings = [
        (p.lane, p.subject, board.number, ALL_TIME_KEY, 0, 1_000 + number % 5, 1, moments(GENERATOR), BEGAN)
        for number, p in enumerate(board.people)
    ]

    looks = []

    def note(query: LoggedQuery) -> None:
        if query.query == layout._MISFILED:
            looks.append(query)

    async def play() -> None:
        await board.register()
        async with connections(board, JOB_SETTINGS, READER_SETTINGS, WRITER_SETTINGS) as [job, reader, writer]:
            await job.copy_records_to_table("board_standing", records=standings, columns=COLUMNS)
            await job.execute("ANALYZE")
            if people <= 10_000:
                await board.verify(reader, samples=3)
            job.add_query_logger(note)
            await laying.lay_out(job, [board.ranking], LeafSizes(), merges=True, until=time.monotonic() + 3_000)
            await board.award(writer, {board.people[0]: 2}, BEGAN)
            await board.verify(reader, samples=6)
        await board.check()

    asyncio.run(play())
    leaves = query(board.url, "SELECT low, people FROM board_leaf WHERE is_tie AND people > 0 ORDER BY low")
    assert [low for low, _ in leaves] == [1_000, 1_001, 1_002, 1_003, 1_004]
    assert sum(number for _, number in leaves) == people
    # Each passes by all who have left the leaf: as many looks as transactions would take the square of the people.
    assert len(looks) < 5 + people // 2_000
