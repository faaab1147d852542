"""What rules, milestones and completed challenges do, always on the event's participant.

An amount is a whole number or a CEL expression over the event. A tag in JSON, `type`, names the action.
"""

from types import UnionType
from typing import Annotated, ClassVar, NamedTuple

from msgspec import Meta, Struct

AMOUNT_LIMIT = 1_000_000

Count = Annotated[int, Meta(ge=1, le=AMOUNT_LIMIT)]
Formula = Annotated[str, Meta(min_length=1, max_length=2_000)]
ExpiryDays = Annotated[int, Meta(ge=1, le=36_500)]
Code = Annotated[str, Meta(min_length=1, max_length=100)]


class Named(NamedTuple):
    """What an action is on: the action's field that names it, its kind and its code."""

    field: str
    kind: str
    code: str


class Action(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One that a tag names, `type`, in JSON. Beside an action that `is_paid` nothing is left out. Where one that
    `is_required` comes to nothing, so does all that is beside it."""

    is_paid: ClassVar[bool] = False
    is_required: ClassVar[bool] = False
    quantity_field: ClassVar[str] = "amount"
    """The field of its quantity, where it has one."""

    def named(self) -> Named | None:
        """The definition that it is on, if it is on any."""
        return None

    def quantity(self) -> int | str | None:
        """Its amount, or the expression that computes it."""
        return None


AnyAction = type[Action] | UnionType
"""The type that holds the actions of all mechanics."""
