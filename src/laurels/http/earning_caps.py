"""Earning caps: their definitions."""

from typing import Annotated

from msgspec import Meta

from laurels.core.model import CapPeriod, Definitions
from laurels.http.definitions import DefinitionBody, DefinitionResource
from laurels.http.endpoint import Routes
from laurels.http.errors import invalid
from laurels.http.fields import Code

routes = Routes("Earning caps")


class EarningCapDefinition(DefinitionBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many points a participant is awarded at most in each day, week or month: by all awards together or, with a
    `rule_code`, by that rule."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    description: Annotated[str, Meta(max_length=2_000)] | None = None
    period: CapPeriod
    points: Annotated[int, Meta(ge=0, le=1_000_000_000)]
    rule_code: Code | None = None


def _check(definitions: Definitions, body: EarningCapDefinition) -> None:
    if body.rule_code is not None and body.rule_code not in definitions.rules_by_code:
        raise invalid("rule_code", f"names no rule of this project: {body.rule_code}")


resource = DefinitionResource(
    routes,
    "earning_cap",
    "/gamify/admin/earning-caps",
    EarningCapDefinition,
    example={"code": "daily_maximum", "name": "500 points a day", "period": "day", "points": 500},
    fixed_fields={"period": "points have been counted by it", "rule_code": "points have been counted by it"},
    check=_check,
)
