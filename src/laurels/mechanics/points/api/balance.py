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
    """The number of points that expire then."""
    expires_at: datetime
    """The time when they expire."""


class PointsAnswer(Struct, frozen=True):
    """The points of a participant."""

    participant_id: str
    balance: int
    """Points that can be spent now: `total_earned` − `total_spent` − `total_expired` − `held`."""
    total_earned: int
    """All points ever awarded, less reversed awards."""
    total_spent: int
    """All points ever spent, less reversed deductions."""
    total_expired: int
    """All points that have expired."""
    held: int
    """Points set aside by open holds."""
    next_expiry: ExpiringPoints | None
    """The points that expire next; null if none expire."""


class TransactionAnswer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A transaction. `amount` is never negative; `type` shows the direction. Fields that do not apply to a type are
    left out."""

    id: str
    """The id of the transaction."""
    type: TransactionType
    """The kind of movement. It determines whether points were added or taken."""
    amount: int
    """The number of points, never negative."""
    balance_after: int
    """The balance after the transaction."""
    reason: str | None
    """The reason that was given; null for none."""
    metadata: dict[str, Any] | None
    """The metadata that was given; null for none."""
    created_at: datetime
    """The time of the transaction: the given `timestamp`, or the time of the request."""
    expires_at: datetime | UnsetType = UNSET
    """The expiry of the awarded points or of the hold; left out if they do not expire."""
    requested_expires_at: datetime | UnsetType = UNSET
    """The requested expiry, if the points expire at another time."""
    base_amount: int | UnsetType = UNSET
    """The requested amount, if another amount was credited."""
    multiplier: int | float | UnsetType = UNSET
    """The multiplier that applied, if there was one."""
    reverses: str | UnsetType = UNSET
    """The id of the reversed transaction, for reversals."""
    hold_id: str | UnsetType = UNSET
    """The id of the hold, for captures and releases."""
    reward_id: str | UnsetType = UNSET
    """The id of the reward, for claims."""
    claim_id: str | UnsetType = UNSET
    """The id of the claim, for claims and their cancellations."""


class TransactionsAnswer(Struct, frozen=True):
    """A page of a participant's transactions."""

    participant_id: str
    transactions: list[TransactionAnswer]
    """The transactions; the last one to take effect comes first."""
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
    """`balance` is always `total_earned` − `total_spent` − `total_expired` − `held`."""
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
    """Transactions in the order in which they took effect, newest first. `created_at` is the time when they
    happened."""
    found = await find_participant(request)
    listing = pages.listing(request, "transactions", transactions.TransactionPosition)
    # Other facts may lie between the transactions.
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


def _transaction(row: transactions.TransactionRow) -> TransactionAnswer:
    fact = row.fact
    is_reversal = isinstance(fact, (AwardReversed, DeductReversed))
    return TransactionAnswer(
        id=row.id,
        type=fact.transaction_type,
        amount=fact.amount,
        balance_after=fact.balance_after,
        reason=fact.reason,
        metadata=fact.metadata,
        # The fact of a reversal has the time of the reversed transaction.
        created_at=row.recorded_at if is_reversal else row.occurred_at,
        **fact.details(row.id),
    )
