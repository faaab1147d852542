"""Points and holds whose time has come expire, also of people who do nothing: boards and lists follow."""

import asyncio
from datetime import UTC, datetime

from laurels.core.commands import SettleExpiries
from laurels.engine.engine import BusyError, Engine
from laurels.store import economy
from laurels.store.database import Connection

SWEPT_AT_ONCE = 200


async def sweep(connection: Connection, engine: Engine) -> None:
    """A little of what is due, so that requests hardly wait for it; what is left comes with the next round."""
    due = await economy.due(connection, datetime.now(UTC), SWEPT_AT_ONCE)
    try:
        settled = engine.submit_all(
            [SettleExpiries(project_id=project_id, participant_id=participant_id) for project_id, participant_id in due]
        )
    except BusyError:
        return
    await asyncio.gather(*settled, return_exceptions=True)
