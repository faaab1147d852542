"""Endpoints of challenges: list, join, leave, and definitions."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from laurels.kernel import decimals
from laurels.kernel.input.fields import ParticipantId
from laurels.mechanics.challenges import rules
from laurels.mechanics.challenges import store as challenges
from laurels.mechanics.challenges.definition import JoinType, kind
from laurels.mechanics.challenges.examples import (
    JOIN_CHALLENGE_REFUSALS,
    JOIN_CHALLENGE_REQUEST,
    JOIN_CHALLENGE_RESPONSE,
    LEAVE_CHALLENGE_REFUSALS,
    LEAVE_CHALLENGE_REQUEST,
    LEAVE_CHALLENGE_RESPONSE,
    OPEN_CHALLENGES_RESPONSE,
    PARTICIPANT_CHALLENGES_RESPONSE,
)
from laurels.mechanics.challenges.model import (
    Challenge,
    ChallengeJoinedAnswer,
    ChallengeLeftAnswer,
    ChallengePeriod,
    JoinChallenge,
    LeaveChallenge,
    ObjectiveMeasure,
)
from laurels.mechanics.challenges.rules import ChallengeSummary, ObjectiveSummary, Status
from laurels.storage.participants import ParticipantRow
from laurels.storage.postgres.database import Connection
from laurels.web import outcomes
from laurels.web.definition_editor import Edit
from laurels.web.definitions import DeclaredResource
from laurels.web.endpoint import AnyRequest, Reply, Request, Routes
from laurels.web.lookup import definitions_for, find_participant
from laurels.web.protocol.errors import invalid

routes = Routes(
    "Challenges",
    about="Targets that participants reach by their events. Guide: [Challenges](docs/challenges.md).",
)


class ParticipationRequest(Struct, frozen=True, kw_only=True):
    """The participant to join or leave the challenge."""

    participant_id: ParticipantId


class ChallengesQuery(Struct, frozen=True):
    status: Annotated[Status | None, Meta(description="Only challenges with this status for the participant.")] = None


class MilestoneStatus(Struct, frozen=True, kw_only=True):
    """A milestone on the way to completing a challenge."""

    percent: int
    """The progress at which it is reached."""
    reached: bool
    """Whether it is reached."""


class ChallengeStatus(Struct, frozen=True, kw_only=True):
    """A participant's state in a challenge. `ends_at` is the time when the participant's run ends, `percent` is rounded
    down."""

    code: str
    """The challenge's code."""
    name: str
    """The challenge's name."""
    description: str | None
    """The challenge's description; null if it has none."""
    icon: str | None
    """The address of the challenge's image; null if it has none."""
    status: Status
    """`not_joined`: no run yet, or left. `active`: a run is in progress. `completed`: completed, without a further run.
    `expired`: ended before the targets were reached."""
    percent: int
    """The mean progress towards the targets, 0 to 100."""
    objectives: list[ObjectiveSummary]
    """The progress towards each objective."""
    milestones: list[MilestoneStatus]
    """The milestones, and whether they are reached in this run."""
    join_type: JoinType
    """`automatic`: the first event that counts begins a run. `manual`: participants join by a call."""
    is_repeatable: bool
    """Whether the challenge can be completed more than once."""
    joined_at: datetime | None
    """The beginning of the run; null without a run."""
    ends_at: datetime | None
    """When the run ends: the earlier of its deadline and the end of the challenge; null for no end."""
    completed_at: datetime | None
    """The time of the latest completion; null if never completed."""
    completions: int
    """How often the participant has completed the challenge, past periods included."""


class ChallengesAnswer(Struct, frozen=True, kw_only=True):
    """The challenges of a participant."""

    participant_id: str
    challenges: list[ChallengeStatus]
    """The challenges, in display order."""


class ObjectiveShown(Struct, frozen=True, kw_only=True):
    """A target of a challenge."""

    code: str
    """The objective's code, unique in the challenge."""
    name: str
    """The objective's name."""
    event_name: str
    """The name of the events that count."""
    measure: ObjectiveMeasure
    """`count`: the number of events. `sum`: the sum of a property. `distinct`: the number of different values of a
    property."""
    target: int | float
    """The number to reach."""


