"""The alarm of points: it rings some days before points expire."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import groupby

import msgspec

from laurels.kernel.definition import Definitions
from laurels.kernel.participant import Participant
from laurels.mechanics.points.deciding.feed import EXPIRING, PointsExpiringData
from laurels.mechanics.points.purse.lots import LOTS_LIMIT
from laurels.mechanics.points.purse.model import Lot, PointsFact
from laurels.storage.alarms import NO_DEFINITION, Alarm, AlarmKey, AlarmMoment, AlarmTime, ClockEvent, Ringing
from laurels.storage.postgres.database import Connection

_times = msgspec.json.Decoder(list[datetime])

_LOTS = """
SELECT wanted.lane, wanted.subject, lot.expires_at, lot.points, account.balance
FROM unnest($1::smallint[], $2::uuid[]) AS wanted (lane, subject)
JOIN account USING (lane, subject)
CROSS JOIN LATERAL (
    SELECT expires_at, points FROM point_lot
    WHERE point_lot.lane = wanted.lane AND point_lot.subject = wanted.subject
    ORDER BY expires_at LIMIT $3
) AS lot
ORDER BY wanted.lane, wanted.subject, lot.expires_at
"""


class Expiring(msgspec.Struct, frozen=True):
    """The next lots of a participant, in order, and the balance."""

    lots: Sequence[Lot]
    balance: int


def set_by(_: Definitions, __: Participant, fact: PointsFact) -> AlarmTime | None:
    """The expiry of points that came into the balance."""
    return AlarmTime(NO_DEFINITION, fact.lots[0].expires_at) if fact.lots and fact.moves.balance > 0 else None


async def load(connection: Connection, keys: Collection[AlarmKey]) -> Mapping[AlarmKey, Expiring]:
    rows = await connection.fetch(_LOTS, [key.lane for key in keys], [key.subject for key in keys], LOTS_LIMIT)
    found = {}
    for (lane, subject), group in groupby(rows, lambda row: (row["lane"], str(row["subject"]))):
        of_one = list(group)
        lots = [Lot(row["expires_at"], row["points"]) for row in of_one]
        found[AlarmKey(lane, subject, NO_DEFINITION)] = Expiring(lots, of_one[0]["balance"])
    return found


def ring(_: Definitions, __: AlarmKey, state: Expiring | None, note: str | None, at: AlarmMoment) -> Ringing:
    """An event for each expiry that is near."""
    if state is None:
        return Ringing()
    before = frozenset(_times.decode(note)) if note else frozenset()
    due, ahead = [lot for lot in state.lots if lot.expires_at <= at.until], at.until - at.now
    events = [
        ClockEvent(
            type=EXPIRING,
            period=lot.expires_at.isoformat(),
            occurred_at=at.occurrence(lot.expires_at - ahead),
            data=PointsExpiringData(amount=lot.points, expires_at=lot.expires_at, balance=state.balance),
        )
        for lot in due
        if lot.expires_at not in before
    ]
    later = next((lot.expires_at for lot in state.lots if lot.expires_at > at.until), None)
    return Ringing(events=events, note=_note([lot.expires_at for lot in due]), due_at=later)


def _note(times: Sequence[datetime]) -> str | None:
    return msgspec.json.encode(times).decode() if times else None


_HOLDERS = f"""
'{NO_DEFINITION}'::uuid, min(lot.expires_at)
FROM unnest($1::smallint[], $2::uuid[]) AS wanted (lane, subject) JOIN point_lot lot USING (lane, subject)
WHERE lot.expires_at > $5 GROUP BY wanted.lane, wanted.subject
"""

ALARM = Alarm(
    name="points",
    types=frozenset({EXPIRING}),
    facts=(PointsFact,),
    set_by=set_by,
    load=load,
    ring=ring,
    is_moved=False,
    holders=_HOLDERS,
    days_setting="points_expiring_days",
)
