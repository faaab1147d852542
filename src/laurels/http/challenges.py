"""Challenges: list, join, leave, and their definitions."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from laurels.core import challenges as rules
from laurels.core import decimals, expressions
from laurels.core.actions import AnyAction
from laurels.core.answers import ChallengeJoinedAnswer, ChallengeLeftAnswer
from laurels.core.challenges import ChallengeSummary, ObjectiveSummary, Status
from laurels.core.commands import JoinChallenge, LeaveChallenge
from laurels.core.model import Challenge, ChallengePeriod, Measure
from laurels.core.rejections import ChallengeNotJoined, ChallengeNotOpen, DefinitionNotFound
from laurels.http import outcomes
from laurels.http.definition_checks import check_amounts, check_dates, check_expression
from laurels.http.definitions import DefinitionBody, DefinitionResource, Edit
from laurels.http.endpoint import Reply, Request, Routes
from laurels.http.errors import field_problem, invalid, refusal_for
from laurels.http.fields import Code, Condition, EventName, ImageUrl, ParticipantId
from laurels.http.found import definitions_for, find_participant
from laurels.store import challenges, definitions
from laurels.store.database import Connection
from laurels.store.participants import ParticipantRow

routes = Routes("Challenges")

JoinType = Literal["automatic", "manual"]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Description = Annotated[str, Meta(max_length=2_000)]


LATE_PERIODS_LIMIT = 12
"""How many past periods take late events at most: their runs are kept with the participant."""


class ObjectiveDefinition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What has to be done: so many events, a sum over a property of theirs, or so many different values of one."""

    code: Code
    name: Name | None = None
    event_name: EventName
    condition: Condition | None = None
    measure: Measure = "count"
    property: Annotated[str, Meta(min_length=1, max_length=100)] | None = None
    target: Annotated[int, Meta(ge=1, le=1_000_000_000)] | Annotated[float, Meta(gt=0, le=1_000_000_000)]
    requires: Annotated[tuple[Code, ...], Meta(max_length=20)] = ()

    def __post_init__(self) -> None:
        check_expression("condition", self.condition, expressions.condition)
        if (self.measure == "count") != (self.property is None):
            needs = "is not used" if self.measure == "count" else "is required"
            raise field_problem("property", f"{needs} when measure is {self.measure}")
        if self.measure != "sum" and self.target != int(self.target):
            raise field_problem("target", "must be a whole number unless measure is sum")
        if self.measure == "distinct" and self.target > DISTINCT_LIMIT:
            raise field_problem("target", f"must be at most {DISTINCT_LIMIT} when measure is distinct")
        if not decimals.millionths(self.target):
            raise field_problem("target", "must be at least 0.000001")


class MilestoneDefinition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is done on the way, when the challenge is done to so many percent."""

    percent: Annotated[int, Meta(ge=1, le=99)]
    actions: Annotated[tuple[AnyAction, ...], Meta(max_length=20)] = ()

    def __post_init__(self) -> None:
        check_amounts("actions", self.actions)


class ChallengeDefinition(DefinitionBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A challenge: objectives, and the actions for completing all of them. With a `period` it can be completed once in
    each day, week or month of the participant's calendar; the last `late_periods` of them take late events."""

    name: Name
    description: Description | None = None
    icon_url: ImageUrl | None = None
    join_type: JoinType = "automatic"
    is_repeatable: bool = False
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    duration_days: Annotated[int, Meta(ge=1, le=3_660)] | None = None
    period: ChallengePeriod | None = None
    late_periods: Annotated[int, Meta(ge=0, le=LATE_PERIODS_LIMIT)] | None = None
    objectives: Annotated[tuple[ObjectiveDefinition, ...], Meta(min_length=1, max_length=20)]
    milestones: Annotated[tuple[MilestoneDefinition, ...], Meta(max_length=20)] = ()
    actions: Annotated[tuple[AnyAction, ...], Meta(max_length=20)] = ()

    def __post_init__(self) -> None:
        check_dates(self.starts_at, self.ends_at)
        if self.period is not None and self.duration_days is not None:
            raise field_problem("duration_days", "is not used with a period, which is how long a run takes")
        if self.period is not None and self.is_repeatable:
            raise field_problem("is_repeatable", "is not used with a period, in each of which it can be completed once")
        if self.period is None and self.late_periods is not None:
            raise field_problem("late_periods", "is used with a period alone")
        check_amounts("actions", self.actions)
        _check_objectives(self.objectives)
        percentages = [milestone.percent for milestone in self.milestones]
        for place, percent in enumerate(percentages):
            if percent in percentages[:place]:
                raise field_problem(f"milestones[{place}].percent", f"comes twice: {percent}")


class ParticipationRequest(Struct, frozen=True, kw_only=True):
    participant_id: ParticipantId


class ChallengesQuery(Struct, frozen=True):
    status: Annotated[Status | None, Meta(description="Only those that stand so for the participant.")] = None


