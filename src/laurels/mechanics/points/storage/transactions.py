"""Reading the transaction history: the participant's facts that move points, newest first.

A claim without a price has no amount, and is not a transaction.
"""

from collections.abc import AsyncGenerator
from datetime import datetime
from functools import partial
from typing import Any

from msgspec import Struct

from laurels.kernel.game import Game
from laurels.mechanics.points.purse.model import PointsFact
from laurels.storage.postgres.database import Fetches
from laurels.storage.postgres.page_bounds import Number, PageBounds
from laurels.storage.postgres.pieces import Piece, PiecedList, first_of, pieces

TransactionPosition = tuple[Number]


class TransactionRow(Struct, frozen=True, kw_only=True):
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
      AND seq < coalesce($6::bigint, 9223372036854775807)
    ORDER BY seq DESC LIMIT $4 OFFSET $5
    """,
    "seq DESC",
)
_REST = "SELECT id, data::text AS data FROM journal WHERE lane = $1 AND subject = $2 AND id = ANY ($3::uuid[])"


def transactions(
    connection: Fetches, game: Game, lane: int, subject: str, bounds: PageBounds
) -> AsyncGenerator[Piece[TransactionRow], None]:
    listed = PiecedList(first=_PAGE, rest=_REST, position=("seq",), item=partial(_transaction, game))
    return pieces(connection, listed, (lane, subject, list(game.facts_of(PointsFact))), bounds, (lane, subject))


def _transaction(game: Game, row: dict[str, Any]) -> TransactionRow:
    return TransactionRow(
        id=str(row["id"]),
        kind=row["kind"],
        fact=game.fact_from(row["kind"], row["data"]),
        occurred_at=row["occurred_at"],
        recorded_at=row["recorded_at"],
    )
