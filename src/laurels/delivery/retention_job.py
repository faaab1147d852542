"""The job that removes old events from the feed and old deliveries of webhooks, and ends feeds that nobody reads."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import structlog

from laurels.engine.jobs.job import Job, Left, Tools
from laurels.kernel.commands import Actor
from laurels.settings import Settings
from laurels.storage.feed import listeners, retention
from laurels.storage.office import audit
from laurels.storage.office.audit import AuditedChange
from laurels.storage.postgres.database import Connection
from laurels.storage.webhooks import deliveries

Owner = TypeVar("Owner", int, str)

log = structlog.get_logger("laurels.delivery")

ROWS_AT_ONCE = 5_000
"""The number of events of a project, and of deliveries of a webhook, that one transaction removes."""
REST_SECONDS = 3_600.0
SERVER = Actor(name="server")


async def forget(connection: Connection, _tools: Tools) -> Left:
    """Removes a part of the events and of the deliveries that are older than LAURELS_FEED_DAYS."""
    settings = Settings.from_environment()
    if settings.citus:
        return Left.NOTHING
    cutoff = datetime.now(UTC) - timedelta(days=settings.feed_days)
    for project_id in await listeners.unused_since(connection, cutoff):
        await _end(connection, project_id)
    removed = [0]
    for project_id in await retention.projects_with_events(connection):
        removed.append(await _remove(connection, retention.forget, project_id, cutoff))
        if removed[-1]:
            log.info("feed_events_forgotten", project=project_id, events=removed[-1])
    for webhook_id in await deliveries.webhook_ids(connection):
        removed.append(await _remove(connection, deliveries.forget, webhook_id, cutoff))
        if removed[-1]:
            log.info("deliveries_forgotten", webhook=webhook_id, deliveries=removed[-1])
    return Left.SOMETHING if max(removed) == ROWS_AT_ONCE else Left.NOTHING


async def _remove(
    connection: Connection,
    remove: Callable[[Connection, Owner, datetime, int], Awaitable[int]],
    owner: Owner,
    cutoff: datetime,
) -> int:
    async with connection.transaction():
        return await remove(connection, owner, cutoff, ROWS_AT_ONCE)


async def _end(connection: Connection, project_id: int) -> None:
    """Ends the feed of the project, with an entry in the audit log."""
    async with connection.transaction():
        await listeners.stop(connection, project_id, listeners.FEED)
        await audit.record(connection, AuditedChange(project_id=project_id, action="delete", kind="feed"), SERVER)
    log.info("feed_ended", project=project_id)


JOB = Job(name="forget_feed", step=forget, rests_seconds=REST_SECONDS)
