"""Alarms: the moments at which an event about time is due for a participant, such as a streak that is lost.

Facts set the alarms, in the transaction of their batch, in projects that listen to such events. A job (delivery/
alarm_job.py) finds the due ones by an index, lets the mechanic judge the state of that moment, and writes the events.
Alarms change no state of the game. In `note` the mechanic lists the announced events, so that none is announced
twice.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from msgspec import Struct

from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Fact
from laurels.kernel.feed import FeedData
from laurels.kernel.game import Game
from laurels.kernel.participant import Participant
from laurels.storage.batches import Happened
from laurels.storage.postgres.database import Connection

NO_DEFINITION = "00000000-0000-0000-0000-000000000000"
"""The definition of alarms that belong to none."""


class AlarmTime(NamedTuple):
    """The time at which a fact lets the alarm of a definition ring."""

    definition_id: str
    due_at: datetime


class AlarmKey(NamedTuple):
    """The participant and the definition of an alarm."""

    lane: int
    subject: str
    definition_id: str


class AlarmMoment(NamedTuple):
    """The time of the project's clock, and the time up to which alarms are due, which may be ahead. `changed_at` is the
    time at which the participant's last fact was recorded; None if it is long ago."""

    now: datetime
    until: datetime
    changed_at: datetime | None

    def occurrence(self, due_at: datetime) -> datetime:
        """The time at which an event occurred that is due then: not before the fact that led to it."""
        return due_at if self.changed_at is None else max(due_at, self.changed_at)


class ClockEvent(Struct, frozen=True, kw_only=True):
    """An event about time. `period` distinguishes it from other events of the same type, participant and
    definition."""

    type: str
    period: str
    occurred_at: datetime
    data: FeedData


class Ringing(Struct, frozen=True, kw_only=True):
    """The result of an alarm: the events, the note of all announced events, and the next time, if any."""

    events: Sequence[ClockEvent] = ()
    note: str | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """The alarms of one kind. `types` are the types of its events. `set_by(definitions, participant, fact)` is the time
    that a fact of one of the types `facts` sets, given the state after the batch. `load` reads the states that
    `ring(definitions, key, state, note, at)` judges.

    If it `is_moved`, a later fact moves the time; if something was announced before, the alarm rings at once.
    Otherwise the earliest time counts. `days_setting` names the setting with the number of days by which the alarm
    rings ahead. `holders` is SQL for the definition and the time of each alarm of the participants
    `wanted (lane, subject)` at the time $5, beginning after SELECT."""

    name: str
    types: frozenset[str]
    facts: tuple[type[Fact], ...]
    set_by: Callable[[Definitions, Participant, Any], AlarmTime | None]
    load: Callable[[Connection, Collection[AlarmKey]], Awaitable[Mapping[AlarmKey, Any]]]
    ring: Callable[[Definitions, AlarmKey, Any, str | None, AlarmMoment], Ringing]
    is_moved: bool
    holders: str
    days_setting: str | None = None


class Alarms:
    """The alarms of all mechanics, by name and by the facts that set them."""

    def __init__(self, game: Game, listed: Iterable[Alarm]) -> None:
        """Raises ClashError for two alarms with the same name."""
        self.by_name = {alarm.name: alarm for alarm in listed}
        self.of_fact: dict[type[Fact], list[Alarm]] = {}
        for alarm in self.by_name.values():
            for fact in {fact for base in alarm.facts for fact in game.facts_of(base).values()}:
                self.of_fact.setdefault(fact, []).append(alarm)


_SET = """
INSERT INTO alarm (lane, subject, project_id, name, definition_id, due_at)
SELECT * FROM unnest($1::smallint[], $2::uuid[], $3::integer[], $4::text[], $5::uuid[], $6::timestamptz[])
ON CONFLICT (lane, subject, name, definition_id) DO UPDATE
SET due_at = CASE WHEN excluded.name <> ALL ($7::text[]) THEN least(alarm.due_at, excluded.due_at)
                  WHEN alarm.note IS NULL THEN excluded.due_at
                  ELSE '-infinity' END
"""


async def set_by_facts(connection: Connection, alarms: Alarms, happened: Iterable[Happened]) -> None:
    """Sets the alarms of a batch, in the batch's transaction, under the locks of the accounts."""
    times: dict[tuple[int, str, int, str, str], datetime] = {}
    for each in happened:
        listened = each.definitions.announcing.types
        for entry in each.entries if listened else ():
            for alarm in alarms.of_fact.get(type(entry.fact), ()):
                time = (
                    None
                    if listened.isdisjoint(alarm.types)
                    else alarm.set_by(each.definitions, each.participant, entry.fact)
                )
                if time is not None:
                    who = each.participant
                    key = (who.lane, who.subject, who.project_id, alarm.name, time.definition_id)
                    times[key] = time.due_at if alarm.is_moved else min(time.due_at, times.get(key, time.due_at))
    if times:
        columns = [list(column) for column in zip(*((*key, due_at) for key, due_at in times.items()), strict=True)]
        moved = [name for name, alarm in alarms.by_name.items() if alarm.is_moved]
        await connection.execute(_SET, *columns, moved)


class DueAlarm(NamedTuple):
    """An alarm of a participant under lock. `sequence` is the number of the participant's last fact. Its time is
    `changed_at`, as in AlarmMoment."""

    key: AlarmKey
    name: str
    note: str | None
    participant_id: str
    sequence: int
    changed_at: datetime | None


# The project's clock decides. Participants whose accounts are locked are left for the next round.
_DUE = """
SELECT a.lane, a.subject FROM alarm a
WHERE a.project_id = $1 AND a.name = $2 AND a.due_at <= $3 ORDER BY a.due_at LIMIT $4
"""

