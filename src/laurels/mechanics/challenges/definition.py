"""The definition of challenges."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta, Struct

from laurels.kernel import decimals
from laurels.kernel.actions import Action
from laurels.kernel.cel.expressions import WITHOUT_VARIABLES, Expressions
from laurels.kernel.definitions.body import DefinitionBody, Kind, StoredDefinition, moment, several, with_fields
from laurels.kernel.definitions.checks import check_amounts, check_dates, check_expression
from laurels.kernel.game import Game
from laurels.kernel.input.fields import Code, Condition, EventName, ImageUrl
from laurels.kernel.input.problems import field_problem
from laurels.mechanics.challenges.model import (
    LATE_PERIODS,
    Challenge,
    ChallengePeriod,
    Milestone,
    Objective,
    ObjectiveMeasure,
)

JoinType = Literal["automatic", "manual"]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
LIST_LIMIT = Meta(max_length=20)
OBJECTIVES = Meta(min_length=1, max_length=20)
Description = Annotated[str, Meta(max_length=2_000)]


LATE_PERIODS_LIMIT = 12
"""The maximum number of past periods that take late events, as their runs are stored with the participant."""


class ObjectiveDefinition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An objective: a number of events, a sum over a property, or a number of distinct values of a property."""

    expressions: ClassVar[Expressions] = WITHOUT_VARIABLES

    code: Code
    """A short name, unique in the challenge."""
    name: Name | None = None
    """The name that participants see; null for the code."""
    event_name: EventName
    condition: Condition | None = None
    measure: ObjectiveMeasure = "count"
    """`count`: the number of events. `sum`: the sum of `property`. `distinct`: the number of different values of
    `property`."""
    property: Annotated[str, Meta(min_length=1, max_length=100)] | None = None
    """The name of the event's property for `sum` and `distinct`; null for `count`."""
    target: Annotated[int, Meta(ge=1, le=1_000_000_000)] | Annotated[float, Meta(gt=0, le=1_000_000_000)]
    """The number to reach: a whole number; for `sum` also a decimal; at most 1,000 for `distinct`."""
    requires: Annotated[tuple[Code, ...], Meta(max_length=20)] = ()
    """Codes of earlier objectives. This objective counts only when they are complete."""

    def __post_init__(self) -> None:
        check_expression("condition", self.condition, self.expressions.condition)
        if (self.measure == "count") != (self.property is None):
            requirement = "must be omitted" if self.measure == "count" else "is required"
            raise field_problem("property", f"{requirement} if measure is {self.measure}")
        if self.measure != "sum" and self.target != int(self.target):
            raise field_problem("target", "must be a whole number unless measure is sum")
        if self.measure == "distinct" and self.target > DISTINCT_LIMIT:
            raise field_problem("target", f"must be at most {DISTINCT_LIMIT} if measure is distinct")
        if not decimals.millionths(self.target):
            raise field_problem("target", "must be at least 0.000001")


class MilestoneDefinition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Actions on the way to completion, when `percent` of the challenge is reached."""

    expressions: ClassVar[Expressions] = WITHOUT_VARIABLES

    percent: Annotated[int, Meta(ge=1, le=99)]
    """The progress of the challenge, in percent, at which the milestone is reached."""
    actions: Annotated[tuple[Action, ...], LIST_LIMIT] = ()
    """The actions that take effect, once per run."""

    def __post_init__(self) -> None:
        check_amounts("actions", self.actions, self.expressions)


class ChallengeDefinition(DefinitionBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A challenge: objectives, and the actions for completing all of them. With a `period`, it can be completed once
    per day, week or month of the participant's calendar; the last `late_periods` periods take late events."""

    expressions: ClassVar[Expressions] = WITHOUT_VARIABLES

    name: Name
    """The name that participants see. It is the reason of awarded points without a reason."""
    description: Description | None = None
    """The text that participants see; null for none."""
    icon_url: ImageUrl | None = None
    """The address of an image: http, https, a data URL or a relative address; null for none."""
    join_type: JoinType = "automatic"
    """`automatic`: the first event that counts begins a run. `manual`: participants join by a call."""
    is_repeatable: bool = False
    """Whether a participant can complete the challenge more than once. Not together with `period`."""
    starts_at: datetime | None = None
    """Events that occurred at this time or later count; null for no beginning."""
    ends_at: datetime | None = None
    """Events that occurred before this time count; null for no end."""
    duration_days: Annotated[int, Meta(ge=1, le=3_660)] | None = None
    """How many days of 24 hours a run may take; null for no deadline. Not together with `period`."""
    period: ChallengePeriod | None = None
    """The challenge can be completed once in each such period of the participant's calendar; null for no periods. It
    cannot be changed."""
    late_periods: Annotated[int, Meta(ge=0, le=LATE_PERIODS_LIMIT)] | None = None
    """With a `period`: how many periods before the newest one accept late events; null stands for 2."""
    objectives: Annotated[tuple[ObjectiveDefinition, ...], OBJECTIVES]
    """The objectives, all of which must be reached."""
    milestones: Annotated[tuple[MilestoneDefinition, ...], LIST_LIMIT] = ()
    """Actions on the way to completing the challenge."""
    actions: Annotated[tuple[Action, ...], LIST_LIMIT] = ()
    """The actions that take effect when the challenge is completed."""

    def __post_init__(self) -> None:
        check_dates(self.starts_at, self.ends_at)
        if self.period is not None and self.duration_days is not None:
            raise field_problem("duration_days", "must be omitted if period is set, as a run takes one period")
        if self.period is not None and self.is_repeatable:
            raise field_problem("is_repeatable", "must be false if period is set, as each period has one completion")
        if self.period is None and self.late_periods is not None:
            raise field_problem("late_periods", "requires a period")
        check_amounts("actions", self.actions, self.expressions)
        _check_objectives(self.objectives)
        percentages = [milestone.percent for milestone in self.milestones]
        for index, percent in enumerate(percentages):
            if percent in percentages[:index]:
                raise field_problem(f"milestones[{index}].percent", f"is a duplicate: {percent}")


