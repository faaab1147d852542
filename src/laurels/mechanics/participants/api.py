"""Participants: register, profile, change, state, erase."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
import structlog
from msgspec import UNSET, Meta, Struct, UnsetType

from laurels.kernel import time_zones
from laurels.kernel.definition import Definitions
from laurels.kernel.input.fields import ImageUrl, ParticipantId
from laurels.kernel.rejections import ParticipantNotFound
from laurels.kernel.responses import ProfileSavedAnswer
from laurels.mechanics.badges import rules as badge_rules
from laurels.mechanics.badges import store as badges
from laurels.mechanics.challenges import api as challenges
from laurels.mechanics.participants.model import SaveProfile
from laurels.mechanics.rewards import store as rewards
from laurels.mechanics.streaks import api as streaks
from laurels.mechanics.streaks.model import Streak
from laurels.mechanics.streaks.rules import StreakSummary
from laurels.mechanics.tiers.api import CurrentTier, NextTier, current_tier, next_tier
from laurels.storage import participants
from laurels.storage.erasing import erased_ids, erasures
from laurels.storage.erasing import file as erasures_file
from laurels.storage.erasing.erasures import How
from laurels.storage.participants import ParticipantRow
from laurels.web import outcomes
from laurels.web.endpoint import Access, Reply, Request, Routes, warning_headers
from laurels.web.errors import Refusal, invalid, refusal_for, unavailable
from laurels.web.found import definitions_for, find_participant, participant_id
from laurels.web.requests.fields import comma_separated

log = structlog.get_logger("laurels.web")

routes = Routes("Participants")

Name = Annotated[str, Meta(max_length=255)]
Attributes = Annotated[
    dict[str, Any],
    Meta(description="Anything of yours. Merged into what is there; null removes. `timezone` is an IANA name."),
]


class ProfileFields(Struct, frozen=True, kw_only=True):
    display_name: Name | UnsetType | None = UNSET
    avatar_url: ImageUrl | UnsetType | None = UNSET
    attributes: Attributes | UnsetType = UNSET


class RegisterRequest(ProfileFields, frozen=True, kw_only=True):
    participant_id: ParticipantId


class PointsSection(Struct, frozen=True):
    balance: int
    total_earned: int
    total_spent: int


class ProfileTier(CurrentTier, frozen=True, kw_only=True):
    next_tier: NextTier | None


class BadgeSection(Struct, frozen=True, kw_only=True):
    code: str
    name: str
    earned: bool
    earned_at: datetime | None


class ProfileBadge(BadgeSection, frozen=True, kw_only=True):
    rarity: str


class ProfileStreaks(Struct, frozen=True, kw_only=True):
    current: int
    longest: int
    last_activity_at: datetime | None


class ProfileAnswer(Struct, frozen=True, kw_only=True):
    participant_id: str
    display_name: str | None
    avatar_url: str | None
    attributes: dict[str, Any]
    points: PointsSection
    tier: ProfileTier | None
    badges: list[ProfileBadge]
    streaks: ProfileStreaks | None
    rewards_claimed: int
    total_events: int
    is_active: bool
    created_at: datetime
    first_seen_at: datetime
    last_seen_at: datetime


class TierSection(Struct, frozen=True):
    code: str
    name: str
    level: int


class StreaksSection(Struct, frozen=True):
    current: int
    longest: int


class ChallengesSection(Struct, frozen=True):
    active: int
    completed: int


class RewardsSection(Struct, frozen=True):
    total_claimed: int


class StateAnswer(Struct, frozen=True, kw_only=True):
    """Only the sections asked for are there."""

    participant_id: str
    points: PointsSection | UnsetType = UNSET
    tier: TierSection | UnsetType | None = UNSET
    badges: list[BadgeSection] | UnsetType = UNSET
    streaks: StreaksSection | UnsetType = UNSET
    challenges: ChallengesSection | UnsetType = UNSET
    rewards: RewardsSection | UnsetType = UNSET


SECTIONS = tuple(field for field in StateAnswer.__struct_fields__ if field != "participant_id")


class StateQuery(Struct, frozen=True):
    include: Annotated[
        Annotated[str, comma_separated({"enum": list(SECTIONS)}, minItems=1)] | None,
        Meta(description="Sections, separated by commas; all if omitted.", examples=[["points", "tier", "badges"]]),
    ] = None


class EraseQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Strict, because a misspelt `anonymize` would delete for good."""

    anonymize: bool = False


