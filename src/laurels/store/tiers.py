"""Reading the tiers a participant has been in."""

from datetime import datetime

from msgspec import Struct

from laurels.store.database import Fetches


class TierPassed(Struct, frozen=True):
    tier_id: str
    achieved_at: datetime


async def history(connection: Fetches, lane: int, subject: str) -> list[TierPassed]:
    """Oldest first."""
    rows = await connection.fetch(
        "SELECT tier_id, achieved_at FROM tier_history WHERE lane = $1 AND subject = $2 ORDER BY seq", lane, subject
    )
    return [TierPassed(str(row["tier_id"]), row["achieved_at"]) for row in rows]
