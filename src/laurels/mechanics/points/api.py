"""Points: award, deduct, batch, balance, transactions."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from laurels.kernel.actions import ExpiryDays
from laurels.kernel.input.fields import (
    Amount,
    Expiry,
    IdempotencyKey,
    Metadata,
    ParticipantId,
    Reason,
    Timestamp,
    check_size,
)
from laurels.kernel.input.problems import field_problem
from laurels.mechanics.points import store as economy
from laurels.mechanics.points import transactions as points
from laurels.mechanics.points.commands import AwardPoints, DeductPoints
from laurels.mechanics.points.examples import (
    AWARD_POINTS_BATCH_REQUEST,
    AWARD_POINTS_BATCH_RESPONSE,
    AWARD_POINTS_REQUEST,
    AWARD_POINTS_RESPONSE,
    DEDUCT_POINTS_REQUEST,
    DEDUCT_POINTS_RESPONSE,
    PARTICIPANT_POINTS_RESPONSE,
    PARTICIPANT_TRANSACTIONS_RESPONSE,
)
from laurels.mechanics.points.model import PURSE, AwardReversed, DeductReversed, TransactionType
from laurels.mechanics.points.responses import PointsAwardedAnswer, PointsDeductedAnswer
from laurels.storage.participants import ParticipantRow
from laurels.web import batches, outcomes, pages
from laurels.web.endpoint import Reply, Request, Routes, StreamedReply
from laurels.web.lookup import find_participant
from laurels.web.requests.fields import NextCursor, Page, utc
from laurels.web.requests.forms import Form

routes = Routes("Points")


class PointsRequest(Struct, frozen=True, kw_only=True):
    participant_id: ParticipantId
    amount: Amount
    reason: Reason | None = None
    metadata: Metadata | None = None
    idempotency_key: IdempotencyKey | None = None
    timestamp: Timestamp | None = None

    def __post_init__(self) -> None:
        check_size("metadata", self.metadata)

    def deduct(self, project_id: int, idempotency_key: str | None) -> DeductPoints:
        return DeductPoints(
            project_id=project_id,
            participant_id=self.participant_id,
            idempotency_key=idempotency_key,
            amount=self.amount,
            reason=self.reason,
            metadata=self.metadata,
            occurred_at=utc(self.timestamp),
        )


class AwardPointsRequest(PointsRequest, frozen=True, kw_only=True):
    """`expires_at` or `expires_in_days`: at the end of the day so many days later, in the participant's time zone."""

    expires_at: Expiry | None = None
    expires_in_days: ExpiryDays | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.expires_at is not None and self.expires_in_days is not None:
            raise field_problem("expires_in_days", "and expires_at are both given; send one of them")

    def award(self, project_id: int, idempotency_key: str | None) -> AwardPoints:
        return AwardPoints(
            project_id=project_id,
            participant_id=self.participant_id,
            idempotency_key=idempotency_key,
            amount=self.amount,
            reason=self.reason,
            metadata=self.metadata,
            occurred_at=utc(self.timestamp),
            expires_at=utc(self.expires_at, "expires_at"),
            expires_in_days=self.expires_in_days,
        )


class AwardBatchRaw(Struct, frozen=True):
    awards: Annotated[list[msgspec.Raw], Meta(min_length=1, max_length=100)]


class AwardBatchRequest(Struct, frozen=True):
    """1 to 100 awards; each is judged by itself."""

    awards: Annotated[list[AwardPointsRequest], Meta(min_length=1, max_length=100)]


class AwardBatchResult(Struct, frozen=True, kw_only=True):
    """One item's outcome: a transaction, or the sentence that says why not, and its code. When the points expire is
    there if that is not what was asked for; `idempotency_differs` names what the first request with this key had
    otherwise."""

    participant_id: str | None
    transaction_id: str | None = None
    new_balance: int | None = None
    error: str | None = None
    error_code: str | None = None
    expires_at: datetime | UnsetType = UNSET
    requested_expires_at: datetime | UnsetType = UNSET
    idempotency_differs: list[str] | UnsetType = UNSET


class AwardBatchAnswer(Struct, frozen=True):
    processed: int
    failed: int
    results: list[AwardBatchResult]


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


_item_form = Form(AwardPointsRequest, within="awards[].", nulls_are_nothing=True)


class _Awarded(Struct):
    """What of an award's response a batch shows."""

    transaction_id: str
    new_balance: int
    expires_at: datetime | UnsetType = UNSET
    requested_expires_at: datetime | UnsetType = UNSET


