"""Leaves of rankings: every rank is exact at every moment, while people's scores change, leaves split and merge, and
servers are killed in between."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

import asyncpg
import pytest

from laurels.kernel.dates.calendar import Calendar
from laurels.mechanics.leaderboards import api, ranks, store
from laurels.mechanics.leaderboards.checks import INVARIANTS
from laurels.mechanics.leaderboards.leaves import laying, layout
from laurels.mechanics.leaderboards.leaves.layout import LeafSizes, Ranking
from laurels.mechanics.leaderboards.leaves.splitting import PartSizes
from laurels.mechanics.leaderboards.responses import first_rank
from laurels.mechanics.leaderboards.scoring import entries, rules, windows
from laurels.mechanics.leaderboards.scoring.counting import Gain
from laurels.mechanics.leaderboards.scoring.model import Generation
from laurels.mechanics.leaderboards.scoring.windows import ALL_TIME_KEY
from laurels.mechanics.leaderboards.store import ParticipantGain
from laurels.storage.lanes import lane_of
from laurels.storage.postgres.database import JOB_SETTINGS, READER_SETTINGS, WRITER_SETTINGS, Connection
from tests.checks import query
from tests.conftest import TEMPLATE
from tests.support import Databases

SMALL = LeafSizes(aim=3, most=6, ties=3)
BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
CALENDAR = Calendar()


class Person(NamedTuple):
    name: str
    lane: int
    subject: str


class Board:
    """A generation of a board with people, written and read past the server."""

    def __init__(self, url: str, people: int, *, has_ties: bool = False) -> None:
        """With ties, the rest of an amount by 3 is a tie value."""
        self.url = url
        self.has_ties = has_ties
        self.people = [
            Person(name, lane_of(1, name), str(uuid4())) for name in (f"p{number}" for number in range(people))
        ]
        [(definition_id,)] = query(url, "SELECT id FROM definition WHERE kind = 'leaderboard' AND project_id = 1")
        [(self.number,)] = query(
            url,
            "INSERT INTO board_generation"
            " (project_id, definition_id, metric, since_version, status, created_at, layout)"
            " VALUES (1, %s, 'points_earned', 1, 'ready', now(), 'leaves') RETURNING id",
            definition_id,
        )
        self.generation = Generation(id=self.number, metric="points_earned")
        self.ranking = Ranking(self.number, ALL_TIME_KEY)

    async def connect(self, settings: dict[str, str]) -> Connection:
        return await asyncpg.connect(self.url, server_settings=settings)

    async def register(self) -> None:
        connection = await self.connect(WRITER_SETTINGS)
        await connection.copy_records_to_table(
            "participant",
            records=[(p.lane, p.subject, 1, p.name, BEGAN) for p in self.people],
            columns=["lane", "subject", "project_id", "participant_id", "created_at"],
        )
        await connection.copy_records_to_table(
            "account",
            records=[(p.lane, p.subject, BEGAN) for p in self.people],
            columns=["lane", "subject", "last_seen_at"],
        )
        await connection.close()

    async def award(self, connection: Connection, amounts: dict[Person, int], at: datetime) -> None:
        """As a batch does it: it is repeated if a lock is not free in time."""
        while True:
            try:
                return await self._award(connection, amounts, at)
            except asyncpg.LockNotAvailableError:
                await asyncio.sleep(0.01)

    async def _award(self, connection: Connection, amounts: dict[Person, int], at: datetime) -> None:
        async with connection.transaction():
            people = sorted(amounts, key=lambda person: (person.lane, person.subject))
            await connection.fetch(
                "SELECT FROM unnest($1::smallint[], $2::uuid[]) AS w (lane, subject)"
                " JOIN account a USING (lane, subject) ORDER BY a.lane, a.subject FOR NO KEY UPDATE OF a",
                [p.lane for p in people],
                [p.subject for p in people],
            )
            keys = windows.keys_at(self.generation, at, CALENDAR)
            await store.add_gains(
                connection,
                [
                    ParticipantGain(p.lane, p.subject, p.name, at, gain)
                    for p in people
                    for gain in [Gain(self.number, self._numbers(amounts[p]), at, keys)]
                ],
            )

    def _numbers(self, amount: int) -> tuple[int, int | None, None, None]:
        return amount, amount % 3 if self.has_ties else None, None, None

    async def leave(self, connection: Connection, person: Person) -> None:
        while True:
            try:
                return await self._leave(connection, person)
            except asyncpg.LockNotAvailableError:
                await asyncio.sleep(0.01)

    async def _leave(self, connection: Connection, person: Person) -> None:
        async with connection.transaction():
            await connection.fetch(
                "SELECT FROM account WHERE lane = $1 AND subject = $2 FOR UPDATE", person.lane, person.subject
            )
            await store.leave(connection, person.lane, person.subject)

    async def lay_out(self, connection: Connection, *, merges: bool = True) -> bool:
        return await laying.lay_out(connection, [self.ranking], SMALL, merges=merges, until=time.monotonic() + 1_000)

    async def verify(self, reader: Connection, samples: int = 12) -> None:
        """Reads against brute force, all of one moment."""
        async with reader.transaction(isolation="repeatable_read", readonly=True):
            rows = await reader.fetch(
                "SELECT p.participant_id AS name, s.score, s.tie_1, s.reached_at FROM board_standing s"
                " JOIN participant p USING (lane, subject) WHERE s.generation = $1 AND s.window_key = $2",
                *self.ranking,
            )
            listed = sorted((-row["score"], -row["tie_1"], row["reached_at"], row["name"]) for row in rows)
            values = [(-score, -tie) for score, tie, _, _ in listed]
            first = {value: place for place, value in reversed([*enumerate(values, start=1)])}
            placed = {name: (first[-score, -tie], -score) for score, tie, _, name in listed}
            chosen = random.sample(sorted(placed), min(samples, len(placed)))
            for name in chosen:
                found = await ranks.rank(reader, 1, self.generation, ALL_TIME_KEY, name)
                assert (found.rank, found.score, found.total) == (*placed[name], len(listed)), name
            for limit in (1, 5, 20):
                page = await ranks.top(reader, 1, self.generation, ALL_TIME_KEY, limit)
                assert page.total == len(listed)
                self._compare(page.entries, [row[-1] for row in listed[:limit]], placed)
            names = [row[-1] for row in listed]
            for name in chosen[: samples // 3]:
                await self._verify_after(reader, listed, names.index(name), placed)
            page = await ranks.among(reader, 1, self.generation, ALL_TIME_KEY, chosen)
            found = [(entry.participant_id, entry.own_rank, entry.score) for entry in page.entries]
            assert found == [(name, *placed[name]) for name in names if name in chosen]
            for name in chosen[: samples // 2]:
                for limit in (1, 4, 15):
                    place = names.index(name)
                    start = max(0, min(place - (limit - 1) // 2, len(names) - limit))
                    page = await ranks.around(reader, 1, self.generation, ALL_TIME_KEY, limit, name)
                    assert page.total == len(listed)
                    self._compare(page.entries, names[start : start + limit], placed)

    async def _verify_after(
        self, reader: Connection, listed: Sequence[Any], place: int, placed: dict[str, tuple[int, int]]
    ) -> None:
        """The page after a row."""
        score, tie, reached_at, name = listed[place]
        cursor = entries.Cursor(self.number, ALL_TIME_KEY, (-score, -tie, 0, 0), reached_at, name)
        page = await ranks.after(reader, 1, cursor, 10)
        following = [row[-1] for row in listed[place + 1 : place + 12]]
        assert [entry.participant_id for entry in page.entries] == following
        if following:
            first, ties = api._first_after(cursor, page.entries)
            found = rules.ranks([entry.value for entry in page.entries], first, ties)
            assert found == [placed[each][0] for each in following]

    @staticmethod
    def _compare(shown_entries: Sequence[Any], names: list[str], placed: dict[str, tuple[int, int]]) -> None:
        found = rules.ranks([entry.value for entry in shown_entries], *first_rank(shown_entries))
        shown = [(entry.participant_id, rank, entry.score) for entry, rank in zip(shown_entries, found, strict=True)]
        assert shown == [(name, *placed[name]) for name in names]

    async def check(self) -> None:
        """The invariants of `laurels check`."""
        connection = await self.connect(JOB_SETTINGS)
        for invariant in INVARIANTS:
            assert isinstance(invariant.query, str)
            found = await connection.fetch(invariant.query)
            assert [tuple(row) for row in found] == [], invariant.name
        await connection.close()


@pytest.fixture
def board(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> Board:
    monkeypatch.setattr(layout, "PART_SIZES", PartSizes(aim=4, most=9, least=2))
    monkeypatch.setattr(layout, "MERGE_BELOW", 3)
    monkeypatch.setattr(layout, "MERGED_MOST", 4)
    monkeypatch.setattr(layout, "MOVED_AT_ONCE", 5)
    board = Board(databases.create(TEMPLATE), 120)
    asyncio.run(board.register())
    return board


Shape = Callable[[random.Random], int]
SHAPES: dict[str, Shape] = {
    "spread": lambda generator: generator.randint(1, 1_000),
    "clustered": lambda generator: generator.choice((0, 0, 1)),
    "jumping": lambda generator: generator.choice((1, 1_000_000, -999_999)),
    "falling": lambda generator: -generator.randint(0, 3),
    "mixed": lambda generator: generator.choice((0, 1, 1, 100, -50)),
}


@asynccontextmanager
async def connections(board: Board, *settings: dict[str, str]) -> AsyncIterator[list[Connection]]:
    found = [await board.connect(each) for each in settings]
    try:
        yield found
    finally:
        for connection in found:
            await connection.close()


def moments(generator: random.Random) -> datetime:
    """Often the same instant."""
    return BEGAN + timedelta(seconds=generator.randrange(5))


@pytest.mark.parametrize("has_ties", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_rank_is_exact_while_leaves_split_and_merge(board: Board, shape: str, has_ties: bool) -> None:
    board.has_ties = has_ties

    async def write(seed: int, rounds: int) -> None:
        generator = random.Random(seed)
        async with connections(board, WRITER_SETTINGS) as [connection]:
            for _ in range(rounds):
                some = generator.sample(board.people, generator.randint(1, 8))
                await board.award(connection, {p: SHAPES[shape](generator) for p in some}, moments(generator))
                if generator.random() < 0.03:
                    await board.leave(connection, generator.choice(board.people))

    async def lay(until: asyncio.Event) -> None:
        async with connections(board, JOB_SETTINGS) as [connection]:
            while not until.is_set():
                await board.lay_out(connection)
                await asyncio.sleep(0)

    async def read(until: asyncio.Event) -> int:
        count = 0
        async with connections(board, READER_SETTINGS) as [connection]:
            while not until.is_set():
                await board.verify(connection, samples=4)
                count += 1
        return count

    async def play() -> None:
        until = asyncio.Event()
        beside = [asyncio.create_task(work) for work in (lay(until), lay(until), read(until))]
        await asyncio.gather(*(write(seed, 60) for seed in range(4)))
        until.set()
        results = await asyncio.gather(*beside)
        assert results[-1]
        await board.check()
        async with connections(board, JOB_SETTINGS, READER_SETTINGS) as [connection, reader]:
            for _ in range(5):
                await board.lay_out(connection)
            await board.verify(reader, samples=40)
        await board.check()

    asyncio.run(play())
    leaves = query(board.url, "SELECT count(*), count(DISTINCT part) FROM board_leaf")[0]
    assert leaves[0] > 3
    if shape == "spread":
        assert leaves[1] > 1


class Killed(Exception):  # noqa: N818
    pass


class Mortal(asyncpg.Connection):  # type: ignore[type-arg]
    """Ends before the statement of a number."""

    left = 10**9

    def _count(self) -> None:
        self.left -= 1
        if self.left < 0:
            self.terminate()
            raise Killed

    async def execute(self, *args: Any, **more: Any) -> str:  # type: ignore[override]
        self._count()
        return await super().execute(*args, **more)

    async def fetch(self, *args: Any, **more: Any) -> Any:
        self._count()
        return await super().fetch(*args, **more)

    async def fetchval(self, *args: Any, **more: Any) -> Any:
        self._count()
        return await super().fetchval(*args, **more)

    async def fetchrow(self, *args: Any, **more: Any) -> Any:
        self._count()
        return await super().fetchrow(*args, **more)


def test_a_server_may_be_killed_in_every_step(board: Board) -> None:
    """Before every single statement of a split and of a merge; awards go on, and another server completes it."""

    async def play() -> None:
        generator = random.Random(8)
        killed = 0
        async with connections(board, WRITER_SETTINGS, READER_SETTINGS, JOB_SETTINGS) as [writer, reader, job]:
            await board.award(writer, {p: generator.randint(0, 40) for p in board.people}, BEGAN)
            for number in range(400):
                mortal = await asyncpg.connect(board.url, connection_class=Mortal, server_settings=JOB_SETTINGS)
                mortal.left = number % 67
                try:
                    await board.lay_out(mortal)
                except (Killed, asyncpg.InterfaceError):
                    killed += 1
                mortal.terminate()
                some = generator.sample(board.people, 6)
                await board.award(writer, {p: generator.choice((0, 1, 30, -25)) for p in some}, moments(generator))
                if number % 8 == 0:
                    await board.verify(reader, samples=4)
            assert killed > 200
            await board.check()
            for _ in range(6):
                await board.lay_out(job)
            await board.verify(reader, samples=40)
            assert await job.fetchval("SELECT count(*) FROM board_leaf WHERE beside IS NOT NULL") == 0
        await board.check()

    asyncio.run(play())


def test_a_value_of_many_has_a_leaf_that_is_not_looked_into(board: Board) -> None:
    async def play() -> None:
        async with connections(board, WRITER_SETTINGS, READER_SETTINGS, JOB_SETTINGS) as [writer, reader, job]:
            await board.award(writer, dict.fromkeys(board.people[:60], 1_000), BEGAN)
            await board.award(writer, dict.fromkeys(board.people[60:], 1_001), BEGAN)
            for _ in range(3):
                await board.lay_out(job)
            await board.verify(reader, samples=10)
            # All leave for a value that was in a range so far.
            await board.award(writer, dict.fromkeys(board.people, 1), BEGAN + timedelta(seconds=3))
            for _ in range(3):
                await board.lay_out(job)
            await board.verify(reader, samples=10)
        await board.check()

    asyncio.run(play())
    found = query(board.url, "SELECT low, people FROM board_leaf WHERE is_tie AND people > 0 ORDER BY low")
    assert found == [(1_001, 60), (1_002, 60)]


def test_a_leaf_stays_open_for_those_who_do_not_know_it(board: Board) -> None:
    """A batch that looked for leaves before one was opened files by the old ones: this one is read beside the new."""

    async def play() -> None:
        settings = (WRITER_SETTINGS, WRITER_SETTINGS, READER_SETTINGS, JOB_SETTINGS)
        async with connections(board, *settings) as [slow, writer, reader, job]:
            await board.award(writer, {p: number for number, p in enumerate(board.people, 1)}, BEGAN)
            late = board.people[0]
            transaction = slow.transaction()
            await transaction.start()
            await slow.fetch(
                "SELECT FROM account WHERE lane = $1 AND subject = $2 FOR NO KEY UPDATE", late.lane, late.subject
            )
            keys = windows.keys_at(board.generation, BEGAN, CALENDAR)
            gain = Gain(board.number, (70, None, None, None), BEGAN, keys)
            await store.add_gains(slow, [ParticipantGain(late.lane, late.subject, late.name, BEGAN, gain)])
            assert not await board.lay_out(job)
            assert await job.fetchval("SELECT count(*) FROM board_leaf WHERE beside = 0") > 10
            await board.verify(reader, samples=10)
            await transaction.commit()
            await board.verify(reader, samples=30)
            found = await ranks.rank(reader, 1, board.generation, ALL_TIME_KEY, late.name)
            assert (found.score, found.rank) == (71, 50)
            assert await board.lay_out(job)
            assert await job.fetchval("SELECT count(*) FROM board_leaf WHERE beside IS NOT NULL") == 0
            await board.verify(reader, samples=30)
        await board.check()

    asyncio.run(play())
