"""Rules: definition and limits."""

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar, Literal

from msgspec import Struct

from laurels.kernel.actions import Action
from laurels.kernel.definition import Definition

LimitPeriod = Literal["day", "week", "month", "ever"]


class Limit(Struct, frozen=True):
    """The maximum number of `times` that a rule acts in a period: for one participant or, `in_total`, for all
    participants together."""

    times: int
    per: LimitPeriod
    in_total: bool = False


class Rule(Definition, frozen=True, kw_only=True):
    """A rule. `condition` is a CEL expression. Among rules with the same `group`, only the first that can act does."""

    kind: ClassVar[str] = "rule"

    event_name: str
    condition: str | None = None
    actions: tuple[Action, ...] = ()
    limits: tuple[Limit, ...] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    priority: int = 0
    group: str | None = None

    @property
    def is_shared_limit(self) -> bool:
        return any(limit.in_total for limit in self.limits)

    def action_lists(self) -> Iterator[tuple[str, tuple[Action, ...]]]:
        yield "actions", self.actions