class ErasedAnswer(Struct, frozen=True):
    """`anonymized_id` is the random id that the remaining facts now belong to, null after a hard delete."""

    participant_id: str
    anonymized: bool
    deleted: bool
    anonymized_id: str | None


PROFILE: dict[str, Any] = {
    "participant_id": "user_123",
    "display_name": "Ada",
    "avatar_url": "https://app.example.com/ada.png",
    "attributes": {"plan": "premium", "timezone": "Europe/Lisbon"},
    "points": {"balance": 1500, "total_earned": 1600, "total_spent": 100},
    "tier": {
        "code": "silver",
        "name": "Silver",
        "level": 2,
        "color": "#C0C0C0",
        "achieved_at": "2026-03-01T09:30:00Z",
        "next_tier": {"code": "gold", "name": "Gold", "points_required": 5000, "points_remaining": 3400},
    },
    "badges": [
        {
            "code": "first_steps",
            "name": "First Steps",
            "rarity": "common",
            "earned": True,
            "earned_at": "2026-01-08T12:00:00Z",
        }
    ],
    "streaks": {"current": 7, "longest": 21, "last_activity_at": "2026-03-01T08:15:00Z"},
    "rewards_claimed": 0,
    "total_events": 0,
    "is_active": True,
    "created_at": "2026-01-07T18:02:11Z",
    "first_seen_at": "2026-01-07T18:02:11Z",
    "last_seen_at": "2026-03-01T09:30:00Z",
}


@routes.post(
    "/gamify/participants",
    summary="Register a participant",
    body=RegisterRequest,
    warns=True,
    answers={201: ProfileAnswer, 200: ProfileAnswer},
    answer_example=PROFILE,
    refuses=(503,),
    example={
        "participant_id": "user_123",
        "display_name": "Ada",
        "avatar_url": "https://app.example.com/ada.png",
        "attributes": {"plan": "premium", "timezone": "Europe/Lisbon"},
    },
)
async def register_participant(request: Request[RegisterRequest, None]) -> Reply:
    """201 when new; 200 when known, with the fields given updated; null gives none. Never needed: any first award
    registers, too."""
    body = request.body
    # Null is as if it were not there, as in all that is posted.
    fields = ProfileFields(
        display_name=UNSET if body.display_name is None else body.display_name,
        avatar_url=UNSET if body.avatar_url is None else body.avatar_url,
        attributes=body.attributes,
    )
    return await _save_profile(request, body.participant_id, fields, create=True)


@routes.get(
    "/gamify/participants/{participant_id}",
    summary="Profile of a participant",
    answers={200: ProfileAnswer},
    answer_example=PROFILE,
    refuses=(404, 503),
)
async def get_participant(request: Request[None, None]) -> Reply:
    """Everything about one participant, with the tier's next step."""
    return await _profile_reply(request, await find_participant(request), 200)


@routes.patch(
    "/gamify/participants/{participant_id}",
    summary="Change a participant's profile",
    body=ProfileFields,
    warns=True,
    answers={200: ProfileAnswer},
    answer_example=PROFILE,
    refuses=(404, 503),
    example={"display_name": "Ada L.", "attributes": {"plan": "enterprise", "trial": None}},
)
async def update_participant(request: Request[ProfileFields, None]) -> Reply:
    """Fields given replace, null clears them; attributes are merged and null removes one (JSON Merge Patch)."""
    return await _save_profile(request, participant_id(request), request.body, create=False)


