"""The job that gives tiers and badges to participants who had reached them before the definitions changed, if an apply
asked for it."""

import asyncio
import time
from datetime import UTC, datetime

from laurels.engine.engine import COMMANDS_A_REQUEST, Engine
from laurels.engine.errors import BusyError, CommandFailedError
from laurels.engine.jobs.job import Job, Left, Tools
from laurels.kernel.commands import JudgeAnew
from laurels.storage import judgings
from laurels.storage.judgings import JudgingPosition
from laurels.storage.postgres.database import Connection, LockedError

ROUND_SECONDS = 5.0
"""The time of one round; then other jobs have their turn."""


async def run_round(connection: Connection, engine: Engine) -> None:
    """Judges participants step by step. The next round continues with the rest."""
    deadline = time.monotonic() + ROUND_SECONDS
    while time.monotonic() < deadline and await step(connection, engine):
        pass


async def step(connection: Connection, engine: Engine) -> bool:
    """Judges the next participants. False if there is nothing to do, if another process is judging or holds a lock, or
    if the engine is too busy.

    An interrupted step is repeated, which changes nothing for participants who were already judged. A failure for one
    participant is logged and does not stop the others.
    """
    async with connection.transaction():
        judging = await judgings.take(connection)
        if judging is None:
            return False
        after = JudgingPosition(judging.lane, judging.subject, "")
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
    await run_round(connection, tools.engine)
    return Left.NOTHING


JOBS = (Job(name="judge_anew", step=_judge),)
