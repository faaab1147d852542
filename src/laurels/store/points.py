"""Reading the transaction history: the participant's facts that move points, newest first.

A claim that cost nothing has no amount, and is no transaction.
"""

from datetime import datetime

from msgspec import Struct

from laurels.core.facts import POINTS_FACTS, PointsFact
from laurels.store.database import Fetches
from laurels.store.facts import fact_from


class Transaction(Struct, frozen=True, kw_only=True):
    id: str
    kind: str
    fact: PointsFact
    occurred_at: datetime
    recorded_at: datetime


_PAGE = """
SELECT id, kind, data, occurred_at, recorded_at
FROM journal
WHERE lane = $1 AND subject = $2 AND kind = ANY ($3::text[]) AND data ? 'amount'
ORDER BY seq DESC LIMIT $4 OFFSET $5
"""


async def transactions(connection: Fetches, lane: int, subject: str, limit: int, offset: int) -> list[Transaction]:
    rows = await connection.fetch(_PAGE, lane, subject, list(POINTS_FACTS), limit, offset)
    return [
        Transaction(
            id=str(row["id"]),
            kind=row["kind"],
            fact=fact_from(row["kind"], row["data"]),
            occurred_at=row["occurred_at"],
            recorded_at=row["recorded_at"],
        )
        for row in rows
    ]
