"""The courier of one webhook: takes its deliveries, sends them, and stores the results."""

import asyncio
import random
import time
from datetime import UTC, datetime, timedelta

import structlog
from prometheus_client import Counter, Histogram

from laurels.delivery.webhooks.feed import DisabledReason
from laurels.delivery.webhooks.lines import Lines
from laurels.delivery.webhooks.requests import EventForgottenError, body_of, headers_of
from laurels.delivery.webhooks.results import SendResult
from laurels.delivery.webhooks.schedule import is_without_success, next_attempt_at
from laurels.delivery.webhooks.sending import Sender
from laurels.delivery.webhooks.switching_off import switch_off
from laurels.storage.postgres.database import Connection, DatabaseUnavailableError, LockedError
from laurels.storage.postgres.pools import Edits
from laurels.storage.webhooks import sending
from laurels.storage.webhooks.deliveries import StoredAttempt
from laurels.storage.webhooks.holding import HeldWebhook
from laurels.storage.webhooks.sending import NewDeliveries, NotHeldError, Sent, TakenDelivery
from laurels.storage.webhooks.webhooks import SECRETS_SECONDS

log = structlog.get_logger("laurels.delivery")

_ATTEMPTS = Counter("laurels_webhook_attempts", "Attempts to deliver an event, by outcome", ("outcome",))
_SECONDS = Histogram(
    "laurels_webhook_attempt_seconds",
    "Time of an attempt to deliver an event",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15),
)

IN_PROGRESS_LIMIT = 64
"""The number of attempts of one webhook at the same time."""
IN_MEMORY_LIMIT = 500
FAILING_AFTER = 10
"""After this number of failed attempts in a row, attempts are made one at a time."""
FAILING_PAUSE_SECONDS = 5.0
"""The pause between them."""
KNOWN_FAILING_SECONDS = 60
STEP_SECONDS = 0.02
"""The time from one transaction to the next, at least: events gather meanwhile."""
STORE_SECONDS = 0.1
"""The time in which results gather for one transaction, if there are no events."""
FAILURE_PAUSE_SECONDS = 1.0


