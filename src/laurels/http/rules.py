"""Rules: their definitions, and what an expression reads."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from laurels.core import expressions
from laurels.core.actions import AnyAction
from laurels.core.expressions import Expression, ExpressionError
from laurels.http.definition_checks import check_amounts, check_dates, check_expression, sentence
from laurels.http.definitions import DefinitionBody, DefinitionResource
from laurels.http.endpoint import Access, Reply, Request, Routes
from laurels.http.errors import invalid
from laurels.http.fields import Condition, EventName

routes = Routes("Rules")

Times = Annotated[int, Meta(ge=1, le=1_000_000_000)]


class RuleLimitPeriods(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often at most in each period; null is no limit."""

    day: Times | None = None
    week: Times | None = None
    month: Times | None = None
    ever: Times | None = None


class RuleLimit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often a rule acts at most: for each participant, and for all together."""

    per_participant: RuleLimitPeriods | None = None
    in_total: RuleLimitPeriods | None = None


class RuleDefinition(DefinitionBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule: on an event, if the condition holds, do the actions."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    description: Annotated[str, Meta(max_length=2_000)] | None = None
    event_name: EventName
    condition: Condition | None = None
    actions: Annotated[tuple[AnyAction, ...], Meta(min_length=1, max_length=20)]
    limit: RuleLimit | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    priority: Annotated[int, Meta(ge=-1_000_000, le=1_000_000)] = 0
    group: Annotated[str, Meta(min_length=1, max_length=100)] | None = None

    def __post_init__(self) -> None:
        check_expression("condition", self.condition, expressions.condition)
        check_amounts("actions", self.actions)
        check_dates(self.starts_at, self.ends_at)


class ValidateExpressionRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`use` is where the expression is to stand: a condition of a rule or an objective, an amount of an action, the
    criteria of a badge."""

    expression: Annotated[str, Meta(min_length=1, max_length=10_000)]
    use: Literal["condition", "amount", "criteria"] = "condition"


class ValidateExpressionAnswer(Struct, frozen=True, kw_only=True):
    """`reads` are the variables, with the properties and attributes that can be told from the text."""

    type: str
    reads: list[str]


resource = DefinitionResource(
    routes,
    "rule",
    "/gamify/admin/rules",
    RuleDefinition,
    example={
        "code": "big_order",
        "name": "Big order",
        "event_name": "purchase_completed",
        "condition": "event.properties.amount >= 100",
        "actions": [{"type": "award_points", "amount": "int(event.properties.amount)"}],
        "limit": {"per_participant": {"day": 3}},
        "priority": 10,
    },
)

_COMPILERS = {
    "condition": expressions.condition,
    "amount": expressions.amount,
    "criteria": expressions.criterion,
}


@routes.post(
    "/gamify/admin/rules/validate",
    summary="What an expression reads, and its type",
    body=ValidateExpressionRequest,
    answers={200: ValidateExpressionAnswer},
    answer_example={"type": "bool", "reads": ["event.properties.amount", "participant.tier"]},
    example={"expression": "event.properties.amount >= 100 && participant.tier == 'gold'"},
    access=Access.ADMIN,
)
async def validate_expression(request: Request[ValidateExpressionRequest, None]) -> Reply:
    """Saves nothing. An expression that would be refused in a definition is refused here in the same words."""
    try:
        compiled = await request.services.checking.run(_COMPILERS[request.body.use], request.body.expression)
    except ExpressionError as error:
        raise invalid("expression", sentence(error)) from None
    return Reply(msgspec.json.encode(ValidateExpressionAnswer(type=compiled.type, reads=_reads(compiled))))


def _reads(expression: Expression) -> list[str]:
    """The most particular that is known: a property rather than all properties."""
    whole = [name for name in expression.reads if not any(p.startswith(f"{name}.") for p in expression.properties)]
    return sorted({*whole, *expression.properties})
