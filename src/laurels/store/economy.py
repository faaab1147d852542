"""Lots, holds, reversals and multipliers: what of an account can end, or be taken back.

All of it is guarded by the account's lock. Lots and holds are looked into only when the account's `next_expiry_at` says
that there are some.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import asyncpg
import msgspec

from laurels.core.facts import (
    POINTS_FACTS,
    AwardReversed,
    ClaimCancelled,
    DeductReversed,
    Entry,
    Lot,
    MultiplierEnded,
    PointsFact,
    RewardClaimed,
)
from laurels.core.lots import LOTS_LIMIT
from laurels.core.model import Hold, Multiplier, Participant, Transaction
from laurels.core.needs import ALL_LOTS
from laurels.store.database import Connection, Fetches
from laurels.store.facts import fact_from
from laurels.store.lanes import columns, places

_NEXT_LOTS = """
SELECT l.subject, l.expires_at, l.points
FROM unnest($1::smallint[], $2::uuid[]) AS wanted (lane, subject) CROSS JOIN LATERAL (
    SELECT * FROM point_lot
    WHERE lane = wanted.lane AND subject = wanted.subject AND ($3::smallint IS NULL OR lane = $3)
    ORDER BY expires_at LIMIT $4
) AS l
WHERE ($3::smallint IS NULL OR wanted.lane = $3)
"""

_NEXT_HOLDS = """
SELECT h.*
FROM unnest($1::smallint[], $2::uuid[]) AS wanted (lane, subject) CROSS JOIN LATERAL (
    SELECT * FROM hold
    WHERE lane = wanted.lane AND subject = wanted.subject AND status = 'held' AND ($3::smallint IS NULL OR lane = $3)
    ORDER BY expires_at, id LIMIT $4
) AS h
WHERE ($3::smallint IS NULL OR wanted.lane = $3)
"""

_NEXT_LOT = """
SELECT expires_at, sum(points)::bigint AS points
FROM (
    (SELECT expires_at, points FROM point_lot WHERE lane = $1 AND subject = $2 AND expires_at > $3
     ORDER BY expires_at LIMIT 1)
    UNION ALL
    SELECT (lot->>0)::timestamptz, (lot->>1)::bigint FROM hold, jsonb_array_elements(lots) AS lot
    WHERE lane = $1 AND subject = $2 AND status = 'held' AND expires_at <= $3 AND (lot->>0)::timestamptz > $3
) AS lots
GROUP BY expires_at ORDER BY expires_at LIMIT 1
"""

# Lots are counted as far as it matters.
_COUNT_LOTS = f"""
SELECT wanted.subject, l.lots + h.lots AS lots, h.holds AS open_holds
FROM unnest($1::smallint[], $2::uuid[]) AS wanted (lane, subject)
CROSS JOIN LATERAL (
    SELECT count(*) AS lots FROM (
        SELECT FROM point_lot
        WHERE lane = wanted.lane AND subject = wanted.subject AND ($3::smallint IS NULL OR lane = $3)
        LIMIT {LOTS_LIMIT}
    ) AS counted
) AS l
CROSS JOIN LATERAL (
    SELECT coalesce(sum(jsonb_array_length(lots)), 0)::bigint AS lots, count(*) AS holds FROM hold
    WHERE lane = wanted.lane AND subject = wanted.subject AND status = 'held' AND ($3::smallint IS NULL OR lane = $3)
) AS h
WHERE ($3::smallint IS NULL OR wanted.lane = $3)
"""  # noqa: S608

_HOLDS = """
SELECT h.* FROM unnest($1::smallint[], $2::uuid[], $3::uuid[]) AS wanted (lane, subject, id)
JOIN hold h USING (lane, subject, id)
WHERE ($4::smallint IS NULL OR wanted.lane = $4)
"""

_TRANSACTIONS = """
SELECT j.subject, j.id, j.kind, j.data, j.occurred_at, coalesce(r.points, 0) AS reversed
FROM unnest($1::smallint[], $2::uuid[], $3::uuid[]) AS wanted (lane, subject, id)
JOIN journal j USING (lane, id)
LEFT JOIN reversal r ON r.lane = j.lane AND r.subject = j.subject AND r.transaction_id = j.id
WHERE j.subject = wanted.subject AND j.kind = ANY ($5::text[]) AND ($4::smallint IS NULL OR wanted.lane = $4)
"""

_UPDATE_ACCOUNTS = """
UPDATE account a
SET total_expired = new.total_expired, held = new.held, multipliers = new.multipliers,
    next_expiry_at = new.next_expiry_at
FROM unnest($1::smallint[], $2::uuid[], $3::bigint[], $4::bigint[], $5::jsonb[], $6::timestamptz[])
    AS new (lane, subject, total_expired, held, multipliers, next_expiry_at)
WHERE a.lane = new.lane AND a.subject = new.subject AND ($7::smallint IS NULL OR new.lane = $7)
"""

_CHANGE_LOTS = """
INSERT INTO point_lot (lane, subject, expires_at, points, project_id)
SELECT * FROM unnest($1::smallint[], $2::uuid[], $3::timestamptz[], $4::bigint[], $5::integer[])
ON CONFLICT (lane, subject, expires_at) DO UPDATE SET points = point_lot.points + excluded.points
"""

_REMOVE_EMPTY_LOTS = """
DELETE FROM point_lot l
USING unnest($1::smallint[], $2::uuid[], $3::timestamptz[]) AS changed (lane, subject, expires_at)
WHERE l.lane = changed.lane AND l.subject = changed.subject AND l.expires_at = changed.expires_at AND l.points = 0
  AND ($4::smallint IS NULL OR changed.lane = $4)
