"""Gives tiers and badges to those who had reached them before the definitions changed, where an apply asked for it."""

import asyncio
import time
from datetime import UTC, datetime

from laurels.engine.engine import COMMANDS_A_REQUEST, Engine
from laurels.engine.errors import BusyError, CommandFailedError
from laurels.engine.jobs.job import Job, Left, Tools
from laurels.kernel.commands import JudgeAnew
from laurels.storage import judgings
from laurels.storage.judgings import Place
from laurels.storage.postgres.database import Connection, LockedError

ROUND_SECONDS = 5.0
"""Then other jobs have their turn."""


async def go_on(connection: Connection, engine: Engine) -> None:
    """What is to be judged, a little at a time; what is left after a while comes with the next round."""
    deadline = time.monotonic() + ROUND_SECONDS
    while time.monotonic() < deadline and await step(connection, engine):
        pass


async def step(connection: Connection, engine: Engine) -> bool:
    """False if there is nothing to do, or somebody else is at it or has locked one of the people, or the engine is too
    busy. A step that breaks off is done again, which changes nothing for those whom it had reached. Those for whom it
    fails by itself, which is logged, do not keep the others waiting."""
    async with connection.transaction():
        judging = await judgings.take(connection)
        if judging is None:
            return False
        after = Place(judging.lane, judging.subject, "")
        places = await judgings.next_participants(connection, judging.project_id, after, COMMANDS_A_REQUEST)
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
            judged = await asyncio.gather(*engine.submit_all(commands), return_exceptions=True)
        except BusyError:
            return False
        if any(isinstance(failure, LockedError | BusyError) for failure in judged):
            return False
        for failure in judged:
            if isinstance(failure, BaseException) and not isinstance(failure, CommandFailedError):
                raise failure
        await judgings.advance(connection, judging, places, datetime.now(UTC))
        return True


async def _judge(connection: Connection, tools: Tools) -> Left:
    await go_on(connection, tools.engine)
    return Left.NOTHING


JOBS = (Job(name="judge_anew", step=_judge),)
