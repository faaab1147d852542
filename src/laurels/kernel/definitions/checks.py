"""Checks that definitions of several kinds share: expressions, actions, dates."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from laurels.kernel.actions import Action
from laurels.kernel.cel.expressions import Expression, ExpressionError, Expressions
from laurels.kernel.input.problems import field_problem


def check_expression(field: str, source: str | None, compiled: Callable[[str], Expression]) -> None:
    """Raises ValueError for an expression that is invalid in CEL, or exceeds our limits."""
    if source is None:
        return
    try:
        compiled(source)
    except ExpressionError as error:
        raise field_problem(field, sentence(error)) from None


def sentence(error: ExpressionError) -> str:
    return f"is not accepted at line {error.line}, column {error.column}: {error.message.rstrip('.')}"


def check_amounts(field: str, actions: Iterable[Action], expressions: Expressions) -> None:
    """Raises ValueError if an action has an invalid expression for its quantity."""
    for index, action in enumerate(actions):
        quantity = action.quantity()
        if isinstance(quantity, str):
            check_expression(f"{field}[{index}].{action.quantity_field}", quantity, expressions.amount)


def check_dates(starts_at: datetime | None, ends_at: datetime | None) -> None:
    """Raises ValueError if the end is not later than the start."""
    for field, moment in (("starts_at", starts_at), ("ends_at", ends_at)):
        try:
            _ = moment and utc(moment)
        except OverflowError:
            raise field_problem(field, "must be within the years 1 to 9999 in UTC") from None
    if starts_at is not None and ends_at is not None and utc(ends_at) <= utc(starts_at):
        raise field_problem("ends_at", "must be later than starts_at")


def utc(moment: datetime) -> datetime:
    """The time in UTC; without an offset it is in UTC already. Raises OverflowError outside the years 1 to 9999."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
