"""The points economy: reversals, holds, and what a project owes its participants."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from laurels.kernel.input.fields import Amount, Expiry, IdempotencyKey, Metadata, ParticipantId, Reason, check_size
from laurels.kernel.input.problems import field_problem
from laurels.kernel.rejections import Rejection
from laurels.mechanics.points import liability
from laurels.mechanics.points import open_holds as holds
from laurels.mechanics.points.commands import (
    CaptureHold,
    HoldNotFound,
    HoldPoints,
    ReleaseHold,
    ReversePoints,
    TransactionNotFound,
)
from laurels.mechanics.points.examples import (
    CAPTURE_HOLD_REFUSALS,
    CAPTURE_HOLD_REQUEST,
    CAPTURE_HOLD_RESPONSE,
    HOLD_POINTS_REQUEST,
    HOLD_POINTS_RESPONSE,
    PARTICIPANT_HOLDS_RESPONSE,
    POINTS_LIABILITY_RESPONSE,
    RELEASE_HOLD_REFUSALS,
    RELEASE_HOLD_REQUEST,
    RELEASE_HOLD_RESPONSE,
    REVERSE_TRANSACTION_REFUSALS,
    REVERSE_TRANSACTION_REQUEST,
    REVERSE_TRANSACTION_RESPONSE,
)
from laurels.mechanics.points.model import PURSE
from laurels.mechanics.points.responses import (
    HoldCapturedAnswer,
    HoldReleasedAnswer,
    PointsHeldAnswer,
    PointsReversedAnswer,
)
from laurels.web import outcomes, pages
from laurels.web.endpoint import Reply, Request, Routes, StreamedReply
from laurels.web.keys.access import Access
from laurels.web.lookup import find_participant
from laurels.web.protocol.errors import refusal_for
from laurels.web.requests.fields import utc

routes = Routes("Points")

AnyAmount = Annotated[int, Meta(ge=1, le=2**53 - 1, description="Points, a whole number.")]


class _Asked(Struct, frozen=True, kw_only=True):
    participant_id: ParticipantId
    reason: Reason | None = None
    metadata: Metadata | None = None
    idempotency_key: IdempotencyKey | None = None

    def __post_init__(self) -> None:
        check_size("metadata", self.metadata)


class ReverseRequest(_Asked, frozen=True, kw_only=True):
    """`amount`: a part; all that is left of the transaction unless given."""

    transaction_id: str
    amount: AnyAmount | None = None


class HoldRequest(_Asked, frozen=True, kw_only=True):
    """Ends at `expires_at` or after `expires_in_minutes`, an hour unless given."""

    amount: Amount
    expires_at: Expiry | None = None
    expires_in_minutes: Annotated[int, Meta(ge=1, le=43_200)] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.expires_at is not None and self.expires_in_minutes is not None:
            raise field_problem("expires_in_minutes", "and expires_at are both given; send one of them")


class CaptureRequest(_Asked, frozen=True, kw_only=True):
    """`amount`: all that is held unless given. The rest is released."""

    hold_id: str
    amount: AnyAmount | None = None


class ReleaseRequest(_Asked, frozen=True, kw_only=True):
    hold_id: str


class HoldAnswer(Struct, frozen=True, kw_only=True):
    hold_id: str
    amount: int
    reason: str | None
    held_at: datetime
    expires_at: datetime


class HoldsAnswer(Struct, frozen=True, kw_only=True):
    participant_id: str
    held: int
    holds: list[HoldAnswer]


class ExpiringMonth(Struct, frozen=True):
    """`month` such as 2026-12; null for points that never expire."""

    month: str | None
    points: int


class LiabilityAnswer(Struct, frozen=True, kw_only=True):
    """`outstanding` = `issued` − `spent` − `expired`: balances and held points. `breakage_percent` is the share of the
    issued points that expired."""

    issued: int
    spent: int
    expired: int
    held: int
    outstanding: int
    breakage_percent: float
    by_expiry_month: list[ExpiringMonth]


@routes.post(
    "/gamify/points/reverse",
    summary="Reverse a transaction",
    body=ReverseRequest,
    answers={200: PointsReversedAnswer},
    refuses=(400, 404, 503),
    refusals=REVERSE_TRANSACTION_REFUSALS,
    takes_idempotency_key=True,
    example=REVERSE_TRANSACTION_REQUEST,
    answer_example=REVERSE_TRANSACTION_RESPONSE,
)
async def reverse_transaction(request: Request[ReverseRequest, None]) -> Reply:
    """Takes an award back or gives a deduct back, whole or in parts, each point once. An award can be reversed while
    its points are there; tiers stay."""
    body = request.body
    command = ReversePoints(
        project_id=request.project_id,
        participant_id=body.participant_id,
        idempotency_key=request.idempotency_key(body.idempotency_key),
        transaction_id=_id(body.transaction_id, TransactionNotFound),
        amount=body.amount,
        reason=body.reason,
        metadata=body.metadata,
    )
    return outcomes.reply(await outcomes.run(request, command))


@routes.post(
    "/gamify/points/hold",
    summary="Hold points",
    body=HoldRequest,
    answers={200: PointsHeldAnswer},
    refuses=(400, 503),
    takes_idempotency_key=True,
    example=HOLD_POINTS_REQUEST,
    answer_example=HOLD_POINTS_RESPONSE,
)
async def hold_points(request: Request[HoldRequest, None]) -> Reply:
    """Sets points aside: the balance falls, and nobody else can spend them until the hold is captured, released, or
    expires, which releases it."""
    body = request.body
    command = HoldPoints(
        project_id=request.project_id,
        participant_id=body.participant_id,
        idempotency_key=request.idempotency_key(body.idempotency_key),
        amount=body.amount,
        expires_at=utc(body.expires_at, "expires_at"),
        expires_in_minutes=body.expires_in_minutes or 60,
        reason=body.reason,
        metadata=body.metadata,
    )
    return outcomes.reply(await outcomes.run(request, command))


@routes.post(
    "/gamify/points/capture",
    summary="Capture a hold",
    body=CaptureRequest,
    answers={200: HoldCapturedAnswer},
    refuses=(400, 404, 503),
    refusals=CAPTURE_HOLD_REFUSALS,
    takes_idempotency_key=True,
    example=CAPTURE_HOLD_REQUEST,
    answer_example=CAPTURE_HOLD_RESPONSE,
)
async def capture_hold(request: Request[CaptureRequest, None]) -> Reply:
    """Spends held points and releases the rest."""
    body = request.body
    command = CaptureHold(
        project_id=request.project_id,
        participant_id=body.participant_id,
        idempotency_key=request.idempotency_key(body.idempotency_key),
        hold_id=_id(body.hold_id, HoldNotFound),
        amount=body.amount,
        reason=body.reason,
        metadata=body.metadata,
    )
    return outcomes.reply(await outcomes.run(request, command))


@routes.post(
    "/gamify/points/release",
    summary="Release a hold",
    body=ReleaseRequest,
    answers={200: HoldReleasedAnswer},
    refuses=(400, 404, 503),
    refusals=RELEASE_HOLD_REFUSALS,
    takes_idempotency_key=True,
    example=RELEASE_HOLD_REQUEST,
    answer_example=RELEASE_HOLD_RESPONSE,
)
async def release_hold(request: Request[ReleaseRequest, None]) -> Reply:
    """Gives all held points back to the balance. Those whose date has passed meanwhile expire at once."""
    body = request.body
    command = ReleaseHold(
        project_id=request.project_id,
        participant_id=body.participant_id,
        idempotency_key=request.idempotency_key(body.idempotency_key),
        hold_id=_id(body.hold_id, HoldNotFound),
        reason=body.reason,
        metadata=body.metadata,
    )
    return outcomes.reply(await outcomes.run(request, command))


@routes.get(
    "/gamify/participants/{participant_id}/points/holds",
    summary="Open holds of a participant",
    answers={200: HoldsAnswer},
    answer_example=PARTICIPANT_HOLDS_RESPONSE,
    refuses=(404, 503),
)
async def participant_holds(request: Request[None, None]) -> Reply | StreamedReply:
    """Those that end first come first."""
    found = await find_participant(request)
    rows = holds.open_holds(request.services.readers, found.lane, found.subject, found.now)
    answer = HoldsAnswer(participant_id=found.participant_id, held=found[PURSE].held, holds=[])
    return await pages.whole_list(answer, "holds", rows, _hold)


def _hold(row: holds.HoldRow) -> HoldAnswer:
    return HoldAnswer(
        hold_id=row.id, amount=row.points, reason=row.reason, held_at=row.held_at, expires_at=row.expires_at
    )


@routes.get(
    "/gamify/admin/liability",
    summary="Points that the project owes",
    answers={200: LiabilityAnswer},
    answer_example=POINTS_LIABILITY_RESPONSE,
    access=Access.ADMIN,
)
async def points_liability(request: Request[None, None]) -> Reply:
    """Sums over all participants, anonymized ones included. Held points never expire while they are held."""
    known = await request.services.definitions.newest(request.services.readers, request.project_id)
    now = known.calendar.at(datetime.now(UTC))
    async with request.services.surveys.transaction() as connection:
        sums = await liability.liability(connection, request.project_id, now)
    outstanding = sums.balance + sums.held
    months = [ExpiringMonth(f"{month:%Y-%m}", points) for month, points in sums.expiring]
    never = outstanding - sum(month.points for month in months)
    answer = LiabilityAnswer(
        issued=sums.earned,
        spent=sums.spent,
        expired=sums.expired,
        held=sums.held,
        outstanding=outstanding,
        breakage_percent=round(100 * sums.expired / sums.earned, 1) if sums.earned else 0.0,
        by_expiry_month=[*months, ExpiringMonth(None, never)],
    )
    return Reply(msgspec.json.encode(answer))


def _id(text: str, not_found: Callable[[str], Rejection]) -> str:
    """Anything but a UUID cannot be one of ours."""
    try:
        return str(UUID(text))
    except ValueError:
        raise refusal_for(not_found(text)) from None
