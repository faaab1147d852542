"""The definition of streaks."""

from typing import Annotated

from msgspec import Meta

from laurels.kernel.definitions.body import DefinitionBody, Kind, StoredDefinition
from laurels.kernel.input.fields import ImageUrl
from laurels.mechanics.streaks.model import Streak, StreakPeriod


class StreakDefinition(DefinitionBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A streak. `grace_period_hours` are real hours after the end of the period in which the next record is due.
    `at_risk_hours` are hours before this end."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    """The name that participants see."""
    description: Annotated[str, Meta(max_length=2_000)] | None = None
    """The text that participants see; null for none."""
    icon_url: ImageUrl | None = None
    """The address of an image: http, https, a data URL or a relative address; null for none."""
    period: StreakPeriod
    """The period in which a record counts once. It cannot be changed."""
    grace_period_hours: Annotated[int, Meta(ge=0, le=8_784)] = 0
    """How many hours after the end of the following period a record can still continue the streak."""
    at_risk_hours: Annotated[int, Meta(ge=1, le=744)] | None = None
    """How many hours before the end of the period in which a record is due the feed has the event `streak.at_risk`;
    null for no such event."""


def _compiled(row: StoredDefinition) -> Streak:
    body = row.body
    return Streak(
        id=row.id,
        code=row.code,
        name=body["name"],
        period=body["period"],
        grace_period_hours=body["grace_period_hours"],
        at_risk_hours=body.get("at_risk_hours"),
        display_order=row.display_order,
        is_active=row.is_active,
        is_deleted=row.is_deleted,
    )


KIND = Kind(
    Streak,
    StreakDefinition,
    _compiled,
    example={
        "code": "weekly_workout",
        "name": "Weekly Workout",
        "description": "Train at least once a week",
        "period": "weekly",
        "grace_period_hours": 24,
        "display_order": 1,
    },
    fixed_fields={"period": "records are counted by it; create another streak"},
)