_awarded_decoder = msgspec.json.Decoder(_Awarded)


@routes.post(
    "/gamify/points/award",
    summary="Award points",
    body=AwardPointsRequest,
    answers={200: PointsAwardedAnswer},
    refuses=(400, 503),
    takes_idempotency_key=True,
    example=AWARD_POINTS_REQUEST,
    answer_example=AWARD_POINTS_RESPONSE,
)
async def award_points(request: Request[AwardPointsRequest, None]) -> Reply:
    """Raises the balance and `total_earned`, then judges the automatic tiers. Creates the participant if need be.

    Where a participant's points expire at 1,000 different times already, these expire at the end of that day, which the
    answer says; at 5,000 an award that expires is refused.

    `amount` in the answer is what was credited; multipliers and earning caps can make it another than the one asked
    for, which is then there as `base_amount`."""
    body = request.body
    command = body.award(request.project_id, request.idempotency_key(body.idempotency_key))
    return outcomes.reply(await outcomes.run(request, command))


@routes.post(
    "/gamify/points/deduct",
    summary="Deduct points",
    body=PointsRequest,
    answers={200: PointsDeductedAnswer},
    refuses=(400, 503),
    takes_idempotency_key=True,
    example=DEDUCT_POINTS_REQUEST,
    answer_example=DEDUCT_POINTS_RESPONSE,
)
async def deduct_points(request: Request[PointsRequest, None]) -> Reply:
    """Lowers the balance, never below zero, and raises `total_spent`. Tiers stay as they are."""
    body = request.body
    command = body.deduct(request.project_id, request.idempotency_key(body.idempotency_key))
    return outcomes.reply(await outcomes.run(request, command))


@routes.post(
    "/gamify/points/award-batch",
    summary="Award points to up to 100 participants",
    body=AwardBatchRaw,
    body_documented=AwardBatchRequest,
    answers={200: AwardBatchAnswer},
    refuses=(503,),
    example=AWARD_POINTS_BATCH_REQUEST,
    answer_example=AWARD_POINTS_BATCH_RESPONSE,
)
async def award_points_batch(request: Request[AwardBatchRaw, None]) -> Reply:
    """Answers 200 with one result for each award, in their order; an award that is refused does not disturb the
    others. Idempotency keys go into the items."""
    endings = await batches.run(
        request,
        request.body.awards,
        _item_form,
        lambda item: item.award(request.project_id, item.idempotency_key),
    )
    results = [_result(ending) for ending in endings]
    failed = sum(result.error is not None for result in results)
    return Reply(msgspec.json.encode(AwardBatchAnswer(len(results) - failed, failed, results)))


def _result(ending: batches.Ending) -> AwardBatchResult:
    if ending.error is not None:
        return AwardBatchResult(participant_id=ending.participant_id, error=ending.error, error_code=ending.error_code)
    awarded = _awarded_decoder.decode(ending.answer)
    return AwardBatchResult(
        participant_id=ending.participant_id,
        transaction_id=awarded.transaction_id,
        new_balance=awarded.new_balance,
        expires_at=UNSET if awarded.requested_expires_at is UNSET else awarded.expires_at,
        requested_expires_at=awarded.requested_expires_at,
        idempotency_differs=ending.idempotency_differs,
    )


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
    next_lot = await economy.next_lot(request.services.readers, found.lane, found.subject, found.now)
    return None if next_lot is None else ExpiringPoints(next_lot.points, next_lot.expires_at)


@routes.get(
    "/gamify/participants/{participant_id}/points/transactions",
    summary="Transaction history of a participant",
    query=Page,
    answers={200: TransactionsAnswer},
    answer_example=PARTICIPANT_TRANSACTIONS_RESPONSE,
    refuses=(404, 503),
)
async def participant_transactions(request: Request[None, Page]) -> Reply | StreamedReply:
    """Newest first, in the order in which they took effect; `created_at` is when they happened."""
    found = await find_participant(request)
    listing = pages.listing(request, "transactions", points.TransactionPosition)
    # Facts that are none may lie between them.
    connection = request.services.connections_for(found.seq - found[PURSE].transactions)
    rows = points.transactions(
        connection, request.services.definitions.tables.game, found.lane, found.subject, listing.bounds
    )
    answer = TransactionsAnswer(
        participant_id=found.participant_id,
        transactions=[],
        **listing.told(found[PURSE].transactions),
    )
    return await pages.reply(listing, answer, "transactions", rows, _transaction)


def _transaction(row: points.Transaction) -> TransactionAnswer:
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
