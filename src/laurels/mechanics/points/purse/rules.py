"""The rules of points: awards, deducts, expiry and reversals, and the change of a purse by each fact.

| command | allowed when | fact |
|---|---|---|
| award  | balance + amount and total_earned + amount stay within POINTS_LIMIT | balance and total_earned rise |
| deduct | amount <= balance | balance falls, total_spent rises |
| reverse an award  | its points are still available; each point once | balance and total_earned fall; tiers stay |
| reverse a deduct or capture | each point once | balance rises, total_spent falls |

1. The points of an award that expires are available while its lot has as many points. The points of an award that never
   expires are available while the balance, without all lots, has as many points.
2. Spent points are returned in the reverse order: first points that never expire, last the points that expire soonest.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from laurels.kernel.rejections import Rejection
from laurels.mechanics.points.purse import lots as lots_of
from laurels.mechanics.points.purse.commands import (
    AwardPoints,
    DeductPoints,
    InsufficientPoints,
    NotReversible,
    PointsLimitPassed,
    ReversalTooLarge,
    ReversePoints,
    SpentAlready,
    TransactionNotFound,
)
from laurels.mechanics.points.purse.model import (
    POINTS_LIMIT,
    AwardReversed,
    DeductReversed,
    HoldCaptured,
    Lot,
    PointsAwarded,
    PointsDeducted,
    PointsExpired,
    PointsFact,
    Purse,
    ReversibleTransaction,
)

Lots = Mapping[datetime, int]


class Reversible(NamedTuple):
    """A transaction that can be reversed, and the points already reversed."""

    fact: PointsAwarded | PointsDeducted | HoldCaptured
    reversed: int


def award(
    purse: Purse,
    amount: int,
    command: AwardPoints,
    expires_at: datetime | None,
    requested_expires_at: datetime | None = None,
) -> PointsAwarded | PointsLimitPassed:
    """The award of `amount`, which multipliers and caps may have changed. `requested_expires_at` is given if the points
    expire later than requested."""
    # The balance is never above total_earned, so this comparison covers both.
    if purse.total_earned + amount > POINTS_LIMIT:
        return PointsLimitPassed(POINTS_LIMIT)
    expires = expires_at is not None and amount > 0
    return PointsAwarded(
        amount=amount,
        balance_after=purse.balance + amount,
        lots=[Lot(expires_at, amount)] if expires_at is not None and expires else [],
        reason=command.reason,
        metadata=command.metadata,
        requested_expires_at=requested_expires_at if expires else None,
    )


def deduct(purse: Purse, command: DeductPoints) -> PointsDeducted | InsufficientPoints:
    if command.amount > purse.balance:
        return InsufficientPoints(available=purse.balance, requested=command.amount)
    return PointsDeducted(
        amount=command.amount,
        balance_after=purse.balance - command.amount,
        lots=lots_of.take(purse.lots, command.amount),
        reason=command.reason,
        metadata=command.metadata,
    )


def expire(purse: Purse, lot: Lot) -> PointsExpired:
    return PointsExpired(amount=lot.points, balance_after=purse.balance - lot.points, lots=[lot])


def reversible(transactions: Mapping[str, ReversibleTransaction], transaction_id: str) -> Reversible | Rejection:
    """The transaction with this id, if its kind and amount allow a reversal."""
    found = transactions.get(transaction_id)
    if found is None:
        return TransactionNotFound(transaction_id)
    fact = found.fact
    if not isinstance(fact, (PointsAwarded, PointsDeducted, HoldCaptured)):
        return NotReversible(fact.kind)
    return Reversible(fact, found.reversed) if fact.amount else NotReversible("nothing")


def reverse(purse: Purse, command: ReversePoints) -> AwardReversed | DeductReversed | Rejection:
    """The reversal of a transaction: of the command's amount, or else of everything not yet reversed."""
    found = reversible(purse.reversible, command.transaction_id)
    if not isinstance(found, Reversible):
        return found
    fact = found.fact
    left = fact.amount - found.reversed
    amount = left if command.amount is None else command.amount
    if amount == 0 or amount > left:
        return ReversalTooLarge(left=left, requested=amount)
    if isinstance(fact, PointsAwarded):
        return _reverse_award(purse, fact, amount, command)
    # Rule 2: points that never expire were taken last.
    offset = fact.amount - found.reversed - amount
    return DeductReversed(
        amount=amount,
        balance_after=purse.balance + amount,
        lots=lots_of.part(fact.lots, fact.amount, offset, amount),
        transaction_id=command.transaction_id,
        reason=command.reason,
        metadata=command.metadata,
    )


def _reverse_award(
    purse: Purse, fact: PointsAwarded, amount: int, command: ReversePoints
) -> AwardReversed | SpentAlready:
    """The reversal of an award, if enough of its points are available (rule 1)."""
    lots = purse.lots
    expires_at = fact.lots[0].expires_at if fact.lots else None
    in_lots = sum(lots.values()) + purse.other_lot_points
    there = purse.balance - in_lots if expires_at is None else lots.get(expires_at, 0)
    if amount > there:
        return SpentAlready(available=there, requested=amount)
    return AwardReversed(
        amount=amount,
        balance_after=purse.balance - amount,
        lots=[Lot(expires_at, amount)] if expires_at is not None else [],
        transaction_id=command.transaction_id,
        reason=command.reason,
        metadata=command.metadata,
    )


def fold(purse: Purse, fact: PointsFact, occurred_at: datetime) -> None:
    moves = fact.moves
    if fact.amount and moves.total_earned > 0:
        purse.latest_earned_at = max(purse.latest_earned_at or occurred_at, occurred_at)
    if fact.amount and moves.total_spent > 0:
        purse.latest_spent_at = max(purse.latest_spent_at or occurred_at, occurred_at)
    purse.balance = fact.balance_after
    purse.total_earned += moves.total_earned * fact.amount
    purse.total_spent += moves.total_spent * fact.amount
    purse.total_expired += moves.total_expired * fact.amount
    purse.held += moves.held * fact.amount
    purse.transactions += is_transaction(fact)
    lots_of.fold(purse.lots, moves.balance, fact.lots)


def is_transaction(fact: PointsFact) -> bool:
    """Whether the transaction history shows the fact: all except for claims without a price, and their
    cancellations."""
    return fact.amount > 0 or fact.is_shown_empty


def fold_reversed(transactions: dict[str, ReversibleTransaction], fact: AwardReversed | DeductReversed) -> None:
    found = transactions.get(fact.transaction_id)
    if found is not None:
        reversed_now = found.reversed + fact.amount
        transactions[fact.transaction_id] = ReversibleTransaction(found.fact, found.occurred_at, reversed_now)
