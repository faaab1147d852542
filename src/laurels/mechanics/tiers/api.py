"""Endpoints of tiers: the tier of a participant, manual assignment, and definitions."""

from datetime import datetime

import msgspec
from msgspec import Struct

from laurels.kernel.definition import Definitions
from laurels.kernel.input.fields import CodeSought, ParticipantId, Reason
from laurels.mechanics.points.purse.model import PURSE, Purse
from laurels.mechanics.tiers import rules
from laurels.mechanics.tiers import store as tiers
from laurels.mechanics.tiers.definition import KIND
from laurels.mechanics.tiers.examples import (
    ASSIGN_TIER_REFUSALS,
    ASSIGN_TIER_REQUEST,
    ASSIGN_TIER_RESPONSE,
    PARTICIPANT_TIER_RESPONSE,
)
from laurels.mechanics.tiers.model import TIER, AssignTier, Tier, TierAssignedAnswer, TierStanding
from laurels.web import outcomes
from laurels.web.definitions import DeclaredResource
from laurels.web.endpoint import Reply, Request, Routes
from laurels.web.lookup import definitions_for, find_participant

routes = Routes(
    "Tiers",
    about="Levels of membership, reached by points or assigned by a call. Guide: [Tiers](docs/tiers.md).",
)


class AssignTierRequest(Struct, frozen=True, kw_only=True):
    """The tier to assign, and the participant."""

    participant_id: ParticipantId
    tier_code: CodeSought
    """The tier's code."""
    reason: Reason | None = None


class CurrentTier(Struct, frozen=True, kw_only=True):
    """The tier of a participant."""

    code: str
    """The tier's code."""
    name: str
    """The tier's name."""
    level: int
    """The tier's level; higher is better."""
    color: str | None
    """The tier's colour; null if it has none."""
    achieved_at: datetime
    """When the participant reached it."""


class NextTier(Struct, frozen=True, kw_only=True):
    """The lowest automatic tier above the current one that points can still reach."""

    code: str
    """The tier's code."""
    name: str
    """The tier's name."""
    points_required: int
    """The tier's threshold."""
    points_remaining: int
    """The points that are missing."""


class TierPassedAnswer(Struct, frozen=True):
    """A tier that the participant was in."""

    code: str
    """The tier's code."""
    achieved_at: datetime
    """When the participant reached it."""


class TierAnswer(Struct, frozen=True, kw_only=True):
    """The tier of a participant, and the way to the next one."""

    participant_id: str
    current_tier: CurrentTier | None
    """The current tier; null for none."""
    next_tier: NextTier | None
    """The next tier; null if there is none to reach."""
    tier_history: list[TierPassedAnswer]
    """The tiers so far, the oldest first, at most the last 1,000."""


resource = routes.place(DeclaredResource(KIND))


@routes.post(
    "/gamify/tiers/assign",
    summary="Put a participant into a tier",
    body=AssignTierRequest,
    answers={200: TierAssignedAnswer},
    answer_example=ASSIGN_TIER_RESPONSE,
    refuses=(400, 404, 503),
    refusals=ASSIGN_TIER_REFUSALS,
    example=ASSIGN_TIER_REQUEST,
)
async def assign_tier(request: Request[AssignTierRequest, None]) -> Reply:
    """Assigns a tier, which may be higher or lower than the current one. The participant stays in it until points reach
    a threshold above the points at this time."""
    body = request.body
    command = AssignTier(
        project_id=request.project_id,
        participant_id=body.participant_id,
        tier_code=body.tier_code,
        reason=body.reason,
    )
    return outcomes.reply(await outcomes.run(request, command))


@routes.get(
    "/gamify/participants/{participant_id}/tier",
    summary="Tier of a participant",
    answers={200: TierAnswer},
    answer_example=PARTICIPANT_TIER_RESPONSE,
    refuses=(404, 503),
)
async def participant_tier(request: Request[None, None]) -> Reply:
    """Returns the current tier, the next tier that points can reach, and the tier history with the last 1,000 changes,
    oldest first."""
    participant = await find_participant(request)
    definitions = await definitions_for(request, participant)
    # The definitions do not include a tier that was created and reached after the participant was read.
    history = await tiers.history(request.services.readers, participant.lane, participant.subject)
    passed = [tier for tier in history if tier.tier_id in definitions[Tier].by_id]
    answer = TierAnswer(
        participant_id=participant.participant_id,
        current_tier=current_tier(definitions, participant[TIER]),
        next_tier=next_tier(definitions, participant[TIER], participant[PURSE]),
        tier_history=[TierPassedAnswer(definitions[Tier].by_id[p.tier_id].code, p.achieved_at) for p in passed],
    )
    return Reply(msgspec.json.encode(answer))


def current_tier(definitions: Definitions, standing: TierStanding | None) -> CurrentTier | None:
    if standing is None:
        return None
    tier = definitions[Tier].by_id[standing.tier_id]
    return CurrentTier(
        code=tier.code,
        name=tier.name,
        level=tier.level,
        color=tier.color,
        achieved_at=standing.since,
    )


def next_tier(definitions: Definitions, standing: TierStanding | None, purse: Purse) -> NextTier | None:
    following = rules.next_tier(definitions, standing, purse.total_earned, purse.balance)
    if following is None:
        return None
    tier, missing = following
    return NextTier(
        code=tier.code,
        name=tier.name,
        points_required=tier.min_points,
        points_remaining=missing,
    )
