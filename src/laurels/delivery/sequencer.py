"""The sequencer: gives committed events their positions in the feed, every 20 ms while there are any.

Every worker runs one. The lease lets one of them work; when its process ends, another one takes over within 7 s.
"""

import asyncio
import time
from contextlib import suppress
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import structlog
from prometheus_client import Gauge

from laurels.storage.feed import sequencing
from laurels.storage.postgres.database import CONNECTION_ERRORS, KEYED_PLANS, TRANSIENT_ERRORS, Connection, connect

log = structlog.get_logger("laurels.delivery")

_WAITING_EVENTS = Gauge(
    "laurels_feed_waiting_events", "Committed events that have no position in the feed yet", multiprocess_mode="livemax"
)
_WAITING_SECONDS = Gauge(
    "laurels_feed_waiting_seconds", "Age of the oldest event without a position", multiprocess_mode="livemax"
)

EVENTS_AT_ONCE = 2_000
PAUSE_SECONDS = 0.02
"""The pause while there is work."""
QUIET_PAUSE_SECONDS = 0.1
"""The pause after `QUIET_AFTER_SECONDS` without work."""
QUIET_AFTER_SECONDS = 5.0
IDLE_PAUSE_SECONDS = 1.0
"""The pause without any listener, and the one between two attempts to take the lease."""
LEASE_SECONDS = 5.0
RENEWAL_SECONDS = 1.0
FAILURE_PAUSE_SECONDS = 1.0

_SETTINGS = {
    **KEYED_PLANS,
    "application_name": "laurels sequencer",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "3s",
}


class Sequencer:
    """Numbers events, while this process has the lease."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._holder = str(uuid4())
        self._connection: Connection | None = None
        self._renewed_at = float("-inf")
        self._worked_at = float("-inf")
        self._is_busy = False
        """Whether the last step had work: then the next one does not look before it begins."""

    async def run(self) -> None:
        """Runs until it is cancelled, and then ends the lease."""
        try:
            while True:
                try:
                    pause_seconds = await self._step()
                except (*TRANSIENT_ERRORS, asyncpg.LockNotAvailableError) as error:
                    log.warning("sequencer_interrupted", error=type(error).__name__)
                    self._drop_connection()
                    pause_seconds = FAILURE_PAUSE_SECONDS
                except Exception:
                    log.exception("sequencer_failed")
                    self._drop_connection()
                    pause_seconds = FAILURE_PAUSE_SECONDS
                await asyncio.sleep(pause_seconds)
        finally:
            with suppress(TimeoutError, asyncpg.PostgresError, *CONNECTION_ERRORS):
                await asyncio.wait_for(self._release(), 1)
            self._drop_connection()

    async def _step(self) -> float:
        """Numbers the waiting events; returns the pause until the next step."""
        connection = await self._connected()
        began = time.monotonic()
        if began - self._renewed_at >= RENEWAL_SECONDS:
            _WAITING_EVENTS.set(0)
            _WAITING_SECONDS.set(0)
            is_needed = await sequencing.is_needed(connection)
            if not is_needed or not await sequencing.hold(connection, self._holder, LEASE_SECONDS):
                return IDLE_PAUSE_SECONDS
            self._renewed_at = began
            await self._measure(connection)
        if self._is_busy or await sequencing.is_waiting(connection):
            numbered = await sequencing.number(connection, self._holder, EVENTS_AT_ONCE, datetime.now(UTC))
            if numbered is None:
                self._renewed_at = float("-inf")
                return IDLE_PAUSE_SECONDS
            self._is_busy = numbered > 0
            if self._is_busy:
                self._worked_at = time.monotonic()
            if numbered == EVENTS_AT_ONCE:
                return 0
        is_quiet = began - self._worked_at > QUIET_AFTER_SECONDS
        # A table full of dead rows, behind a long transaction, makes steps slow: it is not searched all the time.
        return max(QUIET_PAUSE_SECONDS if is_quiet else PAUSE_SECONDS, time.monotonic() - began)

    async def _measure(self, connection: Connection) -> None:
        waiting = await sequencing.waiting(connection)
        _WAITING_EVENTS.set(waiting.events)
        if waiting.oldest is not None:
            _WAITING_SECONDS.set((datetime.now(UTC) - waiting.oldest).total_seconds())

    async def _connected(self) -> Connection:
        if self._connection is None or self._connection.is_closed():
            self._renewed_at = float("-inf")
            self._connection = await connect(self._url, _SETTINGS, command_timeout=30)
        return self._connection

    async def _release(self) -> None:
        """Ends the lease."""
        if self._connection is not None and not self._connection.is_closed():
            await sequencing.release(self._connection, self._holder)

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None


async def run(database_url: str) -> None:
    """Runs the sequencer of one process until it is cancelled."""
    await Sequencer(database_url).run()
