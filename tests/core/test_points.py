"""Awarding and deducting: what is allowed, and what it leaves behind."""

import pytest

from laurels.mechanics.points.purse import rules as points
from laurels.mechanics.points.purse.commands import InsufficientPoints, PointsLimitPassed
from laurels.mechanics.points.purse.model import POINTS_LIMIT, PointsAwarded, PointsDeducted, Purse
from tests.core.given import LARGEST_EXACT, NOW, award, deduct


def purse(earned: int, spent: int = 0) -> Purse:
    return Purse(balance=earned - spent, total_earned=earned, total_spent=spent)


def test_the_limit_is_the_largest_count_that_every_json_reader_holds_exactly() -> None:
    assert POINTS_LIMIT == LARGEST_EXACT == 2**53 - 1


@pytest.mark.parametrize(
    ("before", "amount", "balance_after"),
    [
        pytest.param(purse(0), 1, 1, id="first point"),
        pytest.param(purse(30), 100, 130, id="more points"),
        pytest.param(purse(500, 200), 1, 301, id="after spending"),
        pytest.param(purse(LARGEST_EXACT - 1), 1, LARGEST_EXACT, id="up to the limit"),
        pytest.param(purse(LARGEST_EXACT), 1, None, id="one past the limit"),
        pytest.param(purse(LARGEST_EXACT - 5), 6, None, id="from below past the limit"),
        pytest.param(purse(LARGEST_EXACT, LARGEST_EXACT), 1, None, id="earned past the limit with nothing left"),
        pytest.param(purse(0), 2**53, None, id="all at once past the limit"),
    ],
)
def test_award(before: Purse, amount: int, balance_after: int | None) -> None:
    outcome = points.award(before, amount, award(amount, reason="why", metadata={"order": 1}), None)
    if balance_after is None:
        assert outcome == PointsLimitPassed(LARGEST_EXACT)
    else:
        assert outcome == PointsAwarded(amount=amount, balance_after=balance_after, reason="why", metadata={"order": 1})


@pytest.mark.parametrize(
    ("before", "amount", "balance_after"),
    [
        pytest.param(purse(100), 1, 99, id="a part"),
        pytest.param(purse(100), 100, 0, id="all"),
        pytest.param(purse(100), 101, None, id="one too many"),
        pytest.param(purse(0), 1, None, id="from nothing"),
        pytest.param(purse(500, 470), 50, None, id="more than is left, less than was earned"),
        pytest.param(purse(LARGEST_EXACT), LARGEST_EXACT, 0, id="all of the most there can be"),
    ],
)
def test_deduct(before: Purse, amount: int, balance_after: int | None) -> None:
    outcome = points.deduct(before, deduct(amount, reason="why", metadata={"order": 1}))
    if balance_after is None:
        assert outcome == InsufficientPoints(available=before.balance, requested=amount)
    else:
        assert outcome == PointsDeducted(
            amount=amount, balance_after=balance_after, reason="why", metadata={"order": 1}
        )


def test_judging_changes_no_purse() -> None:
    before = purse(100)
    points.award(before, 10, award(10), None)
    points.deduct(before, deduct(10))
    assert before == purse(100)


def test_folding_an_award_raises_balance_and_earned() -> None:
    after = purse(500, 200)
    points.fold(after, PointsAwarded(amount=50, balance_after=350), NOW)
    assert after == Purse(balance=350, total_earned=550, total_spent=200, transactions=1, latest_earned_at=NOW)


def test_folding_a_deduct_lowers_balance_and_raises_spent() -> None:
    after = purse(500, 200)
    points.fold(after, PointsDeducted(amount=50, balance_after=250), NOW)
    assert after == Purse(balance=250, total_earned=500, total_spent=250, transactions=1, latest_spent_at=NOW)