class MilestoneStatus(Struct, frozen=True, kw_only=True):
    percent: int
    reached: bool


class ChallengeStatus(Struct, frozen=True, kw_only=True):
    """A challenge as one participant stands in it. `ends_at` is when the participant's run ends, `percent` is rounded
    down."""

    code: str
    name: str
    description: str | None
    icon: str | None
    status: Status
    percent: int
    objectives: list[ObjectiveSummary]
    milestones: list[MilestoneStatus]
    join_type: JoinType
    is_repeatable: bool
    joined_at: datetime | None
    ends_at: datetime | None
    completed_at: datetime | None
    completions: int


class ChallengesAnswer(Struct, frozen=True, kw_only=True):
    participant_id: str
    challenges: list[ChallengeStatus]


class ObjectiveShown(Struct, frozen=True, kw_only=True):
    code: str
    name: str
    event_name: str
    measure: Measure
    target: int | float


class ChallengeShown(Struct, frozen=True, kw_only=True):
    code: str
    name: str
    description: str | None
    icon: str | None
    join_type: JoinType
    is_repeatable: bool
    starts_at: datetime | None
    ends_at: datetime | None
    duration_days: int | None
    period: ChallengePeriod | None
    objectives: list[ObjectiveShown]
    milestones: list[int]


class OpenChallengesAnswer(Struct, frozen=True, kw_only=True):
    challenges: list[ChallengeShown]
    total: int


DISTINCT_LIMIT = 1_000
"""How many different values are told apart at most: their fingerprints are kept with the participant."""


def _check_objectives(objectives: tuple[ObjectiveDefinition, ...]) -> None:
    before: list[str] = []
    for place, objective in enumerate(objectives):
        if objective.code in before:
            raise field_problem(f"objectives[{place}].code", f"comes twice: {objective.code}")
        for required in objective.requires:
            if required not in before:
                raise field_problem(f"objectives[{place}].requires", f"names no objective before this one: {required}")
        before.append(objective.code)


async def _on_edit(connection: Connection, edit: Edit) -> None:
    """What has been counted towards an objective keeps its unit, also if the objective was away in between."""
    if edit.before is None or edit.is_deletion:
        return
    known = await definitions.objective_units(connection, edit.after.id)
    for place, objective in enumerate(edit.after.body["objectives"]):
        for field in ("measure", "property"):
            if any(unit[field] != objective[field] for unit in known if unit["code"] == objective["code"]):
                raise invalid(
                    f"objectives[{place}].{field}",
                    "cannot be changed, as progress has been counted by it; give the objective a new code",
                )


resource = DefinitionResource(
    routes,
    "challenge",
    "/gamify/admin/challenges",
    ChallengeDefinition,
    example={
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
    },
    fixed_fields={"period": "runs have begun by it: create another challenge"},
    on_edit=_on_edit,
)


@routes.get(
    "/gamify/challenges",
    summary="Challenges that can be taken part in",
    answers={200: OpenChallengesAnswer},
    answer_example={
        "challenges": [
            {
                "code": "weekend_shopper",
                "name": "Weekend Shopper",
                "description": "Five orders",
                "icon": None,
                "join_type": "manual",
                "is_repeatable": False,
                "starts_at": None,
                "ends_at": None,
                "duration_days": 30,
                "period": None,
                "objectives": [
                    {
                        "code": "orders",
                        "name": "Orders",
                        "event_name": "purchase_completed",
                        "measure": "count",
                        "target": 5,
                    }
                ],
                "milestones": [50],
            }
        ],
        "total": 1,
    },
    refuses=(503,),
)
async def open_challenges(request: Request[None, None]) -> Reply:
    """The active ones that are not over, in display order, with those that are yet to begin."""
    definitions = await request.services.definitions.newest(request.services.readers, request.project_id)
    now = definitions.calendar.at(datetime.now(UTC))
    shown = [_shown(challenge) for challenge in rules.offered(definitions, now)]
    return Reply(msgspec.json.encode(OpenChallengesAnswer(challenges=shown, total=len(shown))))


@routes.get(
    "/gamify/participants/{participant_id}/challenges",
    summary="Challenges of a participant",
    query=ChallengesQuery,
    answers={200: ChallengesAnswer},
    answer_example={
        "participant_id": "user_123",
        "challenges": [
            {
                "code": "weekend_shopper",
                "name": "Weekend Shopper",
                "description": "Five orders",
                "icon": None,
                "status": "active",
                "percent": 60,
                "objectives": [
                    {
                        "code": "orders",
                        "name": "Orders",
                        "progress": 3,
                        "target": 5,
                        "is_complete": False,
                    }
                ],
                "milestones": [{"percent": 50, "reached": True}],
                "join_type": "manual",
                "is_repeatable": False,
                "joined_at": "2026-03-01T09:30:00Z",
                "ends_at": "2026-03-31T09:30:00Z",
                "completed_at": None,
                "completions": 0,
            }
        ],
    },
    refuses=(404, 503),
)
async def participant_challenges(request: Request[None, ChallengesQuery]) -> Reply:
    """The active challenges that are not over, and all that the participant ever joined, in display order."""
    found = await find_participant(request)
    wanted = request.query.status
    statuses = [
        _status(challenge, summary)
        for challenge, summary in await summaries(request, found)
        if wanted is None or summary.status == wanted
    ]
    return Reply(msgspec.json.encode(ChallengesAnswer(participant_id=found.participant_id, challenges=statuses)))


