"""Saving lots, holds and reversals: the parts of an account that can end or be reversed."""

from collections import defaultdict
from datetime import datetime

import msgspec

from laurels.kernel.participant import Participant
from laurels.mechanics.points.purse.model import (
    PURSE,
    AwardReversed,
    DeductReversed,
    HoldCaptured,
    HoldReleased,
    Lot,
    PointsFact,
    PointsHeld,
)
from laurels.storage.batches import Facts
from laurels.storage.lanes import Rows, columns
from laurels.storage.postgres.database import Connection

_CHANGE_LOTS = """
INSERT INTO point_lot (lane, subject, expires_at, points, project_id)
SELECT * FROM unnest($1::smallint[], $2::uuid[], $3::timestamptz[], $4::bigint[], $5::integer[])
ON CONFLICT (lane, subject, expires_at) DO UPDATE SET points = point_lot.points + excluded.points
"""

_CHANGED_LOT_ROWS = Rows("subject uuid", "expires_at timestamptz", name="changed")

_REMOVE_EMPTY_LOTS = f"""
DELETE FROM point_lot l
USING {_CHANGED_LOT_ROWS.given}
WHERE l.lane = changed.lane AND l.subject = changed.subject AND l.expires_at = changed.expires_at AND l.points = 0
  AND {_CHANGED_LOT_ROWS.in_one_lane}
"""  # noqa: S608

_SAVE_HOLDS = """
INSERT INTO hold (lane, subject, id, project_id, status, points, captured, lots, expires_at)
SELECT * FROM unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::integer[], $5::text[], $6::bigint[], $7::bigint[],
                     $8::jsonb[], $9::timestamptz[])
ON CONFLICT (lane, subject, id) DO UPDATE SET status = excluded.status, captured = excluded.captured
"""

_ADD_REVERSALS = """
INSERT INTO reversal (lane, subject, transaction_id, points)
SELECT * FROM unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::bigint[])
ON CONFLICT (lane, subject, transaction_id) DO UPDATE SET points = reversal.points + excluded.points
"""

_json = msgspec.json.Encoder()


def stored_lots(lots: list[Lot]) -> str:
    return _json.encode(lots).decode()


async def save(connection: Connection, facts: Facts) -> None:
    """Saves the changes of lots, holds and reversals by the facts."""
    lots: dict[tuple[int, str, datetime, int], int] = defaultdict(int)
    holds: dict[str, Participant] = {}
    reversals: dict[tuple[int, str, str], int] = defaultdict(int)
    for each, entry, fact in facts.of(PointsFact):
        who = each.participant
        for lot in fact.lots:
            lots[who.lane, who.subject, lot.expires_at, who.project_id] += fact.moves.balance * lot.points
        if isinstance(fact, (PointsHeld, HoldCaptured, HoldReleased)):
            holds[entry.id if isinstance(fact, PointsHeld) else fact.hold_id] = who
        elif isinstance(fact, (AwardReversed, DeductReversed)):
            reversals[who.lane, who.subject, fact.transaction_id] += fact.amount
    await _save_lots(connection, {key: points for key, points in lots.items() if points})
    await _save_holds(connection, holds)
    if reversals:
        rows = [(*key, points) for key, points in reversals.items()]
        await connection.execute(_ADD_REVERSALS, *zip(*rows, strict=True))


async def _save_lots(connection: Connection, changes: dict[tuple[int, str, datetime, int], int]) -> None:
    if not changes:
        return
    rows = [(*place, points, project_id) for (*place, project_id), points in changes.items()]
    await connection.execute(_CHANGE_LOTS, *zip(*rows, strict=True))
    lowered = [row[:3] for row, points in zip(rows, changes.values(), strict=True) if points < 0]
    if lowered:
        await connection.execute(_REMOVE_EMPTY_LOTS, *columns(lowered))


async def _save_holds(connection: Connection, holds: dict[str, Participant]) -> None:
    rows = []
    for hold_id, who in holds.items():
        hold = who[PURSE].holds[hold_id]
        rows.append(
            (
                who.lane,
                who.subject,
                hold_id,
                who.project_id,
                hold.status,
                hold.points,
                hold.captured,
                stored_lots(hold.lots),
                hold.expires_at,
            )
        )
    if rows:
        await connection.execute(_SAVE_HOLDS, *zip(*rows, strict=True))
