"""What is done to the servers and PostgreSQL, one fault after another, in an order that the seed decides."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from random import Random

import asyncpg
import psutil  # type: ignore[import-untyped]

from tests.hammer import Reply
from tests.support import Server
from tests.torture.load import Client
from tests.torture.network import CuttingProxy
from tests.torture.report import RETURN_LIMIT_SECONDS, Report
from tests.torture.world import World

RETURN_WAIT_SECONDS = 60.0
RESTART_WAITED_FOR_SHARE = 0.4
CALM_SECONDS = (0.1, 1.2)
COMMIT_DELAY_MICROSECONDS = 100_000
"""The most that PostgreSQL knows."""


class Pulse:
    """A client of one server's own, which shows when the server serves again."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._answered = asyncio.Event()
        self.sent_at = 0.0
        client.on_attempt = self._note

    def _note(self, began: float, reply: Reply) -> None:
        if reply.status == 200:
            self.sent_at = began
            self._answered.set()

    async def beat(self, is_over: Callable[[], bool]) -> None:
        while not is_over():
            await self._client.settle(self._client.pulse())
            await asyncio.sleep(0.02)

    async def answered_after(self, moment: float) -> float | None:
        """When an award was answered, at that moment or later; None if none was for long."""
        deadline = time.monotonic() + RETURN_WAIT_SECONDS
        while time.monotonic() < deadline:
            self._answered.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._answered.wait(), 1)
                if time.monotonic() >= moment:
                    return time.monotonic()
        return None