@routes.post(
    "/gamify/challenges/{code}/join",
    summary="Join a challenge",
    body=ParticipationRequest,
    answers={200: ChallengeJoinedAnswer},
    answer_example={
        "participant_id": "user_123",
        "challenge_code": "weekend_shopper",
        "challenge_name": "Weekend Shopper",
        "joined_at": "2026-03-01T09:30:00Z",
        "ends_at": "2026-03-31T09:30:00Z",
        "already_joined": False,
    },
    refuses=(400, 404, 503),
    refusals={
        400: refusal_for(ChallengeNotOpen("weekend_shopper", has_ended=True)),
        404: refusal_for(DefinitionNotFound("challenge", "weekend_shopper")),
    },
    example={"participant_id": "user_123"},
)
async def join_challenge(request: Request[ParticipationRequest, None]) -> Reply:
    """Begins a run. Joining again while it runs changes nothing. Creates the participant if need be."""
    command = JoinChallenge(
        project_id=request.project_id,
        participant_id=request.body.participant_id,
        challenge_code=request.path[0],
    )
    return outcomes.reply(await outcomes.run(request, command))


@routes.post(
    "/gamify/challenges/{code}/leave",
    summary="Leave a challenge",
    body=ParticipationRequest,
    answers={200: ChallengeLeftAnswer},
    answer_example={
        "participant_id": "user_123",
        "challenge_code": "weekend_shopper",
        "challenge_name": "Weekend Shopper",
        "left_at": "2026-03-02T10:00:00Z",
    },
    refuses=(400, 404, 503),
    refusals={
        400: refusal_for(ChallengeNotJoined("weekend_shopper")),
        404: refusal_for(DefinitionNotFound("challenge", "weekend_shopper")),
    },
    example={"participant_id": "user_123"},
)
async def leave_challenge(request: Request[ParticipationRequest, None]) -> Reply:
    """Ends the run; joining again begins a new one."""
    command = LeaveChallenge(
        project_id=request.project_id,
        participant_id=request.body.participant_id,
        challenge_code=request.path[0],
    )
    return outcomes.reply(await outcomes.run(request, command))


async def summaries(request: Request[Any, Any], found: ParticipantRow) -> list[tuple[Challenge, ChallengeSummary]]:
    definitions = await definitions_for(request, found)
    states = await challenges.states(request.services.readers, found.lane, found.subject)
    calendar = definitions.calendar
    zone = calendar.zone_named(found.profile.attributes.get("timezone")) or calendar.zone
    now = calendar.at(datetime.now(UTC))
    return [
        (challenge, rules.summary(challenge, states.get(challenge.id), now, zone, calendar))
        for challenge in rules.shown(definitions, states, now)
    ]


def _status(challenge: Challenge, summary: ChallengeSummary) -> ChallengeStatus:
    return ChallengeStatus(
        code=challenge.code,
        name=challenge.name,
        description=challenge.description,
        icon=challenge.icon_url,
        status=summary.status,
        percent=summary.percent,
        objectives=summary.objectives,
        milestones=[
            MilestoneStatus(percent=milestone.percent, reached=milestone.percent in summary.milestones)
            for milestone in challenge.milestones
        ],
        join_type=_join_type(challenge),
        is_repeatable=challenge.is_repeatable,
        joined_at=summary.joined_at,
        ends_at=summary.ends_at,
        completed_at=summary.completed_at,
        completions=summary.completions,
    )


def _shown(challenge: Challenge) -> ChallengeShown:
    return ChallengeShown(
        code=challenge.code,
        name=challenge.name,
        description=challenge.description,
        icon=challenge.icon_url,
        join_type=_join_type(challenge),
        is_repeatable=challenge.is_repeatable,
        starts_at=challenge.starts_at,
        ends_at=challenge.ends_at,
        duration_days=challenge.duration_days,
        period=challenge.period,
        objectives=[
            ObjectiveShown(
                code=objective.code,
                name=objective.name,
                event_name=objective.event_name,
                measure=objective.measure,
                target=decimals.shown(objective.target) if objective.measure == "sum" else objective.target,
            )
            for objective in challenge.objectives
        ],
        milestones=[milestone.percent for milestone in challenge.milestones],
    )


def _join_type(challenge: Challenge) -> JoinType:
    return "automatic" if challenge.joins_automatically else "manual"
