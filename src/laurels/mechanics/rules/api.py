"""Endpoints of rules: definitions, and the validation of expressions."""

from collections.abc import Callable
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from laurels.kernel.cel.expressions import Expression, ExpressionError, Expressions
from laurels.kernel.cel.types import TIME, Type
from laurels.kernel.definitions.checks import sentence
from laurels.mechanics.rules.definition import kind
from laurels.mechanics.rules.examples import (
    LIST_VARIABLES_RESPONSE,
    VALIDATE_EXPRESSION_REQUEST,
    VALIDATE_EXPRESSION_RESPONSE,
)
from laurels.web.definitions import DeclaredResource
from laurels.web.endpoint import Reply, Request, Routes
from laurels.web.keys.access import Access
from laurels.web.protocol.errors import invalid

routes = Routes(
    "Rules",
    about="The consequences of events: conditions and actions. Guides: [Rules](docs/rules.md), "
    "[Expressions](docs/expressions.md).",
)

Use = Literal["condition", "amount", "criteria"]


class ValidateExpressionRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An expression to check. `use` is its intended use: a condition of a rule or an objective, an amount of an action,
    or the criteria of a badge."""

    expression: Annotated[str, Meta(min_length=1, max_length=10_000)]
    """The CEL expression."""
    use: Use = "condition"
    """The place of the expression: the condition of a rule or objective, the amount of an action, or the criteria of a
    badge."""


class ValidateExpressionAnswer(Struct, frozen=True, kw_only=True):
    """The type of the expression's value. `reads` lists the variables that it reads, with the properties and attributes
    that are known from its text."""

    type: str
    """The type of the result, such as `bool` or `int`."""
    reads: list[str]
    """The variables that the expression reads."""


class VariableShown(Struct, frozen=True, kw_only=True):
    """A variable that expressions can read."""

    name: str
    """The name of the variable, such as `participant.balance`."""
    type: str
    """The type of the variable, such as `int` or `map of string to int`."""
    is_of_event: bool
    """Whether the variable is a part of an event. Criteria of badges cannot read it."""


class VariablesAnswer(Struct, frozen=True, kw_only=True):
    """The variables of expressions."""

    variables: list[VariableShown]
    """The variables, by their names."""


resource = routes.place(DeclaredResource(kind, used_by="the earning cap daily_maximum in rule_code"))


@routes.post(
    "/gamify/admin/rules/validate",
    summary="Validate an expression",
    body=ValidateExpressionRequest,
    answers={200: ValidateExpressionAnswer},
    answer_example=VALIDATE_EXPRESSION_RESPONSE,
    example=VALIDATE_EXPRESSION_REQUEST,
    access=Access.ADMIN,
)
async def validate_expression(request: Request[ValidateExpressionRequest, None]) -> Reply:
    """Returns the type of an expression and the variables that it reads. Saves nothing. An expression that is invalid
    in a definition is refused here with the same message."""
    compile_ = _compiler(request.services.tables.game.expressions, request.body.use)
    try:
        compiled = await request.services.checking.run(compile_, request.body.expression)
    except ExpressionError as error:
        raise invalid("expression", sentence(error)) from None
    return Reply(msgspec.json.encode(ValidateExpressionAnswer(type=compiled.type, reads=_reads(compiled))))


@routes.get(
    "/gamify/admin/expressions",
    summary="Variables of expressions",
    answers={200: VariablesAnswer},
    answer_example=LIST_VARIABLES_RESPONSE,
    access=Access.ADMIN,
)
async def list_variables(request: Request[None, None]) -> Reply:
    """Returns the variables that expressions can read, with their types. Editors complete expressions by them."""
    game = request.services.tables.game
    shown = [
        VariableShown(name=name, type=_type_name(variable.type), is_of_event=variable.read_first is not None)
        for name, variable in game.variables.items()
    ]
    shown.append(VariableShown(name="now", type=_type_name(TIME), is_of_event=False))
    shown.sort(key=lambda variable: variable.name)
    return Reply(msgspec.json.encode(VariablesAnswer(variables=shown)))


def _type_name(kind: Type) -> str:
    """The name of a type, such as `map of string to int`."""
    name = str(kind).lower().replace("dyn", "anything")
    name = name.replace("list<", "list of ").replace("map<", "map of ").replace(", ", " to ")
    return name.replace(">", "")


def _compiler(expressions: Expressions, use: Use) -> Callable[[str], Expression]:
    return {
        "condition": expressions.condition,
        "amount": expressions.amount,
        "criteria": expressions.criterion,
    }[use]


def _reads(expression: Expression) -> list[str]:
    """The most specific names that are known: a property rather than all properties."""
    whole = [name for name in expression.reads if not any(p.startswith(f"{name}.") for p in expression.properties)]
    return sorted({*whole, *expression.properties})
