"""Reading the open holds of a participant."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any

from msgspec import Struct

from laurels.storage.postgres.database import Fetches
from laurels.storage.postgres.page_bounds import WHOLE_LIST
from laurels.storage.postgres.pieces import Piece, PiecedList, first_of, pieces


class HoldRow(Struct, frozen=True):
    """An open hold, with the reason of the fact that began it."""

    id: str
    points: int
    expires_at: datetime
    reason: str | None
    held_at: datetime


_OPEN = first_of(
    "id, points, expires_at, occurred_at",
    ["reason"],
    """
    FROM (
        SELECT h.id, h.points, h.expires_at, j.data->>'reason' AS reason, j.occurred_at
        FROM hold h JOIN journal j USING (lane, id)
        WHERE h.lane = $1 AND h.subject = $2 AND h.status = 'held' AND h.expires_at > $3
    ) AS held ORDER BY expires_at, id LIMIT $4 OFFSET $5
    """,
    "expires_at, id",
)
_REASONS = "SELECT id, data->>'reason' AS reason FROM journal WHERE lane = $1 AND id = ANY ($2::uuid[])"


def open_holds(connection: Fetches, lane: int, subject: str, now: datetime) -> AsyncGenerator[Piece[HoldRow], None]:
    """All open holds, the first to end first."""
    return pieces(connection, _LIST, (lane, subject, now), WHOLE_LIST, (lane,))


def _hold_row(row: dict[str, Any]) -> HoldRow:
    return HoldRow(str(row["id"]), row["points"], row["expires_at"], row["reason"], row["occurred_at"])


_LIST = PiecedList(first=_OPEN, rest=_REASONS, position=(), item=_hold_row)
