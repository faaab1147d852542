"""The balance of a participant, and the history of transactions behind it."""

from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from laurels.mechanics.points.api.examples import PARTICIPANT_POINTS_RESPONSE, PARTICIPANT_TRANSACTIONS_RESPONSE
from laurels.mechanics.points.purse.model import PURSE, AwardReversed, DeductReversed, TransactionType
from laurels.mechanics.points.storage import loading, transactions
from laurels.storage.participants import ParticipantRow
from laurels.web import pages
from laurels.web.endpoint import Reply, Request, Routes, StreamedReply
from laurels.web.lookup import find_participant
from laurels.web.requests.fields import NextCursor, PageQuery

routes = Routes("Points")


class ExpiringPoints(Struct, frozen=True):
    """The points that expire next, and when."""

    points: int
    expires_at: datetime


class PointsAnswer(Struct, frozen=True):
    participant_id: str
    balance: int
    total_earned: int
    total_spent: int
    total_expired: int
    held: int
    next_expiry: ExpiringPoints | None


class TransactionAnswer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`amount` is always positive; `type` says which way it went. What belongs to some types alone is left out of the
    others."""

    id: str
    type: TransactionType
    amount: int
    balance_after: int
    reason: str | None
    metadata: dict[str, Any] | None
    created_at: datetime
    expires_at: datetime | UnsetType = UNSET
    requested_expires_at: datetime | UnsetType = UNSET
    base_amount: int | UnsetType = UNSET
    multiplier: int | float | UnsetType = UNSET
    reverses: str | UnsetType = UNSET
    hold_id: str | UnsetType = UNSET
    reward_id: str | UnsetType = UNSET
    claim_id: str | UnsetType = UNSET


class TransactionsAnswer(Struct, frozen=True):
    participant_id: str
    transactions: list[TransactionAnswer]
    total: int
    page: int
    page_size: int
    next_cursor: NextCursor


@routes.get(
    "/gamify/participants/{participant_id}/points",
    summary="Balance of a participant",
    answers={200: PointsAnswer},
    answer_example=PARTICIPANT_POINTS_RESPONSE,
    refuses=(404, 503),
)
async def participant_points(request: Request[None, None]) -> Reply:
    """`balance` = `total_earned` − `total_spent` − `total_expired` − `held`, always."""
    found = await find_participant(request)
    purse = found[PURSE]
    answer = PointsAnswer(
        found.participant_id,
        purse.balance,
        purse.total_earned,
        purse.total_spent,
        purse.total_expired,
        purse.held,
        await _next_expiry(request, found),
    )
    return Reply(msgspec.json.encode(answer))


async def _next_expiry(request: Request[None, None], found: ParticipantRow) -> ExpiringPoints | None:
    if found.next_expiry_at is None:
        return None
    next_lot = await loading.next_lot(request.services.readers, found.lane, found.subject, found.now)
    return None if next_lot is None else ExpiringPoints(next_lot.points, next_lot.expires_at)


@routes.get(
    "/gamify/participants/{participant_id}/points/transactions",
    summary="Transaction history of a participant",
    query=PageQuery,
    answers={200: TransactionsAnswer},
    answer_example=PARTICIPANT_TRANSACTIONS_RESPONSE,
    refuses=(404, 503),
)
async def participant_transactions(request: Request[None, PageQuery]) -> Reply | StreamedReply:
    """Newest first, in the order in which they took effect; `created_at` is when they happened."""
    found = await find_participant(request)
    listing = pages.listing(request, "transactions", transactions.TransactionPosition)
    # Facts that are none may lie between them.
    connection = request.services.connections_for(found.seq - found[PURSE].transactions)
    rows = transactions.transactions(
        connection, request.services.definitions.tables.game, found.lane, found.subject, listing.bounds
    )
    answer = TransactionsAnswer(
        participant_id=found.participant_id,
        transactions=[],
        **listing.page_fields(found[PURSE].transactions),
    )
    return await pages.reply(listing, answer, "transactions", rows, _transaction)


def _transaction(row: transactions.Transaction) -> TransactionAnswer:
    fact = row.fact
    is_reversal = isinstance(fact, AwardReversed | DeductReversed)
    return TransactionAnswer(
        id=row.id,
        type=fact.transaction_type,
        amount=fact.amount,
        balance_after=fact.balance_after,
        reason=fact.reason,
        metadata=fact.metadata,
        # A reversal counts at the time of what it reverses.
        created_at=row.recorded_at if is_reversal else row.occurred_at,
        **fact.details(row.id),
    )
