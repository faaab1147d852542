"""Points and holds whose time has come expire, also of people who do nothing: boards and lists follow."""

import asyncio
import time
from datetime import UTC, datetime

from laurels.core.commands import SettleExpiries
from laurels.engine.engine import BusyError, Engine
from laurels.store import economy
from laurels.store.database import Connection

SWEPT_AT_ONCE = 200
"""So few that a request hardly waits behind them."""

ROUND_SECONDS = 5.0
"""Then other jobs have their turn."""


async def sweep(connection: Connection, engine: Engine) -> None:
    """What is due, a little at a time; what is left after a while comes with the next round."""
    deadline = time.monotonic() + ROUND_SECONDS
    while time.monotonic() < deadline:
        due = await economy.due(connection, datetime.now(UTC), SWEPT_AT_ONCE)
        if not due or not await _settle(engine, due):
            return


async def _settle(engine: Engine, due: list[tuple[int, str]]) -> bool:
    """False if the engine is too busy."""
    try:
        settled = engine.submit_all(
            [SettleExpiries(project_id=project_id, participant_id=participant_id) for project_id, participant_id in due]
        )
    except BusyError:
        return False
    await asyncio.gather(*settled, return_exceptions=True)
    return True
