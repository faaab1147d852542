"""Points: awarding and deducting.

| command | allowed when | fact |
|---|---|---|
| award  | balance + amount and total_earned + amount stay within POINTS_LIMIT | balance and total_earned rise |
| deduct | amount <= balance | balance falls, total_spent rises |
"""

from laurels.core.commands import AwardPoints, DeductPoints
from laurels.core.facts import PointsAwarded, PointsDeducted
from laurels.core.model import POINTS_LIMIT, Account
from laurels.core.rejections import InsufficientPoints, PointsLimitPassed


def award(account: Account, command: AwardPoints) -> PointsAwarded | PointsLimitPassed:
    # total_earned is never below balance, so that it alone decides.
    if account.total_earned + command.amount > POINTS_LIMIT:
        return PointsLimitPassed(POINTS_LIMIT)
    return PointsAwarded(
        amount=command.amount,
        balance_after=account.balance + command.amount,
        reason=command.reason,
        metadata=command.metadata,
    )


def deduct(account: Account, command: DeductPoints) -> PointsDeducted | InsufficientPoints:
    if command.amount > account.balance:
        return InsufficientPoints(available=account.balance, requested=command.amount)
    return PointsDeducted(
        amount=command.amount,
        balance_after=account.balance - command.amount,
        reason=command.reason,
        metadata=command.metadata,
    )


def fold_awarded(account: Account, fact: PointsAwarded) -> None:
    account.balance = fact.balance_after
    account.total_earned += fact.amount
    account.transactions += 1


def fold_deducted(account: Account, fact: PointsDeducted) -> None:
    account.balance = fact.balance_after
    account.total_spent += fact.amount
    account.transactions += 1
