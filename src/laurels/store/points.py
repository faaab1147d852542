"""Reading the transaction history: the participant's facts that move points, newest first.

A claim that cost nothing has no amount, and is no transaction.
"""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any

from msgspec import Struct

from laurels.core.facts import POINTS_FACTS, PointsFact
from laurels.store.database import Fetches
from laurels.store.facts import fact_from
from laurels.store.pieces import Piece, first_of, pieces


class Transaction(Struct, frozen=True, kw_only=True):
    id: str
    kind: str
    fact: PointsFact
    occurred_at: datetime
    recorded_at: datetime


_PAGE = first_of(
    "id, seq, kind, occurred_at, recorded_at",
    ["data"],
    """
    FROM journal WHERE lane = $1 AND subject = $2 AND kind = ANY ($3::text[]) AND data ? 'amount'
    ORDER BY seq DESC LIMIT $4 OFFSET $5
    """,
    "seq DESC",
)
_REST = "SELECT id, data::text AS data FROM journal WHERE lane = $1 AND subject = $2 AND id = ANY ($3::uuid[])"


async def transactions(
    connection: Fetches, lane: int, subject: str, limit: int, offset: int
) -> AsyncGenerator[Piece[Transaction], None]:
    arguments = (lane, subject, list(POINTS_FACTS), limit, offset)
    async for piece in pieces(connection, _PAGE, arguments, _REST, (lane, subject)):
        yield Piece([_transaction(row) for row in piece.rows], piece.is_last)


def _transaction(row: dict[str, Any]) -> Transaction:
    return Transaction(
        id=str(row["id"]),
        kind=row["kind"],
        fact=fact_from(row["kind"], row["data"]),
        occurred_at=row["occurred_at"],
        recorded_at=row["recorded_at"],
    )
