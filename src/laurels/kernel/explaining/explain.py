"""Explaining the consequences of a command: the definitions considered, and why each acted or not.

A command's first fact stores the outcome of each definition, except for definitions that did not apply; these follow
from the version of the definitions that the fact names (see facts.Outcome).
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal, Protocol

from msgspec import Struct

from laurels.kernel.cel.expressions import Expression, ExpressionError
from laurels.kernel.definition import Definition
from laurels.kernel.explaining.seen_values import Moment
from laurels.kernel.facts import Entry, Fact, Outcome

Verdict = Literal[
    "acted",
    "limited",
    "group_taken",
    "failed",
    "cut",
    "postponed",
    "condition_false",
    "out_of_time",
    "inactive",
    "advanced",
    "not_advanced",
    "earned",
]


class JournalFact(Protocol):
    """One fact of the journal."""

    @property
    def id(self) -> str: ...

    @property
    def seq(self) -> int: ...

    @property
    def fact(self) -> Fact: ...

    @property
    def occurred_at(self) -> datetime: ...


class JudgedCondition(Struct, frozen=True, kw_only=True):
    """A condition that was judged, with the values that it read; for a challenge, with the code of the objective."""

    expression: str
    values: dict[str, Any]
    objective: str | None = None


class LimitedWindow(Struct, frozen=True, kw_only=True):
    """The day, week or month in which a limit was reached. `zone` is the time zone whose days count."""

    period: str
    zone: str
    ends_at: datetime


class ConsideredDefinition(Struct, frozen=True):
    """A definition that was considered, and the reason why it acted or not."""

    definition: Definition
    verdict: Verdict
    reason: str
    judged: list[JudgedCondition] = []
    window: LimitedWindow | None = None


def entry_of(recorded: JournalFact) -> Entry:
    return Entry(recorded.id, recorded.seq, recorded.fact, recorded.occurred_at)


def judged_condition(
    compiled: Callable[[str], Expression], source: str, moment: Moment, objective: str | None = None
) -> JudgedCondition:
    try:
        values = moment.values(compiled(source))
    except ExpressionError:
        # An earlier version of Laurels accepted this expression.
        values = {}
    return JudgedCondition(expression=source, values=values, objective=objective)


def outcomes_of(first: Fact) -> dict[str, Outcome]:
    """The outcomes by the id of the definition. If a definition has several, the first failure is taken."""
    found: dict[str, Outcome] = {}
    for outcome in first.outcomes:
        if outcome.definition_id not in found or found[outcome.definition_id].outcome == "acted":
            found[outcome.definition_id] = outcome
    return found


FORGOTTEN = "The event's content has been removed, since the project keeps events for a limited number of days"

ERASED = "the details have been erased"


def sentence(outcome: Outcome) -> str:
    match outcome.outcome:
        case "acted":
            idle = f"; {outcome.detail}" if outcome.detail else ""
            return f"The condition held, and all actions were done{idle}."
        case "limited":
            return f"The condition held, but the limit was reached: {outcome.detail or ERASED}."
        case "group_taken":
            return f"The condition held, but another rule of the group had acted: {outcome.detail or ERASED}."
        case "cut":
            return "More actions were due, but the limit of rounds was reached, and the rest was cut off."
        case "postponed":
            return "It was completed as often as one command may; further progress counts with the next advance."
        case "failed":
            return f"It failed and did nothing: {(outcome.detail or ERASED).rstrip('.')}."