class ChallengeShown(Struct, frozen=True, kw_only=True):
    """A challenge that is open to participants."""

    code: str
    """The challenge's code."""
    name: str
    """The challenge's name."""
    description: str | None
    """The challenge's description; null if it has none."""
    icon: str | None
    """The address of the challenge's image; null if it has none."""
    join_type: JoinType
    """`automatic`: the first event that counts begins a run. `manual`: participants join by a call."""
    is_repeatable: bool
    """Whether a participant can complete the challenge more than once."""
    starts_at: datetime | None
    """The time from which events count; null for no beginning."""
    ends_at: datetime | None
    """The time before which events count; null for no end."""
    duration_days: int | None
    """How many days of 24 hours a run may take; null for no deadline."""
    period: ChallengePeriod | None
    """The challenge can be completed once in each such period; null for no periods."""
    objectives: list[ObjectiveShown]
    """The objectives, all of which must be reached."""
    milestones: list[int]
    """The percentages at which milestones are reached."""


class OpenChallengesAnswer(Struct, frozen=True, kw_only=True):
    """The challenges that are open to participants."""

    challenges: list[ChallengeShown]
    """The challenges, in display order."""
    total: int


async def _on_edit(connection: Connection, edit: Edit) -> None:
    """Refuses a change of an objective's unit, as progress is stored in it. This includes an objective that was removed
    and added again."""
    if edit.before is None or edit.is_deletion:
        return
    units = await challenges.objective_units(connection, edit.after.id)
    for index, objective in enumerate(edit.after.body["objectives"]):
        for field in ("measure", "property"):
            if any(unit[field] != objective[field] for unit in units if unit["code"] == objective["code"]):
                raise invalid(
                    f"objectives[{index}].{field}",
                    "cannot be changed, as progress has been counted by it; give the objective a new code",
                )


resource = routes.place(DeclaredResource(kind, on_edit=_on_edit))


@routes.get(
    "/gamify/challenges",
    summary="Open challenges",
    answers={200: OpenChallengesAnswer},
    answer_example=OPEN_CHALLENGES_RESPONSE,
    refuses=(503,),
)
async def open_challenges(request: Request[None, None]) -> Reply:
    """Returns the active challenges that are open now or later, in display order."""
    definitions = await request.services.definitions.newest(request.services.readers, request.project_id)
    now = definitions.calendar.at(datetime.now(UTC))
    shown = [_shown(challenge) for challenge in rules.offered(definitions, now)]
    return Reply(msgspec.json.encode(OpenChallengesAnswer(challenges=shown, total=len(shown))))


@routes.get(
    "/gamify/participants/{participant_id}/challenges",
    summary="Challenges of a participant",
    query=ChallengesQuery,
    answers={200: ChallengesAnswer},
    answer_example=PARTICIPANT_CHALLENGES_RESPONSE,
    refuses=(404, 503),
)
async def participant_challenges(request: Request[None, ChallengesQuery]) -> Reply:
    """Returns the active challenges that are open now or later, and all challenges that the participant ever joined, in
    display order."""
    participant = await find_participant(request)
    status = request.query.status
    statuses = [
        _status(challenge, summary)
        for challenge, summary in await summaries(request, participant)
        if status is None or summary.status == status
    ]
    return Reply(msgspec.json.encode(ChallengesAnswer(participant_id=participant.participant_id, challenges=statuses)))


@routes.post(
    "/gamify/challenges/{code}/join",
    summary="Join a challenge",
    body=ParticipationRequest,
    answers={200: ChallengeJoinedAnswer},
    answer_example=JOIN_CHALLENGE_RESPONSE,
    refuses=(400, 404, 503),
    refusals=JOIN_CHALLENGE_REFUSALS,
    example=JOIN_CHALLENGE_REQUEST,
)
async def join_challenge(request: Request[ParticipationRequest, None]) -> Reply:
    """Joins a challenge, which begins a run. Joining again during the run changes nothing. Creates the participant if
    needed."""
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
    answer_example=LEAVE_CHALLENGE_RESPONSE,
    refuses=(400, 404, 503),
    refusals=LEAVE_CHALLENGE_REFUSALS,
    example=LEAVE_CHALLENGE_REQUEST,
)
async def leave_challenge(request: Request[ParticipationRequest, None]) -> Reply:
    """Leaves a challenge, which ends the run. Joining again begins a new run."""
    command = LeaveChallenge(
        project_id=request.project_id,
        participant_id=request.body.participant_id,
        challenge_code=request.path[0],
    )
    return outcomes.reply(await outcomes.run(request, command))


async def summaries(request: AnyRequest, participant: ParticipantRow) -> list[tuple[Challenge, ChallengeSummary]]:
    definitions = await definitions_for(request, participant)
    states = await challenges.states(request.services.readers, participant.lane, participant.subject)
    calendar = definitions.calendar
    zone = calendar.zone_named(participant.attributes.get("timezone")) or calendar.zone
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
