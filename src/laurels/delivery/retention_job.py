"""The job that removes old events from the feed, and ends feeds that nobody reads."""

from datetime import UTC, datetime, timedelta

import structlog

from laurels.engine.jobs.job import Job, Left, Tools
from laurels.kernel.commands import Actor
from laurels.settings import Settings
from laurels.storage.feed import listeners, retention
from laurels.storage.office import audit
from laurels.storage.office.audit import AuditedChange
from laurels.storage.postgres.database import Connection

log = structlog.get_logger("laurels.delivery")

EVENTS_AT_ONCE = 5_000
REST_SECONDS = 3_600.0
SERVER = Actor(name="server")


async def forget(connection: Connection, _tools: Tools) -> Left:
    """Removes a part of the events that are older than LAURELS_FEED_DAYS."""
    settings = Settings.from_environment()
    if settings.citus:
        return Left.NOTHING
    cutoff = datetime.now(UTC) - timedelta(days=settings.feed_days)
    for project_id in await listeners.unused_since(connection, cutoff):
        await _end(connection, project_id)
    left = Left.NOTHING
    for project_id in await retention.projects_with_events(connection):
        async with connection.transaction():
            forgotten = await retention.forget(connection, project_id, cutoff, EVENTS_AT_ONCE)
        if forgotten:
            log.info("feed_events_forgotten", project=project_id, events=forgotten)
        if forgotten == EVENTS_AT_ONCE:
            left = Left.SOMETHING
    return left


async def _end(connection: Connection, project_id: int) -> None:
    """Ends the feed of the project, with an entry in the audit log."""
    async with connection.transaction():
        await listeners.stop(connection, project_id, listeners.FEED)
        await audit.record(connection, AuditedChange(project_id=project_id, action="delete", kind="feed"), SERVER)
    log.info("feed_ended", project=project_id)


JOB = Job(name="forget_feed", step=forget, rests_seconds=REST_SECONDS)