"""

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

FIRST_LOTS = 64
"""Loaded at first, which is enough for most; then eight times as many, as long as it is not."""

_json = msgspec.json.Encoder()
_lots = msgspec.json.Decoder(list[Lot])
_multipliers = msgspec.json.Decoder(list[Multiplier])


class Happened(Protocol):
    @property
    def participant(self) -> Participant: ...

    @property
    def entries(self) -> Sequence[Entry]: ...


def multipliers_from(stored: str) -> list[Multiplier]:
    return _multipliers.decode(stored)


def lots_from(stored: str) -> list[Lot]:
    return _lots.decode(stored)


def stored_lots(lots: list[Lot]) -> str:
    return _json.encode(lots).decode()


async def load_lots(connection: Connection, wanted: Mapping[str, tuple[Participant, int]], holds: int) -> None:
    """Fills in, by subject, the lots that end first: those that have more than so many points together, or all that
    there are. And so many of the open `holds`, which end first, too."""
    by_subject = _with_endings(participant for participant, _ in wanted.values())
    if not by_subject:
        return
    _fill_in_holds(by_subject, await connection.fetch(_NEXT_HOLDS, *places(by_subject.values()), holds))
    everything = {name: who for name, who in by_subject.items() if wanted[name][1] >= ALL_LOTS}
    if everything:
        await _load_next_lots(connection, everything, None)
    left, limit = {name: who for name, who in by_subject.items() if name not in everything}, FIRST_LOTS
    while left:
        loaded = await _load_next_lots(connection, left, limit)
        left = {
            name: participant
            for name, participant in left.items()
            if loaded[name] == limit and sum(participant.lots.values()) <= wanted[name][1]
        }
        limit *= 8


async def load_next_endings(connection: Connection, participants: Iterable[Participant], limit: int) -> None:
    """Fills in of each participant the first `limit` lots and the first `limit` open holds, in the order of time."""
    by_subject = _with_endings(participants)
    if by_subject:
        await _load_next_lots(connection, by_subject, limit)
        _fill_in_holds(by_subject, await connection.fetch(_NEXT_HOLDS, *places(by_subject.values()), limit))


async def _load_next_lots(
    connection: Connection, by_subject: Mapping[str, Participant], limit: int | None
) -> Counter[str]:
    """How many each has been given."""
    loaded: Counter[str] = Counter()
    subject, name = None, ""
    for row_subject, expires_at, points in await connection.fetch(_NEXT_LOTS, *places(by_subject.values()), limit):
        if row_subject != subject:
            subject, name = row_subject, str(row_subject)
        by_subject[name].lots[expires_at] = points
        loaded[name] += 1
    return loaded


async def count_lots(connection: Connection, participants: Iterable[Participant]) -> None:
    """Fills in how many lots there are beside the loaded ones, up to the limit, and how many open holds."""
    by_subject = _with_endings(participants)
    if by_subject:
        for row in await connection.fetch(_COUNT_LOTS, *places(by_subject.values())):
            participant = by_subject[str(row["subject"])]
            participant.other_lots = max(0, row["lots"] - len(participant.lots))
            participant.open_holds = row["open_holds"]


def _with_endings(participants: Iterable[Participant]) -> dict[str, Participant]:
    """By subject those of whom something can end."""
    return {p.subject: p for p in participants if p.account.next_expiry_at is not None}


def _fill_in_holds(by_subject: Mapping[str, Participant], rows: Iterable[asyncpg.Record]) -> None:
    for row in rows:
        by_subject[str(row["subject"])].holds[str(row["id"])] = hold_from(row)


async def load_holds(connection: Connection, wanted: Collection[tuple[Participant, str]]) -> None:
    """Fills in the holds named, whatever has become of them."""
    by_subject = {p.subject: p for p, _ in wanted}
    rows = [(p.lane, p.subject, hold_id) for p, hold_id in wanted]
    for row in await connection.fetch(_HOLDS, *columns(rows)):
        by_subject[str(row["subject"])].holds[str(row["id"])] = hold_from(row)


async def load_transactions(connection: Connection, wanted: Collection[tuple[Participant, str]]) -> None:
    """Fills in the transactions named, with what of them has been reversed."""
    by_subject = {p.subject: p for p, _ in wanted}
    rows = [(p.lane, p.subject, transaction_id) for p, transaction_id in wanted]
    for row in await connection.fetch(_TRANSACTIONS, *columns(rows), list(POINTS_FACTS)):
        fact = fact_from(row["kind"], row["data"])
        by_subject[str(row["subject"])].transactions[str(row["id"])] = Transaction(
            fact, row["occurred_at"], row["reversed"]
        )


def hold_from(row: asyncpg.Record) -> Hold:
    return Hold(
        points=row["points"],
        expires_at=row["expires_at"],
        lots=lots_from(row["lots"]),
        status=row["status"],
        captured=row["captured"],
    )


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


async def next_lot(connection: Fetches, lane: int, subject: str, now: datetime) -> Lot | None:
    """The points that expire next; those of holds that have ended are among them."""
    rows = await connection.fetch(_NEXT_LOT, lane, subject, now)
    return Lot(rows[0]["expires_at"], rows[0]["points"]) if rows else None