_LOCK = """
SELECT a.lane, a.subject, a.seq, p.participant_id
FROM unnest($1::smallint[], $2::uuid[]) AS due (lane, subject)
JOIN account a USING (lane, subject) JOIN participant p USING (lane, subject)
ORDER BY a.lane, a.subject FOR NO KEY UPDATE OF a SKIP LOCKED
"""

# A later statement than the locks, so that its snapshot shows the facts of their last holders.
_READ = """
SELECT a.lane, a.subject, a.definition_id, a.note, (
    SELECT j.recorded_at FROM journal j
    WHERE (j.lane, j.subject, j.seq) = (locked.lane, locked.subject, locked.seq) AND j.id >= $6
) AS changed_at
FROM unnest($1::smallint[], $2::uuid[], $5::bigint[]) AS locked (lane, subject, seq)
JOIN alarm a USING (lane, subject)
WHERE a.name = $3 AND a.due_at <= $4
"""

_STORE = """
UPDATE alarm SET note = rung.note, due_at = rung.due_at
FROM unnest($1::smallint[], $2::uuid[], $3::uuid[], $5::text[], $6::timestamptz[])
    AS rung (lane, subject, definition_id, note, due_at)
WHERE (alarm.lane, alarm.subject, alarm.definition_id) = (rung.lane, rung.subject, rung.definition_id)
  AND alarm.name = $4
"""


async def due(
    connection: Connection, project_id: int, name: str, until: datetime, first_fact: UUID, at_most: int
) -> list[DueAlarm]:
    """The next alarms that are due, with the accounts of their participants under lock. The times of facts with an id
    before `first_fact` are not looked up."""
    found = await connection.fetch(_DUE, project_id, name, until, at_most)
    people = list({(row["lane"], row["subject"]) for row in found})
    if not people:
        return []
    locked = {
        (row["lane"], str(row["subject"])): row
        for row in await connection.fetch(_LOCK, [lane for lane, _ in people], [subject for _, subject in people])
    }
    lanes, subjects = [lane for lane, _ in locked], [subject for _, subject in locked]
    alarms = []
    numbers = [account["seq"] for account in locked.values()]
    for row in await connection.fetch(_READ, lanes, subjects, name, until, numbers, first_fact):
        key = AlarmKey(row["lane"], str(row["subject"]), str(row["definition_id"]))
        account = locked[key.lane, key.subject]
        last = (account["seq"], row["changed_at"])
        alarms.append(DueAlarm(key, name, row["note"], account["participant_id"], *last))
    return alarms


async def store(connection: Connection, name: str, rung: Mapping[AlarmKey, Ringing]) -> None:
    """Stores the notes and the next times of alarms that rang."""
    if rung:
        columns = [list(column) for column in zip(*rung, strict=True)]
        note, due_at = [each.note for each in rung.values()], [each.due_at for each in rung.values()]
        await connection.execute(_STORE, *columns, name, note, due_at)


_BEGIN_FILLING = """
INSERT INTO alarm_filling (project_id) VALUES ($1)
ON CONFLICT (project_id) DO UPDATE SET lane = -1, subject = '00000000-0000-0000-0000-000000000000'
"""

_FILLING = "SELECT project_id, lane, subject FROM alarm_filling ORDER BY project_id LIMIT 1 FOR UPDATE SKIP LOCKED"

_NEXT_PEOPLE = """
SELECT p.lane, p.subject FROM participant p JOIN account a USING (lane, subject)
WHERE p.project_id = $1 AND (p.lane, p.subject) > ($2, $3) AND p.anonymised_at IS NULL
ORDER BY p.lane, p.subject LIMIT $4 FOR NO KEY UPDATE OF a
"""

_ADVANCE = "UPDATE alarm_filling SET lane = $2, subject = $3 WHERE project_id = $1"
_END_FILLING = "DELETE FROM alarm_filling WHERE project_id = $1"


async def begin_filling(connection: Connection, project_id: int) -> None:
    """Has the alarms set of participants whose facts are older than the listener."""
    await connection.execute(_BEGIN_FILLING, project_id)


async def fill(connection: Connection, alarms: Alarms, now: datetime, at_most: int) -> bool:
    """Sets the alarms of some participants, in the open transaction; False if nothing is left to do. Alarms that exist
    already are newer."""
    filling = await connection.fetchrow(_FILLING)
    if filling is None:
        return False
    project_id = filling["project_id"]
    people = await connection.fetch(_NEXT_PEOPLE, project_id, filling["lane"], filling["subject"], at_most)
    lanes, subjects = [row["lane"] for row in people], [row["subject"] for row in people]
    for alarm in alarms.by_name.values() if people else ():
        insert = f"""
        INSERT INTO alarm (lane, subject, project_id, name, definition_id, due_at)
        SELECT wanted.lane, wanted.subject, $3, $4, {alarm.holders} ON CONFLICT DO NOTHING
        """
        offset_ms = await connection.fetchval("SELECT clock_offset_ms FROM project WHERE id = $1", project_id)
        moment = now + timedelta(milliseconds=offset_ms)
        await connection.execute(insert, lanes, subjects, project_id, alarm.name, moment)
    if len(people) < at_most:
        await connection.execute(_END_FILLING, project_id)
    else:
        await connection.execute(_ADVANCE, project_id, lanes[-1], subjects[-1])
    return True


async def remove(connection: Connection, lane: int, subject: str) -> None:
    """Removes the alarms of an erased participant."""
    await connection.execute("DELETE FROM alarm WHERE lane = $1 AND subject = $2", lane, subject)


def event_id(event: ClockEvent, key: AlarmKey) -> str:
    """The id of the event, the same whenever it is computed."""
    return str(uuid5(UUID(key.definition_id), f"{event.type} {key.subject} {event.period}"))
