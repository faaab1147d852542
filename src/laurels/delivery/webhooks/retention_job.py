"""The job that removes old deliveries, as long ago as the feed removes events."""

from datetime import UTC, datetime, timedelta

import structlog

from laurels.engine.jobs.job import Job, Left, Tools
from laurels.settings import Settings
from laurels.storage.postgres.database import Connection
from laurels.storage.webhooks import deliveries

log = structlog.get_logger("laurels.delivery")

DELIVERIES_AT_ONCE = 5_000
REST_SECONDS = 3_600.0


async def forget(connection: Connection, _tools: Tools) -> Left:
    """Removes a part of the deliveries that are older than LAURELS_FEED_DAYS."""
    settings = Settings.from_environment()
    if settings.citus:
        return Left.NOTHING
    cutoff = datetime.now(UTC) - timedelta(days=settings.feed_days)
    left = Left.NOTHING
    for webhook_id in await deliveries.webhook_ids(connection):
        async with connection.transaction():
            forgotten = await deliveries.forget(connection, webhook_id, cutoff, DELIVERIES_AT_ONCE)
        if forgotten:
            log.info("deliveries_forgotten", webhook=webhook_id, deliveries=forgotten)
        if forgotten == DELIVERIES_AT_ONCE:
            left = Left.SOMETHING
    return left


JOB = Job(name="forget_deliveries", step=forget, rests_seconds=REST_SECONDS)
