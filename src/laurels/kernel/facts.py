"""What happened. A fact carries every value that a projection needs, so that folding the journal never decides again.

`kind` names the fact in the journal; its fields are stored as JSON. A field may be added with a default, never
renamed or removed: old facts are read for ever. No fact holds a person's profile.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar, Literal

from msgspec import Struct


class Outcome(Struct, frozen=True, omit_defaults=True):
    """What became of a definition that was considered. Kept for all but those whose condition did not hold.

    `windows` are those that a limited rule's act counts in; `detail` names the limit that was reached, the rule that
    took the group, what failed, or which actions of an act changed nothing.
    """

    definition_id: str
    outcome: Literal["acted", "limited", "group_taken", "failed", "cut", "postponed"]
    detail: str | None = None
    windows: list[int] = []


class Fact(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`due_to` is the rule or challenge that brought the fact about. A command's first fact keeps the outcomes of all
    that it set off."""

    kind: ClassVar[str]

    due_to: str | None = None
    outcomes: list[Outcome] = []

    def counted_in(self) -> Iterable[tuple[str, int]]:
        """The windows of limits in which it counts beside its outcomes: a definition's id and the window's number."""
        return ()


class Entry(Struct, frozen=True):
    """A fact in its place: `seq` counts the participant's facts, `cause_id` is the fact that brought it about."""

    id: str
    seq: int
    fact: Fact
    occurred_at: datetime
    cause_id: str | None = None
