"""The definition of rules."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta, Struct

from laurels.kernel.actions import Action
from laurels.kernel.cel.expressions import WITHOUT_VARIABLES, Expressions
from laurels.kernel.definitions.body import DefinitionBody, Kind, StoredDefinition, moment, several, with_fields
from laurels.kernel.definitions.checks import check_amounts, check_dates, check_expression
from laurels.kernel.game import Game
from laurels.kernel.input.fields import Condition, EventName
from laurels.mechanics.rules.model import Limit, Rule

ACTIONS = Meta(min_length=1, max_length=20)
Times = Annotated[int, Meta(ge=1, le=1_000_000_000)]


class RuleLimitPeriods(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The maximum number of times in each period; null means no limit."""

    day: Times | None = None
    """How often in one day; null for no limit."""
    week: Times | None = None
    """How often in one week; null for no limit."""
    month: Times | None = None
    """How often in one month; null for no limit."""
    ever: Times | None = None
    """How often over all time; null for no limit."""


class RuleLimit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The limits of a rule: for each participant, and for all participants together."""

    per_participant: RuleLimitPeriods | None = None
    """How often it can act for each participant; null for no limit."""
    in_total: RuleLimitPeriods | None = None
    """How often it can act for all participants together; null for no limit."""


class RuleDefinition(DefinitionBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule: when the event occurs and the condition is true, the actions are done."""

    expressions: ClassVar[Expressions] = WITHOUT_VARIABLES

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    """The rule's name. It is the reason of awarded points without a reason."""
    description: Annotated[str, Meta(max_length=2_000)] | None = None
    """A text for your team; null for none."""
    event_name: EventName
    """The name of the events to which the rule applies."""
    condition: Condition | None = None
    """A CEL expression over event, participant and now; the rule acts only if it is true. Null for always."""
    actions: Annotated[tuple[Action, ...], ACTIONS]
    """The actions. They take effect together or not at all."""
    limit: RuleLimit | None = None
    """How often the rule can act; null for no limit."""
    starts_at: datetime | None = None
    """The rule applies to events that occurred at this time or later; null for no beginning."""
    ends_at: datetime | None = None
    """The rule applies to events that occurred before this time; null for no end."""
    priority: Annotated[int, Meta(ge=-1_000_000, le=1_000_000)] = 0
    """Rules with a higher priority come first; rules with equal priorities are sorted by code."""
    group: Annotated[str, Meta(min_length=1, max_length=100)] | None = None
    """A word that rules share, of which only one acts on an event; null for no group."""

    def __post_init__(self) -> None:
        check_expression("condition", self.condition, self.expressions.condition)
        check_amounts("actions", self.actions, self.expressions)
        check_dates(self.starts_at, self.ends_at)


def _compiled(actions: Any, row: StoredDefinition) -> Rule:
    body = row.body
    return Rule(
        id=row.id,
        code=row.code,
        name=body["name"],
        event_name=body["event_name"],
        version=row.version,
        condition=body["condition"],
        actions=msgspec.convert(body["actions"], actions),
        limits=_limits(body["limit"] or {}),
        starts_at=moment(body["starts_at"]),
        ends_at=moment(body["ends_at"]),
        priority=body["priority"],
        group=body["group"],
        is_active=row.is_active,
        is_deleted=row.is_deleted,
    )


def _limits(limit: dict[str, dict[str, int]]) -> tuple[Limit, ...]:
    return tuple(
        Limit(times, per, scope == "in_total")  # type: ignore[arg-type]
        for scope in ("per_participant", "in_total")
        for per, times in (limit.get(scope) or {}).items()
        if times is not None
    )


EXAMPLE = {
    "code": "big_order",
    "name": "Big order",
    "event_name": "purchase_completed",
    "condition": "event.properties.amount >= 100",
    "actions": [{"type": "award_points", "amount": "int(event.properties.amount)"}],
    "limit": {"per_participant": {"day": 3}},
    "priority": 10,
}


def kind(game: Game) -> Kind:
    """The kind of rules with the actions of this game."""
    actions = several(game.any_action)
    body = with_fields(RuleDefinition, {"expressions": game.expressions}, actions=Annotated[actions, ACTIONS])
    return Kind(Rule, body, partial(_compiled, actions), example=EXAMPLE)
