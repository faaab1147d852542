"""Gives tiers and badges to those who had reached them before the definitions changed, where an apply asked for it."""

import asyncio
import time
from datetime import UTC, datetime

from laurels.core.commands import JudgeAnew
from laurels.engine.engine import BusyError, Engine
from laurels.store import judgings
from laurels.store.database import Connection
from laurels.store.judgings import Place

JUDGED_AT_ONCE = 200
"""So few that a request hardly waits behind them."""

ROUND_SECONDS = 5.0
"""Then other jobs have their turn."""


async def go_on(connection: Connection, engine: Engine) -> None:
    """What is to be judged, a little at a time; what is left after a while comes with the next round."""
    deadline = time.monotonic() + ROUND_SECONDS
    while time.monotonic() < deadline and await step(connection, engine):
        pass


async def step(connection: Connection, engine: Engine) -> bool:
    """False if there is nothing to do, or somebody else is at it, or the engine is too busy. A step that breaks off is
    done again, which changes nothing for those whom it had reached."""
    async with connection.transaction():
        judging = await judgings.take(connection)
        if judging is None:
            return False
        after = Place(judging.lane, judging.subject, "")
        places = await judgings.next_participants(connection, judging.project_id, after, JUDGED_AT_ONCE)
        commands = [
            JudgeAnew(
                project_id=judging.project_id,
                participant_id=place.participant_id,
                definition_ids=judging.definition_ids,
                silent=judging.silent,
            )
            for place in places
        ]
        try:
            await asyncio.gather(*engine.submit_all(commands))
        except BusyError:
            return False
        await judgings.advance(connection, judging, places, datetime.now(UTC))
        return True