@routes.get(
    "/gamify/participants/{participant_id}/state",
    summary="Selected sections of a participant's state",
    query=StateQuery,
    answers={200: StateAnswer},
    answer_example={
        "participant_id": "user_123",
        "points": PROFILE["points"],
        "tier": {"code": "silver", "name": "Silver", "level": 2},
        "badges": [
            {"code": "first_steps", "name": "First Steps", "earned": True, "earned_at": "2026-01-08T12:00:00Z"},
            {"code": "power_user", "name": "Power User", "earned": False, "earned_at": None},
        ],
        "streaks": {"current": 7, "longest": 21},
        "challenges": {"active": 0, "completed": 0},
        "rewards": {"total_claimed": 0},
    },
    refuses=(404, 503),
)
async def participant_state(request: Request[None, StateQuery]) -> Reply:
    """All sections, or those named in `include`."""
    wanted = _sections(request.query.include)
    found = await find_participant(request)
    definitions = await definitions_for(request, found)
    whole: dict[str, Any] = {
        "points": _points(found),
        "tier": _tier_section(definitions, found),
        "badges": await _state_badges(request, definitions, found) if "badges" in wanted else None,
        "streaks": _streaks_section(await streaks.summaries(request, found)) if "streaks" in wanted else None,
        "challenges": await _challenges_section(request, found) if "challenges" in wanted else None,
        "rewards": RewardsSection(await _claims(request, found)) if "rewards" in wanted else None,
    }
    answer = StateAnswer(participant_id=found.participant_id, **{name: whole[name] for name in wanted})
    return Reply(msgspec.json.encode(answer))


@routes.delete(
    "/gamify/admin/participants/{participant_id}",
    summary="Delete or anonymize a participant",
    query=EraseQuery,
    answers={200: ErasedAnswer},
    answer_example={"participant_id": "user_123", "anonymized": False, "deleted": True, "anonymized_id": None},
    refuses=(404, 503),
    access=Access.ADMIN,
)
async def erase_participant(request: Request[None, EraseQuery]) -> Reply:
    """`anonymize=true` keeps the facts under a random id and clears everything personal; otherwise every row of the
    person is removed. Neither can be undone. The facts of somebody with more than 10,000 of them are cleared or removed
    after the response, little by little, and until then nobody can read them."""
    name = participant_id(request)
    how: How = "anonymise" if request.query.anonymize else "delete"
    services = request.services
    if services.erasures_file is not None and services.erasures_file.is_stuck:
        raise _not_noted()
    async with services.edits.transaction() as connection:
        erased = await erasures.erase(connection, services.tables, request.project_id, name, how)
        if erased is None:
            raise refusal_for(ParticipantNotFound(name))
        await _note(request, erasures_file.line(erased, how, await erased_ids.secret(connection)))
    if not erased.is_finished:
        services.jobs.wake()
    answer = ErasedAnswer(name, request.query.anonymize, not request.query.anonymize, erased.anonymous_id)
    return Reply(msgspec.json.encode(answer))


async def _note(request: Request[Any, Any], line: erasures_file.Line) -> None:
    """Before the commit: what is answered has to be in the file. Raises Refusal 503."""
    file = request.services.erasures_file
    if file is None:
        return
    try:
        await file.add(line)
    except OSError as error:
        log.error("erasure_not_noted", file=str(file.path), error=error.strerror or type(error).__name__)
        raise _not_noted() from None


def _not_noted() -> Refusal:
    detail = "Nobody was erased: it could not be noted in the file of erasures, as the log says"
    return unavailable(detail, code="erasures_file_unavailable")


async def _save_profile(request: Request[Any, Any], name: str, fields: ProfileFields, *, create: bool) -> Reply:
    command = SaveProfile(
        project_id=request.project_id,
        participant_id=name,
        create=create,
        display_name=fields.display_name,
        avatar_url=fields.avatar_url,
        attributes=fields.attributes,
    )
    answered = await outcomes.run(request, command)
    saved = msgspec.json.decode(answered.answer, type=ProfileSavedAnswer)
    found = await participants.find(request.services.readers, request.project_id, name)
    if found is None:
        raise refusal_for(ParticipantNotFound(name))
    reply = await _profile_reply(request, found, 201 if saved.created else 200)
    return msgspec.structs.replace(reply, headers=warning_headers(_time_zone_warnings(fields.attributes)))


