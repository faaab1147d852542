"""The process that sends the deliveries of webhooks. Each `laurels serve` starts one once a webhook exists; those of
several servers share the webhooks."""

import asyncio
import gc
import os
import signal
import sys
import time
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import structlog
import uvloop
from prometheus_client import Gauge

from laurels import logs
from laurels.delivery.webhooks.courier import Courier
from laurels.delivery.webhooks.sending import Sender
from laurels.settings import Settings
from laurels.storage.feed import reading, sequencing
from laurels.storage.postgres.database import KEYED_PLANS, TRANSIENT_ERRORS, Connection, connect
from laurels.storage.postgres.pools import Edits
from laurels.storage.webhooks import holding, sending

log = structlog.get_logger("laurels.delivery")

_WAITING = Gauge(
    "laurels_webhook_waiting_deliveries",
    "Deliveries that wait, and events without a delivery yet, up to 100,000 of each webhook",
    multiprocess_mode="livesum",
)
_WAITING_SECONDS = Gauge(
    "laurels_webhook_waiting_seconds", "Age of the oldest waiting delivery or event", multiprocess_mode="livemax"
)

LEASE_SECONDS = 10.0
RENEWAL_SECONDS = 1.0
LOOK_SECONDS = 0.02
QUIET_LOOK_SECONDS = 0.1
QUIET_AFTER_SECONDS = 5.0
MEASURE_SECONDS = 10.0
FAILURE_PAUSE_SECONDS = 1.0
END_SECONDS = 3.0
"""The time that attempts in progress have when the process stops."""
NEEDLESS_SECONDS = 30.0
"""The process ends after this time without any webhook."""
NICENESS = 5
"""The lower priority of this process: on a busy machine, requests of the API come first."""
GARBAGE_THRESHOLD = 50_000
"""The number of new objects after which cycles among them are collected. Deliveries leave hardly any behind."""

_SETTINGS = {
    **KEYED_PLANS,
    "application_name": "laurels deliveries",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "5s",
}


