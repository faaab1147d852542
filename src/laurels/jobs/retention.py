"""Events that are older than their project keeps them lose their content; what they set off stays."""

import time
from datetime import UTC, datetime

import structlog

from laurels.core import events as rules
from laurels.store import retention
from laurels.store.database import Connection
from laurels.store.lanes import LANES
from laurels.store.retention import Policy

log = structlog.get_logger("laurels.jobs")

FACTS_AT_ONCE = 1_000

ROUND_SECONDS = 2.0
"""Then other jobs have their turn."""


async def forget_events(connection: Connection) -> bool:
    """A part of what is due, in small transactions; True if there may be more."""
    deadline = time.monotonic() + ROUND_SECONDS
    for policy in await retention.policies(connection):
        forgotten = 0
        for lane in range(LANES):
            has_more = True
            while has_more:
                if time.monotonic() > deadline:
                    return True
                count, has_more = await _forget_some(connection, policy, lane)
                forgotten += count
        if forgotten:
            log.info("events_forgotten", project=policy.project_id, events=forgotten)
    return False


async def _forget_some(connection: Connection, known: Policy, lane: int) -> tuple[int, bool]:
    """How many events, and whether there may be more in the lane."""
    async with connection.transaction():
        reached = await retention.lock_place(connection, known.project_id, lane)
        policy = await retention.lock_policy(connection, known.project_id)
        if reached is None or policy is None:
            return 0, False
        stretch = await retention.next_stretch(connection, policy, lane, reached, datetime.now(UTC), FACTS_AT_ONCE)
        if stretch.event_ids:
            summed = await retention.summed_properties(connection, policy.project_id)
            found = await retention.events(connection, lane, stretch.event_ids)
            await retention.empty(connection, lane, [(name, rules.forget(fact, summed)) for name, fact in found])
        if stretch.reached != reached:
            await retention.save_place(connection, policy.project_id, lane, stretch.reached)
        return len(stretch.event_ids), stretch.has_more
