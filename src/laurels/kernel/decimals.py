"""Decimal numbers from an application's JSON, stored exactly as whole numbers of millionths."""

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

MILLIONTHS = 1_000_000
NUMBER_LIMIT = 1_000_000_000


def millionths(value: Any) -> int | None:
    """A number in millionths, rounded half to even; None if the value is not a number, or is beyond NUMBER_LIMIT."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not -NUMBER_LIMIT <= value <= NUMBER_LIMIT:
        return None
    return int((Decimal(str(value)) * MILLIONTHS).to_integral_value(ROUND_HALF_EVEN))


def shown(amount: int) -> int | float:
    """Millionths as a number for responses: an integer if it is whole."""
    whole, rest = divmod(amount, MILLIONTHS)
    return amount / MILLIONTHS if rest else whole