class Courier:
    """Serves one webhook while this process holds it. Every transaction checks this."""

    def __init__(self, webhook: HeldWebhook, held_until: float, holder: str, sender: Sender, edits: Edits) -> None:
        """`held_until` is the end of the lease, by the monotonic clock."""
        self.webhook = webhook
        self._held_until = held_until
        self._holder = holder
        self._sender = sender
        self._edits = edits
        self._lines = Lines()
        self._secrets: tuple[str, ...] = ()
        self._secrets_until = float("-inf")
        """Until when the secrets sign, by the monotonic clock. Then they are read again: they may have been rotated."""
        self._news = asyncio.Event()
        self._stepped_at = float("-inf")
        self._storing: asyncio.TimerHandle | None = None
        self._is_stopping = False
        self._is_new = True
        """Whether deliveries of an earlier process, or of a transaction without known end, may wait without a plan."""
        self._has_due = True
        """Whether deliveries may be due."""
        self._has_more = False
        """Whether further events have no delivery yet."""
        self._results: list[Sent] = []
        self._freed: set[int] = set()
        self._in_progress: set[asyncio.Task[None]] = set()
        self._failing_since = webhook.failing_since
        is_known = self._failing_since is not None and datetime.now(UTC) - self._failing_since > timedelta(
            seconds=KNOWN_FAILING_SECONDS
        )
        self._failures = FAILING_AFTER if is_known else 0
        self._is_back = False
        self._next_probe_at = 0.0
        self._disable: DisabledReason | None = None

    def hold(self, webhook: HeldWebhook, held_until: float) -> None:
        """Takes over the webhook as it is now, and the new end of the lease."""
        if not self._is_held or webhook.has_due or webhook.has_events:
            self.wake()
        self.webhook, self._held_until = webhook, held_until
        self._has_due = self._has_due or webhook.has_due

    def wake(self) -> None:
        """Makes it look for work."""
        self._news.set()

    def stop(self) -> None:
        """Makes it end after the attempts in progress."""
        self._is_stopping = True
        self._news.set()

    @property
    def _is_held(self) -> bool:
        """Whether no other process can hold the webhook yet. Afterwards no attempt begins, so that a process that
        stood still does not send what another one has sent meanwhile."""
        return time.monotonic() < self._held_until

    @property
    def _is_failing(self) -> bool:
        return self._failures >= FAILING_AFTER

    async def run(self) -> None:
        """Runs until `stop`, or until another process holds the webhook."""
        self._news.set()
        try:
            while not self._is_stopping or self._in_progress or self._results:
                await self._news.wait()
                await asyncio.sleep(self._stepped_at + STEP_SECONDS - time.monotonic())
                self._news.clear()
                self._stepped_at = time.monotonic()
                await self._step()
        except NotHeldError:
            log.info("webhook_taken_over", webhook=self.webhook.id)
        finally:
            for task in self._in_progress:
                task.cancel()
            self._forget_timer()

    async def _step(self) -> None:
        """Stores results, takes deliveries and begins to send them."""
        if self._is_new and self._in_progress:
            # The plan is made when no delivery is in progress.
            return
        self._forget_timer()
        results, self._results = self._results, []
        freed, self._freed = self._lines.not_here(self._freed), set()
        is_back, self._is_back = self._is_back, False
        try:
            async with self._edits.transaction() as connection:
                due, new = await self._exchange(connection, results, freed, is_back=is_back)
                # Until here the lock on the row holds rotations back.
                self._secrets_until = time.monotonic() + SECRETS_SECONDS
        except (DatabaseUnavailableError, LockedError) as error:
            log.warning("deliveries_interrupted", webhook=self.webhook.id, error=type(error).__name__)
            self._results, self._freed, self._is_back = [*results, *self._results], self._freed | freed, is_back
            self._lines = Lines()
            self._is_new = True
            await asyncio.sleep(FAILURE_PAUSE_SECONDS)
            self._news.set()
            return
        self._is_new, self._has_more = False, new.has_more
        ended = {sent.taken.number for sent in self._results}
        self._lines.add_due(taken for taken in due if taken.number not in ended)
        left = self._lines.add_new(new.taken, new.held_back)
        self._freed |= left
        if left or (new.has_more and self._room() > 0):
            self._news.set()
        self._begin_attempts()
        if self._disable is not None:
            await switch_off(self._edits, self.webhook, self._disable, self._failing_since or datetime.now(UTC))
            self.stop()

    async def _exchange(
        self, connection: Connection, results: list[Sent], freed: set[int], *, is_back: bool
    ) -> tuple[list[TakenDelivery], NewDeliveries]:
        """The transaction of one step. Raises NotHeldError."""
        now, webhook = datetime.now(UTC), self.webhook
        progress = await sending.lock(connection, webhook, self._holder, now)
        self._secrets = progress.secrets
        if results:
            await sending.store(connection, webhook, results)
        if webhook.failing_since != self._failing_since:
            await sending.note_failing(connection, webhook.id, self._failing_since)
        if self._is_new:
            await sending.free(connection, webhook.id, None, now)
        elif freed:
            await sending.free(connection, webhook.id, freed, now)
        if is_back:
            await sending.wake(connection, webhook.id, now)
        room = self._room()
        due: list[TakenDelivery] = []
        if self._has_due or self._is_new or freed or is_back:
            due = await self._take_due(connection, now, room)
        if room > len(due):
            return due, await sending.take_new(connection, webhook, progress, now, room - len(due))
        return due, NewDeliveries([], frozenset(), progress.head > progress.position)

    async def _take_due(self, connection: Connection, now: datetime, room: int) -> list[TakenDelivery]:
        """The deliveries that are due, as far as there is room. Without room, those in memory that an erasure made
        due."""
        if room > 0:
            due = await sending.take_due(connection, self.webhook.id, now, room)
            self._has_due = len(due) >= room
            return due
        self._has_due = True
        if self._lines.size and not self._is_stopping:
            return await sending.take_erased(connection, self.webhook.id, now, self._lines.numbers)
        return []

    def _room(self) -> int:
        """The number of deliveries to take."""
        if self._is_stopping:
            return 0
        if not self._is_failing:
            return IN_MEMORY_LIMIT - self._lines.size
        return int(not self._lines.size and time.monotonic() >= self._next_probe_at)

    def _begin_attempts(self) -> None:
        while (
            self._is_held
            and not self._is_stopping
            and len(self._in_progress) < (1 if self._is_failing else IN_PROGRESS_LIMIT)
        ):
            pause_seconds = self._next_probe_at - time.monotonic()
            if self._is_failing and pause_seconds > 0:
                asyncio.get_running_loop().call_later(pause_seconds, self._news.set)
                return
            if self._lines.has_ready and time.monotonic() >= self._secrets_until:
                # The next step reads the secrets again.
                self._news.set()
                return
            taken = self._lines.next_ready()
            if taken is None:
                return
            if self._is_failing:
                self._next_probe_at = time.monotonic() + FAILING_PAUSE_SECONDS
                asyncio.get_running_loop().call_later(FAILING_PAUSE_SECONDS, self._news.set)
            task = asyncio.create_task(self._attempt(taken, self._lines))
            self._in_progress.add(task)
            task.add_done_callback(self._in_progress.discard)

    async def _attempt(self, taken: TakenDelivery, lines: Lines) -> None:
        at = datetime.now(UTC)
        try:
            body = body_of(self.webhook, taken)
        except EventForgottenError:
            attempt = StoredAttempt(at=at, duration_ms=0, failure="event_not_kept")
            self._ended(Sent(taken=taken, attempt=attempt, state="failed", due_at=None), lines)
            return
        headers = headers_of(self.webhook, self._secrets, taken, body, int(at.timestamp()))
        result = await self._sender.send(self.webhook.url, headers, body)
        outcome = "success" if result.is_success else result.failure or "status"
        _ATTEMPTS.labels(outcome).inc()
        _SECONDS.observe(result.duration_ms / 1_000)
        self._note(result, at)
        self._ended(_sent(taken, result, at), lines)

    def _note(self, result: SendResult, at: datetime) -> None:
        """Counts failures in a row, and decides whether the webhook is switched off."""
        if result.is_success:
            self._is_back = self._is_back or self._is_failing
            self._failures, self._failing_since = 0, None
            return
        self._failures += 1
        self._failing_since = self._failing_since or at
        if result.is_gone:
            self._disable = "gone"
        elif is_without_success(self._failing_since, datetime.now(UTC)):
            self._disable = "no_success_in_five_days"

    def _ended(self, sent: Sent, lines: Lines) -> None:
        """Keeps the result for the next transaction. `lines` are those of which the delivery was taken."""
        self._results.append(sent)
        line = lines.succeeded(sent.taken) if sent.state == "delivered" else lines.failed(sent.taken)
        if line is not None:
            self._freed.add(line)
        self._begin_attempts()
        is_needed = self._freed or self._is_new or self._is_stopping
        if is_needed or ((self._has_more or self._has_due) and self._lines.size <= IN_MEMORY_LIMIT // 2):
            self._news.set()
        elif self._storing is None:
            self._storing = asyncio.get_running_loop().call_later(STORE_SECONDS, self._news.set)

    def _forget_timer(self) -> None:
        if self._storing is not None:
            self._storing.cancel()
            self._storing = None


def _sent(taken: TakenDelivery, result: SendResult, at: datetime) -> Sent:
    """The result of an attempt that began `at`, with the time of the next one."""
    # PostgreSQL stores no NUL in a text.
    response = result.response.decode(errors="replace").replace("\0", "\ufffd") or None
    attempt = StoredAttempt(
        at=at, duration_ms=result.duration_ms, status=result.status, failure=result.failure, response=response
    )
    if result.is_success:
        return Sent(taken=taken, attempt=attempt, state="delivered", due_at=None)
    first_at = taken.attempts[0].at if taken.attempts else at
    due_at = next_attempt_at(
        len(taken.attempts) + 1,
        first_at,
        datetime.now(UTC),
        result.retry_after_seconds,
        random.random(),  # noqa: S311
    )
    is_over = due_at is None or result.is_gone
    return Sent(
        taken=taken, attempt=attempt, state="failed" if is_over else "waiting", due_at=None if is_over else due_at
    )
