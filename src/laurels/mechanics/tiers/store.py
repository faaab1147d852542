"""The tier in the account, and the history of tiers: reading and saving."""

from datetime import datetime

import asyncpg
from msgspec import Struct

from laurels.mechanics.tiers.model import TIER, TierAssigned, TierReached, TierStanding
from laurels.storage.accounts import AccountPart
from laurels.storage.batches import Facts
from laurels.storage.postgres.database import Connection, Fetches


class TierPassed(Struct, frozen=True):
    tier_id: str
    achieved_at: datetime


TIERS_SHOWN = 1_000


async def history(connection: Fetches, lane: int, subject: str) -> list[TierPassed]:
    """The last TIERS_SHOWN changes of tier, the oldest first."""
    rows = await connection.fetch(
        "SELECT tier_id, achieved_at FROM tier_history WHERE lane = $1 AND subject = $2 ORDER BY seq DESC LIMIT $3",
        lane,
        subject,
        TIERS_SHOWN,
    )
    return [TierPassed(str(row["tier_id"]), row["achieved_at"]) for row in reversed(rows)]


_HISTORY_COLUMNS = ("lane", "subject", "seq", "tier_id", "achieved_at")


def _standing(row: asyncpg.Record) -> TierStanding | None:
    if row["tier_id"] is None:
        return None
    return TierStanding(str(row["tier_id"]), row["tier_since"], row["tier_held_earned"], row["tier_held_balance"])


def _columns(standing: TierStanding | None) -> tuple[object, ...]:
    if standing is None:
        return (None, None, None, None)
    return (standing.tier_id, standing.since, standing.held_earned, standing.held_balance)


ACCOUNT = AccountPart(
    slice=TIER,
    columns=(
        ("tier_id", "uuid"),
        ("tier_since", "timestamptz"),
        ("tier_held_earned", "bigint"),
        ("tier_held_balance", "bigint"),
    ),
    read=_standing,
    write=_columns,
)


async def save(connection: Connection, facts: Facts) -> None:
    """Adds changes of tiers to the tier history."""
    history = []
    for each, entry, _ in facts.of(TierReached, TierAssigned):
        fact, key = entry.fact, (each.participant.lane, each.participant.subject)
        if isinstance(fact, (TierReached, TierAssigned)) and fact.tier_id != fact.previous_tier_id:
            history.append((*key, entry.seq, fact.tier_id, entry.occurred_at))
    if history:
        await connection.copy_records_to_table("tier_history", records=history, columns=_HISTORY_COLUMNS)
