"""Facts: the results of decided commands. A fact has every value that a projection needs, so that folding the journal
decides nothing again.

`kind` names the fact in the journal; its fields are stored as JSON. Fields may be added with a default, but never
renamed or removed, as old facts must stay readable. No fact holds a person's profile.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar, Literal

from msgspec import Struct


class Outcome(Struct, frozen=True, omit_defaults=True):
    """The result for a definition that a command considered. It is stored for all except definitions whose condition
    did not hold.

    `windows` are the windows in which the act of a limited rule counts; `detail` names the limit reached, the rule that
    took the group, the failure, or the actions that changed nothing.
    """

    definition_id: str
    outcome: Literal["acted", "limited", "group_taken", "failed", "cut", "postponed"]
    detail: str | None = None
    windows: list[int] = []


class Fact(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The common part of all facts. `due_to` is the rule or challenge that caused the fact. A command's first fact has
    the outcomes of everything that the command set off."""

    kind: ClassVar[str]

    due_to: str | None = None
    outcomes: list[Outcome] = []

    def counted_in(self) -> Iterable[tuple[str, int]]:
        """The limit windows that the fact counts in, in addition to its outcomes: a definition's id and a window's
        number."""
        return ()


class Entry(Struct, frozen=True):
    """A fact with its place in the journal: `seq` numbers the participant's facts, `cause_id` is the fact that caused
    it."""

    id: str
    seq: int
    fact: Fact
    occurred_at: datetime
    cause_id: str | None = None
