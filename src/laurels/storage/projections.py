"""Projections: stored rows that can be rebuilt by folding the journal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

import asyncpg

from laurels.kernel.definition import Definitions
from laurels.kernel.facts import Entry, Fact
from laurels.kernel.participant import Participant

Value = TypeVar("Value")

Add = Callable[[Value, Entry, datetime], None]
"""Adds the effect of a fact, recorded at the given time, to a participant's value."""

AsKept = Callable[[Value, Value], Value]
"""Takes the rebuilt and the stored value, and returns the rebuilt value with its times replaced by `kept_time`."""


def as_rebuilt(rebuilt: Value, _stored: Value) -> Value:
    return rebuilt


def kept_time(rebuilt: datetime | None, stored: datetime | None) -> datetime | None:
    """The time to compare with a stored time that older servers did not store: a missing time, or one earlier than in
    the facts, is not a difference; a later one is."""
    is_older = stored is None or (rebuilt is not None and stored < rebuilt)
    return stored if is_older else rebuilt


@dataclass(frozen=True, kw_only=True)
class Gathered(Generic[Value]):
    """The rebuild of a value outside a participant's state: it is gathered fact by fact."""

    empty: Callable[[], Value]

    adding: Callable[[Definitions | None], Add[Value] | None]
    """Gives the function for a project's definitions, which are None for rows without a project. It gives None where no
    fact adds anything."""

    facts: tuple[type[Fact], ...] = (Fact,)
    """The facts that may add something."""

    reads_recorded_at: bool = False
    """Whether `add` uses the recording time. Reading it costs a tenth of reading a fact; otherwise it may be
    missing."""

    skips_anonymous: bool = False


@dataclass(frozen=True, kw_only=True)
class Projection(Generic[Value]):
    """A projection: `stored` builds a participant's value from the rows, `rebuilt` from the facts alone. Both are
    module-level functions, so that other processes can use them by name."""

    name: str
    table: str
    condition: str = "true"

    stored: Callable[[Sequence[asyncpg.Record]], Value]
    rebuilt: Callable[[Participant], Value] | Gathered[Value]

    as_kept: AsKept[Value] = as_rebuilt
