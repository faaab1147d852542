"""All transactions of a project as CSV."""

from collections.abc import AsyncGenerator
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from msgspec import Meta, Struct

from laurels.kernel.game import Game
from laurels.mechanics.points.api.examples import TRANSACTIONS_CSV
from laurels.mechanics.points.purse.model import PointsFact
from laurels.mechanics.points.storage.export import Export, ExportedTransaction
from laurels.storage.postgres.pools import Surveys
from laurels.web import csv_text
from laurels.web.csv_text import Cell
from laurels.web.endpoint import Request, Routes, StreamedReply
from laurels.web.keys.access import Access
from laurels.web.protocol.errors import invalid

routes = Routes("Points")

EARLIEST = date(2025, 1, 1)
"""No journal has older facts."""

_HEAD = (
    "transaction_id",
    "recorded_at",
    "occurred_at",
    "participant_id",
    "type",
    "amount",
    "balance_change",
    "balance_after",
    "reason",
)


class TransactionsQuery(Struct, frozen=True, kw_only=True, rename={"first": "from", "last": "to"}):
    """The days on which the transactions were recorded, both included."""

    first: Annotated[date, Meta(description="The first day, such as 2026-03-01, in the project's time zone.")]
    last: Annotated[date, Meta(description="The last day.")]


@routes.get(
    "/gamify/admin/transactions.csv",
    summary="All transactions between two days as CSV",
    query=TransactionsQuery,
    answers={200: str},
    answer_example=TRANSACTIONS_CSV,
    content_type="text/csv; charset=utf-8",
    access=Access.ADMIN,
)
async def transactions_csv(request: Request[None, TransactionsQuery]) -> StreamedReply:
    """Returns each transaction of all participants, in the order in which they were recorded. The response is sent
    while it is read from the database. Texts that a spreadsheet would take for a formula begin with an apostrophe."""
    services, query = request.services, request.query
    if query.last < query.first:
        raise invalid("to", "must not be before `from`")
    known = await services.definitions.newest(services.readers, request.project_id)
    now, zone = known.calendar.at(datetime.now(UTC)), known.calendar.zone
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    export = Export(
        project_id=request.project_id,
        kinds=tuple(known.game.facts_of(PointsFact)),
        since=datetime.combine(max(query.first, EARLIEST), time(), zone),
        until=datetime.combine(min(query.last, tomorrow) + timedelta(days=1), time(), zone),
        ahead=timedelta(milliseconds=known.calendar.clock_offset_ms),
    )
    chunks = _chunks(export, services.surveys, known.game)
    return StreamedReply(chunks, csv_text.CONTENT_TYPE, headers=csv_text.download("transactions.csv"))


async def _chunks(export: Export, surveys: Surveys, game: Game) -> AsyncGenerator[bytes, None]:
    facts = game.facts_of(PointsFact)
    yield csv_text.lines([_HEAD])
    async for rows in export.pieces(surveys):
        yield csv_text.lines(_cells(row, facts[row.kind]) for row in rows)


def _cells(row: ExportedTransaction, fact: type[PointsFact]) -> tuple[Cell, ...]:
    return (
        row.id,
        row.recorded_at.isoformat(),
        row.occurred_at.isoformat(),
        row.participant_id,
        fact.transaction_type,
        row.amount,
        fact.moves.balance * row.amount,
        row.balance_after,
        row.reason,
    )