DISTINCT_LIMIT = 1_000
"""The maximum number of distinct values to count, as their fingerprints are stored with the participant."""


def _check_objectives(objectives: tuple[ObjectiveDefinition, ...]) -> None:
    earlier: list[str] = []
    for index, objective in enumerate(objectives):
        if objective.code in earlier:
            raise field_problem(f"objectives[{index}].code", f"is a duplicate: {objective.code}")
        for required in objective.requires:
            if required not in earlier:
                raise field_problem(f"objectives[{index}].requires", f"must name earlier objectives, not {required}")
        earlier.append(objective.code)


def _compiled(actions: Any, row: StoredDefinition) -> Challenge:
    body = row.body
    return Challenge(
        id=row.id,
        code=row.code,
        name=body["name"],
        objectives=tuple(_objective(objective) for objective in body["objectives"]),
        description=body["description"],
        icon_url=body["icon_url"],
        version=row.version,
        joins_automatically=body["join_type"] == "automatic",
        is_repeatable=body["is_repeatable"],
        starts_at=moment(body["starts_at"]),
        ends_at=moment(body["ends_at"]),
        duration_days=body["duration_days"],
        period=body.get("period"),
        late_periods=LATE_PERIODS if body.get("late_periods") is None else body["late_periods"],
        milestones=tuple(_milestone(actions, milestone) for milestone in body["milestones"]),
        actions=msgspec.convert(body["actions"], actions),
        display_order=row.display_order,
        is_active=row.is_active,
        is_deleted=row.is_deleted,
    )


def _milestone(actions: Any, body: dict[str, Any]) -> Milestone:
    return Milestone(percent=body["percent"], actions=msgspec.convert(body["actions"], actions))


def _objective(body: dict[str, Any]) -> Objective:
    target = decimals.millionths(body["target"]) if body["measure"] == "sum" else int(body["target"])
    return Objective(
        code=body["code"],
        name=body["name"] or body["code"],
        event_name=body["event_name"],
        target=target or 1,
        measure=body["measure"],
        property=body["property"],
        condition=body["condition"],
        requires=tuple(body["requires"]),
    )


EXAMPLE = {
    "code": "weekend_shopper",
    "name": "Weekend Shopper",
    "description": "Five orders, 200 in all",
    "join_type": "manual",
    "duration_days": 30,
    "objectives": [
        {"code": "orders", "name": "Orders", "event_name": "purchase_completed", "target": 5},
        {
            "code": "spending",
            "name": "Money spent",
            "event_name": "purchase_completed",
            "measure": "sum",
            "property": "amount",
            "target": 200,
        },
    ],
    "milestones": [{"percent": 50, "actions": [{"type": "award_points", "amount": 50}]}],
    "actions": [{"type": "award_points", "amount": 500}],
}


def kind(game: Game) -> Kind:
    """The kind of challenges with the actions of this game, for completions and milestones."""
    actions = several(game.any_action)
    of_game = {"expressions": game.expressions}
    objective = with_fields(ObjectiveDefinition, of_game)
    milestone = with_fields(MilestoneDefinition, of_game, actions=Annotated[actions, LIST_LIMIT])
    body = with_fields(
        ChallengeDefinition,
        of_game,
        objectives=Annotated[several(objective), OBJECTIVES],
        milestones=Annotated[several(milestone), LIST_LIMIT],
        actions=Annotated[actions, LIST_LIMIT],
    )
    return Kind(
        Challenge,
        body,
        partial(_compiled, actions),
        example=EXAMPLE,
        fixed_fields={"period": "existing runs depend on it; create another challenge"},
    )
