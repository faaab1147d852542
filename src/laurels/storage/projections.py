"""A projection: rows that folding the journal gives anew."""

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
"""Adds to a participant's value what a fact, recorded at this time, brings."""

AsKept = Callable[[Value, Value], Value]
"""From the rebuilt value and the stored one: the rebuilt value with its times as `kept_time` gives them."""


def as_rebuilt(rebuilt: Value, _stored: Value) -> Value:
    return rebuilt


def kept_time(rebuilt: datetime | None, stored: datetime | None) -> datetime | None:
    """What to compare with a stored time that older servers did not keep: one that is missing, or earlier than the
    facts say, is no difference; one that is later is."""
    is_older = stored is None or (rebuilt is not None and stored < rebuilt)
    return stored if is_older else rebuilt


@dataclass(frozen=True, kw_only=True)
class Gathered(Generic[Value]):
    """What is no part of a participant's state is gathered fact by fact."""

    empty: Callable[[], Value]

    adding: Callable[[Definitions | None], Add[Value] | None]
    """By the definitions of the participants' project, if there is one; None where no fact adds anything."""

    facts: tuple[type[Fact], ...] = (Fact,)
    """The facts that may add something."""

    reads_recorded_at: bool = False
    """To read a moment costs a tenth of what a fact costs; without this, it may be missing."""

    skips_anonymous: bool = False


@dataclass(frozen=True, kw_only=True)
class Projection(Generic[Value]):
    """`stored` makes a participant's value of their rows, `rebuilt` of the facts alone. The functions belong to
    modules, so that another process can be told to use them."""

    name: str
    table: str
    condition: str = "true"

    stored: Callable[[Sequence[asyncpg.Record]], Value]
    rebuilt: Callable[[Participant], Value] | Gathered[Value]

    as_kept: AsKept[Value] = as_rebuilt
