"""Events that are older than their project keeps them lose their content; what they set off stays."""

import time
from collections import deque
from datetime import UTC, datetime

import structlog

from laurels.engine.jobs.job import Job, Left, Tools
from laurels.mechanics.events import rules
from laurels.office import retention
from laurels.storage.lanes import LANES
from laurels.storage.postgres.database import Connection

log = structlog.get_logger("laurels.engine.jobs")

FACTS_AT_ONCE = 1_000

ROUND_SECONDS = 2.0
"""Then other jobs have their turn."""

REST_SECONDS = 3_600.0


class Forgetting:
    """Goes through all lanes of all projects that forget, a part at a time, and then begins again. Where it is it keeps
    in mind, or a part that takes long would keep the later ones from their turn for ever."""

    def __init__(self) -> None:
        self._ahead: deque[tuple[int, int]] = deque()
        """Project and lane."""

    async def go_on(self, connection: Connection) -> bool:
        """A part of what is due, in small transactions; True if there may be more."""
        if not self._ahead:
            projects = await retention.forgetful_projects(connection)
            self._ahead.extend((project_id, lane) for project_id in projects for lane in range(LANES))
        deadline = time.monotonic() + ROUND_SECONDS
        while self._ahead:
            project_id, lane = self._ahead.popleft()
            forgotten, has_more = await _forget_some(connection, project_id, lane)
            if has_more:
                self._ahead.appendleft((project_id, lane))
            if forgotten:
                log.info("events_forgotten", project=project_id, lane=lane, events=forgotten)
            if time.monotonic() > deadline:
                break
        return bool(self._ahead)


async def _forget_some(connection: Connection, project_id: int, lane: int) -> tuple[int, bool]:
    """How many events, and whether there may be more in the lane."""
    async with connection.transaction():
        reached = await retention.lock_place(connection, project_id, lane)
        policy = await retention.lock_policy(connection, project_id)
        if reached is None or policy is None:
            return 0, False
        stretch = await retention.next_stretch(connection, policy, lane, reached, datetime.now(UTC), FACTS_AT_ONCE)
        if stretch.event_ids:
            summed = await retention.summed_properties(connection, project_id)
            found = retention.events(connection, lane, stretch.event_ids)
            await retention.empty(connection, lane, [(name, rules.forget(fact, summed)) async for name, fact in found])
        if stretch.reached != reached:
            await retention.save_place(connection, project_id, lane, stretch.reached)
        return len(stretch.event_ids), stretch.has_more


def job() -> Job:
    """The job of one process, which keeps its place."""
    forgetting = Forgetting()

    async def step(connection: Connection, _tools: Tools) -> Left:
        return Left.SOMETHING if await forgetting.go_on(connection) else Left.NOTHING

    return Job(name="forget_events", step=step, rests_seconds=REST_SECONDS)
