"""Awards and deducts, one by one and in batches."""

from datetime import datetime
from typing import Annotated

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
from laurels.mechanics.points.api.examples import (
    AWARD_POINTS_BATCH_REQUEST,
    AWARD_POINTS_BATCH_RESPONSE,
    AWARD_POINTS_REFUSALS,
    AWARD_POINTS_REQUEST,
    AWARD_POINTS_RESPONSE,
    DEDUCT_POINTS_REFUSALS,
    DEDUCT_POINTS_REQUEST,
    DEDUCT_POINTS_RESPONSE,
)
from laurels.mechanics.points.api.requests import both_given
from laurels.mechanics.points.deciding.responses import PointsAwardedAnswer, PointsDeductedAnswer
from laurels.mechanics.points.purse.commands import AwardPoints, DeductPoints
from laurels.web import batches, outcomes
from laurels.web.endpoint import Reply, Request, Routes
from laurels.web.requests.fields import utc
from laurels.web.requests.forms import Form

routes = Routes(
    "Points",
    about="Award, deduct, hold and reverse points, and read balances and transactions. Guides: "
    "[Points](docs/points.md), [The points economy](docs/economy.md), [Points and "
    "lots](docs/points-and-lots.md).",
)


class PointsRequest(Struct, frozen=True, kw_only=True):
    """Points to deduct from a participant."""

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
    """Points to award. They never expire, unless `expires_at` or `expires_in_days` is given."""

    expires_at: Expiry | None = None
    """The expiry of the points; null for never. RFC 3339; without an offset it is read as UTC."""
    expires_in_days: ExpiryDays | None = None
    """The points expire at the end of the day this many days later, in the participant's time zone; null for never."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.expires_at is not None and self.expires_in_days is not None:
            raise both_given("expires_in_days", "expires_at")

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
    """1 to 100 awards. Each is decided separately."""

    awards: Annotated[list[AwardPointsRequest], Meta(min_length=1, max_length=100)]
    """The awards. Each is decided separately."""


class AwardBatchResult(Struct, frozen=True, kw_only=True):
    """The outcome of one item: a transaction, or an error message and its code. `expires_at` is present if the points
    expire at another time than requested. `idempotency_differs` lists the fields in which the item differs from the
    first request with its idempotency key."""

    participant_id: str | None
    transaction_id: str | None = None
    """The id of the transaction; null if the award failed."""
    new_balance: int | None = None
    """The balance after the award; null if it failed."""
    error: str | None = None
    error_code: str | None = None
    expires_at: datetime | UnsetType = UNSET
    """The expiry of the points; present only with `requested_expires_at`."""
    requested_expires_at: datetime | UnsetType = UNSET
    """The requested expiry, if the points expire at another time."""
    idempotency_differs: list[str] | UnsetType = UNSET
    """The fields whose values differ from those of the first request with this idempotency key; left out if there are
    none."""


class AwardBatchAnswer(Struct, frozen=True):
    """The results of a batch of awards."""

    processed: int
    """The number of awards that succeeded."""
    failed: int
    """The number of awards with an error."""
    results: list[AwardBatchResult]
    """One result for each award, in their order."""


_item_form = Form(AwardPointsRequest, within="awards[].", nulls_are_nothing=True)


class _Awarded(Struct):
    """The fields of an award's response that a batch shows."""

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
    refusals=AWARD_POINTS_REFUSALS,
    takes_idempotency_key=True,
    example=AWARD_POINTS_REQUEST,
    answer_example=AWARD_POINTS_RESPONSE,
)
async def award_points(request: Request[AwardPointsRequest, None]) -> Reply:
    """Raises the balance and `total_earned`, then judges the automatic tiers. Creates the participant if needed.

    If the participant's points already have 1,000 different expiry times, the new points expire at the end of the
    requested day, and the response shows this. If they have 5,000, an award that expires is refused.

    `amount` in the response is the credited amount. Multipliers and earning caps can change it; the requested amount is
    then `base_amount`."""
    body = request.body
    command = body.award(request.project_id, request.idempotency_key(body.idempotency_key))
    return outcomes.reply(await outcomes.run(request, command))


@routes.post(
    "/gamify/points/deduct",
    summary="Deduct points",
    body=PointsRequest,
    answers={200: PointsDeductedAnswer},
    refuses=(400, 503),
    refusals=DEDUCT_POINTS_REFUSALS,
    takes_idempotency_key=True,
    example=DEDUCT_POINTS_REQUEST,
    answer_example=DEDUCT_POINTS_RESPONSE,
)
async def deduct_points(request: Request[PointsRequest, None]) -> Reply:
    """Lowers the balance, but never below zero, and raises `total_spent`. Tiers do not change."""
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
    """Returns 200 with one result for each award, in order. A refused award does not affect the others. Idempotency
    keys belong in the items."""
    endings = await batches.run(
        request,
        request.body.awards,
        _item_form,
        lambda item: item.award(request.project_id, item.idempotency_key),
    )
    results = [_result(ending) for ending in endings]
    failed = sum(result.error is not None for result in results)
    return Reply(msgspec.json.encode(AwardBatchAnswer(len(results) - failed, failed, results)))


def _result(ending: batches.ItemOutcome) -> AwardBatchResult:
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
