"""Reading the tiers a participant has been in."""

from datetime import datetime

from msgspec import Struct

from laurels.storage.database import Fetches


class TierPassed(Struct, frozen=True):
    tier_id: str
    achieved_at: datetime


TIERS_SHOWN = 1_000


async def history(connection: Fetches, lane: int, subject: str) -> list[TierPassed]:
    """The last TIERS_SHOWN, the oldest first."""
    rows = await connection.fetch(
        "SELECT tier_id, achieved_at FROM tier_history WHERE lane = $1 AND subject = $2 ORDER BY seq DESC LIMIT $3",
        lane,
        subject,
        TIERS_SHOWN,
    )
    return [TierPassed(str(row["tier_id"]), row["achieved_at"]) for row in reversed(rows)]
