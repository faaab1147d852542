"""Reading the facts of one participant as a history: the latest first, with the authors of administrators' changes."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import datetime
from functools import partial
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from laurels.kernel.facts import Fact
from laurels.kernel.game import Game
from laurels.mechanics.points.purse.model import AwardReversed, DeductReversed
from laurels.storage.office import audit
from laurels.storage.postgres.database import Fetches
from laurels.storage.postgres.page_bounds import Moment, Number, PageBounds
from laurels.storage.postgres.pieces import Piece, PiecedList, first_of, pieces

HistoryPosition = tuple[Moment, Number]

_REVERSALS = [AwardReversed.kind, DeductReversed.kind]


class HistoryRow(Struct, frozen=True, kw_only=True):
    """A fact. `actor` is the name of the key that sent its command, if the audit log has the command."""

    id: str
    seq: int
    command_id: str
    cause_id: str | None
    at: datetime
    recorded_at: datetime
    fact: Fact
    actor: str | None = None


# The fact of a reversal has the time of the reversed transaction.
_AT = "CASE WHEN kind = ANY ($4::text[]) THEN recorded_at ELSE occurred_at END"
_FACTS = "FROM journal WHERE lane = $1 AND subject = $2 AND kind = ANY ($3::text[])"

# The content is read only for the rows of the page, and not for all facts that are sorted.
_PAGE = first_of(
    "id, seq, kind, command_id, cause_id, at, recorded_at",
    ["data"],
    f"""
    FROM (
        SELECT lane, id, {_AT} AS at {_FACTS}
          AND ({_AT}, seq)
            < (coalesce($7::timestamptz, 'infinity'::timestamptz), coalesce($8::bigint, 9223372036854775807))
        ORDER BY at DESC, seq DESC LIMIT $5 OFFSET $6
    ) AS chosen JOIN journal USING (lane, id) WHERE journal.lane = $1
    """,
    "at DESC, seq DESC",
)
_REST = "SELECT id, data::text AS data FROM journal WHERE lane = $1 AND subject = $2 AND id = ANY ($3::uuid[])"


async def count(connection: Fetches, lane: int, subject: str, kinds: Sequence[str]) -> int:
    counted = await connection.fetch(f"SELECT count(*) AS total {_FACTS}", lane, subject, kinds)
    total: int = counted[0]["total"]
    return total


async def page(
    connection: Fetches, game: Game, lane: int, subject: str, kinds: Sequence[str], bounds: PageBounds
) -> AsyncGenerator[Piece[HistoryRow], None]:
    """A page of the facts of these kinds, in pieces, the latest first. Sorts all of them, as no index has their order.

    The authors are read separately: with Citus, the audit log is on another node than the journal.
    """
    listed = PiecedList(first=_PAGE, rest=_REST, position=("at", "seq"), item=partial(_row, game))
    filters = (lane, subject, kinds, _REVERSALS)
    async with aclosing(pieces(connection, listed, filters, bounds, (lane, subject))) as found:
        async for piece in found:
            actors = await audit.actors(connection, {row.command_id for row in piece.rows})
            rows = [replace(row, actor=actors.get(row.command_id)) for row in piece.rows]
            yield Piece(rows, piece.is_last, piece.last_position)


def _row(game: Game, row: dict[str, Any]) -> HistoryRow:
    return HistoryRow(
        id=str(row["id"]),
        seq=row["seq"],
        command_id=str(row["command_id"]),
        cause_id=str(row["cause_id"]) if row["cause_id"] else None,
        at=row["at"],
        recorded_at=row["recorded_at"],
        fact=game.fact_from(row["kind"], row["data"]),
    )
