"""Endpoints of badges: award, revoke, list, and definitions."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from laurels.kernel.input.fields import CodeSought, Metadata, ParticipantId, Reason, check_size
from laurels.mechanics.badges import rules
from laurels.mechanics.badges import store as badges
from laurels.mechanics.badges.definition import kind
from laurels.mechanics.badges.examples import (
    AWARD_BADGE_REFUSALS,
    AWARD_BADGE_REQUEST,
    AWARD_BADGE_RESPONSE,
    PARTICIPANT_BADGES_RESPONSE,
    REVOKE_BADGE_REFUSALS,
    REVOKE_BADGE_REQUEST,
    REVOKE_BADGE_RESPONSE,
)
from laurels.mechanics.badges.model import AwardBadge, BadgeAwardedAnswer, BadgeRevokedAnswer, RevokeBadge
from laurels.web import outcomes
from laurels.web.definitions import DeclaredResource
from laurels.web.endpoint import Reply, Request, Routes
from laurels.web.keys.access import Access
from laurels.web.lookup import definitions_for, find_participant
from laurels.web.requests.fields import comma_separated

routes = Routes(
    "Badges",
    about="Award badges and read which ones a participant has. Badges with criteria are earned without a call. "
    "Guide: [Badges](docs/badges.md).",
)


class AwardBadgeRequest(Struct, frozen=True, kw_only=True):
    """The badge to award, and the participant."""

    participant_id: ParticipantId
    badge_code: CodeSought
    """The badge's code."""
    reason: Reason | None = None
    metadata: Metadata | None = None

    def __post_init__(self) -> None:
        check_size("metadata", self.metadata)


class RevokeBadgeRequest(Struct, frozen=True, kw_only=True):
    """The badge to take away, and the participant."""

    participant_id: ParticipantId
    badge_code: CodeSought
    """The badge's code."""
    reason: Reason | None = None


class BadgesQuery(Struct, frozen=True):
    earned_only: bool = False
    """Only badges that the participant has earned."""
    badge_codes: Annotated[
        Annotated[str, comma_separated({"type": "string"})] | None,
        Meta(description="Badge codes, separated by commas.", examples=[["power_user", "first_steps"]]),
    ] = None


class BadgeStatus(Struct, frozen=True, kw_only=True):
    """A badge that the participant can see, earned or not."""

    code: str
    """The badge's code."""
    name: str
    """The badge's name."""
    description: str | None
    """The badge's description; null if it has none."""
    icon: str | None
    """The address of the badge's image; null if it has none."""
    rarity: str
    """How rare the badge is, in the project's own words."""
    earned: bool
    """Whether the participant has the badge now."""
    earned_at: datetime | None
    """When the participant earned it; null if not earned."""


class BadgesAnswer(Struct, frozen=True, kw_only=True):
    """`total` and `earned_count` count all badges that the participant can see, regardless of filters."""

    participant_id: str
    badges: list[BadgeStatus]
    """The badges, in display order."""
    total: int
    """The number of badges that the participant can see, whatever the filters."""
    earned_count: int
    """The number of these badges that the participant has earned."""


resource = routes.place(DeclaredResource(kind))


@routes.post(
    "/gamify/badges/award",
    summary="Award a badge",
    body=AwardBadgeRequest,
    answers={200: BadgeAwardedAnswer},
    answer_example=AWARD_BADGE_RESPONSE,
    refuses=(400, 404, 503),
    refusals=AWARD_BADGE_REFUSALS,
    example=AWARD_BADGE_REQUEST,
)
async def award_badge(request: Request[AwardBadgeRequest, None]) -> Reply:
    """Awards a badge. A badge is earned once: awarding it again changes nothing, and returns the time when it was
    earned."""
    body = request.body
    command = AwardBadge(
        project_id=request.project_id,
        participant_id=body.participant_id,
        badge_code=body.badge_code,
        reason=body.reason,
        metadata=body.metadata,
    )
    return outcomes.reply(await outcomes.run(request, command))


@routes.post(
    "/gamify/admin/badges/revoke",
    summary="Take a badge away",
    body=RevokeBadgeRequest,
    answers={200: BadgeRevokedAnswer},
    answer_example=REVOKE_BADGE_RESPONSE,
    refuses=(400, 404, 503),
    refusals=REVOKE_BADGE_REFUSALS,
    example=REVOKE_BADGE_REQUEST,
    access=Access.SUPPORT,
)
async def revoke_badge(request: Request[RevokeBadgeRequest, None]) -> Reply:
    """Takes a badge away from a participant. The journal keeps both facts. The badge can be earned again."""
    body = request.body
    command = RevokeBadge(
        project_id=request.project_id,
        actor=request.actor,
        participant_id=body.participant_id,
        badge_code=body.badge_code,
        reason=body.reason,
    )
    return outcomes.reply(await outcomes.run(request, command))


@routes.get(
    "/gamify/participants/{participant_id}/badges",
    summary="Badges of a participant",
    query=BadgesQuery,
    answers={200: BadgesAnswer},
    answer_example=PARTICIPANT_BADGES_RESPONSE,
    refuses=(404, 503),
)
async def participant_badges(request: Request[None, BadgesQuery]) -> Reply:
    """Returns all badges that the participant can see, earned or not, in display order."""
    participant = await find_participant(request)
    definitions = await definitions_for(request, participant)
    earned = await badges.earned(request.services.readers, participant.lane, participant.subject)
    visible = rules.visible(definitions, earned)
    codes = request.query.badge_codes
    requested_codes = None if codes is None else {code.strip() for code in codes.split(",")}
    answer = BadgesAnswer(
        participant_id=participant.participant_id,
        badges=[
            BadgeStatus(
                code=badge.code,
                name=badge.name,
                description=badge.description,
                icon=badge.icon_url,
                rarity=badge.rarity,
                earned=badge.id in earned,
                earned_at=earned.get(badge.id),
            )
            for badge in visible
            if (requested_codes is None or badge.code in requested_codes)
            and (badge.id in earned or not request.query.earned_only)
        ],
        total=len(visible),
        earned_count=sum(badge.id in earned for badge in visible),
    )
    return Reply(msgspec.json.encode(answer))
