"""The job that records due ends of points and holds, also for inactive participants, so that boards and lists are
right."""

import asyncio
import time
from datetime import UTC, datetime
from uuid import UUID

from laurels.engine.engine import COMMANDS_A_REQUEST, Engine
from laurels.engine.errors import BusyError
from laurels.engine.jobs.job import Job, Left, Tools
from laurels.mechanics.points.purse.commands import SettleExpiries
from laurels.mechanics.points.storage import expiries
from laurels.mechanics.points.storage.expiries import Due
from laurels.storage.postgres.database import Connection

ROUND_SECONDS = 5.0
"""The longest run of the job; then other jobs have their turn."""


async def sweep(connection: Connection, engine: Engine) -> None:
    """Records due ends in small parts, and for each participant once. The rest, and failures, are left for the next
    round."""
    deadline = time.monotonic() + ROUND_SECONDS
    asked: list[UUID] = []
    while time.monotonic() < deadline:
        due = await expiries.due(connection, datetime.now(UTC), COMMANDS_A_REQUEST, asked)
        if not due or not await _settle(engine, due):
            return
        asked += [each.subject for each in due]


async def _settle(engine: Engine, due: list[Due]) -> bool:
    """Submits no more commands together than one request does, so that requests hardly wait behind them. False if the
    engine is too busy."""
    commands = [SettleExpiries(project_id=each.project_id, participant_id=each.participant_id) for each in due]
    for start in range(0, len(commands), COMMANDS_A_REQUEST):
        try:
            settled = engine.submit_all(commands[start : start + COMMANDS_A_REQUEST])
        except BusyError:
            return False
        await asyncio.gather(*settled, return_exceptions=True)
    return True


async def _sweep(connection: Connection, tools: Tools) -> Left:
    await sweep(connection, tools.engine)
    return Left.NOTHING


JOBS = (Job(name="sweep_expiries", step=_sweep),)