class Faults:
    def __init__(
        self, world: World, pulses: list[Pulse], proxies: list[CuttingProxy], dice: Random, report: Report
    ) -> None:
        self._world = world
        self._pulses = pulses
        self._proxies = proxies
        self._dice = dice
        self._report = report
        self._restarts: dict[int, asyncio.Task[None]] = {}
        self._away_since: float | None = None
        self._back_at = time.monotonic()
        self._is_calm = False
        self._steps: dict[Callable[[], Awaitable[None]], int] = {
            self.kill_server: 3,
            self.kill_postgres: 9,
            self.kill_server_and_postgres: 7,
            self.kill_servers: 2,
            self.kill_everything: 4,
            self.kill_server_while_it_starts: 2,
            self.kill_postgres_while_it_recovers: 4,
            self.kill_backend: 2,
            self.freeze_postgres: 2,
            self.lock_the_journal: 1,
            self.slow_commits: 2,
            self.cut_many_answers: 1,
        }
        if world.disk.is_mounted:
            self._steps[self.fill_disk] = 2

    @property
    def server_kills(self) -> int:
        return self._report.counts["kills: servers"]

    @property
    def postgres_kills(self) -> int:
        return self._report.counts["kills: PostgreSQL"]

    async def run(self, seconds: float, kills: int) -> None:
        """Until both have been killed so often, or the time is up. A run begins with a kill, however short it is."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and min(self.server_kills, self.postgres_kills) < kills:
            await asyncio.sleep(self._dice.uniform(*CALM_SECONDS))
            step = self._dice.choices(list(self._steps), list(self._steps.values()))[0]
            if not self._report.steps:
                step = self.kill_server_and_postgres
            name = step.__name__.replace("_", " ")
            self._report.steps[name] += 1
            self._is_calm = False
            self._away_since = None
            self._restarts = {number: task for number, task in self._restarts.items() if not task.done()}
            began = time.monotonic()
            await step()
            await self._recover()
            self._is_calm = True
            self._report.say(f"{name}: over after {time.monotonic() - began:.1f} s")

        await self._all_started()

    def note(self, _began: float, reply: Reply) -> None:
        """An answer to any client: refusals for the database's sake have to end soon after it is back."""
        if reply.status == 503 and self._is_calm and time.monotonic() - self._back_at > RETURN_LIMIT_SECONDS:
            self._report.find("503 although the database had been back for 5 s", reply.body)

    # After each fault

    async def _recover(self) -> None:
        """Waits until those serve again that had not been killed, and measures how long that took; at times for those
        that start, too."""
        back_at = await self._world.database_back()
        if self._away_since is not None:
            self._report.outage_seconds.append(back_at - self._away_since)
            await asyncio.gather(*(self._measure(number, back_at) for number in self._unkilled()))
        self._back_at = back_at
        if self._dice.random() < RESTART_WAITED_FOR_SHARE:
            await self._all_started()
        now = time.monotonic()
        await asyncio.gather(*(self._require(number, now) for number in self._unkilled()))
        for number in self._unkilled():
            server = self._world.servers[number]
            if server.process is None or server.process.poll() is not None:
                self._report.find("a server ended by itself", number)
                await self._world.restart(server)

    def _unkilled(self) -> list[int]:
        return [number for number in range(len(self._pulses)) if number not in self._restarts]

    async def _all_started(self) -> None:
        await asyncio.gather(*self._restarts.values())
        self._restarts.clear()

    async def _measure(self, number: int, back_at: float) -> None:
        answered_at = await self._pulses[number].answered_after(back_at)
        if answered_at is None:
            self._report.find("a server did not serve again in a minute", number)
            return
        self._report.return_seconds.append(answered_at - back_at)
        if answered_at - back_at > RETURN_LIMIT_SECONDS:
            self._report.find("service back later than 5 s after the database", f"{answered_at - back_at:.1f} s")

    async def _require(self, number: int, moment: float) -> None:
        if await self._pulses[number].answered_after(moment) is None:
            self._report.find("a server did not serve in a minute of calm", number)

    # Kills

    async def _kill_server(self, server: Server) -> None:
        number = self._world.servers.index(server)
        if earlier := self._restarts.pop(number, None):
            earlier.cancel()
        await asyncio.to_thread(server.kill)
        self._report.counts["kills: servers"] += 1
        self._restarts[number] = asyncio.create_task(self._world.restart(server))

    def _kill_postgres(self) -> None:
        """The postmaster alone, whose processes then notice, or all at once."""
        self._away_since = self._away_since or time.monotonic()
        processes = self._world.postgres_processes()
        if not processes:
            return
        self._report.counts["kills: PostgreSQL"] += 1
        for process in processes[: self._dice.choice((1, len(processes)))]:
            with suppress(psutil.Error):
                process.send_signal(signal.SIGKILL)

    def _one(self) -> Server:
        return self._dice.choice(self._world.servers)

    async def kill_server(self) -> None:
        await self._kill_server(self._one())

    async def kill_servers(self) -> None:
        for server in self._world.servers:
            await self._kill_server(server)

    async def kill_postgres(self) -> None:
        self._kill_postgres()

    async def kill_server_and_postgres(self) -> None:
        server = self._one()
        if self._dice.random() < 0.5:
            self._kill_postgres()
            await asyncio.sleep(self._dice.choice((0, self._dice.uniform(0, 0.5))))
            await self._kill_server(server)
        else:
            await self._kill_server(server)
            await asyncio.sleep(self._dice.choice((0, self._dice.uniform(0, 0.5))))
            self._kill_postgres()

    async def kill_everything(self) -> None:
        self._kill_postgres()
        await self.kill_servers()

    async def kill_server_while_it_starts(self) -> None:
        server = self._one()
        await self._kill_server(server)
        await asyncio.sleep(self._dice.uniform(0.3, 2.5))
        await self._kill_server(server)

    async def kill_postgres_while_it_recovers(self) -> None:
        self._kill_postgres()
        await asyncio.sleep(self._dice.uniform(0.1, 1.0))
        self._kill_postgres()

    async def kill_backend(self) -> None:
        """One process of PostgreSQL, whose postmaster then ends all others and recovers."""
        self._away_since = time.monotonic()
        processes = self._world.postgres_processes()[1:]
        if processes:
            with suppress(psutil.Error):
                self._dice.choice(processes).send_signal(signal.SIGKILL)
                self._report.counts["kills: one process of PostgreSQL"] += 1
        # The postmaster may let somebody in before it has noticed.
        await asyncio.sleep(0.1)

    async def _perhaps_kill(self) -> None:
        """While another fault lasts."""
        kind = self._dice.choice(("nothing", "nothing", "server", "postgres", "both"))
        if kind in ("postgres", "both"):
            self._kill_postgres()
        if kind in ("server", "both"):
            await self._kill_server(self._one())

    # Delays

    async def freeze_postgres(self) -> None:
        """All of its processes stand still, commits under way included; at times for longer than a request waits."""
        self._away_since = time.monotonic()
        frozen = self._world.postgres_processes()
        for process in frozen:
            with suppress(psutil.Error):
                process.suspend()
        await asyncio.sleep(self._dice.choice((0.3, 1.0, 3.0, 12.0)))
        await self._perhaps_kill()
        for process in frozen:
            with suppress(psutil.Error):
                process.resume()

    async def lock_the_journal(self) -> None:
        """Nobody can write a fact while somebody has the table."""
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
            connection = await asyncpg.connect(self._world.url, timeout=5)
            try:
                async with connection.transaction():
                    await connection.execute("LOCK TABLE journal IN SHARE MODE", timeout=5)
                    await asyncio.sleep(self._dice.uniform(0.5, 4))
                    await self._perhaps_kill()
            finally:
                connection.terminate()

    async def slow_commits(self) -> None:
        delay = f"ALTER SYSTEM SET commit_delay = {COMMIT_DELAY_MICROSECONDS}"
        await self._configure(delay, "ALTER SYSTEM SET commit_siblings = 0")
        await asyncio.sleep(self._dice.uniform(0.5, 2))
        await self._perhaps_kill()
        await self._world.database_back()
        await asyncio.sleep(self._dice.uniform(0, 1))
        await self._configure("ALTER SYSTEM RESET ALL")
        # Its return was a while ago.
        self._away_since = None

    async def _configure(self, *statements: str) -> None:
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
            connection = await asyncpg.connect(self._world.url, timeout=5)
            try:
                for statement in (*statements, "SELECT pg_reload_conf()"):
                    await connection.execute(statement)
            finally:
                connection.terminate()

    # Network and disk

    async def cut_many_answers(self) -> None:
        usual = [proxy.share for proxy in self._proxies]
        for proxy in self._proxies:
            proxy.share = 0.3
        await asyncio.sleep(2)
        await self._perhaps_kill()
        for proxy, share in zip(self._proxies, usual, strict=True):
            proxy.share = share

    async def fill_disk(self) -> None:
        self._away_since = time.monotonic()
        self._world.disk.fill()
        try:
            await asyncio.sleep(self._dice.choice((1.0, 4.0, 8.0, 14.0)))
            await self._perhaps_kill()
            await asyncio.sleep(self._dice.uniform(0, 3))
        finally:
            self._world.disk.free()
