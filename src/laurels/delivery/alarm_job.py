"""The job that rings due alarms: it writes the feed events about time, by the clocks of projects."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain

from laurels.engine.jobs.job import Job, Left, Tools
from laurels.kernel.definition import Definitions
from laurels.settings import Settings
from laurels.storage import alarms
from laurels.storage.alarms import Alarm, AlarmKey, AlarmMoment, DueAlarm, Ringing
from laurels.storage.feed import outbox
from laurels.storage.feed.outbox import LATE_AFTER, Announcement
from laurels.storage.postgres.database import Connection
from laurels.storage.schema import months

ALARMS_AT_ONCE = 200
PEOPLE_AT_ONCE = 300
CHANGES_KNOWN = timedelta(days=40)
"""A participant's last fact is looked up if it is younger than this, so that few partitions are read. After a longer
downtime, a streak that was repaired and lost again meanwhile has no `streak.recovered`."""
ROUND_SECONDS = 2.0
"""The time of one round; then other jobs have their turn."""

_PROJECTS = """
SELECT id, definitions_version, clock_offset_ms FROM project
WHERE archived_at IS NULL AND listened_types <> '{}' ORDER BY id
"""


async def ring(connection: Connection, tools: Tools) -> Left:
    """Rings the due alarms of all projects with listeners, and sets the alarms of projects with a new one. The next
    round continues with the rest."""
    settings = Settings.from_environment()
    deadline = time.monotonic() + ROUND_SECONDS
    while await _fill(connection, tools):
        if time.monotonic() > deadline:
            return Left.AT_ONCE
    for project in await connection.fetch(_PROJECTS):
        definitions = await tools.cache.at(connection, project["id"], project["definitions_version"])
        offset = timedelta(milliseconds=project["clock_offset_ms"])
        for alarm in tools.cache.tables.alarms.by_name.values():
            ahead = timedelta(days=getattr(settings, alarm.days_setting) if alarm.days_setting else 0)
            while await _step(connection, definitions, alarm, project["id"], datetime.now(UTC) + offset, ahead):
                if time.monotonic() > deadline:
                    return Left.AT_ONCE
    return Left.NOTHING


async def _fill(connection: Connection, tools: Tools) -> bool:
    """Sets the alarms of some participants of a project with a new listener; False if nothing is left to do."""
    async with connection.transaction():
        return await alarms.fill(connection, tools.cache.tables.alarms, datetime.now(UTC), PEOPLE_AT_ONCE)


async def _step(
    connection: Connection, definitions: Definitions, alarm: Alarm, project_id: int, now: datetime, ahead: timedelta
) -> bool:
    """Rings some alarms in one transaction; False if no further alarms are due."""
    async with connection.transaction():
        until = now + ahead
        first_fact = months.first_id_at(datetime.now(UTC) - CHANGES_KNOWN)
        due = await alarms.due(connection, project_id, alarm.name, until, first_fact, ALARMS_AT_ONCE)
        states = await alarm.load(connection, [each.key for each in due])
        rung = {}
        for each in due:
            moment = AlarmMoment(now, until, each.changed_at)
            rung[each.key] = alarm.ring(definitions, each.key, states.get(each.key), each.note, moment)
        await outbox.add(connection, _announcements(definitions, project_id, due, rung, now))
        await alarms.store(connection, alarm.name, rung)
    return len(due) == ALARMS_AT_ONCE


def _announcements(
    definitions: Definitions, project_id: int, due: Sequence[DueAlarm], rung: dict[AlarmKey, Ringing], now: datetime
) -> list[Announcement]:
    listened = definitions.announcing.types
    pairs = chain.from_iterable(((each, event) for event in rung[each.key].events) for each in due)
    return [
        Announcement(
            id=alarms.event_id(event, each.key),
            project_id=project_id,
            type=event.type,
            participant_id=each.participant_id,
            sequence=each.sequence,
            occurred_at=event.occurred_at,
            recorded_at=now,
            data=event.data,
            historical=now - event.occurred_at > LATE_AFTER,
        )
        for each, event in pairs
        if event.type in listened
    ]


JOB = Job(name="ring_alarms", step=ring)
