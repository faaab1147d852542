"""Actions of rules, milestones and completed challenges. They always act on the event's participant.

An amount is a whole number or a CEL expression over the event. In JSON, the tag `type` names the action.
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
    """The definition that an action refers to: the action's field with the code, the definition's kind, and the
    code."""

    field: str
    kind: str
    code: str


class Action(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An action, named by the tag `type` in JSON. In a list with an action that `is_paid`, either all actions are
    accepted, or none takes effect. If an action that `is_required` is refused, so are all others in its list."""

    is_paid: ClassVar[bool] = False
    is_required: ClassVar[bool] = False
    quantity_field: ClassVar[str] = "amount"
    """The field with the quantity, if the action has one."""

    def named(self) -> Named | None:
        """The definition that the action refers to, if any."""
        return None

    def quantity(self) -> int | str | None:
        """The amount, or the expression that computes it."""
        return None


AnyAction = type[Action] | UnionType
"""The union of the actions of all mechanics."""
