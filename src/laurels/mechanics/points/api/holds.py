"""Holds: points set aside, captured or released later."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from laurels.kernel.input.fields import Amount, Expiry
from laurels.mechanics.points.api.examples import (
    CAPTURE_HOLD_REFUSALS,
    CAPTURE_HOLD_REQUEST,
    CAPTURE_HOLD_RESPONSE,
    HOLD_POINTS_REFUSALS,
    HOLD_POINTS_REQUEST,
    HOLD_POINTS_RESPONSE,
    PARTICIPANT_HOLDS_RESPONSE,
    RELEASE_HOLD_REFUSALS,
    RELEASE_HOLD_REQUEST,
    RELEASE_HOLD_RESPONSE,
)
from laurels.mechanics.points.api.requests import AnyAmount, ParticipantRequest, both_given, known_id
from laurels.mechanics.points.deciding.responses import HoldCapturedAnswer, HoldReleasedAnswer, PointsHeldAnswer
from laurels.mechanics.points.purse.commands import CaptureHold, HoldNotFound, HoldPoints, ReleaseHold
from laurels.mechanics.points.purse.model import PURSE
from laurels.mechanics.points.storage import open_holds
from laurels.web import outcomes, pages
from laurels.web.endpoint import Reply, Request, Routes, StreamedReply
from laurels.web.lookup import find_participant
from laurels.web.requests.fields import utc

routes = Routes("Points")


class HoldRequest(ParticipantRequest, frozen=True, kw_only=True):
    """Points to hold, until `expires_at` or for `expires_in_minutes`, by default for an hour."""

    amount: Amount
    expires_at: Expiry | None = None
    """The time when the hold releases its points by itself; null for `expires_in_minutes`."""
    expires_in_minutes: Annotated[int, Meta(ge=1, le=43_200)] | None = None
    """The number of minutes after which the hold releases its points by itself; null stands for 60. Not together with
    `expires_at`."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.expires_at is not None and self.expires_in_minutes is not None:
            raise both_given("expires_in_minutes", "expires_at")


class CaptureRequest(ParticipantRequest, frozen=True, kw_only=True):
    """The hold to capture, and the points to spend, by default all of them. The rest is released."""

    hold_id: str
    """The id of the hold."""
    amount: AnyAmount | None = None
    """The points to spend; null for all points of the hold."""


class ReleaseRequest(ParticipantRequest, frozen=True, kw_only=True):
    """The hold to release."""

    hold_id: str
    """The id of the hold."""


class HoldAnswer(Struct, frozen=True, kw_only=True):
    """An open hold."""

    hold_id: str
    """The id of the hold."""
    amount: int
    """The points that it sets aside."""
    reason: str | None
    """The reason that was given; null for none."""
    held_at: datetime
    """The time when the hold began."""
    expires_at: datetime
    """The time when the hold releases its points by itself."""


class HoldsAnswer(Struct, frozen=True, kw_only=True):
    """The open holds of a participant."""

    participant_id: str
    held: int
    """The sum of the points held."""
    holds: list[HoldAnswer]
    """The holds, the first to expire first."""


@routes.post(
    "/gamify/points/hold",
    summary="Hold points",
    body=HoldRequest,
    answers={200: PointsHeldAnswer},
    refuses=(400, 503),
    refusals=HOLD_POINTS_REFUSALS,
    takes_idempotency_key=True,
    example=HOLD_POINTS_REQUEST,
    answer_example=HOLD_POINTS_RESPONSE,
)
async def hold_points(request: Request[HoldRequest, None]) -> Reply:
    """Sets points aside: they leave the balance, and only a capture of the hold can spend them. They return to the
    balance when the hold is released or expires."""
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
        hold_id=known_id(body.hold_id, HoldNotFound),
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
    """Returns all held points to the balance. Points whose expiry has passed meanwhile expire at once."""
    body = request.body
    command = ReleaseHold(
        project_id=request.project_id,
        participant_id=body.participant_id,
        idempotency_key=request.idempotency_key(body.idempotency_key),
        hold_id=known_id(body.hold_id, HoldNotFound),
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
    """The open holds; the first to end comes first."""
    found = await find_participant(request)
    rows = open_holds.open_holds(request.services.readers, found.lane, found.subject, found.now)
    answer = HoldsAnswer(participant_id=found.participant_id, held=found[PURSE].held, holds=[])
    return await pages.whole_list(answer, "holds", rows, _hold)


def _hold(row: open_holds.HoldRow) -> HoldAnswer:
    return HoldAnswer(
        hold_id=row.id, amount=row.points, reason=row.reason, held_at=row.held_at, expires_at=row.expires_at
    )