async def _profile_reply(request: Request[Any, Any], found: ParticipantRow, status: int) -> Reply:
    definitions = await definitions_for(request, found)
    present = current_tier(definitions, found.account)
    answer = ProfileAnswer(
        participant_id=found.participant_id,
        display_name=found.profile.display_name,
        avatar_url=found.profile.avatar_url,
        attributes=found.profile.attributes,
        points=_points(found),
        tier=ProfileTier(**msgspec.structs.asdict(present), next_tier=next_tier(definitions, found.account))
        if present
        else None,
        badges=await _profile_badges(request, definitions, found),
        streaks=_profile_streaks(await streaks.summaries(request, found)),
        rewards_claimed=await _claims(request, found),
        total_events=found.account.total_events,
        is_active=found.is_active,
        created_at=found.created_at,
        first_seen_at=found.created_at,
        last_seen_at=found.last_seen_at,
    )
    return Reply(msgspec.json.encode(answer), status)


async def _claims(request: Request[Any, Any], found: ParticipantRow) -> int:
    """Those that stand: cancelled ones do not count."""
    return await rewards.count(request.services.readers, found.lane, found.subject, standing=True)


def _points(found: ParticipantRow) -> PointsSection:
    return PointsSection(found.account.balance, found.account.total_earned, found.account.total_spent)


async def _state_badges(
    request: Request[Any, Any], definitions: Definitions, found: ParticipantRow
) -> list[BadgeSection]:
    """All that the participant can see, earned or not."""
    earned = await badges.earned(request.services.readers, found.lane, found.subject)
    return [
        BadgeSection(code=badge.code, name=badge.name, earned=badge.id in earned, earned_at=earned.get(badge.id))
        for badge in badge_rules.visible(definitions, earned)
    ]


async def _profile_badges(
    request: Request[Any, Any], definitions: Definitions, found: ParticipantRow
) -> list[ProfileBadge]:
    """The earned ones."""
    earned = await badges.earned(request.services.readers, found.lane, found.subject)
    return [
        ProfileBadge(code=badge.code, name=badge.name, rarity=badge.rarity, earned=True, earned_at=earned[badge.id])
        for badge in badge_rules.visible(definitions, earned)
        if badge.id in earned
    ]


def _streaks_section(summaries: list[tuple[Streak, StreakSummary]]) -> StreaksSection:
    """The best over all streaks, for the present and ever."""
    return StreaksSection(
        max((summary.current for _, summary in summaries), default=0),
        max((summary.longest for _, summary in summaries), default=0),
    )


async def _challenges_section(request: Request[Any, Any], found: ParticipantRow) -> ChallengesSection:
    """`completed` counts challenges, however often each was completed."""
    standing = [summary for _, summary in await challenges.summaries(request, found)]
    return ChallengesSection(
        sum(summary.status == "active" for summary in standing),
        sum(summary.completions > 0 for summary in standing),
    )


def _profile_streaks(summaries: list[tuple[Streak, StreakSummary]]) -> ProfileStreaks | None:
    recorded = [summary.last_recorded_at for _, summary in summaries if summary.last_recorded_at is not None]
    if not recorded:
        return None
    best = _streaks_section(summaries)
    return ProfileStreaks(current=best.current, longest=best.longest, last_activity_at=max(recorded))


def _tier_section(definitions: Definitions, found: ParticipantRow) -> TierSection | None:
    present = current_tier(definitions, found.account)
    return TierSection(present.code, present.name, present.level) if present else None


def _sections(include: str | None) -> tuple[str, ...]:
    if include is None:
        return SECTIONS
    if not include.strip():
        raise invalid(
            "include", f"must not be empty: leave it out for all sections, or name some of {', '.join(SECTIONS)}"
        )
    wanted = [name.strip() for name in include.split(",")]
    for name in wanted:
        if name not in SECTIONS:
            raise invalid("include", f"does not know the section {name!r}; there are {', '.join(SECTIONS)}")
    return tuple(name for name in SECTIONS if name in wanted)


def _time_zone_warnings(attributes: dict[str, Any] | UnsetType) -> list[str]:
    """The attribute belongs to the caller, who may know other zones."""
    name = None if attributes is UNSET else attributes.get("timezone")
    if name is None or (isinstance(name, str) and name in time_zones.names()):
        return []
    return [
        "attributes.timezone is no IANA time zone such as Europe/Lisbon: it is kept, and the project's zone counts."
    ]
