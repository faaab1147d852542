"""Earning caps, as they are written."""

from typing import Annotated

from msgspec import Meta

from laurels.kernel.definitions.body import DefinitionBody, Kind, StoredDefinition
from laurels.kernel.input.fields import Code
from laurels.mechanics.points.purse.model import CapPeriod, EarningCap


class EarningCapDefinition(DefinitionBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many points a participant is awarded at most in each day, week or month: by all awards together or, with a
    `rule_code`, by that rule."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    """The cap's name, for your team."""
    description: Annotated[str, Meta(max_length=2_000)] | None = None
    """A text for your team; null for none."""
    period: CapPeriod
    """The period in which points are counted, in the participant's calendar."""
    points: Annotated[int, Meta(ge=0, le=1_000_000_000)]
    """How many points a participant can be awarded in one period."""
    rule_code: Code | None = None
    """The code of the rule whose awards count; null for all awards."""


def _compiled(row: StoredDefinition) -> EarningCap:
    body = row.body
    return EarningCap(
        id=row.id,
        code=row.code,
        name=body["name"],
        period=body["period"],
        points=body["points"],
        rule_code=body["rule_code"],
        is_active=row.is_active,
        is_deleted=row.is_deleted,
    )


KIND = Kind(
    EarningCap,
    EarningCapDefinition,
    _compiled,
    example={"code": "daily_maximum", "name": "500 points a day", "period": "day", "points": 500},
    fixed_fields={"period": "points have been counted by it", "rule_code": "points have been counted by it"},
)
