"""The points in the account: its columns, and their values after all due ends are settled."""

from datetime import datetime

import asyncpg
import msgspec
from msgspec.structs import replace

from laurels.kernel.participant import Slices
from laurels.mechanics.points.purse.model import PURSE, Multiplier, Purse
from laurels.storage.accounts import AccountPart
from laurels.storage.postgres.database import Fetches
from laurels.storage.projections import kept_time

_json = msgspec.json.Encoder()
_multipliers = msgspec.json.Decoder(list[Multiplier])


def _purse(row: asyncpg.Record) -> Purse:
    return Purse(
        balance=row["balance"],
        total_earned=row["total_earned"],
        total_spent=row["total_spent"],
        total_expired=row["total_expired"],
        held=row["held"],
        transactions=row["transactions"],
        multipliers=_multipliers.decode(row["multipliers"]) if row["multipliers"] is not None else [],
        latest_earned_at=row["latest_earned_at"],
        latest_spent_at=row["latest_spent_at"],
    )


def _columns_of(purse: Purse) -> tuple[object, ...]:
    return (
        purse.balance,
        purse.total_earned,
        purse.total_spent,
        purse.total_expired,
        purse.held,
        purse.transactions,
        _json.encode(purse.multipliers).decode() if purse.multipliers else None,
        purse.latest_earned_at,
        purse.latest_spent_at,
    )


def account_of(purse: Purse) -> Purse:
    """The part of a purse that the account stores."""
    return replace(
        purse, lots={}, other_lots=0, other_lot_points=0, endings=None, holds={}, open_holds=0, reversible={}
    )


def _as_kept(rebuilt: Purse, stored: Purse) -> Purse:
    return replace(
        rebuilt,
        latest_earned_at=kept_time(rebuilt.latest_earned_at, stored.latest_earned_at),
        latest_spent_at=kept_time(rebuilt.latest_spent_at, stored.latest_spent_at),
    )


ACCOUNT = AccountPart(
    slice=PURSE,
    columns=(
        ("balance", "bigint"),
        ("total_earned", "bigint"),
        ("total_spent", "bigint"),
        ("total_expired", "bigint"),
        ("held", "bigint"),
        ("transactions", "bigint"),
        ("multipliers", "jsonb"),
        ("latest_earned_at", "timestamptz"),
        ("latest_spent_at", "timestamptz"),
    ),
    read=_purse,
    write=_columns_of,
    held=account_of,
    as_kept=_as_kept,
)


# The account and, in the same snapshot, its due ends: points in lots, and open holds, whose points are released.
_AS_OF = """
SELECT a.*, l.expired AS expired_in_lots, h.points AS released, h.expired AS expired_in_holds
FROM account a CROSS JOIN (
    SELECT coalesce(sum(points), 0)::bigint AS expired FROM point_lot
    WHERE lane = $1 AND subject = $2 AND expires_at <= $3
) AS l CROSS JOIN (
    SELECT coalesce(sum(points), 0)::bigint AS points, coalesce(sum(expired), 0)::bigint AS expired
    FROM hold CROSS JOIN LATERAL (
        SELECT sum((lot->>1)::bigint) AS expired FROM jsonb_array_elements(lots) AS lot
        WHERE (lot->>0)::timestamptz <= $3
    ) AS its
    WHERE lane = $1 AND subject = $2 AND status = 'held' AND expires_at <= $3
) AS h
WHERE a.lane = $1 AND a.subject = $2
"""


async def as_of(connection: Fetches, lane: int, subject: object, now: datetime) -> Slices:
    """The purse after all ends that are due by `now` are settled, except for its number of transactions."""
    rows = await connection.fetch(_AS_OF, lane, subject, now)
    if not rows:
        return {}
    purse, released = _purse(rows[0]), rows[0]["released"]
    expired = rows[0]["expired_in_lots"] + rows[0]["expired_in_holds"]
    as_settled = replace(
        purse,
        balance=purse.balance + released - expired,
        held=purse.held - released,
        total_expired=purse.total_expired + expired,
        multipliers=[multiplier for multiplier in purse.multipliers if multiplier.ends_at > now],
    )
    return {PURSE: as_settled}
