"""The alarms of streaks: they ring when a streak is at risk, and when it is lost."""

from collections.abc import Collection
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from laurels.kernel.definition import Definitions
from laurels.kernel.participant import Participant
from laurels.mechanics.streaks import rules, store
from laurels.mechanics.streaks.feed import AT_RISK, LOST, RECOVERED, StreakAtRiskData, StreakData
from laurels.mechanics.streaks.model import STREAKS, Streak, StreakRecorded, StreakRun, StreakState
from laurels.mechanics.streaks.rules import StreakSpan
from laurels.storage.alarms import Alarm, AlarmKey, AlarmMoment, AlarmTime, ClockEvent, Ringing
from laurels.storage.postgres.database import Connection


class Announced(Struct, frozen=True, omit_defaults=True):
    """The number of the last recorded period when each event was written."""

    at_risk: int | None = None
    lost: int | None = None


_announced = msgspec.json.Decoder(Announced)


_BY_KEY = """
SELECT s.lane, s.subject, s.streak_id, s.longest, s.runs
FROM unnest($1::smallint[], $2::uuid[], $3::uuid[]) AS wanted (lane, subject, streak_id)
JOIN streak_state s USING (lane, subject, streak_id)
"""


async def load(connection: Connection, keys: Collection[AlarmKey]) -> dict[AlarmKey, StreakState]:
    """The states of these streaks of participants."""
    lanes, subjects, ids = ([key[part] for key in keys] for part in range(3))
    return {
        AlarmKey(row["lane"], str(row["subject"]), str(row["streak_id"])): store.state_from(row["longest"], row["runs"])
        for row in await connection.fetch(_BY_KEY, lanes, subjects, ids)
    }


def set_by(definitions: Definitions, participant: Participant, fact: StreakRecorded) -> AlarmTime:
    """The time at which the streak is at risk or, if it never is, lost."""
    last = participant[STREAKS][fact.streak_id].runs[-1]
    return AlarmTime(fact.streak_id, _at_risk_at(definitions[Streak].by_id[fact.streak_id], last))


def ring(
    definitions: Definitions, key: AlarmKey, state: StreakState | None, note: str | None, at: AlarmMoment
) -> Ringing:
    """The events that are due. A streak that is not in use has none."""
    streak = definitions[Streak].by_id.get(key.definition_id)
    if streak is None or streak.is_deleted or not streak.is_active or state is None or not state.runs:
        return Ringing(note=note)
    now, newest = at.now, rules.spans(state)[-1]
    before = _announced.decode(note) if note else Announced()
    events, lost = _losses(streak, newest, before.lost, at)
    last = newest.last
    if now >= last.continues_until:
        return Ringing(events=events, note=_note(Announced(lost=lost)))
    at_risk_at = _at_risk_at(streak, last)
    if at_risk_at > now:
        return Ringing(events=events, due_at=at_risk_at)
    if before.at_risk != last.last:
        data = _at_risk_data(_data(streak, newest), last)
        events.append(_event(AT_RISK, last.last, at.occurrence(at_risk_at), data))
    return Ringing(events=events, note=_note(Announced(at_risk=last.last)), due_at=last.continues_until)


def _losses(
    streak: Streak, newest: StreakSpan, lost: int | None, at: AlarmMoment
) -> tuple[list[ClockEvent], int | None]:
    """The events about the repair and the loss of the newest streak, in order, and the last period of the loss that was
    announced last; None if it was repaired. `lost` is the same before these events.

    A streak can be repaired and lost again before the alarm rings. A late record after which it is still lost repairs
    nothing."""
    events = []
    end, data = newest.last, _data(streak, newest)
    changed_at = at.changed_at or at.now
    if lost is not None and newest.first <= lost < end.last and changed_at < end.continues_until:
        events.append(_event(RECOVERED, lost, changed_at, data))
        lost = None
    if at.now >= end.continues_until and (lost is None or lost < newest.first):
        events.append(_event(LOST, end.last, end.continues_until, data))
        lost = end.last
    return events, lost


def _data(streak: Streak, span: StreakSpan) -> StreakData:
    return StreakData(streak_code=streak.code, streak_name=streak.name, count=span.count)


def _at_risk_at(streak: Streak, last: StreakRun) -> datetime:
    """The time at which the streak is at risk without a further record: some hours before the end of the period in
    which the record is due. Without such hours it is never at risk, and this is the time at which it is lost."""
    if streak.at_risk_hours is None:
        return last.continues_until
    return last.continues_until - timedelta(hours=streak.grace_period_hours + streak.at_risk_hours)


def _at_risk_data(data: StreakData, last: StreakRun) -> StreakAtRiskData:
    return StreakAtRiskData(**msgspec.structs.asdict(data), lost_at=last.continues_until)


def _event(type_: str, period: int, occurred_at: datetime, data: StreakData) -> ClockEvent:
    return ClockEvent(type=type_, period=str(period), occurred_at=occurred_at, data=data)


def _note(announced: Announced) -> str:
    return msgspec.json.encode(announced).decode()


# Streaks that are not lost are judged at once. The fifth value of a run is `continues_until`.
_HOLDERS = """
s.streak_id, '-infinity'::timestamptz
FROM unnest($1::smallint[], $2::uuid[]) AS wanted (lane, subject) JOIN streak_state s USING (lane, subject)
WHERE (s.runs->-1->>4)::timestamptz > $5
"""

ALARM = Alarm(
    name="streak",
    types=frozenset({AT_RISK, LOST, RECOVERED}),
    facts=(StreakRecorded,),
    set_by=set_by,
    load=load,
    ring=ring,
    is_moved=True,
    holders=_HOLDERS,
)
