"""Saving lots, holds, reversals and multipliers: what of an account can end, or be taken back."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from laurels.kernel.facts import Entry
from laurels.kernel.model import Participant
from laurels.mechanics.points.model import AwardReversed, DeductReversed, Lot, MultiplierEnded, PointsFact
from laurels.mechanics.rewards.model import ClaimCancelled, RewardClaimed
from laurels.storage.database import Connection
from laurels.storage.lanes import Rows, columns

_ACCOUNT_ROWS = Rows(
    "subject uuid", "total_expired bigint", "held bigint", "multipliers jsonb", "next_expiry_at timestamptz", name="new"
)

_UPDATE_ACCOUNTS = f"""
UPDATE account a
SET total_expired = new.total_expired, held = new.held, multipliers = new.multipliers,
    next_expiry_at = new.next_expiry_at
FROM {_ACCOUNT_ROWS.given}
WHERE a.lane = new.lane AND a.subject = new.subject AND {_ACCOUNT_ROWS.in_one_lane}
"""  # noqa: S608

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


class Happened(Protocol):
    @property
    def participant(self) -> Participant: ...

    @property
    def entries(self) -> Sequence[Entry]: ...


def stored_lots(lots: list[Lot]) -> str:
    return _json.encode(lots).decode()


async def save(connection: Connection, happened: Iterable[Happened]) -> None:
    """What the facts have changed of accounts, lots, holds and reversals."""
    accounts: dict[str, Participant] = {}
    lots: dict[tuple[int, str, datetime, int], int] = defaultdict(int)
    holds: dict[str, Participant] = {}
    reversals: dict[tuple[int, str, str], int] = defaultdict(int)
    for h in happened:
        who = h.participant
        for entry in h.entries:
            fact = entry.fact
            if isinstance(fact, MultiplierEnded):
                accounts[who.subject] = who
            if not isinstance(fact, PointsFact):
                continue
            for lot in fact.lots:
                lots[who.lane, who.subject, lot.expires_at, who.project_id] += fact.moves.balance * lot.points
            if _changes_account(fact):
                accounts[who.subject] = who
            if fact.moves.held:
                holds[getattr(fact, "hold_id", entry.id)] = who
            if isinstance(fact, AwardReversed | DeductReversed):
                reversals[who.lane, who.subject, fact.transaction_id] += fact.amount
    await _save_accounts(connection, accounts.values())
    await _save_lots(connection, {key: points for key, points in lots.items() if points})
    await _save_holds(connection, holds)
    if reversals:
        rows = [(*key, points) for key, points in reversals.items()]
        await connection.execute(_ADD_REVERSALS, *zip(*rows, strict=True))


def _changes_account(fact: PointsFact) -> bool:
    """Whether it can change what `_UPDATE_ACCOUNTS` writes."""
    if isinstance(fact, RewardClaimed):
        return bool(fact.lots) or fact.multiplier is not None
    return bool(fact.lots) or bool(fact.moves.held or fact.moves.total_expired) or isinstance(fact, ClaimCancelled)


async def _save_accounts(connection: Connection, participants: Collection[Participant]) -> None:
    rows = [
        (
            p.lane,
            p.subject,
            p.account.total_expired,
            p.account.held,
            _json.encode(p.account.multipliers).decode() if p.account.multipliers else None,
            p.account.next_expiry_at,
        )
        for p in participants
    ]
    if rows:
        await connection.execute(_UPDATE_ACCOUNTS, *columns(rows))


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
        hold = who.holds[hold_id]
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
