"""Points and holds whose time has come expire, also of people who do nothing: boards and lists follow."""

import asyncio
from datetime import UTC, datetime, timedelta

from laurels.core.commands import SettleExpiries
from laurels.engine.engine import BusyError, Engine
from laurels.store import economy, projects
from laurels.store.database import Connection
from laurels.store.definitions import DefinitionsCache

SWEPT_AT_ONCE = 200


async def sweep(connection: Connection, cache: DefinitionsCache, engine: Engine) -> None:
    """A little of what is due, so that requests hardly wait for it; what is left comes with the next round."""
    for project in await projects.all_projects(connection):
        project_id = project.id
        known = await cache.newest(connection, project_id)
        now = datetime.now(UTC) + timedelta(milliseconds=known.calendar.clock_offset_ms)
        names = await economy.due(connection, project_id, now, SWEPT_AT_ONCE)
        try:
            settled = engine.submit_all(
                [SettleExpiries(project_id=project_id, participant_id=participant_id) for participant_id in names]
            )
        except BusyError:
            return
        await asyncio.gather(*settled, return_exceptions=True)
