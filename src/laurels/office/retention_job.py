"""The job that removes the content of events older than their project's retention. The consequences of the events
stay."""

import time
from collections import deque
from datetime import UTC, datetime

import structlog

from laurels.engine.jobs.job import Job, Left, Tools
from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry
from laurels.mechanics.events import rules
from laurels.mechanics.events.model import EventForgotten, EventRecorded
from laurels.mechanics.leaderboards.scoring import counting
from laurels.office import retention
from laurels.office.retention import CountedByBoards
from laurels.storage.definitions import DefinitionsCache
from laurels.storage.lanes import LANES
from laurels.storage.postgres.database import Connection

log = structlog.get_logger("laurels.engine.jobs")

FACTS_AT_ONCE = 1_000

ROUND_SECONDS = 2.0
"""The time of one round; then other jobs have their turn."""

REST_SECONDS = 3_600.0


class RetentionSweep:
    """Goes through all lanes of all projects with a retention, part by part, and then begins again. It remembers its
    position; otherwise a part that takes long would permanently keep later parts from their turn."""

    def __init__(self) -> None:
        self._ahead: deque[tuple[int, int]] = deque()
        """The project and lane of each remaining part."""

    async def run_round(self, connection: Connection, cache: DefinitionsCache) -> bool:
        """Empties a part of the due events, in small transactions. True if there may be more."""
        if not self._ahead:
            projects = await retention.forgetful_projects(connection)
            self._ahead.extend((project_id, lane) for project_id in projects for lane in range(LANES))
        deadline = time.monotonic() + ROUND_SECONDS
        while self._ahead:
            project_id, lane = self._ahead.popleft()
            forgotten, has_more = await _forget_some(connection, cache, project_id, lane)
            if has_more:
                self._ahead.appendleft((project_id, lane))
            if forgotten:
                log.info("events_forgotten", project=project_id, lane=lane, events=forgotten)
            if time.monotonic() > deadline:
                break
        return bool(self._ahead)


async def _forget_some(connection: Connection, cache: DefinitionsCache, project_id: int, lane: int) -> tuple[int, bool]:
    """Empties due events of one lane. Returns their number, and whether there may be more in the lane."""
    async with connection.transaction():
        reached = await retention.lock_position(connection, project_id, lane)
        policy = await retention.lock_policy(connection, project_id)
        if reached is None or policy is None:
            return 0, False
        stretch = await retention.next_stretch(connection, policy, lane, reached, datetime.now(UTC), FACTS_AT_ONCE)
        if stretch.event_ids:
            counted = await retention.counted_by_boards(connection, project_id)
            known = await cache.newest(connection, project_id)
            events = retention.events(connection, lane, stretch.event_ids)
            emptied = [(event.id, _emptied(known, counted, event)) async for event in events]
            await retention.empty(connection, lane, emptied)
        if stretch.reached != reached:
            await retention.save_position(connection, project_id, lane, stretch.reached)
        return len(stretch.event_ids), stretch.has_more


def _emptied(known: Definitions, counted: CountedByBoards, event: Entry) -> EventForgotten:
    assert isinstance(event.fact, EventRecorded)  # noqa: S101
    conditions = ((source, known.game.board_conditions.condition(source)) for source in sorted(counted.conditions))
    verdicts = [counting.digest(source) for source, condition in conditions if counting.holds(known, condition, event)]
    return rules.forget(event.fact, counted.properties, verdicts)


def job() -> Job:
    """The job of one process, which remembers its position."""
    sweep = RetentionSweep()

    async def step(connection: Connection, tools: Tools) -> Left:
        return Left.SOMETHING if await sweep.run_round(connection, tools.cache) else Left.NOTHING

    return Job(name="forget_events", step=step, rests_seconds=REST_SECONDS)