class Post:
    """Holds webhooks, and runs the courier of each."""

    def __init__(self, database_url: str, sender: Sender) -> None:
        self._url = database_url
        self._sender = sender
        self._edits = Edits(database_url)
        self._holder = str(uuid4())
        self._connection: Connection | None = None
        self._couriers: dict[str, Courier] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._newest: dict[int, int] = {}
        self._head = -1
        self._renewed_at = float("-inf")
        self._measured_at = float("-inf")
        self._worked_at = time.monotonic()
        self._needed_at = time.monotonic()

    async def run(self, stopping: asyncio.Event) -> None:
        """Runs until `stopping`, or until no webhook is left."""
        while not stopping.is_set() and time.monotonic() - self._needed_at < NEEDLESS_SECONDS:
            try:
                pause_seconds = await self._step()
            except (*TRANSIENT_ERRORS, asyncpg.LockNotAvailableError) as error:
                log.warning("deliveries_interrupted", error=type(error).__name__)
                self._drop_connection()
                pause_seconds = FAILURE_PAUSE_SECONDS
            except Exception:
                log.exception("deliveries_failed")
                self._drop_connection()
                pause_seconds = FAILURE_PAUSE_SECONDS
            try:
                async with asyncio.timeout(pause_seconds):
                    await stopping.wait()
            except TimeoutError:
                continue
        await self._end()

    async def _step(self) -> float:
        """Renews the leases, and wakes the couriers with work; returns the pause until the next step."""
        connection = await self._connected()
        now = time.monotonic()
        if now - self._renewed_at >= RENEWAL_SECONDS:
            await self._renew(connection)
            self._renewed_at = now
        if not self._couriers:
            return RENEWAL_SECONDS
        head = await sequencing.head(connection)
        if head != self._head:
            await self._look(connection)
            self._head, self._worked_at = head, time.monotonic()
        if now - self._measured_at >= MEASURE_SECONDS:
            await self._measure(connection)
            self._measured_at = now
        return QUIET_LOOK_SECONDS if now - self._worked_at > QUIET_AFTER_SECONDS else LOOK_SECONDS

    async def _renew(self, connection: Connection) -> None:
        """Extends the leases, begins to serve webhooks that were taken, and ends couriers of all others."""
        await self._release_ended(connection)
        held_until = time.monotonic() + LEASE_SECONDS
        held = await holding.hold(connection, self._holder, list(self._tasks), LEASE_SECONDS, datetime.now(UTC))
        for webhook in held:
            courier = self._couriers.get(webhook.id)
            if courier is None:
                courier = Courier(webhook, held_until, self._holder, self._sender, self._edits)
                self._couriers[webhook.id] = courier
                self._tasks[webhook.id] = asyncio.create_task(courier.run())
            courier.hold(webhook, held_until)
        ids = {webhook.id for webhook in held}
        for webhook_id in [each for each in self._couriers if each not in ids]:
            self._couriers[webhook_id].stop()
        if held or await holding.is_needed(connection):
            self._needed_at = time.monotonic()
        # Those beyond the fair share are left to other processes.
        excess = len(self._couriers) - await holding.share(connection)
        for courier in list(self._couriers.values())[: max(0, excess)]:
            courier.stop()

    async def _release_ended(self, connection: Connection) -> None:
        """Gives the webhooks back whose couriers have ended."""
        ended = [each for each, task in self._tasks.items() if task.done()]
        if ended:
            await holding.release(connection, self._holder, ended)
        for webhook_id in ended:
            task = self._tasks.pop(webhook_id)
            del self._couriers[webhook_id]
            if not task.cancelled() and task.exception() is not None:
                log.error("courier_failed", webhook=webhook_id, exc_info=task.exception())

    async def _look(self, connection: Connection) -> None:
        """Wakes the couriers of projects with new events."""
        projects = {courier.webhook.project_id for courier in self._couriers.values()}
        newest = await reading.newest(connection, projects)
        for courier in self._couriers.values():
            project_id = courier.webhook.project_id
            if newest[project_id] != self._newest.get(project_id):
                courier.wake()
        self._newest = newest

    async def _measure(self, connection: Connection) -> None:
        waiting, ages = 0, [0.0]
        for webhook_id in list(self._couriers):
            backlog = await sending.backlog(connection, webhook_id)
            waiting += backlog.deliveries + backlog.events
            if backlog.oldest is not None:
                ages.append((datetime.now(UTC) - backlog.oldest).total_seconds())
        _WAITING.set(waiting)
        _WAITING_SECONDS.set(max(ages))

    async def _end(self) -> None:
        """Lets attempts in progress end, and gives all webhooks back."""
        for courier in self._couriers.values():
            courier.stop()
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=END_SECONDS)
        for task in self._tasks.values():
            task.cancel()
        try:
            async with asyncio.timeout(END_SECONDS):
                connection = await self._connected()
                await holding.release(connection, self._holder, list(self._tasks))
                await holding.leave(connection, self._holder)
        except (*TRANSIENT_ERRORS, asyncpg.LockNotAvailableError) as error:
            log.warning("webhooks_not_released", error=type(error).__name__)
        self._drop_connection()
        await self._edits.close()

    async def _connected(self) -> Connection:
        if self._connection is None or self._connection.is_closed():
            self._renewed_at = float("-inf")
            self._connection = await connect(self._url, _SETTINGS, command_timeout=30)
        return self._connection

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None


async def deliver(settings: Settings, parent: int) -> None:
    """Sends deliveries until SIGTERM or SIGINT, or until the process `parent` is no longer the parent."""
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    watch = asyncio.create_task(_stop_with_parent(parent, stopping))
    sender = Sender(settings.allowed_networks)
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD)
    try:
        await Post(settings.database_url or "", sender).run(stopping)
    finally:
        watch.cancel()
        await sender.close()


async def _stop_with_parent(parent: int, stopping: asyncio.Event) -> None:
    while os.getppid() == parent:  # noqa: ASYNC110
        await asyncio.sleep(0.5)
    log.warning("parent_process_ended")
    stopping.set()


def main() -> None:
    """The main function of the process. Its argument is the id of its parent process."""
    logs.configure()
    os.nice(NICENESS)
    uvloop.run(deliver(Settings.from_environment(), int(sys.argv[1])))


if __name__ == "__main__":
    main()
