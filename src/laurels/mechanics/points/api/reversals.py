"""Reversals of awards, deductions and captures."""

from laurels.mechanics.points.api.examples import (
    REVERSE_TRANSACTION_REFUSALS,
    REVERSE_TRANSACTION_REQUEST,
    REVERSE_TRANSACTION_RESPONSE,
)
from laurels.mechanics.points.api.requests import AnyAmount, ParticipantRequest, known_id
from laurels.mechanics.points.deciding.responses import PointsReversedAnswer
from laurels.mechanics.points.purse.commands import ReversePoints, TransactionNotFound
from laurels.web import outcomes
from laurels.web.endpoint import Reply, Request, Routes

routes = Routes("Points")


class ReverseRequest(ParticipantRequest, frozen=True, kw_only=True):
    """The transaction to reverse, and the points to reverse, by default all that are left."""

    transaction_id: str
    """The id of an award, a deduction or a capture."""
    amount: AnyAmount | None = None
    """The points to reverse; null for everything that is left of the transaction."""


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
    """Reverses an award, a deduction or a capture, whole or in parts, each point once. An award can be reversed only
    while its points are available. Tiers do not change."""
    body = request.body
    command = ReversePoints(
        project_id=request.project_id,
        participant_id=body.participant_id,
        idempotency_key=request.idempotency_key(body.idempotency_key),
        transaction_id=known_id(body.transaction_id, TransactionNotFound),
        amount=body.amount,
        reason=body.reason,
        metadata=body.metadata,
    )
    return outcomes.reply(await outcomes.run(request, command))
