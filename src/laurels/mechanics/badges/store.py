"""Reading the badges a participant has earned."""

from datetime import datetime

from laurels.storage.database import Fetches


async def earned(connection: Fetches, lane: int, subject: str) -> dict[str, datetime]:
    """Badge id to when it was earned."""
    rows = await connection.fetch(
        "SELECT badge_id, earned_at FROM earned_badge WHERE lane = $1 AND subject = $2", lane, subject
    )
    return {str(row["badge_id"]): row["earned_at"] for row in rows}
