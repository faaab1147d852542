"""One run: the world, the load, the faults, and the comparison."""

import asyncio
import json
import signal
import tempfile
from collections import Counter
from pathlib import Path
from random import Random

from tests.support import check
from tests.torture import definitions
from tests.torture.compare import Comparison
from tests.torture.faults import Faults, Pulse
from tests.torture.load import LIFE_SECONDS, PEOPLE_A_CLIENT, Client, Shared, repeat_old
from tests.torture.model import Model
from tests.torture.network import CuttingProxy
from tests.torture.receivers import Receivers
from tests.torture.report import Report
from tests.torture.world import World

CLIENTS = 24
CUT_SHARE = 0.02
EXCERPT = 300
EXPIRY_SECONDS = LIFE_SECONDS + 4.0
"""By then the last of the points that are soon gone are gone."""


def torture(seed: int, minutes: float, kills: int, clients: int = CLIENTS) -> Report:
    """Ends when servers and PostgreSQL have each been killed so often, or after so many minutes."""
    report = Report(seed)
    with tempfile.TemporaryDirectory(prefix="laurels-torture-") as folder:
        return _torture(report, minutes, kills, clients, Path(folder))


def _torture(report: Report, minutes: float, kills: int, clients: int, folder: Path) -> Report:
    world = World(folder, report)
    receivers = Receivers(Random(f"{report.seed} receivers"), report)
    try:
        world.start()
        report.say("both servers are ready")
        with world.servers[0].client() as api:
            definitions.make(api)
            receivers.start(api, world.url)
        report.say("the definitions are made")
        model = Model(report)
        asyncio.run(_Run(world, model, report, clients).work(minutes * 60, kills))
        report.say("all is quiet")
        with world.servers[1].client() as api:
            Comparison(model, report).run(api, world.url)
        receivers.settle(world.url)
        receivers.compare(world.url)
        report.say("all is compared")
        try:
            check(world.url)
            report.check = "clean"
        except AssertionError as error:
            report.check = "NOT clean"
            report.find("laurels check --rebuild", error)
        _note_errors(world.log_text(), report)
    finally:
        world.stop()
        receivers.stop()
    return report


class _Run:
    def __init__(self, world: World, model: Model, report: Report, clients: int) -> None:
        self._clients = clients
        self._world = world
        self._model = model
        self._report = report
        self._shared = Shared(clients * PEOPLE_A_CLIENT)
        self._doors: list[str] = []

    async def work(self, seconds: float, kills: int) -> None:
        proxies = [
            CuttingProxy(server.port, self._dice(f"proxy {number}"), CUT_SHARE)
            for number, server in enumerate(self._world.servers)
        ]
        self._doors = [await proxy.start() for proxy in proxies]
        everyone = self._client("everyone")
        for number in range(self._shared.people):
            await everyone.settle(everyone.greeting(f"shared_{number}"))
        pulses = [Pulse(self._client(f"pulse{n}", [server.base_url])) for n, server in enumerate(self._world.servers)]
        faults = Faults(self._world, pulses, proxies, self._dice("faults"), self._report)
        clients = [self._client(f"c{number}") for number in range(self._clients)]
        for client in clients:
            client.on_attempt = faults.note
        # A run that hangs can be asked where.
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, _show_tasks)
        # An error of the harness's own ends all of them.
        async with asyncio.TaskGroup() as group:
            for client in clients:
                group.create_task(client.run())
            for pulse in pulses:
                group.create_task(pulse.beat(lambda: self._shared.is_over))
            repeater = self._client("again")
            group.create_task(repeat_old(repeater, self._shared, self._dice("repeats"), self._report))
            await faults.run(seconds, kills)
            self._shared.is_over = True
        await self._settle_doubts(everyone)
        for proxy in proxies:
            proxy.close()
        await asyncio.sleep(EXPIRY_SECONDS)

    def _dice(self, who: str) -> Random:
        return Random(f"{self._report.seed} {who}")

    def _client(self, name: str, doors: list[str] | None = None) -> Client:
        return Client(name, doors or self._doors, self._dice(name), self._model, self._report, self._shared)

    async def _settle_doubts(self, client: Client) -> None:
        """A retry can be refused while its first attempt still waits on the other server and is carried out later.
        Now that nothing waits any more, the same key says what became of it."""
        doubts, self._shared.refused_in_doubt = self._shared.refused_in_doubt, []
        for request in doubts:
            replayed = self._report.counts["replays told to a retry"]
            await client.settle(request)
            self._report.counts["refused, though an earlier attempt was carried out later"] += (
                self._report.counts["replays told to a retry"] - replayed
            )


def _show_tasks() -> None:
    for task in asyncio.all_tasks():
        task.print_stack()


def _note_errors(log: str, report: Report) -> None:
    """What the servers logged as errors of their own, counted: not findings, but worth a look."""
    events: Counter[str] = Counter()
    last_lines: dict[str, str] = {}
    for line in log.splitlines():
        try:
            told = json.loads(line)
        except ValueError:
            continue
        if isinstance(told, dict) and told.get("level") in ("error", "critical"):
            event = str(told.get("event"))
            events[event] += 1
            last_lines[event] = str(told.get("exception") or told.get("error") or "").strip()[-EXCERPT:]
    for event, times in events.items():
        report.counts[f"logged as an error: {event}"] = times
        if last_lines[event]:
            report.say(f"the last {event} ended: {last_lines[event]}")
