"""`python -m bench.lots`: measures the cost of one participant with very many lots, and its effect on other
participants.

python -m bench.lots [--overdue 40000]

The commands go to the engine without HTTP, whose cost is the same for all, with a separate embedded PostgreSQL.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from laurels.app import TABLES
from laurels.embedded import EmbeddedPostgres
from laurels.engine.engine import Engine
from laurels.engine.errors import UnsettledError
from laurels.kernel.commands import Command
from laurels.mechanics.points.jobs import sweep
from laurels.mechanics.points.purse.commands import AwardPoints, DeductPoints
from laurels.mechanics.points.purse.lots import LOTS_LIMIT
from laurels.mechanics.points.storage import expiries
from laurels.storage.definitions import DefinitionsCache
from laurels.storage.office import projects
from laurels.storage.postgres.database import connect_job
from laurels.storage.schema import migrate as schema
from tests.many_lots import give_lots

TIMES = 100
ALONE_SECONDS = 8.0
DAY = timedelta(days=1)


class Measurements:
    def __init__(self, url: str, engine: Engine, project_id: int) -> None:
        self._url = url
        self._engine = engine
        self._project_id = project_id

    def award(self, name: str, expires_at: datetime | None = None) -> AwardPoints:
        return AwardPoints(project_id=self._project_id, participant_id=name, amount=1, expires_at=expires_at)

    def deduct(self, name: str, amount: int) -> DeductPoints:
        return DeductPoints(project_id=self._project_id, participant_id=name, amount=amount)

    async def give(self, name: str, number: int, first: datetime) -> None:
        await self._engine.submit(self.award(name))
        await asyncio.to_thread(give_lots, self._url, name, number, first)

    async def timed(self, command: Command) -> float:
        """Executes a command. Returns the milliseconds that it took."""
        started = time.perf_counter()
        await self._engine.submit(command)
        return (time.perf_counter() - started) * 1000

    async def median(self, command: Command) -> str:
        durations = [await self.timed(command) for _ in range(TIMES)]
        return f"{statistics.median(durations):.1f} ms (median of {TIMES})"

    async def others_during(self, work: Awaitable[object]) -> str:
        """Awards to another participant, one every 10 ms, while `work` runs. Returns their latencies as text."""
        durations = []
        task = asyncio.ensure_future(work)
        while not task.done():
            durations.append(await self.timed(self.award("other")))
            await asyncio.sleep(0.01)
        await task
        p50, p99 = statistics.median(durations), statistics.quantiles(durations, n=100)[98]
        return f"p50 {p50:.1f} ms, p99 {p99:.1f} ms ({len(durations)} awards)"


async def measure(url: str, overdue: int) -> None:
    connection = await connect_job(url)
    project = await projects.create(connection, "bench", "Bench", "test", "UTC")
    assert project is not None
    engine = Engine(url, DefinitionsCache(TABLES))
    engine.start()
    measurements = Measurements(url, engine, project.id)
    now = datetime.now(UTC)
    await measurements.give("full", LOTS_LIMIT - 1, now + DAY)
    await engine.submit(measurements.award("empty"))
    print("award, no lots:", await measurements.median(measurements.award("empty")))
    for amount in (1, 10):
        print(f"deduct {amount}, {LOTS_LIMIT} lots:", await measurements.median(measurements.deduct("full", amount)))
    print(
        f"award that expires, {LOTS_LIMIT} lots:", await measurements.median(measurements.award("full", now + 9 * DAY))
    )
    print("awards to others, alone:", await measurements.others_during(asyncio.sleep(ALONE_SECONDS)))
    await measurements.give("late", overdue, now - DAY)

    async def settle() -> None:
        started = time.perf_counter()
        try:
            await engine.submit(measurements.deduct("late", 1))
        except UnsettledError:
            seconds = time.perf_counter() - started
            print(f"deduct of the participant with {overdue} overdue lots: refused after {seconds:.2f} s")
        while await expiries.due(connection, datetime.now(UTC), 1):
            await sweep(connection, engine)
        print(f"{overdue} lots settled in {time.perf_counter() - started:.1f} s")

    print("awards to others, meanwhile:", await measurements.others_during(settle()))
    await engine.drain()
    await connection.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.lots")
    parser.add_argument("--overdue", type=int, default=40_000)
    overdue = parser.parse_args().overdue
    with tempfile.TemporaryDirectory() as folder:
        postgres = EmbeddedPostgres(Path(folder))
        postgres.start()
        try:
            with psycopg.connect(postgres.url_for("postgres"), autocommit=True) as connection:
                connection.execute("CREATE DATABASE bench")
            schema.migrate(postgres.url_for("bench"))
            asyncio.run(measure(postgres.url_for("bench"), overdue))
        finally:
            postgres.stop()


if __name__ == "__main__":
    main()
