"""Earning caps: their definitions."""

from typing import Annotated

from msgspec import Meta

from laurels.core.model import CapPeriod
from laurels.http.definitions import DefinitionBody, DefinitionResource
from laurels.http.endpoint import Routes
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


resource = DefinitionResource(
    routes,
    "earning_cap",
    "/gamify/admin/earning-caps",
    EarningCapDefinition,
    example={"code": "daily_maximum", "name": "500 points a day", "period": "day", "points": 500},
    fixed_fields={"period": "points have been counted by it", "rule_code": "points have been counted by it"},
)
