"""Decimal numbers from an application's JSON, kept exactly: whole numbers of millionths."""

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

MILLIONTHS = 1_000_000
NUMBER_LIMIT = 1_000_000_000


def millionths(value: Any) -> int | None:
    """A number in millionths, half to even; None for what is no number or one beyond NUMBER_LIMIT."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not -NUMBER_LIMIT <= value <= NUMBER_LIMIT:
        return None
    return int((Decimal(str(value)) * MILLIONTHS).to_integral_value(ROUND_HALF_EVEN))


def shown(amount: int) -> int | float:
    """Millionths as people read them: a whole number where it is one."""
    whole, rest = divmod(amount, MILLIONTHS)
    return amount / MILLIONTHS if rest else whole
